"""The template of an import: the columns, and a few lines to be replaced, in CSV or XLSX."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from dataelec_assets.disk import writable
from dataelec_assets.errors import FileRefused
from dataelec_assets.ingest.imports.columns import COLUMNS

HEADERS = ("code", "maille", "indicateur", "libellé", "unité", "nature", "année", "valeur", "source")

# Invented; a count, a secret, and a rate.
_ROWS: Sequence[Sequence[str]] = (
    ("33063", "commune", "arbres_plantes", "Arbres plantés", "arbres", "effectif", "2024", "1 250", "Espaces verts"),
    ("33281", "commune", "arbres_plantes", "Arbres plantés", "arbres", "effectif", "2024", "s", "Espaces verts"),
    ("33", "departement", "part_ombre", "Part des rues à l'ombre", "%", "taux", "2024", "31,5", "Espaces verts"),
)

assert len(HEADERS) == len(COLUMNS)  # noqa: S101 - in one order


def write_template(path: Path) -> None:
    """Write a template.

    Args:
        path: file to write; its suffix says which kind.

    Raises:
        FileRefused: the suffix is neither .csv nor .xlsx, or the file exists.
        LakeError: it cannot be written.
    """
    if path.suffix.lower() not in (".csv", ".xlsx"):
        raise FileRefused(f"{path.name} n'est ni un .csv ni un .xlsx.", advice="Choisissez l'un des deux suffixes.")
    if path.exists():
        raise FileRefused(f"{path} existe déjà.", advice="Choisissez un autre nom.")
    with writable(path):
        if path.suffix.lower() == ".xlsx":
            from dataelec_assets import xlsx

            xlsx.write(path, "indicateurs", [HEADERS, *_ROWS])
            return
        text = io.StringIO()
        csv.writer(text, delimiter=";", lineterminator="\r\n").writerows([HEADERS, *_ROWS])
        # The mark tells French spreadsheets that it is UTF-8.
        path.write_bytes(text.getvalue().encode("utf-8-sig"))
