"""On the published files: what nothing has changed costs, what one revision costs, and what a kill costs."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import dagster as dg
import pytest

from dataelec_assets.catalog import load_catalog
from dataelec_assets.commands.publications import differences
from dataelec_assets.lake.paths import LakePaths
from dataelec_assets.portals.folder.layout import WEATHER
from dataelec_assets.warehouse.dictionary import served_tables
from dataelec_assets.warehouse.meta_tables import META_TABLES
from dataelec_assets.warehouse.parse import ensure_parse
from tests.e2e.conftest import Refreshed, monthly_models
from tests.faults.france import copies_of
from tests.published import publish_folder, stub
from tests.stubs import Call, Stub

pytestmark = [pytest.mark.real, pytest.mark.slow]

REGIONAL = "consommation-quotidienne-brute-regionale"

# Questions that are counted apart: the headers of plain files, and the weather, whose reply is the question.
APART = ("head", "forecast")

# One half-hour of one region, and the filter of the export that a refresh may ask for because of it.
REVISED = "date_heure = '2018-02-28T18:30:00+00:00' and code_insee_region = '11'"
FEBRUARY = "date_heure >= '2018-01-31T23:00:00+00:00' and date_heure < '2018-02-28T23:00:00+00:00'"


@pytest.fixture(scope="module")
def portal(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stub]:
    """Serve the published files as the portals would."""
    with stub() as running:
        publish_folder(running, real_data, tmp_path_factory.mktemp("read"))
        yield running


@pytest.fixture(scope="module")
def settled(refreshed: Refreshed, portal: Stub, tmp_path_factory: pytest.TempPathFactory) -> Refreshed:
    """Return a copy of the lake that has seen all that the portals have."""
    root = tmp_path_factory.mktemp("settled") / "lake"
    shutil.copytree(refreshed.paths.root, root, symlinks=True)
    lake = moved(refreshed, root, portal.addresses)
    done = lake.dataelec("refresh", "--quiet")
    assert done.returncode == 3, done.stderr
    return lake


@pytest.fixture
def copied(settled: Refreshed, portal: Stub, tmp_path: Path) -> Refreshed:
    """Return a copy of the lake, which a revision disturbs alone."""
    shutil.copytree(settled.paths.root, tmp_path / "lake", symlinks=True)
    return moved(settled, tmp_path / "lake", portal.addresses)


def moved(lake: Refreshed, root: Path, addresses: Mapping[str, str]) -> Refreshed:
    kept = {name: value for name, value in lake.environment.items() if name != "DATAELEC_FROM"}
    portals = {f"DATAELEC_{name.upper()}": url for name, url in addresses.items()}
    return replace(lake, paths=LakePaths(root), environment={**kept, **portals, "DATAELEC_LAKE": str(root)})


def counted(made: list[Call]) -> Counter[tuple[str, str]]:
    """Return how often each data set was asked what, without what is counted apart."""
    return Counter((call.name.partition("/")[2], call.kind) for call in made if call.kind not in APART)


def one_question_each() -> Counter[tuple[str, str]]:
    """Return one metadata call for each data set of a portal that has any; DiDo has one for all grains."""
    without = ("files", "rte", "local", *WEATHER)
    catalog = load_catalog().values()
    ids = {each.id for each in catalog if each.info.api not in without}
    return Counter((each, "metadata") for each in ids | {each.dido.dataset for each in catalog if each.dido})


def heads(made: list[Call]) -> int:
    return sum(call.kind == "head" for call in made)


def descendants(lake: Refreshed) -> set[str]:
    """Return what comes from regional consumption, and from revisions, as dbt itself says."""
    manifest = json.loads(ensure_parse(lake.paths).manifest_json.read_text(encoding="utf-8"))
    table = REGIONAL.replace("-", "_")
    found, queue = set(), [f"source.dataelec.odre.{table}", "source.dataelec.lac.revisions"]
    while queue:
        children = [each for each in manifest["child_map"][queue.pop()] if each.startswith("model.")]
        queue += [each for each in children if each not in found]
        found |= set(children)
    return {each.rsplit(".", 1)[-1] for each in found} | {f"raw/{table}", f"lake/{table}", "publication"}


def written(lake: Refreshed) -> dict[str, tuple[int, int]]:
    """Return inode and time of every file but what tells when the portal was asked."""
    folders = (lake.paths.root / "raw", lake.paths.parquet, lake.paths.warehouse.parent, lake.paths.serving)
    files = [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]
    return {str(path): (path.stat().st_ino, path.stat().st_mtime_ns) for path in files}


def test_a_refresh_without_news_costs_one_metadata_call_for_each_data_set_and_writes_nothing(
    settled: Refreshed, portal: Stub
) -> None:
    before, bytes_before = written(settled), settled.paths.served_file.read_bytes()
    runs, publication, asked = runs_of(settled), served(settled), len(portal.calls)
    assert settled.dataelec("refresh", "--quiet").returncode == 3
    made = portal.calls[asked:]
    assert counted(made) == one_question_each()
    # The published files here have no charging points of the nation, so these are asked for at both of their addresses.
    editions = [edition for each in load_catalog().values() for edition in each.editions]
    assert heads(made) == sum(len(edition.paths) for edition in editions)
    assert written(settled) == before
    assert settled.paths.served_file.read_bytes() == bytes_before
    assert (runs_of(settled), served(settled)) == (runs, publication)


def served(lake: Refreshed) -> object:
    return lake.value("SELECT publication_id FROM meta_publication")


@contextmanager
def history(lake: Refreshed) -> Iterator[dg.DagsterInstance]:
    """Open Dagster's state of a lake."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DAGSTER_HOME", str(lake.paths.dagster_home))
        with dg.DagsterInstance.from_config(str(lake.paths.dagster_home)) as instance:
            yield instance


def runs_of(lake: Refreshed) -> int:
    with history(lake) as instance:
        return instance.get_runs_count()


def test_one_revised_value_costs_its_month_and_gives_what_a_rebuild_without_network_gives_byte_for_byte(
    copied: Refreshed, portal: Stub, tmp_path: Path
) -> None:
    before = shutil.copyfile(copied.paths.served_file, tmp_path / "before.duckdb")
    assert portal.revise(REGIONAL, REVISED, consommation_brute_electricite_rte=12_345) == 1
    asked = len(portal.calls)

    result = copied.dataelec("refresh", "--quiet")

    assert result.returncode == 3, result.stderr
    made = portal.calls[asked:]
    # One question about each source; then one grouped call, whose sums prove the one export.
    assert counted(made) == one_question_each() + Counter({(REGIONAL, "records"): 1, (REGIONAL, "export"): 1})
    groups, export = (call.parameters for call in made if call.kind not in ("metadata", *APART))
    assert (groups["group_by"].split(" as ")[0], groups.get("where")) == ("year(date_heure)", None)
    assert export["where"] == FEBRUARY

    touched = descendants(copied)
    assert materialised(copied) == {(name, "2018-02" if is_monthly(name) else None) for name in touched}
    assert {"fct_consommation_regionale", "mart_conso_quotidienne_region", "fct_revisions"} <= touched
    assert months_built(copied, "fct_consommation_regionale") == {"2018-02"}
    changes = differences(before, copied.paths.served_file)
    moved_tables = {(row["table"], row["kind"], row["month"]) for row in changes}
    assert moved_tables >= {
        ("fct_consommation_regionale", "values", "2018-02"),
        ("mart_conso_quotidienne_region", "values", "2018-02"),
        ("fct_revisions", "rows", "2018-02"),
    }
    assert {table for table, _, _ in moved_tables} <= touched
    assert {month for _, _, month in moved_tables} <= {"2018-02", None}  # None: tables by year
    (revised,) = (row for row in changes if row["table"] == "fct_consommation_regionale")
    assert revised["after"] == "1 row(s) only here"

    # The same lake, built again from raw without a network: the same bytes, copy by copy, and the same tables.
    again = moved(copied, tmp_path / "again", dict.fromkeys(portal.addresses, "http://127.0.0.1:9"))
    shutil.copytree(copied.paths.root, again.paths.root, symlinks=True)
    parts = list(again.paths.parquet.rglob("*=*/part-*.parquet"))
    assert len(parts) > len(load_catalog())  # each data set has an empty one
    for path in parts:
        path.unlink()
    rebuilt = again.dataelec("rebuild")
    assert rebuilt.returncode == 0, rebuilt.stderr
    assert copies_of(again.paths) == copies_of(copied.paths)
    assert differences(copied.paths.root, again.paths.root) == []
    assert served_content(again) == served_content(copied)


def served_content(lake: Refreshed) -> dict[str, object]:
    """Return a digest of every served table, whatever the order of its rows."""
    return {
        table: lake.rows(f"SELECT count(*), bit_xor(hash(t)), sum(hash(t) % 1000003) FROM {table} AS t")
        for table in (*served_tables(), *META_TABLES)
    }


def is_monthly(name: str) -> bool:
    return name.startswith(("raw/", "lake/")) or name in monthly_models()


def materialised(lake: Refreshed) -> set[tuple[str, str | None]]:
    """Return what the last run has made; what it has recorded as checked and unchanged is left out."""
    found: set[tuple[str, str | None]] = set()
    with history(lake) as instance:
        (run,) = instance.get_runs(limit=1)
        for event in instance.all_logs(run.run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION):
            made = event.asset_materialization
            assert made is not None
            if "verifie_a" not in made.metadata:
                found.add(("/".join(made.asset_key.path), made.partition))
    return found


def months_built(lake: Refreshed, model: str) -> set[str]:
    """Return the months that the last build of a model was limited to, as its SQL says."""
    (compiled,) = (lake.paths.root / "dbt" / "compiled").rglob(f"{model}.sql")
    return set(re.findall(r"'(\d{4}-\d{2})'", compiled.read_text(encoding="utf-8")))
