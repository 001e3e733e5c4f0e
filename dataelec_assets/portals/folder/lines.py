"""Rows of a partition as lines of CSV, as DuckDB writes them, in a fraction of its time.

What pyarrow prints otherwise (a number of unusual size, a text with a quote in it) is left to DuckDB, batch by batch.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from dataelec_assets.portals.folder.fields import EXACT

# Between these two pyarrow and DuckDB print the same digits of a DOUBLE; beyond, either may write a power of ten.
_SMALLEST, _LARGEST = 1e-3, 1e9

# Texts that DuckDB puts between quotes.
_QUOTED = r'^$|[;"#\r\n]'

# Microseconds and days from 1970 to the last year of four digits: others are rounded or printed otherwise.
_LAST_INSTANT, _LAST_DAY = 253_402_300_799_999_999, 2_932_896


def lines_of(rows: pa.RecordBatch) -> pa.Buffer | None:
    """Return the rows as lines (``;``, UTF-8, instants in UTC); None when DuckDB is to write them."""
    texts: list[pa.Array | pa.Scalar] = []
    for values in rows.columns:
        printed = _printed(values)
        if printed is None:
            return None
        texts.append(printed)
    texts[-1] = pc.binary_join_element_wise(texts[-1], "\n", "", null_handling="replace")
    lines = pc.binary_join_element_wise(*texts, ";", null_handling="replace")
    _, _, data = lines.buffers()
    return data


def _printed(values: pa.Array) -> pa.Array | None:
    """Return the texts of a column; None when DuckDB prints some of its values otherwise."""
    kind = values.type
    texts = None
    if values.null_count == len(values):
        texts = pa.nulls(len(values), pa.string())
    elif pa.types.is_string(kind):
        is_quoted = pc.any(pc.match_substring_regex(pc.unique(values), _QUOTED), min_count=0).as_py()
        texts = None if is_quoted else values
    elif pa.types.is_integer(kind):
        texts = values.cast(pa.string()) if _is_between(values, -EXACT, EXACT) else None
    elif pa.types.is_float64(kind):
        texts = _decimals(values)
    elif pa.types.is_date32(kind):
        texts = values.cast(pa.string()) if _is_between(values.cast(pa.int32()), 0, _LAST_DAY) else None
    elif kind == pa.timestamp("us") and _is_between(values.cast(pa.int64()), 0, _LAST_INSTANT):
        second = values.cast(pa.timestamp("s"), safe=False)
        day, hour = (second.cast(each).cast(pa.string()) for each in (pa.date32(), pa.time32("s")))
        texts = pc.binary_join_element_wise(pc.binary_join_element_wise(day, hour, "T"), "+00:00", "")
    return texts


def _is_between(values: pa.Array, least: int, most: int) -> bool:
    bounds = pc.min_max(values)
    return bool(least <= bounds["min"].as_py() <= bounds["max"].as_py() <= most)


def _decimals(values: pa.Array) -> pa.Array | None:
    """Return the texts of numbers (DOUBLE), the whole ones without decimals."""
    whole = pc.equal(values, pc.trunc(values))
    size = pc.abs(values)
    if not pc.all(pc.less(size, _LARGEST)).as_py():
        return None
    if pc.all(whole).as_py():
        return values.cast(pa.int64()).cast(pa.string())
    if not pc.all(pc.or_(pc.greater_equal(size, _SMALLEST), whole)).as_py():
        return None
    return pc.if_else(whole, pc.trunc(values).cast(pa.int64()).cast(pa.string()), values.cast(pa.string()))
