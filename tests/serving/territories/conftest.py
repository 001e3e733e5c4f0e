"""The pages of the territories alone: they take a fifth of a second, the whole report a hundred times that."""

from __future__ import annotations

from pathlib import Path

import pytest

from dataelec_assets.serving.report.build import write_territory_pages
from dataelec_assets.serving.report.territories import Written
from dataelec_assets.warehouse.publication import read_publication
from tests.serving.served import write_served


def written(served: Path, target: Path, former: Path) -> Written:
    """Write the pages of a served file to ``target``; those of ``former`` that show the same are taken over."""
    publication = read_publication(served)
    assert publication is not None
    return write_territory_pages(served, publication, target, former)


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a served file with invented rows."""
    return write_served(tmp_path_factory.mktemp("territories") / "dataelec.duckdb", last="places")


@pytest.fixture(scope="session")
def folder(served: Path) -> Path:
    """Return the folder of the territories' pages, where a report has it."""
    target = served.parent / "rapport" / "territoires"
    written(served, target, served.parent / "none")
    (target.parent / "index.html").write_text('<!DOCTYPE html><html lang="fr"></html>', encoding="utf-8")
    return target
