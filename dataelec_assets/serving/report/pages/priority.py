"""Where insulation would count most: ranks with their intervals, per dwelling and relative."""

from __future__ import annotations

from dataelec_assets.serving.report import theme
from dataelec_assets.serving.report.charts import intervals
from dataelec_assets.serving.report.components import Figure, Section, Table
from dataelec_assets.serving.report.french import interval, number
from dataelec_assets.serving.report.reading import Row, Served


def ranking(served: Served, made: Section) -> None:
    """Fill a section with the ranking of the régions."""
    rows = served.rows(
        """
        select code_region, nom_region, critere, rang, rang_ic95_meilleur, rang_ic95_pire, rang_relatif,
            rang_par_logement,
            gradient_chauffage_pct_par_c, gradient_chauffage_ic95_bas_pct_par_c, gradient_chauffage_ic95_haut_pct_par_c,
            gradient_kwh_jour_c_logement, gradient_ic95_bas_kwh_jour_c_logement, gradient_ic95_haut_kwh_jour_c_logement,
            gradient_mw_par_c
        from mart_priorite_isolation where rang is not null order by rang, strip_accents(nom_region)
        """
    )
    made.text.append(
        "Un grand nombre de mégawatts par degré montre surtout qu’une région est grande. Le classement compare donc le "
        f"poids d’un degré, {_CRITERIA.get(rows[0]['critere'], rows[0]['critere'])} ; l’intervalle du rang en donne "
        "l’incertitude. Il porte sur une consommation, non sur l’état des bâtiments : là où l’on se chauffe au gaz, "
        "l’électricité réagit peu."
    )
    first = rows[0]
    best, worst = "rang_ic95_meilleur", "rang_ic95_pire"
    made.figures.append(
        Figure(
            "priorite",
            "Rang de priorité et son intervalle à 95 %",
            f"{first['nom_region']} vient en tête (rang {first['rang']}, de {first[best]} à {first[worst]}). "
            "Deux régions dont les intervalles se recouvrent ne sont pas départagées.",
            intervals(
                [
                    {
                        "nom": row["nom_region"],
                        "valeur": row["rang"],
                        "bas": row[best],
                        "haut": row[worst],
                        "texte": f"rang {row['rang']} (de {row[best]} à {row[worst]})",
                    }
                    for row in rows
                ],
                "Rang (1 : priorité la plus haute)",
                zero=False,
            ),
            Table(
                "Priorité d’isolation par région",
                (
                    "Région",
                    "Rang",
                    "Intervalle",
                    "Par logement",
                    "Rang par logement",
                    "Par °C",
                    "Rang relatif",
                    "Gradient",
                ),
                [
                    (
                        row["nom_region"],
                        number(row["rang"]),
                        f"{number(row[best])} à {number(row[worst])}",
                        number(row["gradient_kwh_jour_c_logement"], 2, "kWh/jour/°C"),
                        number(row["rang_par_logement"]),
                        number(row["gradient_chauffage_pct_par_c"], 2, "%"),
                        number(row["rang_relatif"]),
                        number(row["gradient_mw_par_c"], 0, "MW/°C"),
                    )
                    for row in rows
                ],
            ),
        )
    )
    for key, title, unit, digits, names in _FORMS:
        value, low, _ = names
        known = sorted(
            (row for row in rows if row[value] is not None and row[low] is not None), key=lambda row: -row[value]
        )
        if known:
            made.figures.append(_form(key, title, (unit, digits), names, known))


_CRITERIA = {"par logement": "par logement", "relatif": "en part de la consommation"}

_FORMS: tuple[tuple[str, str, str, int, tuple[str, str, str]], ...] = (
    (
        "par-logement",
        "Par degré et par logement",
        "kWh/jour/°C",
        2,
        (
            "gradient_kwh_jour_c_logement",
            "gradient_ic95_bas_kwh_jour_c_logement",
            "gradient_ic95_haut_kwh_jour_c_logement",
        ),
    ),
    (
        "relatif",
        "Par degré, en part de la consommation",
        "%",
        2,
        (
            "gradient_chauffage_pct_par_c",
            "gradient_chauffage_ic95_bas_pct_par_c",
            "gradient_chauffage_ic95_haut_pct_par_c",
        ),
    ),
)


def _form(key: str, title: str, unit: tuple[str, int], names: tuple[str, str, str], rows: list[Row]) -> Figure:
    value, low, high = names
    said, digits = unit
    drawn = [
        {
            "nom": row["nom_region"],
            "valeur": row[value],
            "bas": row[low],
            "haut": row[high],
            "couleur": theme.REGIONS.get(row["code_region"], theme.ACCENT)[0],
            "texte": f"{number(row[value], digits, said)} [{interval(row[low], row[high], digits)}]",
        }
        for row in rows
    ]
    return Figure(
        key,
        title,
        f"{drawn[0]['nom']} : {number(drawn[0]['valeur'], digits, said)} ; {drawn[-1]['nom']} : "
        f"{number(drawn[-1]['valeur'], digits, said)}.",
        intervals(drawn, said),
        Table(
            title,
            ("Région", "Valeur", "Intervalle à 95 %"),
            [(r["nom_region"], number(r[value], digits, said), interval(r[low], r[high], digits)) for r in rows],
        ),
        is_half=True,
    )
