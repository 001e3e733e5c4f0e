"""What is drafted from a sample is refreshed from its fixture, with nothing edited."""

from __future__ import annotations

from pathlib import Path

import pytest

from dataelec_assets.catalog import Catalog
from dataelec_assets.database import connect
from dataelec_assets.ingest.copies import refresh_copies
from dataelec_assets.ingest.fetch import refresh_source
from dataelec_assets.portals.progress import SilentProgress
from dataelec_assets.run_context import RunContext
from dataelec_assets.scaffold.guess import guess
from dataelec_assets.scaffold.sample import Sample
from dataelec_assets.scaffold.texts import fixture_text
from dataelec_assets.settings import Settings
from tests.reading import copies
from tests.scaffold.test_guess import PEAKS
from tests.scaffold.test_texts import entry

YEARS = Sample(
    ("annee", "code_insee_region", "parc_eolien_mw"),
    (("2022", "11", "112.5"), ("2022", "84", "650"), ("2023", "11", None)),
)
INSTANTS = Sample(
    ("Date - Heure", "Code INSEE région", "Consommation (MW)"),
    (("2024-01-01T00:00:00+01:00", "11", "8000"), ("2024-01-01T00:30:00+01:00", "11", "8100")),
)


@pytest.mark.parametrize("sample", [PEAKS, YEARS, INSTANTS], ids=["days", "years", "instants"])
def test_a_drafted_set_is_refreshed_from_its_fixture(sample: Sample, tmp_path: Path) -> None:
    dataset = entry(sample)
    fixture = tmp_path / "fixtures" / "odre" / dataset.id / f"{dataset.id}.csv"
    fixture.parent.mkdir(parents=True)
    fixture.write_text(fixture_text(sample, guess(sample)), encoding="utf-8")
    ctx = RunContext(Settings(lake=tmp_path / "lake", folder=tmp_path / "fixtures"), Catalog([dataset]))
    report = refresh_source(ctx, dataset, SilentProgress())
    assert report.error is None
    refresh_copies(ctx, dataset)
    rows = connect().execute(f"SELECT count(*) FROM {copies(ctx, dataset)}").fetchall()
    assert rows == [(len(sample.rows),)]
