"""The questions on series that move together: correlations with their intervals, never causes."""

from __future__ import annotations

from functools import partial

from dataelec_assets.serving.report import theme
from dataelec_assets.serving.report.charts import curves, intervals
from dataelec_assets.serving.report.components import Chart, Section, Table, section
from dataelec_assets.serving.report.figures import Basis, Fixed, Prose, Quoted
from dataelec_assets.serving.report.french import counted, interval, number
from dataelec_assets.serving.report.periods import Period, whole
from dataelec_assets.serving.report.reading import Row, Served

_SERIES = {
    "temperature_moyenne_c": "température",
    "temperature_novembre_mars_c": "température de novembre à mars",
    "stock_gaz_gwh": "gaz en stock",
    "flux_stock_gaz_gwh": "variation du stock de gaz",
    "remplissage_stock_gaz_pct": "remplissage des stocks",
    "est_stock_gaz_plein": "stocks pleins",
    "export_commercial_mwh": "exports",
    "import_commercial_mwh": "imports",
    "solde_commercial_mwh": "solde des échanges",
    "ech_physiques_mwh": "échanges physiques",
    "consommation_mwh": "consommation",
    "production_mwh": "production",
    "eolien_mwh": "éolien",
    "bioenergies_mwh": "bioénergies",
    "nucleaire_mwh": "nucléaire",
    "est_hiver": "hiver",
    "est_printemps": "printemps",
    "est_ete": "été",
    "est_automne": "automne",
}
_FORMS = {"niveau": "niveau du stock", "flux": "variation du stock"}
_TRANSFORMED = {"brute": "série brute", "desaisonnalisee": "sans la saison"}

# Key and heading of the section, title of the chart, and which rows of the table it draws.
_QUESTIONS = (
    (
        "filieres_temperature",
        "Filières et température",
        "Corrélation de chaque filière avec la température du même jour",
        "forme = 'flux'",
    ),
    (
        "filieres_stock",
        "Filières et stock de gaz",
        "Corrélation de chaque filière avec le niveau du stock de gaz",
        "forme = 'niveau'",
    ),
    (
        "saisons",
        "Filières et saisons",
        "Corrélation avec l’hiver : jours d’hiver contre les autres",
        "serie_x = 'est_hiver'",
    ),
    (
        "echanges_stock",
        "Échanges et stocks de gaz",
        "Corrélation des échanges avec le remplissage des stocks",
        "serie_x = 'remplissage_stock_gaz_pct'",
    ),
)

_COLUMNS = """
    serie_x, serie_y, transformation, forme, decalage_jours as decalage, methode, effet, unite_effet as unite,
    ic95_bas as bas, ic95_haut as haut, debut, fin, nombre_jours as jours, nombre_effectif as effectif,
    est_concluant, motif
"""


def sections(served: Served) -> list[Section]:
    """Return one section per question."""
    return [
        section("stock-temperature", "Stock et température", partial(_lags, served)),
        *(
            section(key.replace("_", "-"), name, partial(_relations, served, key, title, shown))
            for key, name, title, shown in _QUESTIONS
        ),
    ]


def _named(name: str) -> str:
    return _SERIES.get(name, name.removesuffix("_mwh").replace("_", " "))


def _lags(served: Served, made: Section) -> None:
    rows = served.rows(
        f"""
        select {_COLUMNS} from mart_question_stock_temperature
        where methode = 'pearson' and serie_x = 'temperature_moyenne_c' order by forme, transformation, decalage
        """
    )
    made.text.append(
        "Corrélation entre la température et le gaz en stock un certain nombre de jours plus tard. Le stock suit "
        "lentement la saison : deux séries de même saisonnalité sont corrélées sans que l’une agisse sur l’autre, d’où "
        "la comparaison « sans la saison »."
    )
    known = [row for row in rows if row["effet"] is not None]
    if not known:
        _say_why("stock_temperature", made, rows, "Corrélations par décalage")
        return
    shades = (theme.COOL[0], theme.REFERENCE[0], theme.ACCENT[0], theme.WARM[0])
    drawn = [
        {
            "x": r["decalage"],
            "y": r["effet"],
            "bas": r["bas"],
            "haut": r["haut"],
            "serie": _curve(r),
            "dit": f"{_curve(r)}, {counted(r['decalage'], 'jour', 'jours')} : {number(r['effet'], 2)}",
        }
        for r in known
    ]
    best = max(known, key=lambda row: abs(row["effet"]))
    at = _basis("stock_temperature", best)
    made.charts.append(
        Chart(
            "decalages",
            "Corrélation avec la température, selon le décalage en jours",
            (
                "Corrélation la plus forte : ",
                at.figure(best["effet"], 2),
                " [",
                at.interval(best["bas"], best["haut"], 2),
                "], ",
                Fixed(
                    f"à {counted(best['decalage'], 'jour', 'jours')} de décalage"
                    if best["decalage"]
                    else "le jour même"
                ),
                f" ({_curve(best)}).",
            ),
            curves(
                drawn,
                dict(zip(dict.fromkeys(row["serie"] for row in drawn), shades, strict=False)),
                ("Décalage (jours)", "Corrélation"),
            ),
            _table("stock_temperature", "Corrélations par décalage", rows),
        )
    )


def _curve(row: Row) -> str:
    return f"{_FORMS.get(row['forme'], row['forme'])}, {_TRANSFORMED.get(row['transformation'], row['transformation'])}"


def _relations(served: Served, question: str, title: str, shown: str, made: Section) -> None:
    rows = served.rows(
        f"""
        select {_COLUMNS}, methode = 'pearson' and {shown} as est_dessine from mart_question_{question}
        order by serie_x, forme, serie_y, transformation, methode, decalage
        """
    )
    known = [row for row in rows if row["est_dessine"] and None not in (row["effet"], row["bas"], row["haut"])]
    if not known:
        _say_why(question, made, rows, title)
        return
    strength = {row["serie_y"]: row["effet"] for row in reversed(known)}
    known.sort(key=lambda row: (-strength[row["serie_y"]], row["serie_y"], row["transformation"]))
    drawn = [
        {
            "nom": _named(row["serie_y"]).capitalize(),
            "valeur": row["effet"],
            "bas": row["bas"],
            "haut": row["haut"],
            "serie": _TRANSFORMED.get(row["transformation"], row["transformation"]),
            "couleur": theme.ACCENT[0] if row["est_concluant"] else theme.MUTED[0],
            "texte": f"{number(row['effet'], 2)} [{interval(row['bas'], row['haut'], 2)}]",
        }
        for row in known
    ]
    series = list(dict.fromkeys(row["serie"] for row in drawn))
    sure = sum(bool(row["est_concluant"]) for row in known)
    at = Basis(whole(_basis(question, row).period for row in rows if row["debut"]), f"mart_question_{question}")
    made.charts.append(
        Chart(
            question.replace("_", "-"),
            title,
            (
                "Intervalles qui excluent zéro, en bleu : ",
                at.figure(sure),
                " sur ",
                at.figure(len(known)),
                ". Une corrélation n’est pas une cause.",
            ),
            intervals(
                drawn, "Corrélation", bar=34 if len(series) > 1 else 26, series=series if len(series) > 1 else ()
            ),
            _table(question, f"{title} ; autres méthodes, formes et séries de la table", rows),
        )
    )


def _say_why(question: str, made: Section, rows: list[Row], title: str) -> None:
    reasons = " ; ".join(dict.fromkeys(row["motif"] for row in rows if row["motif"]))
    made.text.append(("Aucun effet ne peut être estimé : ", Quoted(reasons or "trop peu de données"), "."))
    made.tables.append(_table(question, title, rows))


def _basis(question: str, row: Row) -> Basis:
    """Return what an answer rests on; it needs a day that both series have."""
    return Basis(Period.between(row["debut"], row["fin"], row["jours"]), f"mart_question_{question}")


def _table(question: str, caption: str, rows: list[Row]) -> Table:
    return Table(
        caption,
        ("Séries", "Forme", "Méthode", "Décalage", "Effet", "Intervalle à 95 %", "Jours", "Effectif", "Conclusion"),
        [
            (
                f"{_named(row['serie_x'])} et {_named(row['serie_y'])}",
                f"{row['forme']}, {_TRANSFORMED.get(row['transformation'], row['transformation'])}",
                row["methode"],
                Fixed(number(row["decalage"], 0, "j")),
                *_estimate(question, row),
                "concluant" if row["est_concluant"] else Quoted(row["motif"] or "non concluant"),
            )
            for row in rows
        ],
    )


def _estimate(question: str, row: Row) -> list[Prose]:
    if row["debut"] is None:
        return ["n.d."] * 4
    at = _basis(question, row)
    unit = row["unite"] if row["unite"] and row["unite"] != "sans unité" else ""
    return [
        at.figure(row["effet"], 2, unit),
        at.interval(row["bas"], row["haut"], 2),
        at.figure(row["jours"]),
        at.figure(row["effectif"]),
    ]
