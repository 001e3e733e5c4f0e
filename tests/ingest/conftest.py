"""A tiny portal with months to choose from: gas and temperatures, a few rows a month."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import pytest

from dataelec_assets.commands.backfill import run_backfill
from dataelec_assets.commands.outcomes import RefreshOutcome
from dataelec_assets.ingest import together
from tests.faults.france import GAS, TEMPERATURE, SmallLake
from tests.once import once
from tests.published import serving
from tests.stubs import Stub

MONTHS = tuple(f"{year}-{month:02d}" for year in (2018, 2019) for month in range(1, 13))
LOADED = ("2018-03", "2018-04", "2018-05")


@dataclass(frozen=True)
class FirstBackfill:
    """A lake that holds ``LOADED`` of the gas, served, and how it came to be.

    Attributes:
        folder: where it is kept.
        outcome: of the backfill.
        filters: of the exports that the portal was asked for.
    """

    folder: Path
    outcome: RefreshOutcome
    filters: list[str]


@pytest.fixture(scope="session")
def tiny_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder that the portals serve."""
    folder = tmp_path_factory.mktemp("tiny")
    gas = [f"{month}-01;{number}.5;Storengy;{pits}" for number, month in enumerate(MONTHS) for pits in ("Est", "Ouest")]
    temperatures = [f"{month}-01;11;Île-de-France;1;3;2" for month in MONTHS[:3]]
    for dataset_id, lines in {
        GAS: ["date;stock_fin_de_journee;source;pits", *gas],
        TEMPERATURE: ["date;code_insee_region;region;tmin;tmax;tmoy", *temperatures],
    }.items():
        file = folder / "odre" / dataset_id / f"{dataset_id}.csv"
        file.parent.mkdir(parents=True)
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


@pytest.fixture
def tiny_portal(tiny_data: Path) -> Iterator[Stub]:
    """Serve the data; what a test changes ends with it."""
    with serving(tiny_data) as running:
        yield running


@pytest.fixture(scope="session")
def tiny_place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where every lake of these tests lies: Dagster's home of the first one stays that of the process."""
    return tmp_path_factory.mktemp("tiny_lakes") / "lake"


@pytest.fixture(scope="session")
def first_backfill(tiny_data: Path, tmp_path_factory: pytest.TempPathFactory) -> FirstBackfill:
    """Backfill three months of gas into a lake that is not there yet."""

    def make(folder: Path) -> None:
        with serving(tiny_data) as running, pytest.MonkeyPatch.context() as patch:
            patch.setenv("DAGSTER_HOME", str(folder / "lake" / "dagster"))
            ctx = SmallLake(folder / "lake", running).ctx()
            outcome = run_backfill(GAS, LOADED[0], LOADED[-1], quiet=True, ctx=ctx)
            about = {"outcome": asdict(outcome), "filters": exported(running)}
        # When it was published, an instant, is not looked at.
        (folder / "about.json").write_text(json.dumps(about, default=str), encoding="utf-8")

    folder = once(tmp_path_factory, "first-backfill", make)
    about = json.loads((folder / "about.json").read_text(encoding="utf-8"))
    return FirstBackfill(folder / "lake", RefreshOutcome(**about["outcome"]), about["filters"])


@pytest.fixture
def bare(tiny_place: Path, tiny_portal: Stub, monkeypatch: pytest.MonkeyPatch) -> SmallLake:
    """Return a run context without a lake; the command line of this process is in it."""
    shutil.rmtree(tiny_place, ignore_errors=True)
    ctx = SmallLake(tiny_place, tiny_portal)
    monkeypatch.setenv("DAGSTER_HOME", str(tiny_place / "dagster"))
    for name in ("DATAELEC_LAKE", "DATAELEC_ODRE_URL"):
        monkeypatch.setenv(name, ctx.environment[name])
    return ctx


@pytest.fixture
def loaded(first_backfill: FirstBackfill, bare: SmallLake) -> SmallLake:
    """Return a run context whose lake holds ``LOADED`` of the gas."""
    shutil.copytree(first_backfill.folder, bare.root, symlinks=True)
    return bare


@pytest.fixture
def by_the_month(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each partition be asked for alone, as where fewer are stale."""
    monkeypatch.setattr(together, "AT_LEAST", 1_000)


def revise(ctx: SmallLake, month: str, value: float) -> None:
    """Let the publisher revise one value of a month of gas."""
    assert ctx.portal.revise(GAS, f"date = date'{month}-01' and pits = 'Est'", stock_fin_de_journee=value) == 1


def exported(portal: Stub) -> list[str]:
    """Return the filters of the exports that a portal was asked for, in order of time."""
    return [call.parameters["where"] for call in portal.calls if call.kind == "export"]
