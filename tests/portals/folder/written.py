"""Rows, and files of them in the shapes in which people keep them."""

from __future__ import annotations

import gzip
import json
from typing import Any


def csv_text(rows: list[dict[str, Any]], delimiter: str = ";") -> str:
    """Return ``rows`` as CSV without any quoting."""
    lines = [list(rows[0])] + [["" if value is None else str(value) for value in row.values()] for row in rows]
    return "".join(delimiter.join(line) + "\r\n" for line in lines)


def v1_records(dataset: str, rows: list[dict[str, Any]]) -> bytes:
    """Return ``rows`` as a gzipped array of API v1 records, nulls left out."""
    records = [
        {
            "datasetid": dataset,
            "recordid": f"{n:040x}",
            "fields": {name: value for name, value in row.items() if value is not None},
            "record_timestamp": "2019-09-19T22:26:19.584+02:00",
        }
        for n, row in enumerate(rows)
    ]
    return gzip.compress(json.dumps(records, ensure_ascii=False).encode(), mtime=0)


def regional_rows(month: str, days: int = 2, *, offset: str = "+01:00", value: int = 1000) -> list[dict[str, Any]]:
    """Return half-hourly rows of two regions: gas on the hour only, as published."""
    return [
        {
            "code_insee_region": code,
            "region": region,
            "date": f"{month}-{day:02d}",
            "heure": f"{half // 2:02d}:{30 * (half % 2):02d}",
            "date_heure": f"{month}-{day:02d}T{half // 2:02d}:{30 * (half % 2):02d}:00{offset}",
            "consommation_brute_electricite_rte": value + half,
            "consommation_brute_gaz_grtgaz": 300 if half % 2 == 0 else None,
            "statut_grtgaz": "Définitif",
            "consommation_brute_gaz_terega": 200 if half % 2 == 0 else None,
            "statut_terega": "Définitif",
            "consommation_brute_gaz_totale": 500 if half % 2 == 0 else None,
            "statut_rte": "Définitif",
            "consommation_brute_totale": value + half + 500 if half % 2 == 0 else None,
            "flag_ignore": "non",
        }
        for code, region in (("11", "Île-de-France"), ("84", "Auvergne-Rhône-Alpes"))
        for day in range(1, days + 1)
        for half in range(48)
    ]
