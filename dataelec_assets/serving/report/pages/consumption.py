"""Consumption and weather: months, temperature, hours of the day, what goes with what."""

from __future__ import annotations

from datetime import date

from dataelec_assets.serving.report import theme
from dataelec_assets.serving.report.charts import curves
from dataelec_assets.serving.report.components import LEAST_POINTS, Chart, Page, Table, section
from dataelec_assets.serving.report.figures import Basis, Fixed, Part, Prose, Quoted, in_month
from dataelec_assets.serving.report.french import counted, month, number
from dataelec_assets.serving.report.pages import breakdown, temperature
from dataelec_assets.serving.report.pages.temperature import NATION, REGION
from dataelec_assets.serving.report.periods import Period, periods_of, whole
from dataelec_assets.serving.report.reading import Row, Served, Unavailable, crossed
from dataelec_assets.serving.report.timelines import lines, panels

ENERGIES = {"electricite": ("Électricité", theme.ACCENT[0]), "gaz": ("Gaz", theme.WARM[0])}


def page(served: Served) -> Page:
    """Return the page of consumption and weather."""
    return Page(
        "consommation",
        "Consommation et météo",
        "Combien la France consomme, au fil des mois, des heures et de la température.",
        [
            section("mois", "Au fil des mois", lambda made: made.charts.append(monthly_chart(served, "FR"))),
            section(
                "temperature",
                "Selon la température",
                lambda made: made.charts.append(temperature.temperature_chart(served, "FR")),
            ),
            section("heures", "Au fil de la journée", lambda made: made.charts.append(_profile(served))),
            section(
                "clients",
                "Qui consomme",
                lambda made: made.charts.append(breakdown.sectors_chart(served, "FR", is_half=False)),
            ),
            section(
                "facteurs",
                "Les facteurs qui accompagnent la consommation",
                lambda made: breakdown.factors(served, made),
            ),
            section("regions", "Région par région", lambda made: made.charts.append(_regions(served))),
        ],
    )


def monthly_chart(served: Served, code: str, *, is_half: bool = False) -> Chart:
    """Return the energy used per month by a territory; months that lack a day are left out, each energy for itself."""
    source = NATION if code == "FR" else REGION
    sums = {row["mois"]: row for row in _monthly(served, code)}
    whole_months: dict[str, dict[date, Period]] = {}
    left_out = 0
    for energy in ENERGIES:
        try:
            found = periods_of(served, f"consommation_{energy}", "mois", code)
        except Unavailable:
            continue
        whole_months[energy] = {
            start: each for start, each in found.items() if each.is_complete and sums[start][energy] is not None
        }
        if energy == "electricite":
            left_out = sum(not each.is_complete for each in found.values())
    electricity = whole_months.get("electricite", {})
    if not electricity:
        raise Unavailable("Aucun mois de consommation n’est entier.")
    gas = whole_months.get("gaz", {})
    drawn = [
        {
            "x": start,
            "y": sums[start][energy],
            "serie": ENERGIES[energy][0],
            "dit": f"{ENERGIES[energy][0]}, {month(start)} : {number(sums[start][energy], 1, 'TWh')}",
        }
        for energy, found in whole_months.items()
        for start in found
    ]
    colours = {name: colour for energy, (name, colour) in ENERGIES.items() if whole_months.get(energy)}
    last, peak = max(electricity), max(electricity, key=lambda start: sums[start]["electricite"])
    summary: list[Part] = [
        in_month(last, begins=True),
        " : ",
        Basis(electricity[last], source).figure(sums[last]["electricite"], 1, "TWh"),
        " d’électricité.",
    ]
    if len(electricity) > 1:
        summary += [
            " Maximum : ",
            Basis(electricity[peak], source).figure(sums[peak]["electricite"], 1, "TWh"),
            " en ",
            in_month(peak),
            ".",
        ]
    return Chart(
        "mois",
        "Énergie consommée par mois" + (", électricité et gaz" if gas else ""),
        summary,
        lines(drawn, colours, "TWh par mois", zero=True, form="%Y" if len(electricity) > 48 else "%b %Y")  # noqa: PLR2004 - four years
        if len(electricity) >= LEAST_POINTS
        else None,
        Table(
            "Énergie par mois entier",
            ("Mois", "Électricité", "Gaz"),
            [
                (
                    month(start),
                    _cell(sums[start]["electricite"], electricity.get(start), source),
                    _cell(sums[start]["gaz"], gas.get(start), source),
                )
                for start in sorted({*electricity, *gas}, reverse=True)
            ],
        ),
        is_half=is_half,
        missing="Trop peu de mois entiers pour une courbe : le tableau les donne.",
        note=Quoted(f"{counted(left_out, 'mois incomplet est laissé', 'mois incomplets sont laissés')} de côté.")
        if left_out
        else "",
    )


def _cell(value: float | None, period: Period | None, source: str) -> Prose:
    return "n.d." if period is None else Basis(period, source).figure(value, 2, "TWh")


def _monthly(served: Served, code: str) -> list[Row]:
    if code == "FR":
        return served.rows(
            """
            select cast(date_trunc('month', date_locale) as date) as mois,
                sum(energie_electricite_mwh order by date_locale, heure_locale) / 1e6 as electricite,
                sum(energie_gaz_mwh order by date_locale, heure_locale) / 1e6 as gaz
            from fct_consommation_nationale group by 1 order by 1
            """
        )
    return served.rows(
        """
        select cast(date_trunc('month', date) as date) as mois,
            sum(consommation_electricite_mwh order by date) / 1e6 as electricite,
            sum(consommation_gaz_mwh order by date) / 1e6 as gaz
        from mart_conso_quotidienne_region where code_region = ? group by 1 order by 1
        """,
        [code],
    )


def _profile(served: Served) -> Chart:
    rows = served.rows(
        """
        with entieres as (
            -- In spring two half-hours do not exist.
            select date_locale, heure_locale, consommation_electricite_mw from fct_consommation_nationale
            where not est_heure_fictive and consommation_electricite_mw is not null
            qualify count(*) over (partition by date_locale) >= 46
        ),

        jours as (
            select max(fin) as fin, count(distinct date_locale) as jours_presents
            from (select date_locale, max(date_locale) over () as fin from entieres) where date_locale > fin - 730
        ),

        heures as (
            select case when month(date_locale) in (12, 1, 2) then 'Hiver' when month(date_locale) in (6, 7, 8) then
                'Été' end as serie,
                heure_locale, date_locale, consommation_electricite_mw / 1000 as gw
            from entieres cross join jours where isodow(date_locale) <= 5 and date_locale > fin - 730
        )

        select serie, heure_locale, cast(left(heure_locale, 2) as integer) + cast(right(heure_locale, 2) as integer)
            / 60.0 as x,
            avg(gw order by date_locale) as y, any_value(fin) as fin, any_value(fin) - 729 as debut,
            730 as jours_attendus, any_value(jours_presents) as jours_presents
        from heures cross join jours where serie is not null group by 1, 2, 3 order by 3, 1
        """
    )
    at = Basis(Period.of(rows[0]), NATION)
    peak = max(rows, key=lambda row: row["y"])
    seasons = [name for name in ("Hiver", "Été") if any(row["serie"] == name for row in rows)]
    by_hour = crossed(rows, "heure_locale", "serie", "y").reindex(columns=seasons)
    for row in rows:
        row["dit"] = f"{row['serie']}, {row['heure_locale'].replace(':', ' h ')} : {number(row['y'], 1, 'GW')}"
    lacking = "" if len(seasons) > 1 else " L’autre saison n’est pas mesurée : rien n’est comparé."
    return Chart(
        "profil",
        "Puissance électrique selon l’heure, jours de semaine",
        (
            "Maximum : ",
            at.figure(peak["y"], 1, "GW"),
            " à ",
            Fixed(peak["heure_locale"].replace(":", " h ")),
            f", en {peak['serie'].lower()} (moyenne des deux dernières années mesurées).{lacking}",
        ),
        curves(
            rows,
            {name: colour for name, colour in (("Hiver", theme.COOL[0]), ("Été", theme.WARM[0])) if name in seasons},
            ("Heure", "GW"),
            ticks=range(0, 25, 6),
        ),
        Table(
            "Puissance moyenne par demi-heure",
            ("Heure", *seasons),
            [(hour, *(at.figure(each, 1, "GW") for each in values)) for hour, *values in by_hour.itertuples()],
        ),
    )


# Months in the table of the régions: half a year.
_SHOWN = 6


def _regions(served: Served) -> Chart:
    rows = served.rows(
        """
        select c.code_region, c.nom_region as nom, p.debut as x, p.debut, p.fin, p.jours_attendus, p.jours_presents,
            sum(c.consommation_electricite_kwh_par_hab order by c.date) as y
        from mart_conso_quotidienne_region as c
        inner join mart_periode as p on c.code_region = p.code_territoire and c.date between p.debut and p.fin
        where p.mesure = 'consommation_electricite' and p.type_periode = 'mois' and p.est_complete
        group by all having count(c.consommation_electricite_kwh_par_hab) = any_value(p.jours_attendus) order by x
        """
    )
    order = _metropolitan(served)
    rows.sort(key=lambda row: order.index(row["nom"]) if row["nom"] in order else len(order))
    names = dict.fromkeys((row["nom"], row["code_region"]) for row in rows)
    months: list[date] = sorted({row["x"] for row in rows})[-_SHOWN:]
    found = {(row["nom"], row["x"]): row for row in rows}
    absent = [name for name in order if name not in {each for each, _ in names}]
    return Chart(
        "regions",
        "Électricité par habitant et par mois (kWh), une vignette par région",
        (
            "Jusqu’en ",
            in_month(months[-1]),
            " ; même échelle partout, mois entiers seulement. Le tableau donne les six derniers.",
            f" Sans mesure : {', '.join(absent)}." if absent else "",
        ),
        panels(rows, {name: theme.REGIONS[code][0] for name, code in names}, "kWh"),
        Table(
            "Électricité par habitant, six derniers mois entiers",
            ("Région", *map(month, months)),
            [
                (
                    name,
                    *(
                        Basis(Period.of(found[name, each]), REGION).figure(found[name, each]["y"], 0, "kWh")
                        if (name, each) in found
                        else "n.d."
                        for each in months
                    ),
                )
                for name, _ in names
            ],
        ),
        drawn=whole(Period.of(row) for row in rows if row["nom"] == rows[0]["nom"]),
    )


def _metropolitan(served: Served) -> list[str]:
    rows = served.rows("select nom_region from dim_region where est_metropolitaine order by strip_accents(nom_region)")
    return [row["nom_region"] for row in rows]
