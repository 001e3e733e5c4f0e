"""The forecast: the coming days, the last ones beside what came, and how it compares with RTE's."""

from __future__ import annotations

from datetime import date

from dataelec_assets.serving.report.components import Chart, Page, Table, section
from dataelec_assets.serving.report.figures import Basis, Fixed, Part, Prose, during
from dataelec_assets.serving.report.french import moment, number, weekday
from dataelec_assets.serving.report.pages import forecast_scores
from dataelec_assets.serving.report.periods import Period
from dataelec_assets.serving.report.reading import Row, Served, Unavailable
from dataelec_assets.serving.report.timelines import fan

_TABLE = "mart_prevision"


def page(served: Served) -> Page:
    """Return the page of the forecast."""
    return Page(
        "prevision",
        "Prévision de la consommation",
        "Ce que le modèle prévoit au-delà du dernier jour mesuré, avec son incertitude, et ce que valaient les "
        "prévisions passées.",
        [
            section(
                "a-venir",
                coming_title(served, "FR"),
                lambda made: made.charts.append(coming_chart(served, "FR", is_half=False)),
            ),
            section(
                "passe", "Prévu et réalisé", lambda made: made.charts.append(past_chart(served, "FR", is_half=False))
            ),
            section("erreurs", "Erreurs comparées", lambda made: forecast_scores.scores(served, made)),
            section("heures", "Erreur selon l’heure", lambda made: made.charts.append(forecast_scores.by_hour(served))),
            section("modeles", "Modèles publiés et non publiés", lambda made: forecast_scores.models(served, made)),
        ],
    )


# Of the published model, with the weather that it really uses: a weather forecast where there is one.
_SELECT = """
    select p.date, p.horizon_jours as horizon, p.emise_a, p.meteo, p.est_a_venir, p.prevision_mw / unite as prevu,
        p.ic50_bas_mw / unite as bas50, p.ic50_haut_mw / unite as haut50, p.ic90_bas_mw / unite as bas90,
        p.ic90_haut_mw / unite as haut90, p.realise_mw / unite as reel, r.prevision_mw / unite as rte
    from mart_prevision as p cross join (select case when ? = 'FR' then 1000.0 else 1.0 end as unite)
    left join mart_prevision as r on p.code_territoire = r.code_territoire and p.pas = r.pas and p.date = r.date
        and p.horizon_jours = r.horizon_jours and r.modele = 'rte_j1'
    where p.code_territoire = ? and p.pas = 'jour' and p.modele = 'ridge' and p.prevision_mw is not null
        and p.meteo = (
            select max(meteo) from mart_prevision_modele where code_territoire = ? and pas = 'jour' and est_publie
        )
"""


def _require_published(served: Served, code: str) -> None:
    rows = served.rows(
        "select est_publie, motif from mart_prevision_modele where code_territoire = ? and pas = 'jour'", [code]
    )
    if not any(row["est_publie"] for row in rows):
        raise Unavailable(f"La prévision n’est pas publiée : {rows[0]['motif'] or 'sans motif'}.")


def _coming(served: Served, code: str) -> list[Row]:
    _require_published(served, code)
    return served.rows(
        f"""
        with publiees as ({_SELECT})
        from publiees where est_a_venir order by date, horizon
        """,
        [code] * 3,
    )


def coming_title(served: Served, code: str) -> str:
    """Return the heading of the forecast: days that were over when it was published are not to come."""
    try:
        days, today = [row["date"] for row in _coming(served, code)], served.published_on()
    except Unavailable:
        return "Les jours à venir"
    if days[-1] < today:
        return "Prévision de jours déjà passés"
    return "Les jours qui suivent la dernière mesure" if days[0] < today else "Les jours à venir"


def coming_chart(served: Served, code: str, *, is_half: bool = True) -> Chart:
    """Return the forecast of the days after the last measured one."""
    rows, today = _coming(served, code), served.published_on()
    over = [row for row in rows if row["date"] < today]
    first = rows[0] if len(over) == len(rows) else rows[len(over)]
    unit, digits = ("GW", 1) if code == "FR" else ("MW", 0)
    at = _day(first["date"])
    summary: list[Part] = []
    title: Prose = "Puissance moyenne attendue par jour"
    if over:
        period = Period.between(over[0]["date"], over[-1]["date"], len(over))
        if len(over) == len(rows):
            title = ("Prévision ", during(period), ", publiée après coup")
            summary = ["Ces jours étaient passés à la publication : les mesures s’arrêtent avant eux. "]
        else:
            summary = ["Déjà passé à la publication, mais sans mesure : ", during(period), ". "]
    summary += [
        Fixed(weekday(first["date"]).capitalize()),
        " : ",
        at.figure(first["prevu"], digits, unit),
        ", entre ",
        at.figure(first["bas90"], digits),
        " et ",
        at.figure(first["haut90"], digits, unit),
        " (",
        Fixed("intervalle annoncé à 90 %"),
        "). Émise le ",
        Fixed(moment(first["emise_a"])),
        f", {forecast_scores.WEATHER.get(first['meteo'], first['meteo'])}.",
    ]
    return Chart(
        "a-venir",
        title,
        summary,
        fan([{**_point(row, unit, digits), "rte": None} for row in rows], unit=unit),  # RTE's covers one day only
        _coming_table(rows, today, unit, digits),
        is_half=is_half,
        note=("Bandes : ", Fixed("intervalles annoncés à 50 % et à 90 %"), ". ", *_kept(served, code)),
    )


def _past(served: Served, code: str) -> list[Row]:
    _require_published(served, code)
    return served.rows(
        f"""
        with publiees as ({_SELECT})
        from publiees where horizon = 1 and not est_a_venir and reel is not null order by date desc limit 60
        """,
        [code] * 3,
    )[::-1]


def _basis(rows: list[Row]) -> Basis:
    return Basis(Period.between(rows[0]["date"], rows[-1]["date"], len(rows)), _TABLE)


def _kept(served: Served, code: str) -> list[Part]:
    """Say how many of the last forecasts kept what their interval announced; empty when none can tell."""
    try:
        rows = [row for row in _past(served, code) if row["bas90"] is not None]
    except Unavailable:
        return []
    if not rows:
        return []
    at, inside = _basis(rows), sum(row["bas90"] <= row["reel"] <= row["haut90"] for row in rows)
    return [
        "Mesuré sur les dernières prévisions vérifiées : ",
        at.figure(inside),
        " jours sur ",
        at.figure(len(rows)),
        " dans l’",
        Fixed("intervalle annoncé à 90 %"),
        ", ",
        during(at.period),
        ".",
    ]


def past_chart(served: Served, code: str, *, is_half: bool = True) -> Chart:
    """Return the last sixty forecasts of the next day, beside what came and beside RTE's on the same days."""
    rows = _past(served, code)
    measured = [row for row in rows if row["reel"]]
    at, unit, digits = _basis(rows), *(("GW", 1) if code == "FR" else ("MW", 0))
    summary: list[Part] = ["Erreur moyenne : ", at.figure(_error(measured, "prevu"), 1, "%")]
    summary.append(f" ({forecast_scores.WEATHER.get(rows[0]['meteo'], rows[0]['meteo'])})")
    both = [row for row in measured if row["rte"] is not None]
    if both:
        same = _basis(both)
        summary += [
            ". Sur les mêmes jours, celle de RTE : ",
            same.figure(_error(both, "rte"), 1, "%"),
            *(() if len(both) == len(measured) else (" contre ", same.figure(_error(both, "prevu"), 1, "%"))),
        ]
    return Chart(
        "passe",
        "Puissance moyenne du jour : prévue la veille et réalisée",
        [*summary, "."],
        fan([_point(row, unit, digits) for row in rows], unit=unit),
        _past_table(rows[::-1], unit, digits),
        is_half=is_half,
        note=("Bandes : ", Fixed("intervalles annoncés à 50 % et à 90 %"), ". ", *_kept(served, code)),
        drawn=at.period,
    )


def _error(rows: list[Row], name: str) -> float | None:
    errors = [abs(row[name] - row["reel"]) / row["reel"] for row in rows]
    return 100 * sum(errors) / len(errors) if errors else None


_DRAWN = ("prevu", "reel", "rte", "bas50", "haut50", "bas90", "haut90")


def _point(row: Row, unit: str, digits: int) -> Row:
    said = ", ".join(
        f"{name} {number(row[column], digits, unit)}"
        for name, column in (("prévu", "prevu"), ("réalisé", "reel"))
        if row[column] is not None
    )
    return {"x": row["date"], **{name: row[name] for name in _DRAWN}, "dit": f"{weekday(row['date'])} : {said}"}


def _day(value: date) -> Basis:
    return Basis(Period.one_day(value), _TABLE)


def _coming_table(rows: list[Row], today: date, unit: str, digits: int) -> Table:
    return Table(
        "Prévision par jour",
        ("Jour", "Prévu", "Intervalle annoncé à 50 %", "Intervalle annoncé à 90 %"),
        [
            (
                weekday(row["date"]) + (" (déjà passé)" if row["date"] < today else ""),
                _day(row["date"]).figure(row["prevu"], digits, unit),
                _day(row["date"]).interval(row["bas50"], row["haut50"], digits),
                _day(row["date"]).interval(row["bas90"], row["haut90"], digits),
            )
            for row in rows
        ],
    )


def _past_table(rows: list[Row], unit: str, digits: int) -> Table:
    return Table(
        "Prévu et réalisé par jour",
        ("Jour", "Prévu", "Réalisé", "Écart", "Intervalle annoncé à 90 %", "RTE la veille"),
        [
            (
                weekday(row["date"]),
                _day(row["date"]).figure(row["prevu"], digits, unit),
                _day(row["date"]).figure(row["reel"], digits, unit),
                _day(row["date"]).figure(100 * (row["prevu"] / row["reel"] - 1) if row["reel"] else None, 1, "%"),
                _day(row["date"]).interval(row["bas90"], row["haut90"], digits),
                _day(row["date"]).figure(row["rte"], digits, unit),
            )
            for row in rows
        ],
    )
