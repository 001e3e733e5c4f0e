"""A year of half-hours, 10⁷ to 10⁹ of them, from arrivals to a publication, on DuckDB and on Spark.

Every figure is kept as it comes (``figures.json`` of the folder): what was measured is not measured again, so a run
that was cut goes on. ``DATAELEC_METERING`` names a folder that stays; without it, all is measured in a temporary one.
``DATAELEC_SIZES`` are sizes in ten million rows. At 10⁹ rows it takes 30 GB of disk.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.measure import Row, run_once, sizes, verdict
from benchmarks.metering import HALF_HOURS, months, sites_of
from benchmarks.metering_stages import copies

PICTURE = Path(__file__).resolve().parents[1] / "docs" / "img" / "growth.svg"

UNIT = 10_000_000
SEED = 20240101

# Spark's year of 10⁹ rows would take two hours of these two cores.
SPARK_UP_TO = 10

STEPS = ("fact", "mart", "publish")

# Sizes at which the fact is also made in one go, with what memory: where does what spills stop?
IN_ONE_GO: dict[int, tuple[tuple[str, str], ...]] = {
    10: (
        *(("duckdb", memory) for memory in ("1200MB", "600MB", "300MB", "150MB")),
        *(("spark", memory) for memory in ("2g", "1g")),
    ),
    100: (("duckdb", "1200MB"),),
}

# A hundred times the rows must not cost more than this for each of them, nor more memory than a refresh may take.
MOST_PER_ROW, MOST_MB = 1.5, 2000


@dataclass(frozen=True, slots=True)
class Figure:
    """What a step took.

    Attributes:
        wall, cpu: seconds.
        peak_mb: largest resident memory of one of its processes.
        written_mb: to a disk, with what spilled.
        output: what it printed, as JSON.
    """

    wall: float
    cpu: float
    peak_mb: float
    written_mb: float
    output: Any


class Figures:
    """The figures of a folder, by name of the step."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "figures.json"
        self._known: dict[str, Any] = json.loads(self._file.read_text()) if self._file.exists() else {}

    def get(self, name: str) -> Figure | None:
        """Return a figure; None when it was never measured."""
        return Figure(**self._known[name]) if name in self._known else None

    def measured(self, name: str, arguments: Sequence[str], program: str = sys.executable) -> Figure:
        """Return a figure, measured now unless it was before."""
        if (known := self.get(name)) is not None:
            return known
        environment = {"PYTHONPATH": str(Path(__file__).resolve().parents[1])}
        run = run_once(arguments, environment, program=program, right=(0,))
        output = json.loads(run.output.strip().splitlines()[-1])
        figure = Figure(run.wall, run.cpu, run.peak_mb, run.written_mb, output)
        self._known[name] = asdict(figure)
        draft = self._file.with_suffix(".draft")
        draft.write_text(json.dumps(self._known, indent=1))
        draft.replace(self._file)
        print(f"{name}: {figure.cpu:.1f} CPU-s, {figure.wall:.1f} s, {figure.peak_mb:.0f} MB {output}", flush=True)
        return figure


def spark() -> str | None:
    """Return the Python of the environment of `make beyond`; None when there is none."""
    found = Path(os.environ.get("BEYOND", ".venv/beyond")) / "bin" / "python"
    return str(found.absolute()) if found.exists() else None


def measure(folder: Path, size: int, figures: Figures) -> None:
    """Measure what is not yet known of a size; its files are removed at the end."""
    work = folder / f"rows-{size}"
    wanted = _wanted(size)
    if all(figures.get(f"{size} {name}") for name in ("bytes", *wanted)):
        return
    _copies(work, size, figures)
    own = {"copies_mb": sum(Path(file).stat().st_size for file in copies(work)) / 1e6}
    for engine in ("duckdb", "spark"):
        for name in [each for each in wanted if each.split()[1] == engine]:
            step, _, *memory = name.split()
            program = sys.executable if engine == "duckdb" else spark()
            arguments = ["-m", "benchmarks.metering_stages", step, str(work), engine, *memory]
            figures.measured(f"{size} {name}", arguments, program or sys.executable)
        own[f"{engine}_mb"] = _size_mb(work / engine / "parquet")
        shutil.rmtree(work / engine, ignore_errors=True)
    figures.measured(f"{size} bytes", ["-c", f"print({json.dumps(json.dumps(own))})"])
    shutil.rmtree(work)


def _wanted(size: int) -> list[str]:
    engines = ["duckdb", *(["spark"] if spark() and size <= SPARK_UP_TO else [])]
    found = [f"{step} {engine}" for engine in engines for step in (*STEPS, "answer")]
    return found + [f"whole {engine} {memory}" for engine, memory in IN_ONE_GO.get(size, ()) if engine in engines]


def _copies(work: Path, size: int, figures: Figures) -> None:
    """Make the copies of a year, one arrival on the disk at a time."""
    for month in months():
        if copies(work, month):
            continue
        arrival = work / "arrivals" / f"{month}.parquet"
        given = [str(arrival), month, str(sites_of(size * UNIT)), str(SEED)]
        # Made again without being measured again, where only the files of a run that was cut are gone.
        run_once(["-m", "benchmarks.metering", *given])
        arguments = ["-m", "benchmarks.metering_stages", "copy", str(work), month]
        if figures.get(name := f"{size} copy {month}") is None:
            figures.measured(name, arguments)
        else:
            run_once(arguments)
        arrival.unlink()


def _size_mb(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.resolve().rglob("*.parquet")) / 1e6


def total(figures: Figures, size: int, engine: str) -> dict[str, Figure]:
    """Return what each step of a size took on an engine; the copy is the same for both."""
    parts = [part for month in months() if (part := figures.get(f"{size} copy {month}"))]
    copied = Figure(
        sum(part.wall for part in parts),
        sum(part.cpu for part in parts),
        max(part.peak_mb for part in parts),
        sum(part.written_mb for part in parts),
        {"rows": sum(part.output["rows"] for part in parts)},
    )
    steps = {step: figures.get(f"{size} {step} {engine}") for step in STEPS}
    return {"copy": copied, **{step: figure for step, figure in steps.items() if figure}}


def rows(folder: Path) -> Iterator[Row]:
    """Measure every size on both engines, then where spilling stops."""
    folder = Path(os.environ.get("DATAELEC_METERING", folder)).absolute()
    folder.mkdir(parents=True, exist_ok=True)
    figures, chosen = Figures(folder), sizes((1, 10, 100))
    for size in chosen:
        measure(folder, size, figures)
    yield from _steps(figures, chosen)
    yield from _growth(figures, chosen)
    for size in chosen:
        for engine, memory in IN_ONE_GO.get(size, ()):
            if figure := figures.get(f"{size} whole {engine} {memory}"):
                stopped = figure.output.get("stopped")
                yield (
                    f"Fact of {_shown(size)} rows in one go, {engine}, memory {memory}",
                    f"{figure.cpu:,.0f} CPU-s, {figure.wall:,.0f} s, written {figure.written_mb:,.0f} MB",
                    f"stopped: {stopped}" if stopped else f"done, peak {figure.peak_mb:,.0f} MB",
                    "",
                )
    if os.environ.get("DATAELEC_REPORT") != "no":
        draw(figures, chosen, PICTURE)


def _steps(figures: Figures, chosen: Sequence[int]) -> Iterator[Row]:
    for size in chosen:
        answers = [figure.output for each in ("duckdb", "spark") if (figure := figures.get(f"{size} answer {each}"))]
        if any(answer != answers[0] for answer in answers):
            sys.exit(f"{_shown(size)} rows: the engines differ: {answers}")
        for engine in ("duckdb", "spark"):
            found = total(figures, size, engine)
            if len(found) == 1:
                continue
            written, own = figures.get(f"{size} bytes"), f"{engine}_mb"
            yield (
                f"{found['copy'].output['rows'] / 1e6:,.1f} million rows, {engine}",
                ", ".join(f"{step} {each.cpu:,.0f} CPU-s ({each.wall:,.0f} s)" for step, each in found.items()),
                f"peak {max(each.peak_mb for each in found.values()):,.0f} MB; "
                + (
                    f"copies {written.output['copies_mb']:,.0f} MB, published {written.output[own]:,.0f} MB"
                    if written
                    else ""
                ),
                verdict(f"≤ {MOST_MB:,} MB", ok=max(each.peak_mb for each in found.values()) <= MOST_MB)
                if engine == "duckdb"
                else "same answer",
            )


def _growth(figures: Figures, chosen: Sequence[int]) -> Iterator[Row]:
    """Yield what a row costs at the largest size against the smallest, without what a process costs by itself."""
    for engine in ("duckdb", "spark"):
        spent = {
            size: sum(each.cpu for each in found.values()) / found["copy"].output["rows"] * 1e6
            for size in chosen
            if len(found := total(figures, size, engine)) > 1
        }
        if len(spent) > 1:
            ratio = spent[max(spent)] / spent[min(spent)]
            yield (
                f"CPU-seconds of a million rows, {engine}, {_shown(max(spent))} / {_shown(min(spent))} rows",
                ", ".join(f"{_shown(size)}: {each:.2f}" for size, each in spent.items()),
                f"× {ratio:.2f}",
                verdict(f"≤ {MOST_PER_ROW}", ok=ratio <= MOST_PER_ROW),
            )


def draw(figures: Figures, chosen: Sequence[int], target: Path) -> None:
    """Draw CPU-seconds and memory against rows, both engines, as SVG."""
    import altair as alt

    points = [
        {
            "rows": found["copy"].output["rows"],
            "engine": {"duckdb": "DuckDB", "spark": "Spark"}[engine],
            "CPU-seconds": sum(each.cpu for each in found.values()),
            "memory, MB": max(each.peak_mb for each in found.values()),
        }
        for size in chosen
        for engine in ("duckdb", "spark")
        if len(found := total(figures, size, engine)) > 1
    ]
    base = alt.Chart(alt.InlineData(values=points)).mark_line(point=True)
    x = alt.X("rows:Q", scale=alt.Scale(type="log"), axis=alt.Axis(format="~s", grid=False))
    log, linear = alt.Scale(type="log"), alt.Scale(type="linear")
    charts = [
        base.encode(x=x, y=alt.Y(f"{name}:Q", scale=scale, axis=alt.Axis(format="~s")), color="engine:N").properties(
            width=280, height=200
        )
        for name, scale in (("CPU-seconds", log), ("memory, MB", linear))
    ]
    alt.hconcat(*charts).save(str(target))


def _shown(size: int) -> str:
    return f"{sites_of(size * UNIT) * HALF_HOURS / 1e6:,.0f} million"
