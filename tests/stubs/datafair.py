"""data-fair's native API, as far as our client asks it: metadata, lines in pages, values of one column with sums.

A data set has two names; the addresses of next pages hold the other one. Lines are CSV with labels, quoted texts and a
BOM, at most 10,000 of them; the next page is named by ``Link`` and begins after the last line of this one.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from tests.stubs.replies import Refused, Reply, as_json
from tests.stubs.tables import CsvForm, Table, Tables, quoted

ADDRESS = re.compile(r"data-fair/api/v1/datasets/([^/]+)(?:/(lines|values_agg))?")

LARGEST_PAGE, MOST_VALUES = 10_000, 1_000

_FILTER = re.compile(r"(\w+):(\d+)")
_TYPES = {
    "int": {"type": "integer"},
    "double": {"type": "number"},
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
    "datetime": {"type": "string", "format": "date-time"},
}
_CALCULATED = {"key": "_i", "type": "integer", "x-calculated": True, "title": "Numéro de ligne"}


def other_name(dataset: str) -> str:
    """Return the id that a data set has beside its slug."""
    digest = hashlib.sha256(dataset.encode()).hexdigest()
    return f"{digest[:10]}-{digest[10:18]}"


def answer(tables: Tables, table: Table, kind: str, asked: Mapping[str, str], root: str, *, is_empty: bool) -> Reply:
    """Answer a request.

    Args:
        tables: where the rows are.
        table: the data set asked for.
        kind: ``metadata``, ``lines`` or ``values_agg``.
        asked: parameters.
        root: address of the portal, for the next page.
        is_empty: whether no row is to be shown.

    Raises:
        Refused: in data-fair's words.
    """
    if kind == "metadata":
        return as_json(_metadata(tables, table))
    where = "FALSE" if is_empty else _where(table, asked.get("qs"))
    if kind == "values_agg":
        return as_json(_aggregate(tables, table, where, asked))
    return _lines(tables, table, where, asked, root)


def _metadata(tables: Tables, table: Table) -> dict[str, Any]:
    schema = [
        {
            "key": name,
            **_TYPES.get(kind, {"type": "string"}),
            "title": table.labels[name],
            "x-originalName": table.labels[name],
        }
        for name, kind in table.types.items()
    ]
    return {
        "id": other_name(table.id),
        "slug": table.id,
        "title": table.title,
        "status": "finalized",
        "schema": [*schema, _CALCULATED],
        "count": tables.count(table),
        **({"license": {"title": table.licence, "href": "https://spdx.org/licenses/"}} if table.licence else {}),
        "dataUpdatedAt": f"{table.version:%Y-%m-%dT%H:%M:%S}.000Z",
        "updatedAt": "2021-06-23T15:00:02.656Z",
    }


def _lines(tables: Tables, table: Table, where: str | None, asked: Mapping[str, str], root: str) -> Reply:
    """Return a page of lines, or their number when none is asked for."""
    size = int(asked.get("size", "12"))
    if size > LARGEST_PAGE:
        raise Refused(400, f'"size" cannot be more than {LARGEST_PAGE}')
    if size == 0:
        return as_json({"total": tables.count(table, where), "results": []})
    if asked.get("format") != "csv":
        raise Refused(400, f"Le format {asked.get('format')} n'est pas supporté.")
    form = CsvForm(asked.get("sep", ","), "\n", with_bom=True, quotes_texts=True)
    after = int(asked.get("after", "-1"))
    condition = f"({where}) AND rowid > {after}" if where else f"rowid > {after}"
    rows = tables.csv(table, f"WHERE {condition} ORDER BY rowid LIMIT {size}", form)
    headers = {}
    if len(rows) == size:
        following = urlencode({**asked, "after": str(rows[-1][0])})
        address = f"{root}/data-fair/api/v1/datasets/{other_name(table.id)}/lines?{following}"
        headers["Link"] = f"<{address}>; rel=next"
    body = form.document(list(table.labels.values()), [line for _, line in rows])
    return Reply(body, "text/csv; charset=utf-8", headers=headers)


def _aggregate(tables: Tables, table: Table, where: str | None, asked: Mapping[str, str]) -> dict[str, Any]:
    """Return rows and sums for each value of a column; rows without one are in the total alone."""
    field, size = asked.get("field", ""), int(asked.get("agg_size", "20"))
    if field not in table.types:
        raise Refused(400, f'Le paramètre "field" référence un champ inconnu {field}')
    if size > MOST_VALUES:
        raise Refused(400, f'"agg_size" cannot be more than {MOST_VALUES}')
    sums = {"metric": asked["metric_field"]} if asked.get("metric") == "sum" else {}
    for each in filter(None, asked.get("extra_metrics", "").split(",")):
        name, _, _ = each.partition(":")
        sums[f"{name}_sum"] = name
    for name in sums.values():
        if table.types.get(name) not in ("int", "double"):
            reason = "la métrique sum n'est pas possible"
            raise Refused(400, f"Impossible de calculer une métrique sur le champ {name}, {reason}.")
    # A sum of nothing is zero there.
    columns = "".join(f", coalesce(sum({quoted(name)}), 0)" for name in sums.values())
    present = f"{quoted(field)} IS NOT NULL" + (f" AND {where}" if where else "")
    found = tables.query(
        f"SELECT {quoted(field)}, count(*){columns} FROM {table.sql} WHERE {present} GROUP BY 1 ORDER BY 2 DESC, 1"
    )
    shown = [
        {
            "value": value,
            "total": rows,
            "results": [],
            **dict(zip(sums, map(float, totals), strict=True)),
        }
        for value, rows, *totals in found
    ]
    return {
        "total": tables.count(table, where),
        "total_values": len(shown),
        "total_other": sum(each["total"] for each in shown[size:]),
        "aggs": shown[:size],
    }


def _where(table: Table, text: str | None) -> str | None:
    if not text:
        return None
    found = _FILTER.fullmatch(text)
    if not found or found[1] not in table.types:
        raise Refused(400, f"Impossible de filtrer par {text}.")
    return f"{quoted(found[1])} = {found[2]}"
