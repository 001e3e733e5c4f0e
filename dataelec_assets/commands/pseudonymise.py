"""Pseudonymises a file of persons: what the command does, without printing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dataelec_assets.catalog import load_catalog
from dataelec_assets.errors import FileRefused
from dataelec_assets.privacy.pseudonymised_files import FileReport, pseudonymise_file
from dataelec_assets.privacy.pseudonyms import Pseudonymiser
from dataelec_assets.settings import load_settings


def pseudonymise(
    source: Path, columns: str, *, to: Path | None = None, key: str | None = None
) -> tuple[list[dict[str, Any]], list[str], list[str]]:
    """Write a copy of a file with pseudonyms in some columns.

    Args:
        source: CSV or Parquet.
        columns: such as ``nom,tel_contact=telephone``; a column after which ``=field`` stands shares its pseudonyms
            with the columns of that field in any other file.
        to: file to write; None: ``<name>.pseudonymised.<suffix>`` beside the source.
        key: id of an older key, to join with a file that was pseudonymised before a rotation; None: the active one.

    Returns:
        One row per column that was treated or looks personal, closing lines, and warnings.

    Raises:
        SettingsError: there is no usable key.
        FileRefused: the file cannot be treated; nothing was written.
    """
    target = to or source.with_name(f"{source.stem}.pseudonymised{source.suffix}")
    make = Pseudonymiser.of(load_settings(), key)
    report = pseudonymise_file(source, target, _fields(columns), make, load_catalog().personal_names)
    lines = [
        f"{target}: {report.rows:,} rows, pseudonyms of key {report.key}.",
        "Pseudonyms are still personal data: whoever holds the key can recognise everybody (docs/confidentialite.md).",
    ]
    return _rows(report), lines, _warnings(report)


def _fields(columns: str) -> dict[str, str]:
    """Return column → field.

    Raises:
        FileRefused: a column is missing or named twice.
    """
    fields: dict[str, str] = {}
    for part in columns.split(","):
        name, _, field = (each.strip() for each in part.partition("="))
        if not name or name in fields:
            raise FileRefused(f"--columns {columns!r} cannot be read.", advice="Write it as nom,tel_contact=telephone.")
        fields[name] = field or name
    return fields


def _rows(report: FileReport) -> list[dict[str, Any]]:
    treated = [
        {
            "column": each.name,
            "state": "pseudonymised",
            "field": each.field,
            "values": each.values,
            "distinct": each.distinct,
            "is_estimated": each.is_estimated,
        }
        for each in report.treated
    ]
    left = {"field": None, "values": None, "distinct": None, "is_estimated": None}
    suspects = [{**left, "column": each.name, "state": "NOT TREATED: looks personal"} for each in report.suspects]
    unexamined = [{**left, "column": name, "state": "not treated, not examined"} for name in report.unexamined]
    return [*treated, *suspects, *unexamined]


def _warnings(report: FileReport) -> list[str]:
    warnings = []
    for each in report.suspects:
        reasons = [
            *(["its name says so"] if each.has_personal_name else []),
            *([f"{each.personal_values:,} e-mail addresses or telephone numbers"] if each.personal_values else []),
        ]
        warnings.append(f"Column {each.name!r} looks personal and was copied as it is: {' and '.join(reasons)}.")
    warnings += [
        f"Column {name!r} holds lists, structures or bytes and was not examined." for name in report.unexamined
    ]
    return warnings
