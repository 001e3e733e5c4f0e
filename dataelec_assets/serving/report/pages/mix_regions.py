"""The mix of the régions, in the year that most of them have whole."""

from __future__ import annotations

from dataelec_assets.serving.report.charts import bars
from dataelec_assets.serving.report.components import Chart, Section, Table
from dataelec_assets.serving.report.figures import Basis, Prose
from dataelec_assets.serving.report.french import listed, number
from dataelec_assets.serving.report.pages.shares import BALANCE, shares_chart
from dataelec_assets.serving.report.periods import Period, alike
from dataelec_assets.serving.report.reading import Served, Unavailable

# The year that most régions have whole, then the newest.
_YEAR = """
    select debut from mart_mix_bilan_periode where maille = 'region' and type_periode = 'annee'
    group by debut order by count(*) filter (where est_complete) desc, debut desc limit 1
"""


def regions(served: Served, made: Section) -> None:
    """Fill a section with the mix of the régions in one year, and what they produce of what they use."""
    rows = served.rows(
        f"""
        select r.nom_region as groupe, m.filiere, m.part_pct, m.debut, m.fin, m.jours_attendus, m.jours_presents
        from mart_mix_periode as m
        inner join dim_region as r on m.code_territoire = r.code_region
        where m.maille = 'region' and m.type_periode = 'annee' and m.debut = ({_YEAR}) order by
            strip_accents(r.nom_region), 2
        """
    )
    made.text.append(
        "En région, gaz, charbon et fioul sont publiés ensemble, sous « thermique » : aucun CO₂ régional n’en est "
        "déduit."
    )
    absent = _absent(served, {row["groupe"] for row in rows})
    if absent:
        made.text.append(f"Sans mesure cette année-là : {listed(absent)}.")
    made.charts.append(
        shares_chart(
            served,
            rows,
            "mix-regions",
            "Parts par région, dans l’année la mieux mesurée",
            "Une barre par région, dans l’ordre alphabétique, pour les seules régions mesurées toute l’année.",
            first="Région",
            missing="Aucune région n’est mesurée toute une année : rien n’est comparé.",
        )
    )
    made.charts.append(_cover(served))


def _absent(served: Served, present: set[str]) -> list[str]:
    rows = served.rows(
        "select nom_region from dim_region where est_metropolitaine and coalesce(est_dans_perimetre_rte, true) "
        "order by strip_accents(nom_region)"
    )
    return [row["nom_region"] for row in rows if row["nom_region"] not in present]


def _cover(served: Served) -> Chart:
    rows = served.rows(
        f"""
        select r.nom_region as nom, m.taux_couverture_pct as taux, m.debut, m.fin, m.jours_attendus, m.jours_presents
        from mart_mix_bilan_periode as m
        inner join dim_region as r on m.code_territoire = r.code_region
        where m.maille = 'region' and m.type_periode = 'annee' and m.debut = ({_YEAR}) and m.taux_couverture_pct is
            not null
        order by 2 desc, 1
        """
    )
    whole = [row for row in rows if Period.of(row).is_complete]
    if not alike(Period.of(row) for row in whole):
        raise Unavailable("Les régions n’ont pas été mesurées sur la même période.")
    summary: Prose = "Le tableau donne ce qui est mesuré, avec les jours de chaque région."
    if whole:
        high, low = whole[0], whole[-1]
        summary = (
            high["nom"],
            " : la production atteint ",
            Basis(Period.of(high), BALANCE).figure(high["taux"], 0, "%"),
            " de la consommation ; ",
            low["nom"],
            " : ",
            Basis(Period.of(low), BALANCE).figure(low["taux"], 0, "%"),
            ".",
        )
    return Chart(
        "couverture",
        "Production rapportée à la consommation, par région",
        summary,
        bars(
            [{"nom": r["nom"], "valeur": r["taux"], "texte": number(r["taux"], 0, "%")} for r in whole],
            "Taux de couverture (%)",
            form=",.0f",
        )
        if whole
        else None,
        Table(
            "Taux de couverture",
            ("Région", "Taux"),
            [(r["nom"], Basis(Period.of(r), BALANCE).figure(r["taux"], 1, "%")) for r in rows],
        ),
        missing="Aucune région n’est mesurée toute une année : rien n’est comparé.",
    )
