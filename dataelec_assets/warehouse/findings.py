"""What a failed check has found: its rows, their partitions and data sets, and a sentence for people.

dbt only says how many rows a check returned. A reader needs the data set, the month, the territory, the value and what
was expected; the quarantine needs the partitions to hold.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

from dataelec_assets.catalog import Dataset
from dataelec_assets.warehouse.dbt import NodeResult
from dataelec_assets.warehouse.lineage import Lineage

_PARIS = ZoneInfo("Europe/Paris")

# Rows of a check that are read. A check that fails on more is not the fault of single partitions.
_MOST_ROWS = 200_000

# Columns that name a row, the most telling first; and those that date it.
_WHERE = (
    "code_region",
    "code_commune",
    "code_territoire",
    "territoire",
    "maille",
    "jeu",
    "pits",
    "frontiere",
    "filiere",
)
_WHEN = ("date_locale", "date", "jour", "heure_locale", "annee", "instant_utc", "mois")

# What dbt's own tests return instead of the row: the value, under another name.
_VALUE = {"relationships": "from_field", "accepted_values": "value_field", "unique": "unique_field"}

_REAL_TIME = "temps réel"


@dataclass(frozen=True, slots=True)
class Finding:
    """A check that failed.

    Attributes:
        rule: name of the check.
        rows: rows that fail it.
        wanted: what the check expects (French).
        partitions: number of rows and a description of the first one, by data set and partition; empty when the rows
            show neither their date nor their origin.
        words: description of the very first row.
        is_of_inputs: whether the check is about published data, in staging, facts and dimensions. A check of a mart is
            about our own conclusions, for which no partition is to blame.
    """

    rule: str
    rows: int
    wanted: str
    words: str
    partitions: Mapping[tuple[str, str], tuple[int, str]] = field(default_factory=dict)
    is_of_inputs: bool = True

    def __str__(self) -> str:
        """Return one line for people: the rule, what it expects and what was found."""
        return f"{self.rule} : {self.rows} ligne(s), {self.words} (attendu : {self.wanted})"


def find(
    connection: duckdb.DuckDBPyConnection,
    lineage: Lineage,
    result: NodeResult,
    present: Mapping[str, Iterable[str]],
) -> Finding:
    """Return what a failed check has found.

    Args:
        connection: of the warehouse.
        lineage: of the project.
        result: of the check, with the SQL that was run.
        present: partitions of each data set from which the tables are made.

    Returns:
        The finding, with the partitions of its rows; with none when the rows cannot be read again, which its text then
        says: the table is kept as it was last published.
    """
    node = lineage.node(result.unique_id)
    rule, wanted = str(node["name"]), _wanted(node)
    try:
        names, rows = _rows(connection, lineage, node, result)
    except duckdb.Error as error:
        reason = str(error).strip().splitlines()[0]
        return Finding(rule, result.failures or 0, wanted, f"lignes illisibles ({reason})")
    records = [dict(zip(names, row, strict=True)) for row in rows]
    found: dict[tuple[str, str], tuple[int, str]] = {}
    for dataset in lineage.datasets(result.unique_id):
        known = set(present.get(dataset.id, ()))
        for record in records:
            if _is_of_another_status(dataset, record):
                continue
            for partition in _partitions(dataset, record, known):
                count, words = found.get((dataset.id, partition), (0, _words(node, record)))
                found[dataset.id, partition] = (count + 1, words)
    first = _words(node, records[0]) if records else str(result.message or "")
    looked_at = [node["attached_node"]] if node.get("attached_node") else node["depends_on"]["nodes"]
    is_of_inputs = not any(lineage.node(each)["name"].startswith(("mart_", "meta_")) for each in looked_at)
    return Finding(rule, result.failures or len(records), wanted, first, found, is_of_inputs)


def _rows(
    connection: duckdb.DuckDBPyConnection, lineage: Lineage, node: Mapping[str, Any], result: NodeResult
) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Return the names of the columns and the failing rows; whole rows of the model where dbt shows only a value."""
    if result.sql is None:
        return [], []
    query = f"FROM ({result.sql.strip().rstrip(';')})"
    kind, column = _kind(node), (node.get("test_metadata") or {}).get("kwargs", {}).get("column_name")
    attached = node.get("attached_node")
    if kind in (*_VALUE, "not_null") and column and attached:
        relation = lineage.node(attached)["relation_name"]
        chosen = f"{column} IN (SELECT {_VALUE[kind]} {query})" if kind in _VALUE else f"{column} IS NULL"
        query = f"FROM {relation} WHERE {chosen}"
    answer = connection.execute(f"{query} LIMIT {_MOST_ROWS}")
    return [each[0] for each in answer.description or ()], answer.fetchall()


def _kind(node: Mapping[str, Any]) -> str:
    return str((node.get("test_metadata") or {}).get("name", ""))


def _is_of_another_status(dataset: Dataset, record: Mapping[str, Any]) -> bool:
    """Return whether the status of a row shows that it comes from another data set: real time has its own."""
    status = record.get("statut")
    return status is not None and dataset.status_column is not None and dataset.keep_vanished != (status == _REAL_TIME)


def _partitions(dataset: Dataset, record: Mapping[str, Any], known: set[str]) -> Iterator[str]:
    """Yield the partition of a data set in which a row lies; nothing when the row does not show it."""
    direct = record.get(dataset.partitioning.hive_key)
    if direct is not None and str(direct) in known:
        yield str(direct)
        return
    if not dataset.partitioning.is_of_known_keys:
        yield from known
        return
    day = _day(record)
    if day is None:
        return
    if dataset.partitioning.grain == "edition":
        yield from (each for each in sorted(known) if each[:4] == day[:4])
    else:
        length = {"year": 4, "month": 7, "day": 10}[dataset.partitioning.grain]
        if day[:length] in known:
            yield day[:length]


def _day(record: Mapping[str, Any]) -> str | None:
    """Return the civil day, month or year of a row as ISO text."""
    for name in ("date_locale", "date", "jour", "debut", "mois", "instant_utc", "annee"):
        value = record.get(name)
        if isinstance(value, datetime):
            return value.astimezone(_PARIS).date().isoformat()
        if isinstance(value, date):
            return value.isoformat()
        if value is not None:
            return str(value)
    return None


def _wanted(node: Mapping[str, Any]) -> str:
    """Return what a check expects, in French: its bounds, or the first sentence of its description."""
    given = (node.get("test_metadata") or {}).get("kwargs", {})
    if _kind(node) == "accepted_range":
        low, high = given.get("min_value"), given.get("max_value")
        bounds = [f"au moins {low}"] * (low is not None) + [f"au plus {high}"] * (high is not None)
        return f"{given.get('column_name')} {', '.join(bounds)}"
    if _kind(node) == "expression_is_true":
        return str(given.get("expression"))
    if _kind(node) == "accepted_values":
        return f"{given.get('column_name')} parmi {', '.join(map(str, given.get('values', ())))}"
    text = re.sub(r"^Une ligne - ", "jamais ", str(node.get("description") or node["name"]))
    return text.partition(". ")[0].rstrip(".")


def _words(node: Mapping[str, Any], record: Mapping[str, Any]) -> str:
    """Return a description of one row: the table, the row, and the values that the check examines."""
    given = (node.get("test_metadata") or {}).get("kwargs", {})
    looked_at = {str(given.get("column_name"))} | set(re.findall(r"[a-z_0-9]+", str(given.get("expression") or "")))
    table = str(node.get("attached_node") or "").rsplit(".", 1)[-1] or str(node["name"])
    place = [f"{name} {record[name]}" for name in (*_WHEN, *_WHERE) if record.get(name) is not None]
    values = [f"{name} = {record[name]}" for name in record if name in looked_at and name not in (*_WHEN, *_WHERE)]
    others = (
        [] if values else [f"{name} = {record[name]}" for name in record if name not in (*_WHEN, *_WHERE, "message")]
    )
    return ", ".join([table, *place[:4], *(values or others[:3])])
