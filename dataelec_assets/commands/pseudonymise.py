"""Pseudonymises a file of persons: what the command does, without printing."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from dataelec_assets.catalog import load_catalog
from dataelec_assets.errors import WrongUsage
from dataelec_assets.privacy.pseudonymised_files import FileReport, pseudonymise_file
from dataelec_assets.privacy.pseudonyms import Pseudonymiser
from dataelec_assets.settings import load_settings


@dataclass(frozen=True, slots=True)
class Pseudonymised:
    """What the command did.

    Attributes:
        target: the file that was written.
        report: what was treated, and what was not.
    """

    target: Path
    report: FileReport

    def as_dict(self) -> dict[str, Any]:
        """Return the report for JSON."""
        return {"file": str(self.target), **asdict(self.report), "warnings": self.warnings}

    @property
    def rows(self) -> list[dict[str, Any]]:
        """One row per column that was treated, looks personal, or was not examined."""
        left = {"field": None, "values": None, "distinct": None}
        return [
            *(
                {
                    "column": each.name,
                    "state": "pseudonymised",
                    "field": each.field,
                    "values": f"{each.values:,}",
                    "distinct": f"{'about ' if each.is_estimated else ''}{each.distinct:,}",
                }
                for each in self.report.treated
            ),
            *({**left, "column": each.name, "state": "NOT TREATED: looks personal"} for each in self.report.suspects),
            *({**left, "column": name, "state": "not treated, not examined"} for name in self.report.unexamined),
        ]

    @property
    def lines(self) -> list[str]:
        """Closing lines."""
        return [
            f"{self.target}: {self.report.rows:,} row(s), pseudonyms of key {self.report.key}.",
            "They are still personal data: whoever holds the key can recognise everybody (docs/confidentialite.md).",
        ]

    @property
    def warnings(self) -> list[str]:
        """One sentence per column that was copied although it looks personal or could not be examined."""
        warnings = []
        for each in self.report.suspects:
            found = (
                f"{each.personal_values:,} value(s) with an e-mail address or a telephone number"
                if each.personal_values
                else ""
            )
            reasons = filter(None, ("its name says so" if each.has_personal_name else "", found))
            warnings.append(f"Column {each.name!r} looks personal and was copied as it is: {' and '.join(reasons)}.")
        return [
            *warnings,
            *(f"Column {name!r} holds lists, structures or bytes: not examined." for name in self.report.unexamined),
        ]


def pseudonymise(source: Path, columns: str, *, to: Path | None = None, key: str | None = None) -> Pseudonymised:
    """Write a copy of a file with pseudonyms in some columns.

    Args:
        source: CSV or Parquet.
        columns: such as ``nom,tel_contact=telephone``; a column followed by ``=field`` shares its pseudonyms with the
            columns of that field in any other file.
        to: file to write; None: ``<name>.pseudonymised.<suffix>`` beside the source.
        key: id of an older key, to join with a file that was pseudonymised before a rotation; None: the active one.

    Raises:
        SettingsError: there is no usable key.
        WrongUsage: the columns cannot be read.
        FileRefused: the file cannot be treated; nothing was written.
    """
    target = to or source.with_name(f"{source.stem}.pseudonymised{source.suffix}")
    make = Pseudonymiser.of(load_settings(), key)
    report = pseudonymise_file(source, target, _fields(columns), make, load_catalog().personal_names)
    return Pseudonymised(target, report)


def _fields(columns: str) -> dict[str, str]:
    """Return column → field.

    Raises:
        WrongUsage: a column is missing or named twice.
    """
    fields: dict[str, str] = {}
    for part in columns.split(","):
        name, _, field = (each.strip() for each in part.partition("="))
        if not name or name in fields:
            raise WrongUsage(f"--columns {columns!r} cannot be read.", advice="Write it as nom,tel_contact=telephone.")
        fields[name] = field or name
    return fields
