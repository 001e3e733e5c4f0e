"""Raw to Parquet, the reference: one bare DuckDB COPY of the same files, sorted, zstd, in one process."""

from __future__ import annotations

import sys

import duckdb

KEYS = {
    "consommation-quotidienne-brute-regionale": "code_insee_region, date_heure, heure",
    "consommation-quotidienne-brute": '"Date", "Heure"',
}

if __name__ == "__main__":
    dataset, target, files = sys.argv[1], sys.argv[2], sys.argv[3:]
    source = (
        f"(SELECT unnest(fields) FROM read_json({files}, format='array'))"
        if files[0].endswith(".json.gz")
        else f"read_csv({files}, delim=';')"
    )
    duckdb.execute(f"COPY (SELECT * FROM {source} ORDER BY {KEYS[dataset]}) TO '{target}' (COMPRESSION zstd)")
