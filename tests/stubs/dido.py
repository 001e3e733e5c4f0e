"""DiDo, as far as our client asks it: a data set with its files and their vintages, and a file as CSV.

Every field is quoted, lines of names, labels and units stand above the rows if asked for, and the body has no length.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.stubs.replies import Refused, Reply, as_json

ADDRESS = re.compile(r"dido/api/v1/(?:datasets/([^/]+)|datafiles/([^/]+)/csv)")

# Of a request that are not the name of a column to filter by.
_OPTIONS = ("millesime", "withColumnName", "withColumnDescription", "withColumnUnit", "columns", "orderBy")


@dataclass(frozen=True, slots=True)
class Vintage:
    """One vintage of a file.

    Attributes:
        issued: when, UTC.
        names: technical names of its columns.
        rows: texts.
        announced: rows that its description tells; None: as many as there are.
        last: how its last line ends.
    """

    issued: datetime
    names: Sequence[str]
    rows: Sequence[Sequence[str]]
    announced: int | None = None
    last: str = "\n"

    def described(self, millesime: str) -> dict[str, Any]:
        """Return what the description of its data set says of it."""
        return {
            "millesime": millesime,
            "date_diffusion": f"{self.issued:%Y-%m-%dT%H:%M:%S}.214Z",
            "rows": len(self.rows) if self.announced is None else self.announced,
            "columns": [
                {
                    "name": name,
                    "description": f"Description de {name}",
                    "type": "number" if re.fullmatch(r"A\d{4}", name) else "string",
                    "unit": "n/a",
                    "filters": ["eq", "in", "contains"],
                }
                for name in self.names
            ],
        }


@dataclass(slots=True)
class _File:
    dataset: str
    title: str
    vintages: dict[str, Vintage] = field(default_factory=dict)


class Dido:
    """The data sets of DiDo."""

    def __init__(self) -> None:
        self.files: dict[str, _File] = {}
        self.licence = "fr-lo"

    def put(self, dataset: str, file: str, title: str, millesime: str, vintage: Vintage) -> None:
        """Publish a vintage of a file of a data set."""
        self.files.setdefault(file, _File(dataset, title)).vintages[millesime] = vintage

    def answer(self, dataset: str | None, file: str | None, asked: Mapping[str, str], *, is_empty: bool) -> Reply:
        """Answer a request for a data set or for a file.

        Raises:
            Refused: in DiDo's words.
        """
        if dataset is not None:
            return self._described(dataset)
        known = self.files.get(file or "")
        millesime = asked.get("millesime") or max(known.vintages, default="") if known else ""
        if known is None or millesime not in known.vintages:
            raise Refused(404, "Fichier de données inconnu")
        vintage = known.vintages[millesime]
        if unknown := [name for name in asked if name not in _OPTIONS and name not in vintage.names]:
            raise Refused(400, f"Paramètres inconnus : {', '.join(unknown)}")
        if is_empty or not vintage.rows:
            raise Refused(400, "Le fichier est vide")
        lines = [_line(row) for row in vintage.rows]
        if asked.get("withColumnUnit") == "true":
            lines.insert(0, _line(["n/a"] * len(vintage.names)))
        if asked.get("withColumnDescription") == "true":
            lines.insert(0, _line([f"Description de {name}" for name in vintage.names]))
        if asked.get("withColumnName") == "true":
            lines.insert(0, _line(vintage.names))
        return Reply(("\n".join(lines) + vintage.last).encode(), "text/csv; charset=utf-8", is_streamed=True)

    def _described(self, dataset: str) -> Reply:
        files = {file: known for file, known in self.files.items() if known.dataset == dataset}
        if not files:
            raise Refused(404, "Jeu de données inconnu")
        return as_json(
            {
                "id": dataset,
                "title": "Indicateurs territoriaux",
                "license": self.licence,
                "datafiles": [
                    {
                        "rid": file,
                        "title": known.title,
                        "millesimes": [each.described(key) for key, each in known.vintages.items()],
                    }
                    for file, known in files.items()
                ],
            }
        )


def _line(cells: Sequence[str]) -> str:
    return ";".join('"' + cell.replace('"', '""') + '"' for cell in cells)
