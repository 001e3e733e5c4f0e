"""Charging points: when and where one is free, for drivers; what is full or broken, for operators and planners."""

from __future__ import annotations

from functools import partial

from dataelec_assets.serving.report import theme
from dataelec_assets.serving.report.charts import bars, curves, intervals
from dataelec_assets.serving.report.components import LEAST_POINTS, Chart, Page, Section, Table, section
from dataelec_assets.serving.report.figures import Basis, Fixed, Prose, Quoted
from dataelec_assets.serving.report.french import number
from dataelec_assets.serving.report.pages import charging_places
from dataelec_assets.serving.report.periods import Period
from dataelec_assets.serving.report.reading import Row, Served

_SOURCE = "mart_occupation_meteo"

# Stations in the table: about as many as a page shows without scrolling.
_STATIONS = 20


def page(served: Served) -> Page:
    """Return the page of charging points."""
    return Page(
        "bornes",
        "Bornes de recharge : quand se brancher",
        "Les heures et les stations où une borne est libre à Paris (Belib’), celles qui sont pleines ou en panne, et "
        "le nombre de points de charge dans chaque département.",
        [
            section("heures", "À quelle heure", lambda made: made.charts.append(_hours(served))),
            section("jours", "Quel jour", lambda made: made.charts.append(_by_class(served, "jour"))),
            section("meteo", "Selon le temps qu’il fait", lambda made: _weather(served, made)),
            section("stations", "Les stations pleines", lambda made: made.charts.append(_full(served))),
            section(
                "arrondissements",
                "Arrondissement par arrondissement",
                lambda made: made.charts.append(charging_places.districts(served)),
            ),
            section("pannes", "Bornes à vérifier", lambda made: made.charts.append(charging_places.to_check(served))),
            section(
                "departements",
                "En France",
                lambda made: made.charts.extend(charging_places.everywhere(served)),
            ),
        ],
    )


def basis(served: Served) -> Basis:
    """Return the days of Paris that an hour of occupation is known of."""
    row = served.row(
        """
        with heures as (
            select distinct cast(timezone('Europe/Paris', heure_utc) as date) as jour
            from mart_occupation_horaire where maille = 'commune'
        )

        select min(jour) as debut, max(jour) as fin, count(*) as jours from heures having count(*) > 0
        """
    )
    return Basis(Period.between(row["debut"], row["fin"], row["jours"]), _SOURCE)


def _classes(served: Served, cut: str) -> list[Row]:
    return served.rows(
        """
        select classe, ordre, nombre_jours, nombre_heures, 100 * taux_occupation as taux, 100 * ic90_bas as bas,
            100 * ic90_haut as haut, est_fiable, motif
        from mart_occupation_meteo where decoupe = ? and taux_occupation is not null order by ordre
        """,
        [cut],
    )


def _table(at: Basis, name: str, rows: list[Row]) -> Table:
    return Table(
        "Part du temps où les points en service sont occupés",
        (name, "Occupation", "Intervalle à 90 %", "Jours", "Réserve"),
        [
            (
                row["classe"],
                at.figure(row["taux"], 0, "%"),
                at.interval(row["bas"], row["haut"], 0, "%"),
                at.figure(row["nombre_jours"]),
                Quoted(row["motif"] or ""),
            )
            for row in rows
        ],
    )


def _said(row: Row) -> str:
    return f"{row['classe']} : {number(row['taux'], 0, '%')} d’occupation"


def _hours(served: Served) -> Chart:
    rows, at = _classes(served, "heure"), basis(served)
    quiet, busy = min(rows, key=lambda row: row["taux"]), max(rows, key=lambda row: row["taux"])
    sure = all(row["est_fiable"] for row in rows)
    summary: Prose = (
        *("Le plus de place à ", Fixed(quiet["classe"]), " (", at.figure(quiet["taux"], 0, "% d’occupation"), "), "),
        *("le moins à ", Fixed(busy["classe"]), " (", at.figure(busy["taux"], 0, "%"), ")."),
    )
    drawn = [
        {"x": r["ordre"], "y": r["taux"], "bas": r["bas"], "haut": r["haut"], "serie": "Occupation", "dit": _said(r)}
        for r in rows
    ]
    known = {row["ordre"] for row in rows}
    # The line breaks where an hour was never observed.
    drawn += [{"x": hour, "y": None, "serie": "Occupation", "dit": None} for hour in range(24) if hour not in known]
    return Chart(
        "occupation-heures",
        "Occupation des points de charge de Paris, selon l’heure",
        summary,
        curves(
            drawn, {"Occupation": theme.ACCENT[0]}, ("Heure de Paris", "% du temps"), ticks=range(0, 25, 3), zero=True
        )
        if len(rows) >= LEAST_POINTS
        else None,
        _table(at, "Heure", rows),
        missing="Trop peu d’heures observées pour une courbe : le tableau les donne.",
        note=_NOTE if sure else f"{_NOTE} {_NOT_SURE}",
    )


_NOTE = (
    "Un point occupé, réservé ou libre est en service ; hors service ou inconnu, il ne compte pas. Bande : intervalle "
    "tiré de jours entiers, quand il y en a assez."
)
_NOT_SURE = "Trop peu de jours encore pour un intervalle : ces valeurs ne valent que pour les jours observés."
_CUTS = {
    "jour": ("occupation-jours", "Occupation selon le jour de la semaine", "Jour"),
    "temperature": ("occupation-temperature", "Occupation selon la température", "Température"),
    "pluie": ("occupation-pluie", "Occupation selon la pluie", "Pluie"),
}


def _by_class(served: Served, cut: str) -> Chart:
    key, title, name = _CUTS[cut]
    rows, at = _classes(served, cut), basis(served)
    busy = max(rows, key=lambda row: row["taux"])
    sure = all(row["est_fiable"] for row in rows)
    drawn = [
        {
            "nom": row["classe"],
            "valeur": row["taux"],
            "bas": row["bas"],
            "haut": row["haut"],
            "texte": f"{number(row['taux'], 0, '%')} d’occupation",
        }
        for row in rows
    ]
    draw = intervals if sure else bars
    return Chart(
        key,
        title,
        ("Le plus d’occupation : ", Fixed(busy["classe"]), " (", at.figure(busy["taux"], 0, "%"), ")."),
        draw(drawn, "% du temps") if len(rows) > 1 else None,
        _table(at, name, rows),
        is_half=cut != "jour",
        missing="Une seule classe est observée : rien n’est comparé.",
        note="" if sure else _NOT_SURE,
    )


def _weather(served: Served, made: Section) -> None:
    for make in (partial(_by_class, served, "temperature"), partial(_by_class, served, "pluie")):
        made.charts.append(make())
    made.text.append(
        "La température et la pluie varient avec l’heure et la saison : ces écarts accompagnent la météo, ils ne "
        "disent pas qu’elle en est la cause."
    )


def _full(served: Served) -> Chart:
    rows = served.rows(
        """
        select coalesce(d.nom_station, t.id_station) as nom, t.id_station, t.code_arrondissement, t.nombre_points,
            100 * t.part_sans_place as part, 100 * t.part_occupee as occupee, 100 * t.part_en_service as service,
            t.motif
        from mart_stations_en_tension as t left join dim_station as d using (id_station)
        order by t.part_sans_place desc nulls last, t.part_occupee desc nulls last, t.id_station
        """
    )
    at = Basis(basis(served).period, "mart_stations_en_tension")
    known = [row for row in rows if row["part"] is not None]
    summary: Prose = ("Aucune des ", at.figure(len(rows)), " stations n’est observée assez longtemps.")
    if known:
        often = sum(row["part"] >= _OFTEN for row in known)
        summary = (
            *(at.figure(often), " stations sur " if often > 1 else " station sur ", at.figure(len(known))),
            " sont pleines plus d’un quart du temps. " if often > 1 else " est pleine plus d’un quart du temps. ",
            *("En tête : ", Quoted(known[0]["nom"]), " (", at.figure(known[0]["part"], 0, "% du temps"), ")."),
        )
    drawn = [
        {"nom": row["nom"], "valeur": row["part"], "texte": f"{number(row['part'], 0, '%')} du temps sans place"}
        for row in known[:_STATIONS]
    ]
    return Chart(
        "stations-pleines",
        "Part du temps sans aucune place libre, par station",
        summary,
        bars(drawn, "% du temps sans place libre", form=",.0f") if len(drawn) > 1 else None,
        Table(
            "Stations, de la plus souvent pleine à la moins souvent",
            ("Station", "Arrondissement", "Points", "Sans place", "Occupés", "En service", "Réserve"),
            [
                (
                    row["nom"],
                    Fixed(charging_places.district(row["code_arrondissement"])),
                    at.figure(row["nombre_points"]),
                    at.figure(row["part"], 0, "%"),
                    at.figure(row["occupee"], 0, "%"),
                    at.figure(row["service"], 0, "%"),
                    Quoted(row["motif"] or ""),
                )
                for row in rows
            ],
        ),
        missing="Il faut sept jours d’états pour dire qu’une station est souvent pleine : le tableau donne ce qui est "
        "déjà observé.",
        note=Fixed(f"Au plus {_STATIONS} stations sont dessinées ; le tableau les a toutes.") if known else "",
    )


# A quarter of the time: about one try in four finds no place.
_OFTEN = 25
