"""Files with one column per year, read as if they had one row per year.

Publishers give the same table in both forms, and switch between them: the catalogue says how the header of a year is
written, and both forms give the same rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dataelec_assets.catalog import Dataset, slug


def year_headers(dataset: Dataset, header: Sequence[str]) -> dict[str, int]:
    """Return the year of each header that stands for one; empty when the file has the columns of the other form."""
    melted = dataset.years_in_columns
    if melted is None:
        return {}
    names = {slug(name) for name in header}
    if any(each in names for each in dataset.column(melted.value).header_slugs):
        return {}
    years = {name: melted.year_of(name) for name in header}
    return {name: year for name, year in years.items() if year is not None}


def melted_columns(dataset: Dataset, header: Sequence[str]) -> tuple[str, ...]:
    """Return the contracted columns that the headers of years stand for: the year and the value, or none."""
    melted = dataset.years_in_columns
    return (melted.year, melted.value) if melted is not None and year_headers(dataset, header) else ()


def one_row_a_year(dataset: Dataset, clause: str, cells: Mapping[str, int]) -> tuple[str, dict[str, str]]:
    """Return a FROM clause with one row for each filled cell, and the SQL types of the two columns that it adds.

    Args:
        dataset: an entry with ``years_in_columns``.
        clause: FROM clause of the file as it is.
        cells: column of the clause, a text, of each year; empty when the file has rows already.
    """
    melted = dataset.years_in_columns
    assert melted is not None, "only for entries with years in columns"  # noqa: S101 - the caller has looked
    added: dict[str, str] = {}
    if cells:
        # Both lists side by side. UNPIVOT would do the same and drop nulls, which a marker may stand for.
        years, values = ", ".join(f"'{year}'" for year in cells.values()), ", ".join(cells)
        clause = f"(SELECT *, unnest([{years}]) AS {melted.year}, unnest([{values}]) AS {melted.value} FROM {clause})"
        added = {melted.year: "VARCHAR", melted.value: "VARCHAR"}
    # An empty cell is not a row; one with a marker is an unknown value.
    return f"(SELECT * FROM {clause} WHERE nullif(trim({melted.value}), '') IS NOT NULL)", added
