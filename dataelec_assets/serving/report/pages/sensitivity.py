"""Weather sensitivity: what a degree costs, where, and where insulation would count most."""

from __future__ import annotations

from typing import Literal

from dataelec_assets.serving.report import theme
from dataelec_assets.serving.report.charts import intervals
from dataelec_assets.serving.report.components import Figure, Page, Section, Table, section
from dataelec_assets.serving.report.french import day, interval, number
from dataelec_assets.serving.report.maps import france
from dataelec_assets.serving.report.pages import priority
from dataelec_assets.serving.report.reading import Row, Served, Unavailable

NAMES = {"electricite": "électricité", "gaz": "gaz"}

FIT = """
    select code_territoire, nom_territoire as nom, energie, periode, debut, fin, seuil_chauffage_c as seuil,
        seuil_climatisation_c as seuil_froid, gradient_chauffage_mw_par_c as g,
        gradient_chauffage_ic95_bas_mw_par_c as bas, gradient_chauffage_ic95_haut_mw_par_c as haut,
        gradient_chauffage_pct_par_c as pct, gradient_chauffage_kwh_jour_c_logement as kwh,
        gradient_climatisation_mw_par_c as clim, gradient_climatisation_ic95_bas_mw_par_c as clim_bas,
        gradient_climatisation_ic95_haut_mw_par_c as clim_haut, r2, nombre_jours as jours, est_fiable, motif
    from mart_thermosensibilite
"""


def page(served: Served) -> Page:
    """Return the page of weather sensitivity."""
    return Page(
        "sensibilite",
        "Sensibilité à la température",
        "De combien la puissance moyenne d’un jour augmente quand il fait un degré de moins, ou de plus en été ; et "
        "dans quelles régions ce degré pèse le plus.",
        [
            section("france", "En France", lambda made: _nation(served, made)),
            section("carte", "La carte des régions", lambda made: made.figures.append(_map(served))),
            section("classement", "Où isoler compterait le plus", lambda made: priority.ranking(served, made)),
            section("regions", "Région par région", lambda made: _regions(served, made)),
            section("departements", "Plus fin : les départements", lambda made: _local(served, made)),
        ],
    )


def _nation(served: Served, made: Section) -> None:
    rows = served.rows(f"{FIT} where maille = 'nation' order by energie, periode = 'ensemble' desc, periode desc")
    for row in rows:
        if row["periode"] == "ensemble" and row["est_fiable"]:
            threshold, range_ = number(row["seuil"], 1, "°C"), interval(row["bas"], row["haut"])
            words = f"{NAMES[row['energie']]} : par degré sous {threshold} ; intervalle à 95 % : {range_}"
            made.facts.append((number(row["g"], 0, "MW/°C"), words, ""))
    made.figures.append(years_figure(rows, "France", is_half=False))


def years_figure(rows: list[Row], name: str, *, is_half: bool = True) -> Figure:
    """Return the gradients of a territory, over the whole period and by heating year."""
    drawn = [
        {
            "nom": f"{NAMES[row['energie']].capitalize()}, {row['periode']}",
            "valeur": row["g"],
            "bas": row["bas"],
            "haut": row["haut"],
            "couleur": theme.ACCENT[0] if row["energie"] == "electricite" else theme.WARM[0],
            "texte": f"{number(row['g'], 0, 'MW/°C')} [{interval(row['bas'], row['haut'])}]",
        }
        for row in rows
        if row["est_fiable"] and row["g"] is not None and row["bas"] is not None
    ]
    if not drawn:
        reasons = "; ".join(dict.fromkeys(row["motif"] for row in rows if row["motif"]))
        raise Unavailable(f"Aucune estimation fiable pour {name} : {reasons or 'trop peu de données'}.")
    return Figure(
        "gradients",
        f"Gradient de chauffage, {name} : ensemble et années de chauffage",
        f"{drawn[0]['nom']} : {drawn[0]['texte']}. Une année de chauffage va de juillet à juin.",
        intervals(drawn, "MW de plus par degré de moins"),
        Table(
            "Gradients, seuils et qualité de l’ajustement",
            (
                "Énergie et période",
                "Gradient",
                "Intervalle à 95 %",
                "Par °C",
                "Seuil",
                "Chaleur",
                "R²",
                "Jours",
                "Réserve",
            ),
            [
                (
                    f"{NAMES[row['energie']].capitalize()}, {row['periode']}",
                    number(row["g"], 0, "MW/°C"),
                    interval(row["bas"], row["haut"]),
                    number(row["pct"], 2, "%"),
                    number(row["seuil"], 1, "°C"),
                    number(row["clim"], 0, "MW/°C"),
                    number(row["r2"], 3),
                    number(row["jours"]),
                    "" if row["est_fiable"] else (row["motif"] or "à ne pas croire"),
                )
                for row in rows
            ],
            words=frozenset({8}),
        ),
        is_half=is_half,
        note="Moyennes du jour, à type de jour, vacances et année égaux ; erreurs robustes à l’autocorrélation.",
    )


def _all_regions(served: Served) -> list[Row]:
    return served.rows(
        f"{FIT} where maille = 'region' and energie = 'electricite' and periode = 'ensemble' order by "
        "strip_accents(nom_territoire)"
    )


def _map(served: Served) -> Figure:
    rows = _all_regions(served)
    known = [row for row in rows if row["est_fiable"] and row["pct"] is not None]
    if not known:
        raise Unavailable("Aucune région n’a d’estimation fiable.")
    known.sort(key=lambda row: (-row["pct"], row["nom"]))
    texts = {row["code_territoire"]: f"{row['nom']} : {number(row['pct'], 2, '%')} par °C" for row in known}
    first, last = known[0], known[-1]
    return Figure(
        "carte",
        "Électricité : hausse de la puissance par degré de moins, en % de la puissance moyenne",
        f"La plus forte : {first['nom']} ({number(first['pct'], 1, '%')} par °C) ; la plus faible : "
        f"{last['nom']} ({number(last['pct'], 1, '%')}).",
        france("regions", {row["code_territoire"]: row["pct"] for row in known}, texts, "%"),
        Table(
            "Gradient relatif par région, du plus fort au plus faible",
            ("Région", "Par °C", "Gradient", "Intervalle à 95 %"),
            [
                (r["nom"], number(r["pct"], 2, "%"), number(r["g"], 0, "MW/°C"), interval(r["bas"], r["haut"]))
                for r in known
            ],
        ),
        is_map=True,
        note="Cinq classes d’effectif égal. La Corse n’est pas raccordée au réseau de RTE : sans données ici.",
    )


def _regions(served: Served, made: Section) -> None:
    rows = [row for row in _all_regions(served) if row["est_fiable"] and row["g"] is not None]
    if not rows:
        raise Unavailable("Aucune région n’a d’estimation fiable.")
    for kind, title, unit, names in _KINDS:
        value, low, high = names
        found = sorted(
            (row for row in rows if row[value] is not None and row[low] is not None), key=lambda row: -row[value]
        )
        if not found:
            continue
        drawn = [
            {
                "nom": row["nom"],
                "valeur": row[value],
                "bas": row[low],
                "haut": row[high],
                "couleur": theme.REGIONS.get(row["code_territoire"], theme.ACCENT)[0],
                "texte": f"{number(row[value], 0, 'MW/°C')} [{interval(row[low], row[high])}]",
            }
            for row in found
        ]
        made.figures.append(
            Figure(
                f"regions-{kind}",
                title,
                f"{found[0]['nom']} : {number(found[0][value], 0, 'MW/°C')} ; {found[-1]['nom']} : "
                f"{number(found[-1][value], 0, 'MW/°C')}.",
                intervals(drawn, unit),
                Table(
                    title,
                    ("Région", "Gradient", "Intervalle à 95 %"),
                    [(r["nom"], number(r[value], 0, "MW/°C"), interval(r[low], r[high])) for r in found],
                ),
                is_half=True,
            )
        )
    made.text.append(f"Période : du {day(rows[0]['debut'])} au {day(rows[0]['fin'])}.")


_KINDS: tuple[tuple[Literal["froid", "chaleur"], str, str, tuple[str, str, str]], ...] = (
    ("froid", "Par degré de froid : mégawatts", "MW de plus par degré de moins", ("g", "bas", "haut")),
    (
        "chaleur",
        "Par degré de chaleur : mégawatts, là où un seuil est visible",
        "MW de plus par degré de plus",
        ("clim", "clim_bas", "clim_haut"),
    ),
)


def _local(served: Served, made: Section) -> None:
    rows = served.rows(
        """
        with departements as (
            select code_territoire as code, nom_territoire as nom, annee, consommation_kwh_par_logement as kwh,
                ecart_a_la_region_pct as ecart, part_expliquee_pct as part, part_expliquee_ic95_bas_pct as bas,
                part_expliquee_ic95_haut_pct as haut
            from mart_thermosensibilite_locale
            where maille = 'departement' and code_territoire in (select code_departement from dim_departement where
                est_metropolitain)
                and consommation_kwh_par_logement is not null and not coalesce(est_minimum, false)
        )

        from departements where annee = (select max(annee) from departements) order by kwh desc, nom
        """
    )
    year = rows[0]["annee"]
    made.text.append(
        "Une valeur par an ne permet pas d’estimer un gradient propre à un département. On compare donc l’électricité "
        "de ses logements à celle de sa région, et à ce qu’expliqueraient le gradient régional et le froid de l’année "
        ": un repère, non une mesure. Communes et intercommunalités : table mart_thermosensibilite_locale."
    )
    texts = {row["code"]: f"{row['nom']} : {number(row['kwh'], 0, 'kWh')} par logement" for row in rows}
    made.figures.append(
        Figure(
            "carte-departements",
            f"Électricité par logement en {year}",
            f"{rows[0]['nom']} : {number(rows[0]['kwh'], 0, 'kWh')} ; {rows[-1]['nom']} : "
            f"{number(rows[-1]['kwh'], 0, 'kWh')}.",
            france("departements", {row["code"]: row["kwh"] for row in rows}, texts, "kWh", digits=0),
            Table(
                f"Départements en {year}",
                ("Département", "Par logement", "Écart à la région", "Part expliquée par le froid"),
                [
                    (
                        f"{r['nom']} ({r['code']})",
                        number(r["kwh"], 0, "kWh"),
                        number(r["ecart"], 0, "%"),
                        "n.d."
                        if r["part"] is None
                        else f"{number(r['part'], 0, '%')} [{interval(r['bas'], r['haut'])}]",
                    )
                    for r in rows
                ],
            ),
            is_map=True,
        )
    )
