"""Where insulation would count most: ranks with their intervals, per dwelling and relative."""

from __future__ import annotations

from dataelec_assets.serving.report import theme
from dataelec_assets.serving.report.charts import intervals
from dataelec_assets.serving.report.components import Chart, Section, Table
from dataelec_assets.serving.report.figures import Basis, Fixed
from dataelec_assets.serving.report.french import interval, listed, number
from dataelec_assets.serving.report.periods import Period, same_days
from dataelec_assets.serving.report.reading import Row, Served


def ranking(served: Served, made: Section) -> None:
    """Fill a section with the ranking of the régions."""
    rows = served.rows(
        """
        select p.code_region, p.nom_region, p.critere, p.rang, p.rang_ic95_meilleur, p.rang_ic95_pire, p.rang_relatif,
            p.rang_par_logement,
            p.gradient_chauffage_pct_par_c, p.gradient_chauffage_ic95_bas_pct_par_c,
            p.gradient_chauffage_ic95_haut_pct_par_c, p.gradient_kwh_jour_c_logement,
            p.gradient_ic95_bas_kwh_jour_c_logement, p.gradient_ic95_haut_kwh_jour_c_logement, p.gradient_mw_par_c,
            p.debut, p.fin, t.nombre_jours as jours
        from mart_priorite_isolation as p
        inner join mart_thermosensibilite as t on p.code_region = t.code_territoire and t.maille = 'region'
            and t.energie = 'electricite' and t.periode = 'ensemble'
        where p.rang is not null order by p.rang, strip_accents(p.nom_region)
        """
    )
    like, others = same_days(rows)
    if others:
        apart = listed([row["nom_region"] for row in others])
        made.text.append(f"Mesurées sur une autre période, donc hors du classement dessiné : {apart}.")
    made.text.append(
        "Un grand nombre de mégawatts par degré montre surtout qu’une région est grande. Le classement compare donc le "
        f"poids d’un degré, {_CRITERIA.get(rows[0]['critere'], rows[0]['critere'])} ; l’intervalle du rang en donne "
        "l’incertitude. Il porte sur une consommation, non sur l’état des bâtiments : là où l’on se chauffe au gaz, "
        "l’électricité réagit peu."
    )
    first, at = like[0], basis(like[0])
    best, worst = "rang_ic95_meilleur", "rang_ic95_pire"
    made.charts.append(
        Chart(
            "priorite",
            ("Rang de priorité et son ", Fixed("intervalle à 95 %")),
            (
                f"{first['nom_region']} vient en tête (rang ",
                at.figure(first["rang"]),
                ", de ",
                at.interval(first[best], first[worst]),
                "). Deux régions dont les intervalles se recouvrent ne sont pas départagées.",
            ),
            intervals(
                [
                    {
                        "nom": row["nom_region"],
                        "valeur": row["rang"],
                        "bas": row[best],
                        "haut": row[worst],
                        "texte": f"rang {row['rang']} (de {row[best]} à {row[worst]})",
                    }
                    for row in like
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
                        basis(row).figure(row["rang"]),
                        basis(row).interval(row[best], row[worst]),
                        basis(row).figure(row["gradient_kwh_jour_c_logement"], 2, "kWh/jour/°C"),
                        basis(row).figure(row["rang_par_logement"]),
                        basis(row).figure(row["gradient_chauffage_pct_par_c"], 2, "%"),
                        basis(row).figure(row["rang_relatif"]),
                        basis(row).figure(row["gradient_mw_par_c"], 0, "MW/°C"),
                    )
                    for row in rows
                ],
            ),
        )
    )
    for key, title, unit, digits, names in _FORMS:
        value, low, _ = names
        known = sorted(
            (row for row in like if row[value] is not None and row[low] is not None), key=lambda row: -row[value]
        )
        if known:
            made.charts.append(_form(key, title, (unit, digits), names, known))


def basis(row: Row) -> Basis:
    """Return what the estimate of a région rests on."""
    return Basis(Period.between(row["debut"], row["fin"], row["jours"]), "mart_priorite_isolation")


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


def _form(key: str, title: str, unit: tuple[str, int], names: tuple[str, str, str], rows: list[Row]) -> Chart:
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
    first, last = rows[0], rows[-1]
    return Chart(
        key,
        title,
        (
            f"{first['nom_region']} : ",
            basis(first).figure(first[value], digits, said),
            f" ; {last['nom_region']} : ",
            basis(last).figure(last[value], digits, said),
            ".",
        ),
        intervals(drawn, said),
        Table(
            title,
            ("Région", "Valeur", "Intervalle à 95 %"),
            [
                (r["nom_region"], basis(r).figure(r[value], digits, said), basis(r).interval(r[low], r[high], digits))
                for r in rows
            ],
        ),
        is_half=True,
    )
