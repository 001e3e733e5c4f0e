"""The forecast: the coming days, the last ones beside what came, and how it compares with RTE's."""

from __future__ import annotations

from dataelec_assets.serving.report.components import Figure, Page, Table, section
from dataelec_assets.serving.report.french import counted, day, interval, moment, number, weekday
from dataelec_assets.serving.report.pages import forecast_scores
from dataelec_assets.serving.report.reading import Row, Served, Unavailable
from dataelec_assets.serving.report.timelines import fan


def page(served: Served) -> Page:
    """Return the page of the forecast."""
    return Page(
        "prevision",
        "Prévision de la consommation",
        "Ce qui est attendu pour les jours à venir, avec son incertitude, et ce que valaient les prévisions passées.",
        [
            section(
                "a-venir",
                "Les jours à venir",
                lambda made: made.figures.append(coming_figure(served, "FR", is_half=False)),
            ),
            section(
                "passe", "Prévu et réalisé", lambda made: made.figures.append(past_figure(served, "FR", is_half=False))
            ),
            section("erreurs", "Erreurs comparées", lambda made: forecast_scores.scores(served, made)),
            section(
                "heures", "Erreur selon l’heure", lambda made: made.figures.append(forecast_scores.by_hour(served))
            ),
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


def coming_figure(served: Served, code: str, *, is_half: bool = True) -> Figure:
    """Return the forecast of the coming days of a territory."""
    _require_published(served, code)
    rows = served.rows(
        f"""
        with publiees as ({_SELECT})
        from publiees where est_a_venir order by date, horizon
        """,
        [code] * 3,
    )
    first = rows[0]
    unit, digits = ("GW", 1) if code == "FR" else ("MW", 0)
    return Figure(
        "a-venir",
        "Puissance moyenne attendue par jour",
        f"{weekday(first['date']).capitalize()} : {number(first['prevu'], digits, unit)}, neuf chances sur dix entre "
        f"{interval(first['bas90'], first['haut90'], digits, unit)}. Émise le {moment(first['emise_a'])}, "
        f"{forecast_scores.WEATHER.get(first['meteo'], first['meteo'])}.",
        fan([{**_point(row), "rte": None} for row in rows], unit=unit),  # RTE's covers one day only
        _coming_table(rows, unit, digits),
        is_half=is_half,
        note="Bandes : intervalles à 50 % et à 90 %.",
    )


def past_figure(served: Served, code: str, *, is_half: bool = True) -> Figure:
    """Return the last sixty forecasts of the next day, beside what came."""
    _require_published(served, code)
    rows = served.rows(
        f"""
        with publiees as ({_SELECT})
        from publiees where horizon = 1 and not est_a_venir and reel is not null order by date desc limit 60
        """,
        [code] * 3,
    )[::-1]
    errors = [abs(row["prevu"] - row["reel"]) / row["reel"] for row in rows if row["reel"]]
    inside = sum(row["bas90"] <= row["reel"] <= row["haut90"] for row in rows if row["bas90"] is not None)
    unit, digits = ("GW", 1) if code == "FR" else ("MW", 0)
    return Figure(
        "passe",
        "Puissance moyenne du jour : prévue la veille et réalisée",
        f"Du {day(rows[0]['date'])} au {day(rows[-1]['date'])} : erreur moyenne de "
        f"{number(100 * sum(errors) / len(errors), 1, '%')} ; "
        f"{counted(inside, 'jour', 'jours')} sur {len(rows)} dans l’intervalle à 90 % "
        f"({forecast_scores.WEATHER.get(rows[0]['meteo'], rows[0]['meteo'])}).",
        fan([_point(row) for row in rows], unit=unit),
        _past_table(rows[::-1], unit, digits),
        is_half=is_half,
        note="Bandes : intervalles à 50 % et à 90 %.",
    )


_DRAWN = ("prevu", "reel", "rte", "bas50", "haut50", "bas90", "haut90")


def _point(row: Row) -> Row:
    return {"x": row["date"], **{name: row[name] for name in _DRAWN}}


def _coming_table(rows: list[Row], unit: str, digits: int) -> Table:
    return Table(
        "Prévision par jour",
        ("Jour", "Prévu", "Intervalle à 50 %", "Intervalle à 90 %"),
        [
            (
                weekday(row["date"]),
                number(row["prevu"], digits, unit),
                interval(row["bas50"], row["haut50"], digits),
                interval(row["bas90"], row["haut90"], digits),
            )
            for row in rows
        ],
    )


def _past_table(rows: list[Row], unit: str, digits: int) -> Table:
    return Table(
        "Prévu et réalisé par jour",
        ("Jour", "Prévu", "Réalisé", "Écart", "Intervalle à 90 %", "RTE la veille"),
        [
            (
                weekday(row["date"]),
                number(row["prevu"], digits, unit),
                number(row["reel"], digits, unit),
                number(100 * (row["prevu"] / row["reel"] - 1) if row["reel"] else None, 1, "%"),
                interval(row["bas90"], row["haut90"], digits),
                number(row["rte"], digits, unit),
            )
            for row in rows
        ],
    )
