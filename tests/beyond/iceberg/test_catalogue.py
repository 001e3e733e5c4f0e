"""The catalogue is a file, or a database that several machines reach; its password is shown nowhere."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dataelec_assets.errors import DataElecError
from dataelec_assets.settings import Secret, Settings
from tests.beyond.iceberg.conftest import MONTHLY, Lake

pytestmark = pytest.mark.beyond


def test_a_database_holds_the_same_as_the_file_and_its_address_stands_nowhere(on_postgres: Lake, server: str) -> None:
    done = on_postgres.register()
    assert done.catalogue.startswith("postgresql://dataelec@127.0.0.1:")
    assert not (on_postgres.ctx.paths.root / "iceberg" / "catalogue.db").exists()
    second = on_postgres.publish(f"UPDATE {MONTHLY} SET consommation_electricite_mw = 1", m2024_02=4.0)
    on_postgres.register()
    assert on_postgres.consumption(second) == {"2024-01": 1, "2024-02": 1}
    assert on_postgres.consumption(f"{1:016x}") == {"2024-01": 100, "2024-02": 200}
    assert not any(each.has_moved for each in on_postgres.register().tables.values())
    for path in (on_postgres.ctx.paths.root / "iceberg").rglob("*.json"):
        assert server not in path.read_text(encoding="utf-8")


def test_a_database_that_cannot_be_reached_is_named_without_its_password(lake: Lake) -> None:
    address = "postgresql://moi:s3cret@127.0.0.1:1/base?password=s3cret"
    away = replace(lake, ctx=replace(lake.ctx, settings=Settings(lake=lake.ctx.paths.root, iceberg=Secret(address))))
    with pytest.raises(DataElecError, match=r"postgresql://moi@127\.0\.0\.1:1/base: .*efused") as raised:
        away.register()
    assert "s3cret" not in str(raised.value)
    assert raised.value.__cause__ is not None
    assert "s3cret" not in repr(away.ctx.settings)
