"""The check of a key finds a row that is published twice: tried on the fixture of each data set that has one."""

from __future__ import annotations

from pathlib import Path

from dataelec_assets.catalog import load_catalog
from tests.dbt.lakes import TinyLake
from tests.fixtures import files, with_a_fixture


def test_a_row_that_is_published_twice_is_found_in_every_data_set_that_has_a_fixture(
    tiny_lake: TinyLake, tmp_path: Path
) -> None:
    models = [load_catalog()[each].staging_model for each in sorted(with_a_fixture())]
    for path in files():
        tiny_lake.read_published(path.parent.name, [path])
    assert tiny_lake.check(*models) == {}
    for path in files():
        header, *rows = path.read_text(encoding="utf-8").splitlines()
        twice = tmp_path / path.name
        twice.write_text("\n".join([header, *rows, *rows]) + "\n", encoding="utf-8")
        tiny_lake.read_published(path.parent.name, [twice])
    expected = {node["name"] for node in tiny_lake.checks_of_keys(with_a_fixture())}
    assert expected
    assert expected <= set(tiny_lake.check(*models))
