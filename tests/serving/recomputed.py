"""Figures of the report computed again from the served file, each by a statement that owes nothing to the report's.

A statement knows a figure by what a reader sees: page, chart, row, column, period. It starts from the facts where the
report reads a mart, and from other columns where it reads a fact.

Longer than 300 lines because each chart has a statement of its own, and they are read with the list of charts.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any, NamedTuple

import duckdb

from tests.serving.printed import Printed, spaced

Ask = Callable[[str, list[Any]], Any]

# Sums in another order differ in the last digits of a double, which decides how a half is rounded.
_NOISE = 1e-9


class Value(NamedTuple):
    """What a figure must be, and how it is printed."""

    value: float | None
    digits: int
    unit: str = ""

    @property
    def texts(self) -> set[str]:
        """The texts that it may have, with common spaces."""
        if self.value is None:
            return {"n.d."}
        return {spaced(french(self.value * (1 + noise), self.digits, self.unit)) for noise in (-_NOISE, 0.0, _NOISE)}


_FILIERE = "(select filiere from dim_filiere where split_part(libelle, ' (', 1) = ? or libelle = ?)"


def territory(figure: Printed) -> str:
    """Return the code of the territory of a page."""
    return figure.page.removeprefix("region-") if figure.page.startswith("region-") else "FR"


def french(value: float, digits: int, unit: str = "") -> str:
    """Return a number as French writes it, by a way of its own."""
    whole = f"{abs(value):.{digits}f}"
    head, _, tail = whole.partition(".")
    groups = re.sub(r"(?<=\d)(?=(\d{3})+$)", " ", head)
    sign = "\u2212" if value < 0 and float(whole) else ""
    return f"{sign}{groups}{',' + tail if tail else ''}{' ' + unit if unit else ''}"


def _share(ask: Ask, code: str, filiere: str, start: date, end: date) -> float | None:
    found: float | None = ask(
        f"""
        with sommes as (
            select p.filiere, greatest(sum(p.energie_mwh), 0) as mwh from fct_production_filiere as p
            inner join dim_filiere as d on p.filiere = d.filiere
            where p.territoire = ? and p.date_locale between ? and ? and d.est_production and p.filiere in (
                select filiere from mart_mix_jour where code_territoire = p.territoire and date between ? and ?
            )
            group by 1
        )
        select 100 * sum(mwh) filter (where filiere in {_FILIERE}) / sum(mwh) from sommes
        """,
        [code, start, end, start, end, filiere, filiere],
    )
    return found


def _month(ask: Ask, figure: Printed) -> Value:
    name = {"Électricité": "electricite", "Gaz": "gaz"}[figure.column]
    code = territory(figure)
    table = "fct_consommation_nationale" if code == "FR" else "fct_consommation_regionale"
    where = "true" if code == "FR" else f"code_region = '{code}'"
    value = ask(
        f"select sum(energie_{name}_mwh) / 1e6 from {table} where {where} and date_locale between ? and ?",
        [figure.start, figure.end],
    )
    return Value(value, 2, "TWh")


def _last_days(ask: Ask, figure: Printed) -> Value:
    code = territory(figure)
    if figure.column == "Part":
        return Value(_share(ask, code, figure.line, figure.start, figure.end), 1, "%")
    value = ask(
        f"""
        select sum(energie_mwh) / 1000 from fct_production_filiere
        where territoire = ? and date_locale between ? and ? and filiere in {_FILIERE}
        """,
        [code, figure.start, figure.end, figure.line, figure.line],
    )
    return Value(value, 0, "GWh")


def _shares(ask: Ask, figure: Printed) -> Value:
    code = "FR"
    if figure.chart == "mix-regions":
        code = ask("select code_region from dim_region where nom_region = ?", [figure.line])
    return Value(_share(ask, code, figure.column, figure.start, figure.end), 1, "%")


def _balance(ask: Ask, figure: Printed) -> Value:
    days: list[Any] = [figure.start, figure.end]
    unit, digits = "%", 1
    if figure.column in {"Bas carbone", "Renouvelable"}:
        flag = {"Bas carbone": "est_bas_carbone", "Renouvelable": "est_renouvelable"}[figure.column]
        query = f"""
            with sommes as (
                select d.{flag} as compte, greatest(sum(m.energie_mwh), 0) as mwh from mart_mix_jour as m
                inner join dim_filiere as d on m.filiere = d.filiere
                where m.code_territoire = 'FR' and m.date between ? and ? and d.est_production group by m.filiere, 1
            )
            select 100 * coalesce(sum(mwh) filter (where compte), 0) / sum(mwh) from sommes
        """
    elif figure.column == "CO₂":
        unit = "g/kWh"
        query = """
            select sum(taux_co2_g_par_kwh * production_mwh * couverture_co2_pct)
                / sum(production_mwh * couverture_co2_pct) filter (where taux_co2_g_par_kwh is not null)
            from mart_mix_bilan_jour where code_territoire = 'FR' and date between ? and ?
        """
    else:
        query, days = (
            """
            select 100 * sum(production_mwh) / sum(consommation_mwh) from mart_mix_bilan_jour as m
            inner join dim_region as r on m.code_territoire = r.code_region
            where date between ? and ? and consommation_mwh is not null and r.nom_region = ?
            """,
            [*days, figure.line],
        )
    return Value(ask(query, days), digits, unit)


def _stock(ask: Ask, figure: Printed) -> Value:
    return Value(ask("select sum(stock_gwh) / 1000 from fct_stock_gaz where date = ?", [figure.start]), 1, "TWh")


def _exchanges(ask: Ask, figure: Printed) -> Value:
    border = figure.line.split(", ", 1)[1]
    code = {
        "Allemagne et Belgique": "cwe",
        "Suisse": "ch",
        "Italie": "it",
        "Espagne": "es",
        "Royaume-Uni": "gb",
    }.get(border, border)
    column = {"Solde": "export_mw + import_mw", "Exports": "export_mw", "Imports": "import_mw"}[figure.column]
    value = ask(
        f"select sum({column}) / 1e6 from fct_echanges_commerciaux where frontiere = ? and date between ? and ?",
        [code, figure.start, figure.end],
    )
    return Value(value, 3, "TWh")


def _cold(ask: Ask, figure: Printed) -> Value:
    value = ask(
        """
        select sum(greatest(18 - temperature_moyenne_c, 0)) from fct_temperature_regionale
        where code_region = ? and date between ? and ? and month(date) not between 6 and 9
        """,
        [territory(figure), figure.start, figure.end],
    )
    return Value(value, 0)


def _per_head(ask: Ask, figure: Printed) -> Value:
    value = ask(
        """
        select 1000 * sum(c.mwh / p.population_municipale_hab) from (
            select code_region, date_locale, sum(energie_electricite_mwh) as mwh from fct_consommation_regionale
            where date_locale between ? and ? group by all
        ) as c
        inner join dim_region as r on c.code_region = r.code_region and r.nom_region = ?
        inner join mart_conso_quotidienne_region as p on c.code_region = p.code_region and c.date_locale = p.date
        """,
        [figure.start, figure.end, figure.line],
    )
    return Value(value, 0, "kWh")


def _sensitivity(ask: Ask, figure: Printed) -> Value:
    if figure.chart == "gradients":
        energy, period = figure.line.lower().replace("é", "e").split(", ")
        where, known = "code_territoire = ? and energie = ? and periode = ?", [territory(figure), energy, period]
    else:
        where, known = "nom_territoire = ? and energie = 'electricite' and periode = 'ensemble'", [figure.line]
    column, digits, unit = {
        "Gradient": ("gradient_chauffage_mw_par_c", 0, "MW/°C"),
        "Par °C": ("gradient_chauffage_pct_par_c", 2, "%"),
        "Seuil": ("seuil_chauffage_c", 1, "°C"),
        "R²": ("r2", 3, ""),
        "Jours": ("nombre_jours", 0, ""),
    }[figure.column]
    return Value(ask(f"select {column} from mart_thermosensibilite where {where}", known), digits, unit)


def _homes(ask: Ask, figure: Printed) -> Value:
    code = figure.line.rsplit("(", 1)[1].rstrip(")")
    value = ask(
        """
        select 1000 * consommation_residentielle_mwh / nombre_logements from mart_thermosensibilite_locale
        where maille = 'departement' and code_territoire = ? and annee = ?
        """,
        [code, figure.start.year],
    )
    return Value(value, 0, "kWh")


def _sectors(ask: Ask, figure: Printed) -> Value:
    known = [territory(figure), figure.start.year]
    column = "part" if figure.column == "Part" else "twh"
    value = ask(
        f"""
        with secteurs as (
            select nom_secteur, energie_mwh / 1e6 as twh, 100 * energie_mwh / sum(energie_mwh) over () as part
            from mart_consommation_par_client
            where code_territoire = ? and annee = ? and energie = 'electricite' and part_pct is not null
                and maille in ('nation', 'region')
        )
        select {column} from secteurs where nom_secteur = ?
        """,
        [*known, figure.line],
    )
    return Value(value, *((1, "%") if figure.column == "Part" else (2, "TWh")))


def _forecast(ask: Ask, figure: Printed) -> Value:
    scale, digits, unit = (1000, 1, "GW") if territory(figure) == "FR" else (1, 0, "MW")
    model = "rte_j1" if figure.column == "RTE la veille" else "ridge"
    column = "realise_mw" if figure.column == "Réalisé" else "prevision_mw"
    coming = figure.chart == "a-venir"
    value = ask(
        f"""
        select {column} / {scale} from mart_prevision
        where code_territoire = ? and pas = 'jour' and date = ? and modele = ? and est_a_venir = ?
            and (modele <> 'ridge' or meteo in (select meteo from mart_prevision_modele
                where code_territoire = ? and pas = 'jour' and est_publie))
            and (est_a_venir or horizon_jours = 1)
        order by meteo desc limit 1
        """,
        [territory(figure), figure.start, model, coming, territory(figure)],
    )
    return Value(value, digits, unit)


def _used(ask: Ask, figure: Printed) -> Value:
    code = territory(figure)
    table = "fct_consommation_nationale" if code == "FR" else "fct_consommation_regionale"
    where = "true" if code == "FR" else f"code_region = '{code}'"
    value = ask(
        f"select sum(energie_electricite_mwh) / 1e6 from {table} where {where} and date_locale between ? and ?",
        [figure.start, figure.end],
    )
    return Value(value, 1, "TWh")


def _used_per_head(ask: Ask, figure: Printed) -> Value:
    value = ask(
        """
        select 1000 * sum(energie_electricite_mwh) / (
            select population_municipale_hab from fct_population
            where maille = 'region' and code_territoire = ? and annee <= greatest(?, (
                select min(annee) from fct_population where maille = 'region' and code_territoire = ?
            )) order by annee desc limit 1
        )
        from fct_consommation_regionale where code_region = ? and date_locale between ? and ?
        """,
        [territory(figure), figure.end.year, *[territory(figure)] * 2, figure.start, figure.end],
    )
    return Value(value, 0, "kWh")


_CONSUMED, _BY_HEAD = "d’électricité consommée", "par habitant et par an"

# Chart, headings (empty: all), and how.
_WAYS: tuple[tuple[str, frozenset[str], Callable[[Ask, Printed], Value]], ...] = (
    ("mois", frozenset(), _month),
    ("mix-30-jours", frozenset(), _last_days),
    ("mix-annees", frozenset(), _shares),
    ("mix-saisons", frozenset(), _shares),
    ("mix-regions", frozenset(), _shares),
    ("parts-mensuelles", frozenset(), _balance),
    ("co2-mensuel", frozenset({"CO₂"}), _balance),
    ("couverture", frozenset(), _balance),
    ("stock", frozenset(), _stock),
    ("echanges", frozenset(), _exchanges),
    ("degres-jours", frozenset(), _cold),
    ("regions", frozenset(), _per_head),
    ("gradients", frozenset({"Gradient", "Par °C", "Seuil", "R²", "Jours"}), _sensitivity),
    ("carte", frozenset({"Gradient", "Par °C"}), _sensitivity),
    ("regions-froid", frozenset({"Gradient"}), _sensitivity),
    ("carte-departements", frozenset({"Par logement"}), _homes),
    ("secteurs", frozenset({"Part", "Énergie"}), _sectors),
    ("passe", frozenset({"Prévu", "Réalisé", "RTE la veille"}), _forecast),
    ("a-venir", frozenset({"Prévu"}), _forecast),
)


def way(figure: Printed) -> Callable[[Ask, Printed], Value] | None:
    """Return how a figure is computed again; None where no statement knows it."""
    if figure.chart == "fait":
        return _used if _CONSUMED in figure.line else _used_per_head if figure.line.startswith(_BY_HEAD) else None
    for chart, columns, found in _WAYS:
        if chart == figure.chart and (not columns or figure.column in columns) and figure.text != "n.d.":
            return found
    return None


def recomputed(connection: duckdb.DuckDBPyConnection, figure: Printed) -> set[str]:
    """Return the texts that the figure may have, with common spaces.

    Args:
        connection: to the served file.
        figure: one that has a :func:`way`.
    """

    def ask(query: str, parameters: list[Any]) -> Any:
        row = connection.execute(query, parameters).fetchone()
        return None if row is None else row[0]

    found = way(figure)
    assert found is not None
    return found(ask, figure).texts
