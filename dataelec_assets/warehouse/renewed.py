"""What builds have renewed in the warehouse: a mark for each table, and for each month of a monthly fact.

Equal marks mean that nothing was written there in between, so a publication need not look at the rows again. The marks
lie beside the warehouse and hold only while its file is the one that the build left: a build that was killed, dbt typed
by hand or anybody else who writes makes another file of it. Then nothing is known, and everything gets a new mark.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

from dataelec_assets.errors import LakeError
from dataelec_assets.lake.atomic_files import read_json, write_json
from dataelec_assets.lake.paths import LakePaths
from dataelec_assets.warehouse.dbt import NodeResult
from dataelec_assets.warehouse.project import PROJECT_DIR

_BUILT = ("model.", "seed.")

# Marks are compared for equality within one lake: sixteen hexadecimal digits never meet by chance.
_DIGITS = 16

# The macro by which a model says that it renews whole months and nothing else (dbt/macros/lake.sql). Those that
# renew other parts, such as years or the eve of a month too, call others and count as renewed as a whole, as do those
# that delete rows afterwards.
_EMPTIES_MONTHS, _DELETES = "vider_la_fenetre(", "post_hook"

# Mark of all months of a table that have none of their own; no month is called so.
_ALL = ""


@dataclass(frozen=True, slots=True)
class Marks:
    """The marks of a warehouse.

    Attributes:
        first: of every table that has none of its own.
        tables: by table and month (``YYYY-MM``); under the empty text that of all other months.
    """

    first: str
    tables: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def of(self, table: str, month: str = _ALL) -> str:
        """Return the mark of a table, or of one of its months."""
        own = self.tables.get(table, {})
        return own.get(month) or own.get(_ALL) or self.first

    def months(self, table: str) -> set[str]:
        """Return the months of a table that have marks of their own."""
        return {*self.tables.get(table, ())} - {_ALL}


@cache
def monthly_models() -> frozenset[str]:
    """Return the served tables that are renewed by month: their models empty the months first."""
    models = {path.stem: path.read_text(encoding="utf-8") for path in (PROJECT_DIR / "models" / "marts").rglob("*.sql")}
    return frozenset(name for name, text in models.items() if _EMPTIES_MONTHS in text and _DELETES not in text)


def _file(paths: LakePaths) -> Path:
    return paths.warehouse.with_name("renewed.json")


def _stamp(path: Path) -> list[int] | None:
    """Return what changes whenever a DuckDB file is written to; None while it has a log that it has not taken in."""
    if not path.exists() or path.with_name(f"{path.name}.wal").exists():
        return None
    stat = path.stat()
    return [stat.st_size, stat.st_mtime_ns]


def read_marks(paths: LakePaths) -> Marks | None:
    """Return the marks of the warehouse; None when they are not those of the file that is there."""
    stamp = _stamp(paths.warehouse)
    if stamp is None or not _file(paths).exists():
        return None
    try:
        content: dict[str, Any] = read_json(_file(paths))
        return Marks(content["first"], content["tables"]) if content["warehouse"] == stamp else None
    except (LakeError, KeyError, TypeError):
        return None


def write_marks(paths: LakePaths, known: Marks | None, results: Iterable[NodeResult], months: Sequence[str]) -> None:
    """Give new marks to what a build has renewed. The caller holds the writer's lock and has closed the warehouse.

    Args:
        paths: folders of the lake.
        known: the marks before the build opened the warehouse; None: everything gets a new one.
        results: of all nodes of the build, those that failed included.
        months: window of the monthly facts; empty: all months.
    """
    stamp = _stamp(paths.warehouse)
    if stamp is None:
        return
    new = uuid4().hex[:_DIGITS]
    marks = known or Marks(new)
    tables = {name: dict(own) for name, own in marks.tables.items()}
    for each in results:
        if each.unique_id.startswith(_BUILT) and each.status != "skipped":
            name = each.unique_id.split(".")[2]
            if months and name in monthly_models():
                tables[name] = tables.get(name, {}) | dict.fromkeys(months, new)
            else:
                tables[name] = {_ALL: new}
    write_json(paths, _file(paths), {"warehouse": stamp, "first": marks.first, "tables": tables}, indent=None)
