"""Consumption and weather: months, temperature, hours of the day, what goes with what."""

from __future__ import annotations

from datetime import date

from dataelec_assets.serving.report import theme
from dataelec_assets.serving.report.charts import curves
from dataelec_assets.serving.report.components import Figure, Page, Table, section
from dataelec_assets.serving.report.french import day, month, number
from dataelec_assets.serving.report.pages import breakdown
from dataelec_assets.serving.report.reading import Row, Served, Unavailable, crossed
from dataelec_assets.serving.report.timelines import lines, panels

ENERGIES = {"Électricité": theme.ACCENT[0], "Gaz": theme.WARM[0]}


def page(served: Served) -> Page:
    """Return the page of consumption and weather."""
    return Page(
        "consommation",
        "Consommation et météo",
        "Combien la France consomme, au fil des mois, des heures et de la température.",
        [
            section("mois", "Au fil des mois", lambda made: made.figures.append(monthly_figure(served, "FR"))),
            section(
                "temperature",
                "Selon la température",
                lambda made: made.figures.append(temperature_figure(served, "FR")),
            ),
            section("heures", "Au fil de la journée", lambda made: made.figures.append(_profile(served))),
            section(
                "clients",
                "Qui consomme",
                lambda made: made.figures.append(breakdown.sectors_figure(served, "FR", is_half=False)),
            ),
            section("facteurs", "Ce qui accompagne les variations", lambda made: breakdown.factors(served, made)),
            section("regions", "Région par région", lambda made: made.figures.append(_regions(served))),
        ],
    )


def monthly_figure(served: Served, code: str, *, is_half: bool = False) -> Figure:
    """Return the energy used per month by a territory; months that lack a day are left out."""
    rows = _monthly(served, code)
    gas = any(row["gaz"] is not None for row in rows)
    drawn = [
        {"x": row["mois"], "y": row[name], "serie": label}
        for row in rows
        for name, label in (("electricite", "Électricité"), ("gaz", "Gaz"))
        if row[name] is not None
    ]
    colours = {name: colour for name, colour in ENERGIES.items() if any(row["serie"] == name for row in drawn)}
    peak = max(
        (row for row in rows if row["electricite"] is not None), key=lambda row: row["electricite"], default=None
    )
    if peak is None:
        raise Unavailable("Aucun mois n’est complet.")
    last = rows[-1]
    return Figure(
        "mois",
        "Énergie consommée par mois" + (", électricité et gaz" if gas else ""),
        f"{month(last['mois']).capitalize()} : {number(last['electricite'], 1, 'TWh')} d’électricité. "
        f"Maximum : {number(peak['electricite'], 1, 'TWh')} en {month(peak['mois'])}.",
        lines(drawn, colours, "TWh par mois", zero=True, form="%Y" if len(rows) > 48 else "%b %Y"),  # noqa: PLR2004 - four years
        Table(
            "Énergie par mois complet",
            ("Mois", "Électricité", "Gaz"),
            [
                (month(r["mois"]), number(r["electricite"], 2, "TWh"), number(r["gaz"], 2, "TWh"))
                for r in reversed(rows)
            ],
        ),
        is_half=is_half,
    )


def _monthly(served: Served, code: str) -> list[Row]:
    if code == "FR":
        return served.rows(
            """
            select cast(date_trunc('month', date_locale) as date) as mois,
                sum(energie_electricite_mwh order by date_locale, heure_locale) / 1e6 as electricite,
                sum(energie_gaz_mwh order by date_locale, heure_locale) / 1e6 as gaz
            from fct_consommation_nationale group by 1
            having count(distinct date_locale) = day(last_day(min(date_locale))) and sum(energie_electricite_mwh) is
                not null
            order by 1
            """
        )
    return served.rows(
        """
        select cast(date_trunc('month', date) as date) as mois,
            sum(consommation_electricite_mwh order by date) / 1e6 as electricite,
            if(bool_and(consommation_gaz_mwh is not null), sum(consommation_gaz_mwh order by date) / 1e6, null) as gaz
        from mart_conso_quotidienne_region where code_region = ? group by 1
        having count(consommation_electricite_mwh) = day(last_day(min(date))) order by 1
        """,
        [code],
    )


_NATION_DAYS = """
    select c.date_locale as date, avg(c.consommation_electricite_mw order by c.heure_locale) as mw, any_value(m.t) as t
    from fct_consommation_nationale as c
    inner join (
        -- Plain mean of the thirteen régions, as for the degree days.
        select date, avg(temperature_moyenne_c order by code_region) as t from fct_temperature_regionale group by 1
    ) as m on c.date_locale = m.date
    where not c.est_heure_fictive group by 1 having count(c.consommation_electricite_mw) >= 46
"""
_REGION_DAYS = """
    select date, consommation_electricite_mwh / 24 as mw, temperature_moyenne_c as t from mart_conso_quotidienne_region
    where code_region = ? and est_complet_electricite and temperature_moyenne_c is not null
"""

# A mean of fewer days says more about those days than about the degree.
_LEAST_DAYS = 5


def temperature_figure(served: Served, code: str, *, is_half: bool = False) -> Figure:
    """Return mean power by degree of temperature, working days and week-ends apart."""
    rows = served.rows(
        f"""
        with jours as ({_NATION_DAYS if code == "FR" else _REGION_DAYS})

        select floor(t) as t, isodow(date) >= 6 as est_week_end, count(*) as jours, avg(mw order by date) as mw,
            quantile_cont(mw, 0.1) as bas, quantile_cont(mw, 0.9) as haut, min(date) as debut, max(date) as fin
        from jours where t is not null group by 1, 2 having count(*) >= {_LEAST_DAYS} order by 1, 2
        """,
        [] if code == "FR" else [code],
    )
    names = {False: "Du lundi au vendredi", True: "Samedi et dimanche"}
    drawn = [
        {"x": r["t"] + 0.5, "y": r["mw"], "bas": r["bas"], "haut": r["haut"], "serie": names[r["est_week_end"]]}
        for r in rows
    ]
    scale, unit = (1000, "GW") if code == "FR" else (1, "MW")
    for row in drawn:
        row.update({name: row[name] / scale for name in ("y", "bas", "haut")})
    digits = 1 if code == "FR" else 0
    low = min(rows, key=lambda row: row["mw"])
    return Figure(
        "temperature",
        "Puissance moyenne du jour selon la température",
        f"Minimum entre {number(low['t'], 0)} et {number(low['t'] + 1, 0, '°C')} ; plus il fait froid, plus la "
        "puissance est élevée. "
        f"Jours du {day(min(r['debut'] for r in rows))} au {day(max(r['fin'] for r in rows))}.",
        curves(
            drawn,
            {names[False]: theme.ACCENT[0], names[True]: theme.WARM[0]},
            ("Température moyenne du jour (°C)", unit),
        ),
        Table(
            "Puissance moyenne par degré (au moins cinq jours)",
            ("Température", "Jours", "Nombre de jours", "Moyenne", "De 10 % des jours", "à 90 % des jours"),
            [
                (
                    f"{number(r['t'])} à {number(r['t'] + 1, 0, '°C')}",
                    names[r["est_week_end"]],
                    number(r["jours"]),
                    *(number(r[name] / scale, digits, unit) for name in ("mw", "bas", "haut")),
                )
                for r in rows
            ],
            words=frozenset({1}),
        ),
        is_half=is_half,
        note="Bande : huit jours sur dix à cette température.",
    )


def _profile(served: Served) -> Figure:
    rows = served.rows(
        """
        with heures as (
            select case when month(date_locale) in (12, 1, 2) then 'Hiver' when month(date_locale) in (6, 7, 8) then
                'Été' end as serie,
                heure_locale, date_locale, consommation_electricite_mw / 1000 as gw
            from fct_consommation_nationale
            where not est_heure_fictive and consommation_electricite_mw is not null and isodow(date_locale) <= 5
                and date_locale > (select max(date_locale) - 730 from fct_consommation_nationale where
                    consommation_electricite_mw is not null)
        )

        select serie, heure_locale, cast(left(heure_locale, 2) as integer) + cast(right(heure_locale, 2) as integer)
            / 60.0 as x,
            avg(gw order by date_locale) as y, count(*) as jours
        from heures where serie is not null group by 1, 2, 3 order by 3, 1
        """
    )
    peak = max(rows, key=lambda row: row["y"])
    by_hour = crossed(rows, "heure_locale", "serie", "y").reindex(columns=["Hiver", "Été"])
    return Figure(
        "profil",
        "Puissance électrique selon l’heure, jours de semaine",
        f"Maximum : {number(peak['y'], 1, 'GW')} à {peak['heure_locale'].replace(':', ' h ')}, en "
        f"{peak['serie'].lower()} (moyenne des deux dernières années disponibles).",
        curves(
            rows,
            {"Hiver": theme.COOL[0], "Été": theme.WARM[0]},
            ("Heure", "GW"),
            ticks=range(0, 25, 6),
        ),
        Table(
            "Puissance moyenne par demi-heure",
            ("Heure", "Hiver", "Été"),
            [(hour, *(number(each, 1, "GW") for each in values)) for hour, *values in by_hour.itertuples()],
        ),
    )


def _regions(served: Served) -> Figure:
    rows = served.rows(
        """
        select code_region, nom_region as nom, cast(date_trunc('month', date) as date) as x,
            sum(consommation_electricite_kwh_par_hab order by date) as y
        from mart_conso_quotidienne_region group by code_region, nom_region, 3
        having count(consommation_electricite_kwh_par_hab) = day(last_day(min(date))) order by
            strip_accents(nom_region), 3
        """
    )
    names = dict.fromkeys((row["nom"], row["code_region"]) for row in rows)
    months: list[date] = sorted({row["x"] for row in rows})[-6:]
    by_month = crossed(rows, "nom", "x", "y")[months]
    return Figure(
        "regions",
        "Électricité par habitant et par mois (kWh), une vignette par région",
        f"Jusqu’en {month(months[-1])} ; même échelle partout, mois entièrement mesurés seulement. Tableau : les six "
        "derniers mois.",
        panels(rows, {name: theme.REGIONS[code][0] for name, code in names}, "kWh"),
        Table(
            "Électricité par habitant, six derniers mois",
            ("Région", *map(month, months)),
            [(name, *(number(each, 0, "kWh") for each in values)) for name, *values in by_month.itertuples()],
        ),
    )
