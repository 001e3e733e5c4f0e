"""What is lost or was left half-way is made good by the next refresh."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from dataelec_assets.ingest.fetch import refresh_source
from dataelec_assets.lake import raw
from dataelec_assets.lake.parquet import ParquetLake
from dataelec_assets.lake.raw import RawStore
from dataelec_assets.portals.progress import SilentProgress
from dataelec_assets.warehouse import build, publish, up_to_date
from tests.faults.france import GAS, REAL_TIME, SOURCES, TEMPERATURE, SmallLake, copies_of

_GAS = "SELECT count(*) FROM fct_stock_gaz WHERE stock_gwh = 1234.5"


class Died(BaseException):
    """Stands for the end of the process: nothing of ours catches it."""


@contextmanager
def dying_at(patch: pytest.MonkeyPatch, owner: object, name: str, call: int = 1) -> Iterator[None]:
    """Let the process die at the given call of a function, before it does anything."""
    genuine, calls = getattr(owner, name), iter(range(1, 1000))

    def deadly(*args: object, **kwargs: object) -> object:
        if next(calls) == call:
            raise Died
        return genuine(*args, **kwargs)

    with patch.context() as during:
        during.setattr(owner, name, deadly)
        with pytest.raises(Died):
            yield


def test_lost_states_and_a_lost_dagster_home_cost_no_download_and_change_nothing(small: SmallLake) -> None:
    before = small.kept()
    shutil.rmtree(small.paths.state)
    shutil.rmtree(small.paths.dagster_home)

    outcome = small.refresh()

    assert outcome.exit_code == 0
    assert [row["outcome"] for row in outcome.sources] == ["checked"] * len(SOURCES)
    calls = small.portal.counted()
    assert [calls[f"odre/{each}"].get("export", 0) for each in SOURCES] == [0] * len(SOURCES)
    assert small.kept() == before

    shutil.rmtree(small.paths.state)
    small.revise(GAS)
    outcome = small.refresh()

    assert outcome.exit_code == 0
    calls = small.portal.counted()
    assert [calls[f"odre/{each}"].get("export", 0) for each in SOURCES] == [1 if each == GAS else 0 for each in SOURCES]
    assert small.rows(_GAS) == [(6,)]
    assert small.paths.dagster_home.exists()


def test_a_lost_warehouse_is_built_again_with_the_same_content(small: SmallLake) -> None:
    content = small.content()
    shutil.rmtree(small.paths.warehouse.parent)
    small.paths.served_file.unlink()
    small.take_up()
    assert small.content() == content


def test_lost_parquet_copies_are_rebuilt_byte_for_byte(small: SmallLake) -> None:
    copies, identifier = copies_of(small.paths), small.publication()
    shutil.rmtree(small.paths.parquet)
    outcome = small.refresh()
    assert outcome.exit_code == 0
    assert small.publication() == identifier
    assert {name: digest for name, digest in copies.items() if name in copies_of(small.paths)} == copies_of(small.paths)
    assert {name for name in copies if "vide" not in name} <= set(copies_of(small.paths))


def test_a_damaged_vintage_is_an_error_that_names_the_data_set_and_the_others_go_on(small: SmallLake) -> None:
    ctx = small.ctx()
    newest = ctx.raw.newest(TEMPERATURE, "2023-01")
    assert newest is not None
    damaged = ctx.raw.object_path(newest.sha256)
    damaged.write_bytes(damaged.read_bytes()[:100])
    shutil.rmtree(ctx.parquet.folder(ctx.catalog[TEMPERATURE]))
    small.revise(GAS)

    outcome = small.refresh()

    assert outcome.exit_code == 4
    rows = {row["dataset_id"]: row for row in outcome.sources}
    assert rows[TEMPERATURE]["outcome"] == "failed"
    assert newest.sha256[:12] in rows[TEMPERATURE]["error"]
    assert rows[GAS]["outcome"] == "refreshed"


@pytest.mark.parametrize(
    ("owner", "name"),
    [(RawStore, "keep"), (raw, "move_into_place"), (raw, "write_json")],
    ids=["before it is kept", "before the object", "between object and manifest"],
)
def test_an_arrival_that_is_cut_short_is_not_a_vintage_and_is_fetched_again(
    small: SmallLake, monkeypatch: pytest.MonkeyPatch, owner: object, name: str
) -> None:
    ctx = small.ctx()
    dataset = ctx.catalog[GAS]
    before = list(ctx.raw.vintages(dataset, "2023-02"))
    small.revise(GAS)
    with dying_at(monkeypatch, owner, name):
        refresh_source(ctx, dataset, SilentProgress())
    assert list(ctx.raw.vintages(dataset, "2023-02")) == before

    report = refresh_source(ctx, dataset, SilentProgress())

    assert (report.changed, report.error) == (["2023-02"], None)
    old, new = ctx.raw.vintages(dataset, "2023-02")
    assert [old] == before
    assert ctx.raw.check(new.sha256).exists()


def test_a_refresh_that_dies_between_a_copy_and_its_index_is_finished_by_the_next(
    small: SmallLake, monkeypatch: pytest.MonkeyPatch
) -> None:
    small.revise(REAL_TIME)
    with dying_at(monkeypatch, ParquetLake, "write_index"):
        small.take_up(REAL_TIME)
    small.take_up(REAL_TIME)
    found, copies = small.content(), copies_of(small.paths)
    # From scratch: every vintage is folded again.
    shutil.rmtree(small.paths.parquet / "eco2mix_national_tr")
    small.take_up(REAL_TIME)
    assert copies_of(small.paths) == copies
    assert small.content() == found


def test_a_build_that_dies_before_it_remembers_is_taken_again(
    small: SmallLake, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = small.content()
    small.revise(GAS)
    with dying_at(monkeypatch, build, "remember", call=2):
        small.take_up(GAS)
    assert small.content() == content
    ctx = small.ctx()
    report = build.build_warehouse(ctx)
    assert (report.kind, report.datasets, report.months) == ("months", [GAS], ["2023-02"])
    small.take_up()
    assert small.rows(_GAS) == [(6,)]


def test_a_publication_that_dies_before_its_parquet_tables_are_in_place_is_completed(
    small: SmallLake, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = small.parquet_content()
    small.revise(GAS)
    with dying_at(monkeypatch, publish, "point_to"):
        small.take_up(GAS)
    assert small.parquet_content() == before
    identifier, published_at = small.publication(), small.rows("SELECT publiee_a FROM meta_publication")
    assert not up_to_date.is_up_to_date(small.ctx())

    publish.publish(small.ctx())

    assert up_to_date.is_up_to_date(small.ctx())
    assert (small.publication(), small.rows("SELECT publiee_a FROM meta_publication")) == (identifier, published_at)
    assert small.parquet_content() == small.content() != before
    assert len(list(small.paths.serving.glob("parquet-*"))) == 1


def test_a_publication_that_dies_before_the_rename_leaves_the_served_file_as_it_was(
    small: SmallLake, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {name: digest for name, digest in small.kept().items() if name == "serving/dataelec.duckdb"}
    small.revise(GAS)
    with dying_at(monkeypatch, publish, "move_into_place"):
        small.take_up(GAS)
    assert before.items() <= small.kept().items()
    small.take_up()
    assert small.rows(_GAS) == [(6,)]
    assert small.parquet_content() == small.content()
    assert list(small.paths.temporary.glob("*")) == []
