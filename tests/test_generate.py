"""Files that are derived are as the catalogue and the dbt project say, and a mistake is told without a traceback."""

from __future__ import annotations

from pathlib import Path

import pytest

from dataelec_assets import generate
from dataelec_assets.errors import WarehouseError
from dataelec_assets.packaged import repository


def test_every_derived_file_is_up_to_date() -> None:
    assert generate.main(["--check"]) == 0


def test_what_is_derived_are_sources_staging_models_pages_and_lists() -> None:
    names = {path.relative_to(repository("test")).as_posix() for path in generate.derived_files()}
    assert names >= {
        "dbt/models/staging/odre/_odre__sources.yml",
        "dbt/models/staging/odre/stg_odre__temperature_quotidienne_regionale.sql",
        "docs/data-sets.md",
        "docs/dictionary.md",
        "docs/warehouse.md",
    }
    assert "dbt/models/staging/odre/stg_odre__eco2mix_national_tr.sql" not in names  # it does more than rename


def test_a_file_that_differs_is_named_then_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(generate, "repository", lambda _: tmp_path)
    monkeypatch.setattr(generate, "derived_files", lambda: {tmp_path / "pages" / "one.md": "neuf"})
    assert generate.main(["--check"]) == 1
    assert "pages/one.md is out of date: run `make generate`." in capsys.readouterr().err
    assert generate.main([]) == 0
    assert (tmp_path / "pages" / "one.md").read_text(encoding="utf-8") == "neuf"
    assert generate.main(["--check"]) == 0


def test_a_mistake_in_a_file_is_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def spoilt() -> dict[Path, str]:
        raise WarehouseError("dbt/models/x.yml, line 3: mapping values are not allowed here.")

    monkeypatch.setattr(generate, "derived_files", spoilt)
    assert generate.main([]) == 1
    assert capsys.readouterr().err == "error: dbt/models/x.yml, line 3: mapping values are not allowed here.\n"
