"""Faults that publishers make: in a month of the synthetic gross consumption, and in a month of gas in storage.

Those of consumption are of kinds that were found in published files; what is done about them is the business of
dbt/macros/etiquettes_en_double.sql. The month of gas is impossible, and ends in quarantine.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from dataelec_assets.sample.regions import MAINLAND
from dataelec_assets.sample.timeline import HALF_HOURS

# Days of the month, from 0: a run that is printed half an hour early, three days of the regions in another order, a
# reading that is printed a day early, a row that the portal rejects, a row that is there twice, an unknown status.
_EARLY_FROM, _EARLY_UNTIL = 3, 5
_ROTATED = 9
_STRAY = 14
_REJECTED, _TWICE, _UNKNOWN = 18, 20, 22
_NOON = 24  # label

_STOCK = "stock_fin_de_journee"

_TIME = ("date_heure", "date", "heure")
_MEASURES = (
    "consommation_brute_electricite_rte",
    "consommation_brute_gaz_grtgaz",
    "consommation_brute_gaz_terega",
    "consommation_brute_gaz_totale",
    "consommation_brute_totale",
)


def with_faults(regional: Any, national: Any) -> tuple[Any, Any]:
    """Return both tables of gross consumption, in order of days and labels, with their faults.

    Args:
        regional: rows of at least a month, 12 for each label.
        national: the same, one for each label.
    """
    return _out_of_order(regional), _national(national)


def with_an_impossible_month(stocks: Any) -> Any:
    """Return the table of gas in storage with the second month of its last year below nought."""
    days = stocks["date"].to_numpy().astype("datetime64[D]")
    year = days.max().astype("datetime64[Y]")
    month = np.datetime64(f"{year}-02") if days.max() > np.datetime64(f"{year}-03") else np.datetime64(f"{year - 1}-02")
    position = stocks.column_names.index(_STOCK)
    values = np.where(days.astype("datetime64[M]") == month, -1.0, stocks[_STOCK].to_numpy())
    return stocks.set_column(position, stocks.schema.field(position), pa.array(values))


def _national(table: Any) -> Any:
    printed = np.arange(table.num_rows)
    early = np.arange(_EARLY_FROM * HALF_HOURS + 1, _EARLY_UNTIL * HALF_HOURS + 1)
    printed[early] = early - 1
    printed[(_STRAY + 1) * HALF_HOURS + _NOON] = _STRAY * HALF_HOURS + _NOON
    table = _taken(table, _TIME, printed)
    rejected = _REJECTED * HALF_HOURS + _NOON
    table = _changed(table, "flag_ignore", rejected, "oui")
    table = _changed(table, "consommation_brute_electricite_rte", rejected, -1)
    table = _changed(table, "statut_rte", _UNKNOWN * HALF_HOURS + _NOON, "Provisoire")
    return pa.concat_tables([table, table.slice(_TWICE * HALF_HOURS + _NOON, 1)]).unify_dictionaries()


def _out_of_order(table: Any) -> Any:
    """Return the regional table with the readings of three days under the days after them."""
    day = HALF_HOURS * len(MAINLAND)
    read = np.arange(table.num_rows)
    three = np.arange(_ROTATED * day, (_ROTATED + 3) * day)
    read[three] = np.roll(three, day)
    return _taken(table, _MEASURES, read)


def _taken(table: Any, names: tuple[str, ...], rows: Any) -> Any:
    for name in names:
        table = table.set_column(table.column_names.index(name), name, table[name].take(pa.array(rows)))
    return table


def _changed(table: Any, name: str, row: int, value: object) -> Any:
    """Return the table with one cell changed."""
    values = table[name].to_pylist()
    values[row] = value
    wanted = table.schema.field(name).type
    plain = wanted.value_type if pa.types.is_dictionary(wanted) else wanted
    column = pa.array(values, plain)
    return table.set_column(table.column_names.index(name), name, column.cast(wanted))
