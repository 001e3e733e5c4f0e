"""Each fixture is read by its contract, which the key of its rows keeps to."""

from __future__ import annotations

from pathlib import Path

import pytest

from dataelec_assets.catalog import load_catalog
from dataelec_assets.database import connect
from dataelec_assets.lake.file_formats import inspect, unknown_headers
from dataelec_assets.lake.reading import load
from tests.fixtures import FIXTURES, files


@pytest.mark.parametrize("path", files(), ids=[path.parent.name for path in files()])
def test_a_fixture_is_read_by_its_contract(path: Path) -> None:
    dataset = load_catalog()[path.parent.name]
    assert path.parent.parent == FIXTURES / dataset.portal
    raw = inspect(dataset.id, path)
    assert unknown_headers(dataset, raw) == ()
    with connect() as connection:
        facts = load(connection, dataset, raw, "arrival")
        assert facts.rows > 1
        if dataset.key:
            ((keys,),) = connection.execute(
                f"SELECT count(*) FROM (SELECT DISTINCT {', '.join(dataset.key)} FROM arrival)"
            ).fetchall()
            assert keys == facts.rows


def test_a_fixture_is_small() -> None:
    assert files()
    assert [path.name for path in files() if path.stat().st_size > 10_000] == []
