"""The mix: the parts of the production, by day, month, season and year, and by place."""

from __future__ import annotations

from dataelec_assets.serving.report import theme
from dataelec_assets.serving.report.breaks import breaks_between, told
from dataelec_assets.serving.report.charts import bars
from dataelec_assets.serving.report.components import LEAST_POINTS, Chart, Page, Section, Table, section
from dataelec_assets.serving.report.figures import Basis, in_month
from dataelec_assets.serving.report.french import month, number
from dataelec_assets.serving.report.pages import mix_regions
from dataelec_assets.serving.report.pages.shares import BALANCE, BY_FILIERE, shares_chart
from dataelec_assets.serving.report.periods import Period
from dataelec_assets.serving.report.reading import Served
from dataelec_assets.serving.report.timelines import lines

# Longest run of months that stays readable in one drawing.
_MONTHS = 60

_SEASONS = "mart_mix_saison"


def page(served: Served) -> Page:
    """Return the page of the mix."""
    return Page(
        "mix",
        "Le mix électrique",
        "La production d’électricité en énergie : parts par filière, bas carbone, renouvelable, et grammes de CO₂ par "
        "kilowattheure. Le pompage et les échanges n’y sont pas comptés.",
        [
            section(
                "jours",
                "Les trente derniers jours mesurés",
                lambda made: made.charts.append(last_days_chart(served, "FR", is_half=False)),
            ),
            section("annees", "Par année", lambda made: made.charts.append(_by_year(served, "FR"))),
            section("saisons", "Par saison", lambda made: made.charts.append(_by_season(served))),
            section("carbone", "Bas carbone, renouvelable et CO₂", lambda made: _carbon(served, made)),
            section("regions", "Dans les régions", lambda made: mix_regions.regions(served, made)),
        ],
    )


def last_days_chart(served: Served, code: str, *, is_half: bool = True) -> Chart:
    """Return the shares of the last thirty days of a territory."""
    rows = served.rows(
        """
        select f.libelle, f.filiere, m.part_pct, m.energie_mwh, m.debut, m.fin, m.jours_attendus, m.jours_presents
        from mart_mix_periode as m inner join dim_filiere as f using (filiere)
        where m.code_territoire = ? and m.type_periode = '30_jours' and m.part_pct is not null
            and m.fin = (select max(fin) from mart_mix_periode where code_territoire = ? and type_periode = '30_jours')
        order by m.part_pct desc, f.ordre
        """,
        [code, code],
    )
    first, at = rows[0], Basis(Period.of(rows[0]), BY_FILIERE)
    drawn = [
        {
            "nom": row["libelle"],
            "valeur": row["part_pct"],
            "texte": number(row["part_pct"], 1, "%"),
            "couleur": theme.FILIERES.get(row["filiere"], theme.MUTED)[0],
        }
        for row in rows
    ]
    return Chart(
        "mix-30-jours",
        "Parts de la production, trente derniers jours mesurés",
        (first["libelle"], " : ", at.figure(first["part_pct"], 1, "%"), " de l’énergie produite, première filière."),
        bars(drawn, "Part de la production (%)"),
        Table(
            "Parts et énergies par filière",
            ("Filière", "Part", "Énergie"),
            [
                (r["libelle"], at.figure(r["part_pct"], 1, "%"), at.figure(r["energie_mwh"] / 1000, 0, "GWh"))
                for r in rows
            ],
        ),
        is_half=is_half,
    )


def _by_year(served: Served, code: str) -> Chart:
    rows = served.rows(
        """
        select cast(year(debut) as varchar) as groupe, filiere, part_pct, debut, fin, jours_attendus, jours_presents
        from mart_mix_periode where code_territoire = ? and type_periode = 'annee' order by debut desc, filiere
        """,
        [code],
    )
    return shares_chart(
        served,
        rows,
        "mix-annees",
        "Parts par année",
        "De l’année la plus récente à la plus ancienne. Seules les années entières sont comparées.",
        first="Année",
        missing="Aucune année n’est entière : rien n’est comparé. Le tableau donne les jours mesurés de chacune.",
    )


def _by_season(served: Served) -> Chart:
    rows = served.rows(
        """
        select saison || ' ' || annee_saison as groupe, filiere, part_pct, debut, fin, jours_attendus, jours_presents
        from mart_mix_saison
        where maille = 'nation' and annee_saison >= (select max(annee_saison) - 2 from mart_mix_saison where maille =
            'nation')
        order by debut desc, filiere
        """
    )
    summary = (
        "Les saisons météorologiques des dernières années : l’hiver porte l’année de son mois de janvier. Seules les "
        "saisons entières sont comparées."
    )
    return shares_chart(
        served,
        rows,
        "mix-saisons",
        "Parts par saison",
        summary,
        first="Saison",
        source=_SEASONS,
        missing="Aucune saison n’est entière : rien n’est comparé. Le tableau donne les jours mesurés de chacune.",
    )


def _carbon(served: Served, made: Section) -> None:
    rows = served.rows(
        f"""
        select debut, fin, jours_attendus, jours_presents, part_bas_carbone_pct as bas,
            part_renouvelable_pct as renouvelable, taux_co2_g_par_kwh as co2, couverture_co2_pct as couverture
        from mart_mix_bilan_periode where maille = 'nation' and type_periode = 'mois' and part_bas_carbone_pct is not
            null
        order by debut desc limit {_MONTHS}
        """
    )[::-1]
    whole = [row for row in rows if Period.of(row).is_complete]
    series = {"Bas carbone": theme.ACCENT[0], "Renouvelable": theme.FILIERES["bioenergies"][0]}
    last = (whole or rows)[-1]
    at = Basis(Period.of(last), BALANCE)
    made.charts.append(
        Chart(
            "parts-mensuelles",
            "Parts bas carbone et renouvelable, par mois",
            (
                in_month(last["debut"], begins=True),
                " : ",
                at.figure(last["bas"], 1, "%"),
                " bas carbone, ",
                at.figure(last["renouvelable"], 1, "%"),
                " renouvelable.",
            ),
            lines(
                [
                    {
                        "x": r["debut"],
                        "y": r[name],
                        "serie": label,
                        "dit": f"{label}, {month(r['debut'])} : {number(r[name], 1, '%')}",
                    }
                    for r in whole
                    for name, label in (("bas", "Bas carbone"), ("renouvelable", "Renouvelable"))
                ],
                series,
                "% de la production",
                zero=True,
            )
            if len(whole) >= LEAST_POINTS
            else None,
            Table(
                "Part bas carbone et part renouvelable par mois",
                ("Mois", "Bas carbone", "Renouvelable"),
                [
                    (
                        month(r["debut"]),
                        Basis(Period.of(r), BALANCE).figure(r["bas"], 1, "%"),
                        Basis(Period.of(r), BALANCE).figure(r["renouvelable"], 1, "%"),
                    )
                    for r in reversed(rows)
                ],
            ),
            is_half=True,
            missing=TOO_FEW_MONTHS,
            note="Les mois incomplets ne sont pas dessinés.",
        )
    )
    known = [row for row in rows if row["co2"] is not None]
    if not known:
        return
    sure = [row for row in known if Period.of(row).is_complete]
    last = (sure or known)[-1]
    breaks = breaks_between(
        served, BALANCE, "taux_co2_g_par_kwh", (sure or known)[0]["debut"], (sure or known)[-1]["debut"]
    )
    made.charts.append(
        Chart(
            "co2-mensuel",
            "CO₂ par kilowattheure produit, par mois",
            (
                in_month(last["debut"], begins=True),
                " : ",
                Basis(Period.of(last), BALANCE).figure(last["co2"], 1, "g/kWh"),
                ", taux de RTE pondéré par l’énergie produite.",
            ),
            lines(
                [
                    {
                        "x": r["debut"],
                        "y": r["co2"],
                        "serie": "CO₂",
                        "dit": f"CO₂, {month(r['debut'])} : {number(r['co2'], 1, 'g/kWh')}",
                    }
                    for r in sure
                ],
                {"CO₂": theme.WARM[0]},
                "g de CO₂ par kWh",
                zero=True,
                breaks=breaks,
            )
            if len(sure) >= LEAST_POINTS
            else None,
            Table(
                "CO₂ par mois",
                ("Mois", "CO₂", "Production couverte"),
                [
                    (
                        month(r["debut"]),
                        Basis(Period.of(r), BALANCE).figure(r["co2"], 1, "g/kWh"),
                        Basis(Period.of(r), BALANCE).figure(r["couverture"], 0, "%"),
                    )
                    for r in reversed(known)
                ],
            ),
            is_half=True,
            missing=TOO_FEW_MONTHS,
            note=(
                (
                    "Taux publié par RTE (combustion directe). Un mois sans taux, ou incomplet, n’a pas de point ; "
                    "aucun taux n’est calculé par région."
                ),
                *told(breaks),
            ),
        )
    )


TOO_FEW_MONTHS = "Trop peu de mois entiers pour une courbe : le tableau donne ceux qui sont mesurés."
