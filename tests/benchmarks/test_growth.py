"""A little of the growth, from arrivals to a publication; what was measured is not measured again."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import duckdb
import pytest

from benchmarks import growth
from benchmarks.growth import Figure, Figures
from benchmarks.metering import write_month
from benchmarks.metering_sql import FACT, MART, rendered
from benchmarks.metering_stages import FACT_TABLE, MART_TABLE, OnDuckDB, copies, copy

SITES, MONTHS = 20, ("2024-03", "2024-10")


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder in which 60,000 readings of two months went all the way on DuckDB."""
    folder = tmp_path_factory.mktemp("metering")
    for month in MONTHS:
        rows = write_month(folder / "arrivals" / f"{month}.parquet", month, SITES, 7)
        assert copy(folder, month) == rows
    with OnDuckDB.opened(folder) as steps:
        for step in (steps.fact, steps.mart, steps.publish, steps.whole, steps.publish):
            step()
    return folder


def rows_of(folder: Path, sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(folder / "duckdb" / "served.duckdb"), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_the_fact_counts_the_later_of_two_readings_and_leaves_empty_ones_out(published: Path) -> None:
    names = ", ".join(f"'{file}'" for file in copies(published))
    newest = f"""SELECT count(*) FILTER (w IS NOT NULL), round(sum(w) / 2000, 6) FROM (
        SELECT max_by(coalesce(puissance_w, -1), publie_le) AS p, nullif(p, -1) AS w FROM read_parquet([{names}])
        GROUP BY site, horodatage)"""
    fact = f"SELECT sum(sites_mesures), round(sum(energie_kwh), 6) FROM {FACT_TABLE}"
    assert rows_of(published, fact) == rows_of(published, newest)
    assert rows_of(published, f"SELECT max(sites), count(DISTINCT code_commune) FROM {FACT_TABLE}") == [(16, 2)]


def test_days_are_civil_and_compared_with_the_same_weekday(published: Path) -> None:
    days = f"SELECT demi_heures, jour_iso FROM {MART_TABLE} WHERE code_commune = '01001' AND date_locale = "
    assert rows_of(published, f"{days} DATE '2024-03-31'") == [(46, 7)]
    assert rows_of(published, f"{days} DATE '2024-10-27'") == [(50, 7)]
    pairs = f"""SELECT a.energie_semaine_avant_kwh, b.energie_kwh FROM {MART_TABLE} a JOIN {MART_TABLE} b
        ON a.code_commune = b.code_commune AND b.date_locale = a.date_locale - 7"""
    found = rows_of(published, pairs)
    assert len(found) == 2 * (24 + 24)
    assert all(before == energy for before, energy in found)


def test_a_publication_is_both_tables_as_parquet_behind_one_link(published: Path) -> None:
    link = published / "duckdb" / "parquet"
    assert link.is_symlink()
    assert {path.stem for path in link.glob("*.parquet")} == {FACT_TABLE, MART_TABLE}
    assert len([*link.parent.glob("parquet-*")]) == 1  # the publication before is gone


def test_each_engine_gets_its_own_functions() -> None:
    assert "timezone('Europe/Paris', horodatage)" in rendered(FACT, "duckdb", copie="c")
    assert "from_utc_timestamp(horodatage, 'Europe/Paris')" in rendered(FACT, "spark", copie="c")
    assert "isodow(date_locale)" in rendered(MART, "duckdb", fait="f")
    assert "weekday(date_locale)" in rendered(MART, "spark", fait="f")


def test_what_was_measured_is_not_measured_again(tmp_path: Path) -> None:
    program = "import json, sys; open(sys.argv[1], 'a').write('x'); print(json.dumps({'rows': 3}))"
    for _ in range(2):
        figure = Figures(tmp_path).measured("1 copy 2024-01", ["-c", program, str(tmp_path / "runs")])
        assert figure.output == {"rows": 3}
    assert (tmp_path / "runs").read_text() == "x"
    assert json.loads((tmp_path / "figures.json").read_text())["1 copy 2024-01"]["cpu"] > 0


def test_a_run_that_was_cut_makes_again_what_is_gone_and_engines_must_agree(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(growth, "UNIT", 17_568)  # one site
    monkeypatch.setattr(growth, "months", lambda: ["2024-02"])
    monkeypatch.setattr(growth, "spark", lambda: None)
    monkeypatch.setattr(growth, "IN_ONE_GO", {1: (("duckdb", "300MB"),)})
    monkeypatch.setattr(growth, "PICTURE", tmp_path / "growth.svg")
    # The peak of a process counts that of whoever started it, and this one may have run a thousand tests.
    monkeypatch.setattr(growth, "MOST_MB", 1_000_000)
    monkeypatch.setenv("DATAELEC_METERING", str(tmp_path))
    monkeypatch.delenv("DATAELEC_REPORT", raising=False)
    monkeypatch.setenv("DATAELEC_SIZES", "1")
    figures = Figures(tmp_path)
    growth._copies(tmp_path / "rows-1", 1, figures)
    shutil.rmtree(tmp_path / "rows-1")
    named = [*growth.rows(tmp_path)]
    assert [row[0] for row in named] == [
        "0.0 million rows, duckdb",
        "Fact of 0 million rows in one go, duckdb, memory 300MB",
    ]
    assert named[0][3] == "≤ 1,000,000 MB: yes"
    assert not (tmp_path / "rows-1").exists()
    assert "DuckDB" in (tmp_path / "growth.svg").read_text(encoding="utf-8")
    assert [*growth.rows(tmp_path)] == named  # nothing is left to do
    figures = Figures(tmp_path)
    figures._known["1 answer spark"] = {**figures._known["1 answer duckdb"], "output": {"answer": []}}
    with pytest.raises(SystemExit, match="the engines differ"):
        [*growth._steps(figures, (1,))]


def test_a_fact_that_stops_is_tried_with_more_memory_and_an_engine_that_stops_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(growth, "spark", lambda: None)
    monkeypatch.setattr(growth, "MEMORIES", {"duckdb": ("", "2400MB"), "spark": ("",)})
    figures, known = Figures(Path("nowhere")), dict.fromkeys(Figure.__slots__, 1.0)
    stopped = {**known, "output": {"stopped": "Out of Memory"}}
    figures._known["2 fact duckdb"] = stopped
    tried, after = ["fact duckdb", "fact duckdb 2400MB"], ["mart duckdb", "publish duckdb", "answer duckdb"]
    assert [*growth._wanted(2, figures)] == [*tried, *after]
    figures._known["2 fact duckdb 2400MB"] = stopped
    assert [*growth._wanted(2, figures)] == tried
    assert [(row[0], row[2]) for row in growth._memory(figures, (2,))] == [
        ("Fact of 20 million rows month by month, duckdb, memory as usual", "stopped: Out of Memory"),
        ("Fact of 20 million rows month by month, duckdb, memory 2400MB", "stopped: Out of Memory"),
    ]


def test_a_row_that_costs_more_at_size_is_told() -> None:
    figures = Figures(Path("nowhere"))
    for size, cpu in ((1, 10.0), (10, 200.0)):
        for name in (*(f"copy 2024-{month:02d}" for month in range(1, 13)), "fact duckdb", "mart duckdb"):
            figures._known[f"{size} {name}"] = {
                **dict.fromkeys(Figure.__slots__, 1.0),
                "cpu": cpu,
                "output": {"rows": size},
            }
    (row,) = growth._growth(figures, (1, 10))
    assert row[2:] == ("× 2.00", "≤ 1.5: **no**")
