"""Spark reads the files that the lake holds, one by one, with their partition as a column."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dataelec_assets.errors import LakeError
from dataelec_assets.warehouse.spark_sources import show_sources

HIVE = "read_parquet('releves/*/*.parquet', hive_partitioning = true, hive_types_autocast = false)"


class Session:
    """Keeps the statements that it is given."""

    def __init__(self) -> None:
        self.statements: list[str] = []

    def sql(self, statement: str) -> None:
        self.statements.append(statement)


def view(parquet: Path, location: str = HIVE) -> str:
    """Return the view by which a source is read."""
    source: dict[str, Any] = {
        "schema": "odre",
        "identifier": "releves",
        "config": {"meta": {"external_location": location}},
    }
    session = Session()
    show_sources(session, [source], parquet)
    assert session.statements[0] == "create schema if not exists odre"
    return session.statements[1]


def write(parquet: Path, *names: str) -> None:
    for name in names:
        (parquet / name).parent.mkdir(parents=True, exist_ok=True)
        (parquet / name).touch()


def test_each_file_is_named_and_partitions_are_those_of_the_folder(tmp_path: Path) -> None:
    write(tmp_path, "releves/mois=2025-01/part-a.parquet", "releves/mois=2025-02/part-b.parquet")
    base = tmp_path / "releves"
    assert view(tmp_path) == (
        "create or replace view odre.releves as select * from parquet.`"
        f"{base}/{{mois=2025-01/part-a.parquet,mois=2025-02/part-b.parquet}}` with (basePath = '{base}')"
    )


def test_the_empty_partition_is_left_out_as_soon_as_there_is_another(tmp_path: Path) -> None:
    write(tmp_path, "releves/annee=vide/part-0.parquet")
    base = tmp_path / "releves"
    assert view(tmp_path).endswith(f"parquet.`{base}/annee=vide/part-0.parquet` with (basePath = '{base}') where false")
    write(tmp_path, "releves/annee=2024/part-a.parquet")
    assert view(tmp_path).endswith(f"parquet.`{base}/annee=2024/part-a.parquet` with (basePath = '{base}')")


def test_a_source_of_one_file_is_that_file(tmp_path: Path) -> None:
    write(tmp_path, "calendrier/jours_feries.parquet")
    assert "calendrier/jours_feries.parquet`" in view(tmp_path, "read_parquet('calendrier/jours_feries.parquet')")


def test_a_source_without_files_is_told(tmp_path: Path) -> None:
    with pytest.raises(LakeError, match=r"releves holds no Parquet file\. Run `dataelec refresh` first"):
        view(tmp_path)
