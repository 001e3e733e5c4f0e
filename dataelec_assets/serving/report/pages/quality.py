"""The quality of the data: what lacks, how far real time is from what is final, and where publishers disagree."""

from __future__ import annotations

from functools import partial

from dataelec_assets.serving.report import theme
from dataelec_assets.serving.report.charts import bars, curves
from dataelec_assets.serving.report.components import LEAST_POINTS, Chart, Page, Section, Table, section
from dataelec_assets.serving.report.figures import Basis, Fixed, Quoted, on
from dataelec_assets.serving.report.french import counted, month, number
from dataelec_assets.serving.report.pages import quality_totals
from dataelec_assets.serving.report.periods import Period
from dataelec_assets.serving.report.reading import Row, Served
from dataelec_assets.serving.report.timelines import panels

_MEASURES = {
    "consommation_electricite": ("Électricité", theme.ACCENT[0]),
    "consommation_gaz": ("Gaz", theme.WARM[0]),
    "production": ("Production", theme.FILIERES["nucleaire"][0]),
    "echanges": ("Échanges", theme.REFERENCE[0]),
    "stock_gaz": ("Gaz en stock", theme.FILIERES["gaz"][0]),
    "temperature": ("Températures", theme.COOL[0]),
}
_SETS = {
    "consommation_nationale": "Consommation, France",
    "consommation_nationale_gaz": "Consommation de gaz, France",
    "consommation_regionale": "Consommation, régions",
    "consommation_regionale_gaz": "Consommation de gaz, régions",
    "eco2mix_national": "éCO2mix, France",
    "eco2mix_regional": "éCO2mix, régions",
    "temperature_regionale": "Températures des régions",
    "stock_gaz": "Gaz en stock",
    "echanges_commerciaux": "Échanges commerciaux",
}


def page(served: Served) -> Page:
    """Return the page of the quality of the data."""
    return Page(
        "qualite",
        "Qualité des données",
        "Ce qui manque et pourquoi, de combien le temps réel est corrigé ensuite, et ce que nos totaux ont d’écart "
        "avec ceux que publie RTE.",
        [
            section("mois", "Les jours mesurés, mois par mois", lambda made: made.charts.append(_days(served))),
            section("manques", "Ce qui manque", lambda made: made.charts.append(_gaps(served))),
            section(
                "temps-reel", "Le temps réel et la valeur finale", lambda made: made.charts.append(_reliability(served))
            ),
            section(
                "totaux", "Nos totaux et ceux de RTE", lambda made: made.charts.append(quality_totals.published(served))
            ),
            section("co2", "Le taux de CO₂, recalculé", lambda made: made.charts.append(quality_totals.co2(served))),
            section("ruptures", "Ruptures de série", partial(_breaks, served)),
        ],
    )


def _days(served: Served) -> Chart:
    rows = served.rows(
        """
        select mesure, debut, fin, jours_attendus, jours_presents from mart_periode
        where code_territoire = 'FR' and type_periode = 'mois' order by debut, mesure
        """
    )
    rows = [row for row in rows if row["mesure"] in _MEASURES]
    drawn = [
        {
            "nom": _MEASURES[row["mesure"]][0],
            "x": row["debut"],
            "y": 100 * row["jours_presents"] / row["jours_attendus"],
            "dit": f"{_MEASURES[row['mesure']][0]}, {month(row['debut'])} : {Period.of(row).days}",
        }
        for row in rows
    ]
    names = {name: colour for code, (name, colour) in _MEASURES.items() if any(r["mesure"] == code for r in rows)}
    partial_months = [row for row in rows if not Period.of(row).is_complete]
    at = Basis(_span(rows), "mart_periode")
    starts = sorted({row["debut"] for row in rows})
    found = {(row["debut"], row["mesure"]): row for row in rows}
    return Chart(
        "jours-mesures",
        "Part des jours de chaque mois qui sont entièrement mesurés (%), France",
        (
            *(at.figure(len(partial_months)), " mois de mesure sur ", at.figure(len(rows))),
            " ont au moins un jour incomplet. Un mois incomplet n’est ni comparé ni classé dans ce rapport.",
        ),
        panels(drawn, names, "%") if len(starts) >= LEAST_POINTS else None,
        Table(
            "Jours mesurés par mois",
            ("Mois", *names),
            [
                (
                    month(start),
                    *(
                        Basis(Period.of(found[start, code]), "mart_periode").figure(
                            found[start, code]["jours_presents"]
                        )
                        if (start, code) in found
                        else "n.d."
                        for code, (name, _) in _MEASURES.items()
                        if name in names
                    ),
                )
                for start in reversed(starts)
            ],
        ),
        missing="Trop peu de mois pour une courbe : le tableau les donne.",
        drawn=at.period,
    )


_NEVER_PUBLISHED = (
    "L’heure répétée d’octobre et les fins de mois de température ne sont jamais publiées : ces manques-là sont ceux "
    "du producteur."
)


def _gaps(served: Served) -> Chart:
    rows = served.rows(
        """
        select jeu, cause, count(*) as trous, min(premier_jour) as debut, max(dernier_jour) as fin,
            sum(nombre_jours) as jours, sum(nombre_valeurs_manquantes) as manquantes
        from mart_completude group by all order by manquantes desc, jeu, cause
        """
    )
    at = Basis(_span(rows), "mart_completude")
    by_set: dict[str, int] = {}
    for row in rows:
        name = _set_name(row)
        by_set[name] = by_set.get(name, 0) + int(row["manquantes"])
    drawn = [
        {"nom": name, "valeur": count, "texte": counted(count, "valeur manque", "valeurs manquent")}
        for name, count in sorted(by_set.items(), key=lambda pair: (-pair[1], pair[0]))
    ]
    return Chart(
        "manques",
        "Valeurs que le calendrier fait attendre et qui ne sont pas publiées",
        (
            at.figure(sum(by_set.values())),
            " valeurs manquent. ",
            _NEVER_PUBLISHED,
        ),
        bars(drawn, "Valeurs manquantes", form=",.0f") if len(drawn) > 1 else None,
        Table(
            "Manques par jeu et par cause",
            ("Jeu de données", "Cause", "Trous", "Jours", "Valeurs", "Premier jour", "Dernier jour"),
            [
                (
                    _set_name(row),
                    Quoted(row["cause"]),
                    *(at.figure(row[name]) for name in ("trous", "jours", "manquantes")),
                    *(on(row[name]) for name in ("debut", "fin")),
                )
                for row in rows
            ],
        ),
        missing="Un seul jeu a des manques : le tableau suffit.",
    )


def _set_name(row: Row) -> str:
    return _SETS.get(row["jeu"]) or str(row["jeu"])


def _span(rows: list[Row]) -> Period:
    """Return the days that were looked at: from the first to the last, all of them."""
    start, end = min(row["debut"] for row in rows), max(row["fin"] for row in rows)
    return Period.between(start, end, (end - start).days + 1)


def _reliability(served: Served) -> Chart:
    rows = served.rows(
        """
        select horizon_h, mesure, reference, nombre_valeurs, nombre_revisees, biais_mw, erreur_relative_pct as erreur,
            erreur_absolue_moyenne_mw as moyenne, erreur_absolue_p95_mw as p95
        from mart_fiabilite_temps_reel where code_territoire = 'FR' and erreur_relative_pct is not null
        order by reference, mesure, horizon_h
        """
    )
    span = served.row(
        """
        select min(date_locale) as debut, max(date_locale) as fin, count(distinct date_locale) as jours
        from fct_revisions where code_territoire = 'FR' having count(*) > 0
        """
    )
    at = Basis(Period.between(span["debut"], span["fin"], span["jours"]), "mart_fiabilite_temps_reel")
    shown = [row for row in rows if row["reference"] == rows[0]["reference"] and row["mesure"] in _REVISED]
    drawn = [
        {
            "x": row["horizon_h"],
            "y": row["erreur"],
            "serie": _REVISED[row["mesure"]][0],
            "dit": f"{_REVISED[row['mesure']][0]}, {counted(row['horizon_h'], 'heure', 'heures')} après : "
            f"{number(row['erreur'], 2, '%')}",
        }
        for row in shown
    ]
    names = {name: colour for code, (name, colour) in _REVISED.items() if any(r["mesure"] == code for r in shown)}
    worst = max(rows, key=lambda row: row["erreur"])
    return Chart(
        "fiabilite",
        "Écart entre le temps réel et la valeur finale, selon l’âge de la mesure",
        (
            *("Plus grand écart : ", Quoted(worst["mesure"]), ", ", at.figure(worst["erreur"], 1, "%")),
            *(", ", Fixed(f"{counted(worst['horizon_h'], 'heure', 'heures')} après la mesure"), "."),
        ),
        curves(drawn, names, ("Âge de la mesure (heures)", "% de la valeur finale"), zero=True)
        if len({row["horizon_h"] for row in shown}) >= LEAST_POINTS
        else None,
        Table(
            "Écarts par mesure et par âge",
            ("Mesure", "Âge", "Référence", "Écart", "Écart moyen", "Dépassé une fois sur vingt", "Révisées"),
            [
                (
                    str(row["mesure"]),
                    Fixed(number(row["horizon_h"], 0, "h")),
                    Quoted(row["reference"]),
                    at.figure(row["erreur"], 2, "%"),
                    at.figure(row["moyenne"], 0, "MW"),
                    at.figure(row["p95"], 0, "MW"),
                    at.figure(row["nombre_revisees"]),
                )
                for row in rows
            ],
        ),
        missing="Trop peu d’âges observés pour une courbe : le tableau les donne.",
        note="Ne comptent que les révisions que ce lac a vues : rafraîchi rarement, il juge trop bien le temps réel.",
    )


_REVISED = {
    "consommation": ("Consommation", theme.ACCENT[0]),
    "nucleaire": ("Nucléaire", theme.FILIERES["nucleaire"][0]),
    "eolien": ("Éolien", theme.FILIERES["eolien"][0]),
    "solaire": ("Solaire", theme.FILIERES["solaire"][0]),
}


def _breaks(served: Served, made: Section) -> None:
    rows = served.rows("from meta_ruptures order by date_rupture desc, nom_table, mesure")
    made.text.append("De part et d’autre d’une rupture, une série ne se compare pas, ou seulement avec réserve.")
    made.tables.append(
        Table(
            "Ruptures de série",
            ("Table et mesure", "À partir du", "Nature", "Comparable", "Pourquoi"),
            [
                (
                    f"{row['nom_table']}, {row['mesure']}",
                    on(row["date_rupture"]) if row["date_rupture"] else "n.d.",
                    Quoted(row["nature"]),
                    "oui" if row["est_comparable"] else "non",
                    Quoted(row["motif"] or ""),
                )
                for row in rows
            ],
        )
    )
