"""Mean power of a day by its temperature."""

from __future__ import annotations

from dataelec_assets.serving.report import theme
from dataelec_assets.serving.report.charts import curves
from dataelec_assets.serving.report.components import Chart, Table
from dataelec_assets.serving.report.figures import Basis
from dataelec_assets.serving.report.french import counted, number
from dataelec_assets.serving.report.periods import Period
from dataelec_assets.serving.report.reading import Served

# Where the consumption of France, and that of a région, is read.
NATION, REGION = "fct_consommation_nationale", "mart_conso_quotidienne_region"

_NATION_DAYS = """
    select c.date_locale as date, avg(c.consommation_electricite_mw order by c.heure_locale) as mw, any_value(m.t) as t
    from fct_consommation_nationale as c
    inner join (
        -- Plain mean of the thirteen régions, as for the degree days.
        select date, avg(temperature_moyenne_c order by code_region) as t from fct_temperature_regionale group by 1
        having count(temperature_moyenne_c) = 13
    ) as m on c.date_locale = m.date
    where not c.est_heure_fictive group by 1 having count(c.consommation_electricite_mw) >= 46
"""
_REGION_DAYS = """
    select date, consommation_electricite_mwh / 24 as mw, temperature_moyenne_c as t from mart_conso_quotidienne_region
    where code_region = ? and est_complet_electricite and temperature_moyenne_c is not null
"""

# A mean of fewer days says more about those days than about the degree.
_LEAST_DAYS = 5


def temperature_chart(served: Served, code: str, *, is_half: bool = False) -> Chart:
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
    period = Period.between(
        min(row["debut"] for row in rows), max(row["fin"] for row in rows), sum(row["jours"] for row in rows)
    )
    at = Basis(period, NATION if code == "FR" else REGION)
    names = {False: "Du lundi au vendredi", True: "Samedi et dimanche"}
    scale, unit = (1000, "GW") if code == "FR" else (1, "MW")
    digits = 1 if code == "FR" else 0
    drawn = [
        {
            "x": r["t"] + 0.5,
            "serie": names[r["est_week_end"]],
            **{name: r[column] / scale for name, column in (("y", "mw"), ("bas", "bas"), ("haut", "haut"))},
            "dit": f"{names[r['est_week_end']]}, {number(r['t'])} à {number(r['t'] + 1, 0, '°C')} : "
            f"{number(r['mw'] / scale, digits, unit)} ({counted(r['jours'], 'jour', 'jours')})",
        }
        for r in rows
    ]
    low = min(rows, key=lambda row: row["mw"])
    return Chart(
        "temperature",
        "Puissance moyenne du jour selon la température",
        (
            "La plus faible : ",
            at.figure(low["mw"] / scale, digits, unit),
            ", entre ",
            at.figure(low["t"], 0),
            " et ",
            at.figure(low["t"] + 1, 0, "°C"),
            ".",
        ),
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
                    at.figure(r["jours"]),
                    *(at.figure(r[name] / scale, digits, unit) for name in ("mw", "bas", "haut")),
                )
                for r in rows
            ],
        ),
        is_half=is_half,
        note="Bande : huit jours sur dix à cette température.",
    )
