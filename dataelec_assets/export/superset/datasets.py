"""Datasets of Superset: the wide views and the tables that dashboards read, with labels, descriptions and metrics."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dataelec_assets.database import literal
from dataelec_assets.export.superset.metrics import Metric, metric_of
from dataelec_assets.warehouse.dictionary import TableDoc
from dataelec_assets.warehouse.semantics import Meaning, label_of
from dataelec_assets.warehouse.wide_views import SCHEMA, View, views

# Types of DuckDB, as dbt's contracts write them, that Superset takes for times.
_TIMES = ("date", "timestamp", "timestamp with time zone")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a dataset: what it is called in SQL and for people, its type, whether charts may group by it."""

    name: str
    type: str
    label: str
    description: str
    is_dimension: bool

    @property
    def is_time(self) -> bool:
        """Whether it can be the axis of time."""
        return self.type.lower() in _TIMES


@dataclass(frozen=True, slots=True)
class Dataset:
    """A dataset.

    Attributes:
        name: of the view or table, or of the query.
        schema: where it lies.
        sql: the query of a virtual one; None for a view or a table.
        description: what a row is, in French.
        columns: in order.
        metrics: certified: their rules of aggregation are those of ``semantic.yml``, or the query says them.
    """

    name: str
    schema: str
    sql: str | None
    description: str
    columns: tuple[Column, ...]
    metrics: tuple[Metric, ...]

    @property
    def time(self) -> str | None:
        """The column by which a period is filtered."""
        return next((each.name for each in self.columns if each.is_time), None)


def datasets(
    tables: Sequence[TableDoc],
    meanings: Iterable[Meaning],
    said: Mapping[str, Any],
    declared: Mapping[str, Any],
) -> dict[str, Dataset]:
    """Return the datasets by name: every wide view, then the tables and queries that are declared.

    Args:
        tables: as :func:`~dataelec_assets.warehouse.dictionary.table_docs` returns them.
        meanings: of their columns, as :func:`~dataelec_assets.warehouse.semantics.meanings` returns them.
        said: as :func:`~dataelec_assets.warehouse.semantics.rules` returns it.
        declared: the dashboards' file. Of its ``ensembles``, a name alone is a table; ``sql`` makes it a query, ``de``
            is the dataset whose columns and metrics it takes over, ``colonnes`` and ``mesures`` are what it adds.
    """
    known = {(each.table, each.column): each for each in meanings}
    docs = {table.name: table for table in tables}
    served = {table.name: {each.name: each.description for each in table.columns} for table in tables}
    found = {view.name: _of_view(view, said, docs, known) for view in views(served, said)}
    case = _case(declared["codes_de_la_carte"])
    for name, about in declared["ensembles"].items():
        source = about.get("de", name)
        base = found.get(source)
        if source in docs:
            base = _of_table(docs[source], known)
        found[name] = _declared(name, about, base, said, case)
    return found


def _of_view(
    view: View, said: Mapping[str, Any], docs: Mapping[str, TableDoc], known: Mapping[tuple[str, str], Meaning]
) -> Dataset:
    about = said["vues"].get(view.name)
    own = _of_table(docs[about["table"]], known) if about else None
    columns = {each.name: each for each in own.columns} if own else {}
    joined = (
        columns.get(name) or Column(name, "varchar", _label(name, said), text or "", is_dimension=True)
        for name, text in view.columns.items()
    )
    return Dataset(view.name, SCHEMA, None, view.description, tuple(joined), own.metrics if own else ())


def _label(name: str, said: Mapping[str, Any]) -> str:
    return said["libelles"].get(name) or label_of(name, None, said["mots"])


def _of_table(doc: TableDoc, known: Mapping[tuple[str, str], Meaning]) -> Dataset:
    of = [known[doc.name, each.name] for each in doc.columns]
    times = [each.column for each in of if each.role == "temps"]
    codes = [each.column for each in of if each.role == "identifiant"]
    return Dataset(
        doc.name,
        "main",
        None,
        doc.description,
        tuple(
            Column(each.name, each.type, meaning.label, each.description, is_dimension=meaning.role != "mesure")
            for each, meaning in zip(doc.columns, of, strict=True)
        ),
        tuple(metric_of(each, doc.key, times, codes) for each in of if each.rule is not None),
    )


def _case(codes: Mapping[str, str]) -> str:
    branches = " ".join(f"WHEN {literal(insee)} THEN {literal(iso)}" for insee, iso in codes.items())
    return f"CASE code_territoire {branches} END"


def _declared(name: str, about: Mapping[str, Any], base: Dataset | None, said: Mapping[str, Any], case: str) -> Dataset:
    columns = tuple(
        Column(
            column,
            each.get("type", "varchar"),
            each.get("libelle") or _label(column, said),
            each.get("description", ""),
            is_dimension=True,
        )
        for column, each in about.get("colonnes", {}).items()
    )
    metrics = tuple(
        Metric(metric, each["sql"], each["libelle"], each.get("description", ""), None, each.get("format", ",.0f"))
        for metric, each in about.get("mesures", {}).items()
    )
    return Dataset(
        name,
        base.schema if base else "main",
        about["sql"].replace("{code_iso}", case) if "sql" in about else None,
        about.get("description") or (base.description if base else ""),
        (*(base.columns if base else ()), *columns),
        (*(base.metrics if base else ()), *metrics),
    )
