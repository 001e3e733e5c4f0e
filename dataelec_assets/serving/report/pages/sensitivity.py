"""Weather sensitivity: what a degree costs, where, and where insulation would count most."""

from __future__ import annotations

from typing import Literal

from dataelec_assets.serving.report import theme
from dataelec_assets.serving.report.charts import intervals
from dataelec_assets.serving.report.components import Chart, Fact, Page, Section, Table, section
from dataelec_assets.serving.report.figures import Basis, Fixed, Prose, Quoted
from dataelec_assets.serving.report.french import interval, listed, number
from dataelec_assets.serving.report.maps import france
from dataelec_assets.serving.report.pages import priority
from dataelec_assets.serving.report.periods import Period, same_days
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
            section("carte", "La carte des régions", lambda made: made.charts.append(_map(served))),
            section("classement", "Où isoler compterait le plus", lambda made: priority.ranking(served, made)),
            section("regions", "Région par région", lambda made: _regions(served, made)),
            section("departements", "Plus fin : les départements", lambda made: _local(served, made)),
        ],
    )


def _nation(served: Served, made: Section) -> None:
    rows = served.rows(f"{FIT} where maille = 'nation' order by energie, periode = 'ensemble' desc, periode desc")
    for row in rows:
        if row["periode"] == "ensemble" and row["est_fiable"]:
            at = basis(row)
            words = (
                f"{'d’électricité' if row['energie'] == 'electricite' else 'de gaz'} par degré sous ",
                at.figure(row["seuil"], 1, "°C"),
                " ; ",
                Fixed("intervalle à 95 % : "),
                at.interval(row["bas"], row["haut"]),
            )
            made.facts.append(Fact(at.figure(row["g"], 0, "MW/°C"), words))
    made.charts.append(years_chart(rows, "France", is_half=False))


def basis(row: Row) -> Basis:
    """Return what an estimate rests on: its days between the first and the last."""
    return Basis(Period.between(row["debut"], row["fin"], row["jours"]), "mart_thermosensibilite")


def years_chart(rows: list[Row], name: str, *, is_half: bool = True) -> Chart:
    """Return the gradients of a territory, over the whole period and by heating year."""
    known = [row for row in rows if row["est_fiable"] and row["g"] is not None and row["bas"] is not None]
    drawn = [
        {
            "nom": f"{NAMES[row['energie']].capitalize()}, {row['periode']}",
            "valeur": row["g"],
            "bas": row["bas"],
            "haut": row["haut"],
            "couleur": theme.ACCENT[0] if row["energie"] == "electricite" else theme.WARM[0],
            "texte": f"{number(row['g'], 0, 'MW/°C')} [{interval(row['bas'], row['haut'])}]",
        }
        for row in known
    ]
    if not drawn:
        reasons = "; ".join(dict.fromkeys(row["motif"] for row in rows if row["motif"]))
        raise Unavailable(f"Aucune estimation fiable pour {name} : {reasons or 'trop peu de données'}.")
    first, at = known[0], basis(known[0])
    return Chart(
        "gradients",
        f"Gradient de chauffage, {name} : ensemble et années de chauffage",
        (
            Fixed(f"{NAMES[first['energie']].capitalize()}, {first['periode']}"),
            " : ",
            at.figure(first["g"], 0, "MW/°C"),
            " [",
            at.interval(first["bas"], first["haut"]),
            "]. Une année de chauffage va de juillet à juin.",
        ),
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
                    *_estimate(row),
                    "" if row["est_fiable"] else Quoted(row["motif"] or "à ne pas croire"),
                )
                for row in rows
            ],
        ),
        is_half=is_half,
        note="Moyennes du jour, à type de jour, vacances et année égaux ; erreurs robustes à l’autocorrélation.",
    )


def _estimate(row: Row) -> list[Prose]:
    if row["debut"] is None:
        return ["n.d."] * 7
    at = basis(row)
    return [
        at.figure(row["g"], 0, "MW/°C"),
        at.interval(row["bas"], row["haut"]),
        at.figure(row["pct"], 2, "%"),
        at.figure(row["seuil"], 1, "°C"),
        at.figure(row["clim"], 0, "MW/°C"),
        at.figure(row["r2"], 3),
        at.figure(row["jours"]),
    ]


def _all_regions(served: Served) -> list[Row]:
    return served.rows(
        f"{FIT} where maille = 'region' and energie = 'electricite' and periode = 'ensemble' order by "
        "strip_accents(nom_territoire)"
    )


def _map(served: Served) -> Chart:
    rows = _all_regions(served)
    known = [row for row in rows if row["est_fiable"] and row["pct"] is not None]
    if not known:
        raise Unavailable("Aucune région n’a d’estimation fiable.")
    known, others = same_days(known)
    known.sort(key=lambda row: (-row["pct"], row["nom"]))
    texts = {row["code_territoire"]: f"{row['nom']} : {number(row['pct'], 2, '%')} par °C" for row in known}
    first, last = known[0], known[-1]
    return Chart(
        "carte",
        "Électricité : hausse de la puissance par degré de moins, en % de la puissance moyenne",
        (
            f"La plus forte : {first['nom']} (",
            basis(first).figure(first["pct"], 1, "%"),
            f" par °C) ; la plus faible : {last['nom']} (",
            basis(last).figure(last["pct"], 1, "%"),
            ").",
        ),
        france("regions", {row["code_territoire"]: row["pct"] for row in known}, texts, "%"),
        Table(
            "Gradient relatif par région, du plus fort au plus faible",
            ("Région", "Par °C", "Gradient", "Intervalle à 95 %"),
            [
                (
                    r["nom"],
                    basis(r).figure(r["pct"], 2, "%"),
                    basis(r).figure(r["g"], 0, "MW/°C"),
                    basis(r).interval(r["bas"], r["haut"]),
                )
                for r in known
            ],
        ),
        is_map=True,
        note="Classes d’effectif voisin, aux bornes arrondies. La Corse n’est pas raccordée au réseau de RTE."
        + (f" Sur une autre période, donc hors de la carte : {listed([r['nom'] for r in others])}." if others else ""),
    )


def _regions(served: Served, made: Section) -> None:
    rows = [row for row in _all_regions(served) if row["est_fiable"] and row["g"] is not None]
    if not rows:
        raise Unavailable("Aucune région n’a d’estimation fiable.")
    rows, others = same_days(rows)
    if others:
        made.text.append(f"Mesurées sur une autre période, donc non comparées : {listed([r['nom'] for r in others])}.")
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
        first, last = found[0], found[-1]
        made.charts.append(
            Chart(
                f"regions-{kind}",
                title,
                (
                    f"{first['nom']} : ",
                    basis(first).figure(first[value], 0, "MW/°C"),
                    f" ; {last['nom']} : ",
                    basis(last).figure(last[value], 0, "MW/°C"),
                    ".",
                ),
                intervals(drawn, unit),
                Table(
                    title,
                    ("Région", "Gradient", "Intervalle à 95 %"),
                    [
                        (r["nom"], basis(r).figure(r[value], 0, "MW/°C"), basis(r).interval(r[low], r[high]))
                        for r in found
                    ],
                ),
                is_half=True,
            )
        )


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
    at = Basis(Period.year(rows[0]["annee"]), "mart_thermosensibilite_locale")
    made.text.append(
        "Une valeur par an ne permet pas d’estimer un gradient propre à un département. On compare donc l’électricité "
        "de ses logements à celle de sa région, et à ce qu’expliqueraient le gradient régional et le froid de l’année "
        ": un repère, non une mesure. Communes et intercommunalités : table mart_thermosensibilite_locale."
    )
    texts = {row["code"]: f"{row['nom']} : {number(row['kwh'], 0, 'kWh')} par logement" for row in rows}
    made.charts.append(
        Chart(
            "carte-departements",
            "Électricité par logement",
            (
                f"{rows[0]['nom']} : ",
                at.figure(rows[0]["kwh"], 0, "kWh"),
                f" ; {rows[-1]['nom']} : ",
                at.figure(rows[-1]["kwh"], 0, "kWh"),
                ".",
            ),
            france("departements", {row["code"]: row["kwh"] for row in rows}, texts, "kWh", digits=0),
            Table(
                "Électricité par logement, par département",
                ("Département", "Par logement", "Écart à la région", "Part expliquée par le froid"),
                [
                    (
                        f"{r['nom']} ({r['code']})",
                        at.figure(r["kwh"], 0, "kWh"),
                        at.figure(r["ecart"], 0, "%"),
                        "n.d."
                        if r["part"] is None
                        else (at.figure(r["part"], 0, "%"), " [", at.interval(r["bas"], r["haut"]), "]"),
                    )
                    for r in rows
                ],
            ),
            is_map=True,
        )
    )
