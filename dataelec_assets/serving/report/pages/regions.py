"""One page per metropolitan région, with the same questions for each."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from dataelec_assets.serving.report import theme
from dataelec_assets.serving.report.charts import bars
from dataelec_assets.serving.report.components import Chart, Fact, Page, Section, Table, section
from dataelec_assets.serving.report.figures import Basis, Fixed, Part, Prose, Quoted, in_year
from dataelec_assets.serving.report.french import number
from dataelec_assets.serving.report.pages import breakdown, consumption, forecast, mix, sensitivity, temperature
from dataelec_assets.serving.report.periods import Period, newest_whole
from dataelec_assets.serving.report.reading import Row, Served, Unavailable


def region_names(served: Served) -> dict[str, str]:
    """Return the metropolitan régions by code; none when the file lacks them."""
    try:
        rows = served.rows(
            "select code_region, nom_region from dim_region where est_metropolitaine order by strip_accents(nom_region)"
        )
    except Unavailable:
        return {}
    return {row["code_region"]: row["nom_region"] for row in rows}


def departement_links(served: Served) -> dict[str, list[tuple[str, str]]]:
    """Return the name and the address of each département by the page of its région; none when the file lacks them."""
    try:
        rows = served.rows(
            "select code_region, code_departement, nom_departement from dim_departement "
            "order by strip_accents(nom_departement)"
        )
    except Unavailable:
        return {}
    found: dict[str, list[tuple[str, str]]] = {}
    for row in rows:
        address = f"territoires/departement-{row['code_departement']}.html"
        found.setdefault(f"region-{row['code_region']}", []).append((row["nom_departement"], address))
    return found


# Neither RTE's nor NaTran's networks reach it.
_CORSICA = "94"


def page(served: Served, code: str, name: str) -> Page:
    """Return the page of a région."""

    def one(key: str, title: str, make: Callable[[Served, str], Chart]) -> Section:
        return section(key, title, lambda made: made.charts.append(make(served, code)))

    everywhere = [
        one("clients", "Qui consomme", breakdown.sectors_chart),
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
            one("mois", "Au fil des mois", partial(consumption.monthly_chart, is_half=True)),
            one("temperature", "Selon la température", partial(temperature.temperature_chart, is_half=True)),
            one("sensibilite", "Sensibilité à la température", partial(_sensitivity, name=name)),
            one("mix", "Ce que la région produit", mix.last_days_chart),
            *everywhere,
            one(
                "facteurs",
                "Les facteurs qui accompagnent la consommation",
                partial(breakdown.factors_chart, energy="electricite"),
            ),
            one("prevision", forecast.coming_title(served, code), forecast.coming_chart),
        ],
    )


def _sensitivity(served: Served, code: str, *, name: str) -> Chart:
    rows = served.rows(
        f"{sensitivity.FIT} where code_territoire = ? order by energie, periode = 'ensemble' desc, periode desc", [code]
    )
    return sensitivity.years_chart(rows, name)


def _cold(served: Served, code: str) -> Chart:
    rows = served.rows(
        """
        select annee, degres_jours_c as valeur, make_date(annee, 1, 1) as debut, make_date(annee, 12, 31) as fin,
            nombre_jours_attendus as jours_attendus, nombre_jours as jours_presents
        from mart_degres_jours
        where code_territoire = ? and base_c = 18 and methode = (select min(methode) from mart_degres_jours where
            methode like 'moyenne%')
            and degres_jours_c is not null
        order by annee
        """,
        [code],
    )
    whole = [row for row in rows if Period.of(row).is_complete]
    summary: Prose = "Aucune année n’est entière : aucune n’est dite la plus froide."
    if len(whole) > 1:
        coldest = max(whole, key=lambda row: row["valeur"])
        summary = (
            "Année entière la plus froide : ",
            in_year(coldest["annee"]),
            " (",
            _degree_days(coldest).figure(coldest["valeur"], 0, "degrés-jours"),
            ").",
        )
    elif whole:
        summary = ("Une seule année est entière : ", in_year(whole[0]["annee"]), ". Rien n’est comparé.")
    return Chart(
        "degres-jours",
        ("Degrés-jours de chauffage, ", Fixed("base 18 °C")),
        summary,
        bars(
            [{"nom": str(row["annee"]), "valeur": row["valeur"], "texte": number(row["valeur"], 0)} for row in whole],
            "Degrés-jours (°C)",
            colour=theme.COOL[0],
            form=",.0f",
        )
        if len(whole) > 1
        else None,
        Table(
            "Degrés-jours par année",
            ("Année", "Degrés-jours"),
            [(str(row["annee"]), _degree_days(row).figure(row["valeur"], 0)) for row in reversed(rows)],
        ),
        is_half=True,
        missing="Il faut deux années entières pour comparer.",
        note="Les jours comptés vont de janvier à mai et d’octobre à décembre. La valeur d’une année incomplète est un "
        "minimum.",
    )


def _degree_days(row: Row) -> Basis:
    return Basis(Period.of(row), "mart_degres_jours")


def _facts(served: Served, made: Section, code: str) -> None:
    reasons = []
    for find in (_used, _per_head, _gradient, _cover):
        try:
            made.facts.append(find(served, code))
        except Unavailable as error:
            reasons.append(str(error))
    if not made.facts:
        raise Unavailable(reasons[0])
    made.text.extend(("Une partie manque : ", Quoted(reason)) for reason in dict.fromkeys(reasons))


_DAYS = "mart_conso_quotidienne_region"


def _used(served: Served, code: str) -> Fact:
    period = newest_whole(served, "consommation_electricite", code)
    row = served.row(
        """
        select sum(consommation_electricite_mwh order by date) / 1e6 as twh from mart_conso_quotidienne_region
        where code_region = ? and date between ? and ?
        """,
        [code, period.start, period.end],
    )
    return Fact(Basis(period, _DAYS).figure(row["twh"], 1, "TWh"), "d’électricité consommée")


def _per_head(served: Served, code: str) -> Fact:
    """Return the use per inhabitant in the newest whole year, ranked among the régions that are whole in it."""
    period = newest_whole(served, "consommation_electricite", code)
    rows = served.rows(
        """
        with annee as (
            select code_region, 1000 * sum(consommation_electricite_mwh order by date) /
                max_by(population_municipale_hab, date) as kwh
            from mart_conso_quotidienne_region
            where date between ? and ? and consommation_electricite_mwh is not null
                and code_region in (
                    select code_territoire from mart_periode
                    where mesure = 'consommation_electricite' and est_complete and debut = ? and fin = ?
                )
            group by 1
        )

        select code_region, kwh, rank() over (order by kwh desc) as rang, count(*) over () as nombre from annee where
            kwh is not null
        """,
        [period.start, period.end] * 2,
    )
    found = next((row for row in rows if row["code_region"] == code), None)
    if found is None:
        raise Unavailable("La population de cette région n’est pas connue.")
    at = Basis(period, _DAYS)
    rank: list[Part] = [" ; aucune autre région n’est mesurée sur la même année"]
    if found["nombre"] > 1:
        rank = [
            " : ",
            at.figure(found["rang"], 0),
            "re" if found["rang"] == 1 else "e",
            " région sur les ",
            at.figure(found["nombre"]),
            " mesurées toute l’année",
        ]
    return Fact(at.figure(found["kwh"], 0, "kWh"), ["par habitant et par an", *rank], "consommation.html")


def _gradient(served: Served, code: str) -> Fact:
    row = served.row(
        f"{sensitivity.FIT} where code_territoire = ? and energie = 'electricite' and periode = 'ensemble'",
        [code],
    )
    if not row["est_fiable"]:
        raise Unavailable(f"Pas d’estimation fiable du gradient : {row['motif'] or 'trop peu de données'}.")
    at = sensitivity.basis(row)
    words = (
        "par degré de moins (",
        at.figure(row["pct"], 1, "%"),
        ") ; ",
        Fixed("intervalle à 95 % : "),
        at.interval(row["bas"], row["haut"]),
    )
    return Fact(at.figure(row["g"], 0, "MW/°C"), words, "sensibilite.html")


def _cover(served: Served, code: str) -> Fact:
    row = served.row(
        """
        select debut, fin, jours_attendus, jours_presents, taux_couverture_pct as taux from mart_mix_bilan_periode
        where code_territoire = ? and type_periode = 'annee' and taux_couverture_pct is not null
        order by est_complete desc, debut desc limit 1
        """,
        [code],
    )
    at = Basis(Period.of(row), "mart_mix_bilan_periode")
    return Fact(at.figure(row["taux"], 0, "%"), "de la consommation, produits dans la région", "mix.html")
