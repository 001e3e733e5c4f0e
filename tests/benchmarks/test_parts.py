"""What the benchmarks stand on: their page, their clocks, their floor. None of them is run."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchmarks import __main__ as runner
from benchmarks import floor
from benchmarks.measure import rounds, run_once, sizes
from benchmarks.news import change_one_value
from dataelec_assets.database import connect
from dataelec_assets.lake.atomic_files import write_json
from dataelec_assets.lake.paths import LakePaths
from tests.faults.france import GAS


def test_every_part_has_its_place_on_the_page_and_its_minutes() -> None:
    page = runner.REPORT.read_text(encoding="utf-8")
    assert re.findall(r"<!-- (\w+) -->\n(?:[^<]|<(?!!--))*<!-- end -->", page) == sorted(
        runner.PARTS, key=lambda part: page.index(f"<!-- {part} -->")
    )
    assert {*re.findall(r"\| (\w+) \| \d+ ", page)} == {*runner.PARTS}


def test_rows_take_the_place_of_those_of_an_earlier_run_and_leave_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = tmp_path / "README.md"
    report.write_text("<!-- news -->\nold\n<!-- end -->\n<!-- api -->\nkept\n<!-- end -->\n", encoding="utf-8")
    monkeypatch.setattr(runner, "REPORT", report)
    runner._write("news", [("what", "1 s", "× 1.00", "≤ 1.2: yes")])
    page = report.read_text(encoding="utf-8")
    assert "| what | 1 s | × 1.00 | ≤ 1.2: yes |\n<!-- end -->\n<!-- api -->\nkept\n" in page
    assert page.startswith("<!-- news -->\nMeasured on ")
    assert "old" not in page


def test_a_process_is_measured_with_its_children_and_what_it_writes(tmp_path: Path) -> None:
    spin = "import time\nwhile time.process_time() < .3: pass"
    write = f"f = open({str(tmp_path / 'written')!r}, 'wb'); f.write(bytes(3_000_000))"
    start = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {spin!r}]); print('done')"
    run = run_once(["-c", f"{start}; {write}"])
    assert run.output == "done\n"
    assert 0.3 < run.cpu < 3
    # A folder in memory counts for nothing.
    assert run.written_mb == pytest.approx(0, abs=0.1) or run.written_mb == pytest.approx(3, abs=0.5)
    with pytest.raises(SystemExit, match="failed"):
        run_once(["-c", "import sys; sys.exit(1)"])


def test_rounds_and_sizes_are_the_usual_ones_unless_the_environment_says_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("DATAELEC_ROUNDS", "DATAELEC_SIZES"):
        monkeypatch.delenv(name, raising=False)
    assert (rounds(3), sizes((1, 3, 10))) == (3, (1, 3, 10))
    monkeypatch.setenv("DATAELEC_ROUNDS", "1")
    monkeypatch.setenv("DATAELEC_SIZES", "10 30")
    assert (rounds(3), sizes((1, 3, 10))) == (1, (10, 30))


def test_imports_are_clocked_once_each_and_the_rest_is_not(tmp_path: Path) -> None:
    spin = "import time\nend = time.process_time() + .2\nwhile time.process_time() < end: pass\n"
    (tmp_path / "inner.py").write_text(spin, encoding="utf-8")
    (tmp_path / "outer.py").write_text(f"import inner\n{spin}", encoding="utf-8")
    program = (
        f"from benchmarks import import_clock\nimport_clock.start()\nimport outer\n{spin}print(import_clock.spent())"
    )
    run = run_once(["-c", f"import sys\nsys.path.insert(0, {str(tmp_path)!r})\n{program}"])
    assert 0.4 <= float(run.output) < 0.55


def test_one_value_of_real_time_is_changed(tmp_path: Path) -> None:
    published = tmp_path / "published.csv"
    lines = [
        "Nature;Date - Heure;Consommation (MW)",
        "a;2025-01-01T10:15:00+00:00;2",
        "a;2025-01-01T10:30:00+00:00;3",
        "a;2025-01-01T10:45:00+00:00;",
    ]
    published.write_bytes("\r\n".join([*lines, ""]).encode())
    change_one_value(published, 41)
    lines[2] = "a;2025-01-01T10:30:00+00:00;41"
    assert published.read_bytes() == "\r\n".join([*lines, ""]).encode()


def test_the_floor_copies_the_newest_vintage_of_each_partition_sorted_by_its_key(tmp_path: Path) -> None:
    paths = LakePaths(tmp_path / "lake")
    head = "date;stock_fin_de_journee;source;pits\n"
    for name, digest, lines in (
        ("2_new", "cd" * 32, "2018-01-02;2.5;Storengy;Est\n2018-01-01;1.5;Storengy;Est\n"),
        ("1_old", "ab" * 32, "2018-01-01;9.5;Storengy;Est\n"),
    ):
        write_json(paths, paths.manifests / GAS / "2018-01" / f"{name}.json", {"sha256": digest})
        path = paths.objects / digest[:2] / f"{digest}.csv.zst"
        path.parent.mkdir(parents=True)
        with pa.output_stream(str(path), compression="zstd") as stream:
            stream.write((head + lines).encode())
    floor.copies(paths.root, tmp_path / "out")
    (made,) = (tmp_path / "out" / "parquet").iterdir()
    assert pq.read_table(made)["stock_fin_de_journee"].to_pylist() == [1.5, 2.5]


def test_the_floor_runs_what_dbt_compiled_in_its_order(tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    nodes = {
        name: {
            "name": name,
            "alias": name,
            "resource_type": kind,
            "schema": "main",
            "language": "sql",
            "config": {"materialized": "table" if name == "b" else "view"},
        }
        for name, kind in (("a", "model"), ("b", "model"), ("c", "test"))
    }
    sql = {
        "a": "select x from odre.lignes",
        "b": "select x + 1 as x from main.a",
        "c": "select * from main.b where x = 2",
    }
    for folder in ("dbt", "parquet", "warehouse"):
        (lake / folder).mkdir(parents=True)
    pq.write_table(pa.table({"x": [1]}), lake / "parquet" / "part.parquet")
    with connect(lake / "warehouse" / "warehouse.duckdb") as built:
        built.execute(f"SET file_search_path = '{lake / 'parquet'}'; CREATE SCHEMA odre")
        built.execute("CREATE VIEW odre.lignes AS FROM read_parquet(['part.parquet'])")
    (lake / "dbt" / "manifest.json").write_text(json.dumps({"nodes": nodes}), encoding="utf-8")
    results = [{"unique_id": name, "compiled_code": code} for name, code in sql.items()]
    (lake / "dbt" / "run_results.json").write_text(json.dumps({"results": results}), encoding="utf-8")
    floor.nodes(lake, tmp_path)
    floor.export(lake, tmp_path)
    assert pq.read_table(tmp_path / "served" / "b.parquet")["x"].to_pylist() == [2]
    assert [each.name for each in (tmp_path / "served").iterdir()] == ["b.parquet"]
