"""Excel workbooks: rows on the first sheet, what they mean and where they come from on the second.

Codes stay text (`01`), days and instants are dates, and no text is taken for a formula. The package ``xlsxwriter`` is
an extra (``dataelec-assets[xlsx]``), imported here only.
"""

from __future__ import annotations

import io
import math
from datetime import UTC, date, datetime
from importlib.util import find_spec
from typing import Any

import pyarrow as pa

from dataelec_assets.serving.api.problems import Problem

_LABELS = {
    "sujet": "Sujet",
    "publication_id": "Publication",
    "publiee_a": "Publiée à (UTC)",
    "est_synthetique": "Données inventées",
}
_WIDTH = 18  # of a column, in characters: a number with its thousands, or most names


def refuse_without_writer() -> None:
    """Check that workbooks can be written here.

    Raises:
        Problem: the extra is not installed.
    """
    if find_spec("xlsxwriter") is None:
        raise Problem(
            406,
            "Ce service n'écrit pas de classeurs : il lui faut l'extra dataelec-assets[xlsx]. Sinon, format=csv-fr.",
        )


class Workbook:
    """Writes record batches; nothing comes out before the end, as a workbook is one archive.

    Args:
        sink: gets the bytes.
        schema: with units and meanings in the metadata of its fields, and the publication in its own.
    """

    def __init__(self, sink: io.RawIOBase, schema: pa.Schema) -> None:
        import xlsxwriter

        self._sink, self._schema, self._content = sink, schema, io.BytesIO()
        self._about = {name.decode(): text.decode() for name, text in (schema.metadata or {}).items()}
        # Rows go to a temporary file one by one. Left to itself, the library takes texts for formulas and links.
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        self._book = xlsxwriter.Workbook(self._content, options)
        # The same answer has the same bytes: its time is that of the publication.
        made = datetime.fromisoformat(self._about["publiee_a"]).astimezone(UTC).replace(tzinfo=None)
        self._book.set_properties({"title": self._about["sujet"], "created": made})
        self._bold = self._book.add_format({"bold": True})
        days, instants = (self._book.add_format({"num_format": form}) for form in ("dd/mm/yyyy", "dd/mm/yyyy hh:mm"))
        self._sheet = self._book.add_worksheet("Données")
        self._sheet.freeze_panes(1, 0)
        for number, field in enumerate(schema):
            form = days if pa.types.is_date(field.type) else instants if pa.types.is_timestamp(field.type) else None
            self._sheet.set_column(number, number, _WIDTH, form)
        self._sheet.write_row(0, 0, schema.names, self._bold)
        self._row = 0

    def write_batch(self, batch: pa.RecordBatch) -> None:
        """Write one batch below what is there."""
        for values in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            self._row += 1
            for number, value in enumerate(values):
                self._write(number, value)

    def _write(self, number: int, value: Any) -> None:
        if isinstance(value, str):
            self._sheet.write_string(self._row, number, value)
        elif isinstance(value, bool):
            self._sheet.write_boolean(self._row, number, value)
        elif isinstance(value, datetime):  # in UTC, as Excel knows no time zone
            self._sheet.write_datetime(self._row, number, value.astimezone(UTC).replace(tzinfo=None))
        elif isinstance(value, date):
            self._sheet.write_datetime(self._row, number, value)
        elif value is not None and math.isfinite(value):
            self._sheet.write_number(self._row, number, value)

    def close(self) -> None:
        """Write the second sheet and the end."""
        self._sheet.autofilter(0, 0, max(self._row, 1), len(self._schema.names) - 1)
        notes = self._book.add_worksheet("À propos")
        notes.set_column(0, 2, 2 * _WIDTH)
        lines = [[_LABELS[name], text] for name, text in self._about.items() if name in _LABELS]
        lines += [[""], ["Colonne", "Unité", "Signification"]]
        for field in self._schema:
            said = field.metadata or {}
            lines.append([field.name, *(said.get(name, b"").decode() for name in (b"unite", b"description"))])
        for row, line in enumerate(lines):
            for number, text in enumerate(line):
                notes.write_string(row, number, text, self._bold if line[0] == "Colonne" else None)
        self._book.close()
        self._sink.write(self._content.getvalue())
