"""One page per metropolitan région, with the same questions for each."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from dataelec_assets.serving.report import theme
from dataelec_assets.serving.report.charts import bars
from dataelec_assets.serving.report.components import Figure, Page, Section, Table, section
from dataelec_assets.serving.report.french import day, interval, number, year
from dataelec_assets.serving.report.pages import breakdown, consumption, forecast, mix, sensitivity
from dataelec_assets.serving.report.reading import Served, Unavailable


def region_names(served: Served) -> dict[str, str]:
    """Return the metropolitan régions by code; none when the file lacks them."""
    try:
        rows = served.rows(
            "select code_region, nom_region from dim_region where est_metropolitaine order by strip_accents(nom_region)"
        )
    except Unavailable:
        return {}
    return {row["code_region"]: row["nom_region"] for row in rows}


# Neither RTE's nor NaTran's networks reach it.
_CORSICA = "94"


def page(served: Served, code: str, name: str) -> Page:
    """Return the page of a région."""

    def one(key: str, title: str, make: Callable[[Served, str], Figure]) -> Section:
        return section(key, title, lambda made: made.figures.append(make(served, code)))

    everywhere = [
        one("clients", "Qui consomme", breakdown.sectors_figure),
        one("froid", "Le froid, année par année", _cold),
    ]
    if code == _CORSICA:
        lede = (
            f"{name} n’est raccordée ni au réseau de RTE ni à celui de NaTran : ni demi-heures, ni production, "
            "ni prévision. Restent la consommation annuelle et les températures."
        )
        return Page(f"region-{code}", name, lede, everywhere)
    return Page(
        f"region-{code}",
        name,
        f"Consommation, météo, production et prévision : {name}, comparée à la France.",
        [
            section("essentiel", "L’essentiel", lambda made: _facts(served, made, code)),
            one("mois", "Au fil des mois", partial(consumption.monthly_figure, is_half=True)),
            one("temperature", "Selon la température", partial(consumption.temperature_figure, is_half=True)),
            one("sensibilite", "Sensibilité à la température", partial(_sensitivity, name=name)),
            one("mix", "Ce que la région produit", mix.last_days_figure),
            *everywhere,
            one(
                "facteurs",
                "Ce qui accompagne les variations",
                partial(breakdown.factors_figure, energy="electricite"),
            ),
            one("prevision", "Les jours à venir", forecast.coming_figure),
        ],
    )


def _sensitivity(served: Served, code: str, *, name: str) -> Figure:
    rows = served.rows(
        f"{sensitivity.FIT} where code_territoire = ? order by energie, periode = 'ensemble' desc, periode desc", [code]
    )
    return sensitivity.years_figure(rows, name)


def _cold(served: Served, code: str) -> Figure:
    rows = served.rows(
        """
        select annee, degres_jours_c as valeur, est_complet, nombre_jours_attendus - nombre_jours as manquants
        from mart_degres_jours
        where code_territoire = ? and base_c = 18 and methode = (select min(methode) from mart_degres_jours where
            methode like 'moyenne%')
            and degres_jours_c is not null
        order by annee
        """,
        [code],
    )
    known = [{**row, "nom": str(row["annee"]), "texte": number(row["valeur"], 0)} for row in rows]
    coldest = max(rows, key=lambda row: row["valeur"])
    return Figure(
        "degres-jours",
        "Degrés-jours de chauffage, base 18 °C",
        f"Année la plus froide : {coldest['annee']} ({number(coldest['valeur'], 0, 'degrés-jours')}). De janvier à "
        "mai et d’octobre à décembre.",
        bars(known, "Degrés-jours (°C)", colour=theme.COOL[0], form=",.0f"),
        Table(
            "Degrés-jours par année",
            ("Année", "Degrés-jours", "Jours manquants"),
            [(row["nom"], number(row["valeur"], 0), number(row["manquants"])) for row in reversed(known)],
        ),
        is_half=True,
        note="La valeur d’une année incomplète est un minimum.",
    )


def _facts(served: Served, made: Section, code: str) -> None:
    reasons = []
    for find in (_used, _per_head, _gradient, _cover):
        try:
            made.facts.append(find(served, code))
        except Unavailable as error:
            reasons.append(str(error))
    if not made.facts:
        raise Unavailable(reasons[0])


def _used(served: Served, code: str) -> tuple[str, str, str]:
    row = served.row(
        """
        select min(date) as debut, max(date) as fin, sum(consommation_electricite_mwh order by date) / 1e6 as twh
        from (
            select date, consommation_electricite_mwh from mart_conso_quotidienne_region
            where code_region = ? and consommation_electricite_mwh is not null order by date desc limit 365
        ) having count(*) = 365
        """,
        [code],
    )
    return number(row["twh"], 1, "TWh"), f"d’électricité du {day(row['debut'])} au {day(row['fin'])}", ""


def _per_head(served: Served, code: str) -> tuple[str, str, str]:
    rows = served.rows(
        """
        with annee as (
            select code_region, 1000 * sum(consommation_electricite_mwh order by date) /
                max(population_municipale_hab) as kwh
            from mart_conso_quotidienne_region
            where date > (select max(date) - 365 from mart_conso_quotidienne_region where
                consommation_electricite_mwh is not null)
                and consommation_electricite_mwh is not null
            group by 1
        )

        select code_region, kwh, rank() over (order by kwh desc) as rang, count(*) over () as nombre from annee where
            kwh is not null
        """
    )
    found = next((row for row in rows if row["code_region"] == code), None)
    if found is None:
        raise Unavailable("Ni population ni consommation pour cette région.")
    return (
        number(found["kwh"], 0, "kWh"),
        f"par habitant et par an : {_rank(found['rang'])} région sur {found['nombre']}",
        "consommation.html",
    )


def _rank(place: int) -> str:
    return "1re" if place == 1 else f"{place}e"


def _gradient(served: Served, code: str) -> tuple[str, str, str]:
    row = served.row(
        f"{sensitivity.FIT} where code_territoire = ? and energie = 'electricite' and periode = 'ensemble' and "
        "est_fiable",
        [code],
    )
    words = (
        f"par degré de moins ({number(row['pct'], 1, '%')}) ; intervalle à 95 % : {interval(row['bas'], row['haut'])}"
    )
    return number(row["g"], 0, "MW/°C"), words, "sensibilite.html"


def _cover(served: Served, code: str) -> tuple[str, str, str]:
    row = served.row(
        """
        select debut, est_complete, taux_couverture_pct as taux from mart_mix_bilan_periode
        where code_territoire = ? and type_periode = 'annee' and taux_couverture_pct is not null
        order by est_complete desc, debut desc limit 1
        """,
        [code],
    )
    words = year(row["debut"], is_whole=row["est_complete"])
    return number(row["taux"], 0, "%"), f"de la consommation, produits dans la région en {words}", "mix.html"
