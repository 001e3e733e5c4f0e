"""Indicators of the territories: maps of those that people ask for most, and the list of all."""

from __future__ import annotations

from functools import partial

from dataelec_assets.serving.outlines import Kind
from dataelec_assets.serving.report.components import Chart, Page, Section, Table, section
from dataelec_assets.serving.report.figures import Basis, Quoted, in_year
from dataelec_assets.serving.report.french import counted, number
from dataelec_assets.serving.report.maps import france
from dataelec_assets.serving.report.periods import Period, whole
from dataelec_assets.serving.report.reading import Row, Served

# Anchor, heading, and the indicator that is drawn with its digits after the comma, by the finest grain that it has.
_MAPS: tuple[tuple[str, str, str, int], ...] = (
    ("electricite", "Électricité par habitant", "conso_electricite_par_hab", 0),
    ("logements", "Électricité des logements", "conso_residentielle_par_logement", 0),
    ("gaz", "Gaz par habitant", "conso_gaz_par_hab", 0),
    ("renouvelable", "Production renouvelable par habitant", "production_renouvelable_par_hab", 0),
    ("appartements", "Part des appartements", "part_appartements", 0),
)
_SOURCE = "mart_indicateur_compare"
# What a territory is compared with.
_PARENTS = {"departement": "Écart à la région", "region": "Écart à la France"}
_GRAINS: tuple[tuple[str, Kind], ...] = (("departement", "departements"), ("region", "regions"))


def page(served: Served) -> Page:
    """Return the page of the indicators."""
    return Page(
        "indicateurs",
        "Indicateurs des territoires",
        "Ce qui se compare d’un territoire à l’autre : consommation, logements, production, équipement. Chaque carte "
        "montre la dernière année connue ; l’interface de programmation donne les communes et les intercommunalités.",
        [
            *(section(key, title, partial(_map_section, served, code, digits)) for key, title, code, digits in _MAPS),
            section("liste", "Tous les indicateurs", partial(_list, served)),
        ],
    )


def _map_section(served: Served, code: str, digits: int, made: Section) -> None:
    rows = served.rows(
        """
        with valeurs as (
            select i.maille, i.code_territoire as code, coalesce(d.nom_departement, r.nom_region) as nom, i.annee,
                i.valeur, i.unite, i.ecart_parent_pct as ecart, i.evolution_pct as evolution, i.motif_rupture,
                n.libelle, n.avertissement
            from mart_indicateur_compare as i
            inner join dim_indicateur as n using (code_indicateur)
            left join dim_departement as d on i.maille = 'departement' and i.code_territoire = d.code_departement
                and d.est_metropolitain
            left join dim_region as r on i.maille = 'region' and i.code_territoire = r.code_region
                and r.est_metropolitaine
            where i.code_indicateur = ? and i.sous_champ is null and i.valeur is not null
                and i.maille in ('departement', 'region')
        )

        from valeurs where nom is not null
        qualify annee = max(annee) over (partition by maille)
            and maille = min(maille) over ()  -- départements where they have values
        order by valeur desc, nom
        """,
        [code],
    )
    made.charts.append(_map(code, rows, digits))
    if rows[0]["avertissement"]:
        made.text.append(Quoted(rows[0]["avertissement"].replace("'", "’")))


def _map(code: str, rows: list[Row], digits: int) -> Chart:
    first, last = rows[0], rows[-1]
    at = Basis(Period.year(first["annee"]), _SOURCE)
    unit = first["unite"] or ""
    kind = dict(_GRAINS)[first["maille"]]
    texts = {row["code"]: f"{row['nom']} : {number(row['valeur'], digits, unit)}" for row in rows}
    middle = rows[len(rows) // 2]["valeur"]
    return Chart(
        f"carte-{code.replace('_', '-')}",
        (Quoted(first["libelle"].replace("'", "’")), ", ", in_year(first["annee"])),
        (
            *(f"{first['nom']} : ", at.figure(first["valeur"], digits, unit)),
            *(f" ; {last['nom']} : ", at.figure(last["valeur"], digits, unit)),
            *(". Valeur médiane : ", at.figure(middle, digits, unit), "."),
        ),
        france(kind, {row["code"]: row["valeur"] for row in rows}, texts, unit, digits=digits)
        if len(rows) > 1
        else None,
        Table(
            "Du plus grand au plus petit",
            ("Territoire", f"Valeur ({unit})" if unit else "Valeur", _PARENTS[first["maille"]], "Évolution"),
            [
                (
                    f"{row['nom']} ({row['code']})",
                    at.figure(row["valeur"], digits),
                    at.figure(row["ecart"], 0, "%"),
                    "rupture de série" if row["motif_rupture"] else at.figure(row["evolution"], 1, "%"),
                )
                for row in rows
            ],
        ),
        is_map=True,
        missing="Un seul territoire a une valeur : rien n’est comparé.",
        note="Évolution : par rapport à l’année connue précédente.",
    )


def _list(served: Served, made: Section) -> None:
    rows = served.rows(
        """
        select i.code_indicateur as code, i.libelle, i.unite, min(f.annee) as debut, max(f.annee) as fin,
            count(distinct f.annee) as annees,
            count(distinct f.code_territoire) filter (where f.maille = 'commune') as communes,
            count(distinct f.code_territoire) filter (where f.maille = 'epci') as epci,
            count(distinct f.code_territoire) filter (where f.maille = 'departement') as departements,
            count(distinct f.code_territoire) filter (where f.maille = 'region') as regions
        from dim_indicateur as i inner join fct_indicateur as f using (code_indicateur)
        where f.valeur is not null and i.proprietaire is null
        group by 1, 2, 3 order by strip_accents(any_value(i.libelle)), 1
        """
    )
    bases = {row["code"]: Basis(_years(row), "fct_indicateur") for row in rows}
    at = Basis(Period.one_day(served.published_on()), "dim_indicateur")
    made.text.append((at.figure(len(rows)), " indicateurs ont des valeurs."))
    made.tables.append(
        Table(
            "Indicateurs, années et nombre de territoires qui ont une valeur",
            ("Indicateur", "Unité", "Années", "Communes", "Intercommunalités", "Départements", "Régions"),
            [
                (
                    row["libelle"].replace("'", "’"),
                    Quoted(row["unite"] or ""),
                    Quoted(
                        str(row["fin"])
                        if row["annees"] == 1
                        else f"{row['debut']}-{row['fin']} ({counted(row['annees'], 'année', 'années')})"
                    ),
                    *(bases[row["code"]].figure(row[name]) for name in ("communes", "epci", "departements", "regions")),
                )
                for row in rows
            ],
        )
    )


def _years(row: Row) -> Period:
    return whole([Period.year(row["debut"]), Period.year(row["fin"])])
