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

# What memory a month of the fact is tried with, in turn: first the project's own, or that of `metering_stages`.
MEMORIES = {"duckdb": ("", "2400MB", "4800MB", "9600MB"), "spark": ("", "4g")}

# Sizes at which the fact is also made in one go, with what memory: where does what spills stop?
IN_ONE_GO: dict[int, tuple[tuple[str, str], ...]] = {
    1: (("duckdb", "1200MB"), ("duckdb", "300MB"), ("spark", "1g")),
    10: (("duckdb", "1200MB"), ("duckdb", "2400MB"), ("duckdb", "4800MB"), ("spark", "2g"), ("spark", "1g")),
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
        self._keep(name, figure)
        print(f"{name}: {figure.cpu:.1f} CPU-s, {figure.wall:.1f} s, {figure.peak_mb:.0f} MB {output}", flush=True)
        return figure

    def told(self, name: str, number: int) -> None:
        """Keep a number that no process has measured."""
        self._keep(name, Figure(0, 0, 0, 0, number))

    def _keep(self, name: str, figure: Figure) -> None:
        self._known[name] = asdict(figure)
        draft = self._file.with_suffix(".draft")
        draft.write_text(json.dumps(self._known, indent=1))
        draft.replace(self._file)


def spark() -> str | None:
    """Return the Python of the environment of `make beyond`; None when there is none."""
    found = Path(os.environ.get("BEYOND", ".venv/beyond")) / "bin" / "python"
    return str(found.absolute()) if found.exists() else None


def measure(folder: Path, size: int, figures: Figures) -> None:
    """Measure what is not yet known of a size; its files are removed at the end."""
    work = folder / f"rows-{size}"
    if all(figures.get(f"{size} {name}") for name in _wanted(size, figures)):
        return
    _copies(work, size, figures)
    figures.told(f"{size} bytes copies", sum(Path(file).stat().st_size for file in copies(work)))
    for name in _wanted(size, figures):
        step, engine, *memory = name.split()
        program = sys.executable if engine == "duckdb" else spark()
        arguments = ["-m", "benchmarks.metering_stages", step, str(work), engine, *memory]
        figures.measured(f"{size} {name}", arguments, program or sys.executable)
        if step == "answer" and (work / engine).exists():
            figures.told(f"{size} bytes {engine}", _size(work / engine / "parquet"))
        if step in ("answer", "whole"):
            shutil.rmtree(work / engine, ignore_errors=True)
    shutil.rmtree(work)


def _engines(size: int) -> list[str]:
    return ["duckdb", *(["spark"] if spark() and size <= SPARK_UP_TO else [])]


def _facts(size: int, engine: str) -> list[str]:
    """Return the names under which the fact is tried, with more memory each time."""
    return [f"{size} fact {engine} {memory}".rstrip() for memory in MEMORIES[engine]]


def _stopped(figure: Figure | None) -> str | None:
    return figure.output.get("stopped") if figure else None


def _wanted(size: int, figures: Figures) -> Iterator[str]:
    """Yield the steps of a size, whose figures are there when the next one is asked for, or end at one that is not."""
    for engine in _engines(size):
        for name in _facts(size, engine):
            yield name.partition(" ")[2]
            if not _stopped(figures.get(name)):
                yield from (f"{step} {engine}" for step in (*STEPS[1:], "answer"))
                break
    for engine, memory in IN_ONE_GO.get(size, ()):
        if engine in _engines(size):
            yield f"whole {engine} {memory}"


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


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.resolve().rglob("*.parquet"))


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
    facts = [figure for name in _facts(size, engine) if (figure := figures.get(name)) and not _stopped(figure)]
    steps = {"fact": facts[0] if facts else None}
    steps |= {step: figures.get(f"{size} {step} {engine}") for step in STEPS[1:]}
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
    yield from _memory(figures, chosen)
    if os.environ.get("DATAELEC_REPORT") != "no":
        draw(figures, chosen, PICTURE)


def _memory(figures: Figures, chosen: Sequence[int]) -> Iterator[Row]:
    """Yield what memory the fact takes: month by month where the first try did not pass, and in one go."""
    for size in chosen:
        facts = [_facts(size, engine) for engine in _engines(size)]
        tried = [(name, "month by month") for names in facts if _stopped(figures.get(names[0])) for name in names]
        tried += [(f"{size} whole {engine} {memory}", "in one go") for engine, memory in IN_ONE_GO.get(size, ())]
        for name, how in tried:
            if figure := figures.get(name):
                _, _, engine, *memory = name.split()
                stopped = _stopped(figure)
                yield (
                    f"Fact of {_shown(size)} rows {how}, {engine}, memory {' '.join(memory) or 'as usual'}",
                    f"{figure.cpu:,.0f} CPU-s, {figure.wall:,.0f} s, written {figure.written_mb:,.0f} MB",
                    f"stopped: {stopped}" if stopped else f"done, peak {figure.peak_mb:,.0f} MB",
                    "",
                )


def _steps(figures: Figures, chosen: Sequence[int]) -> Iterator[Row]:
    for size in chosen:
        answers = [figure.output for each in ("duckdb", "spark") if (figure := figures.get(f"{size} answer {each}"))]
        if any(answer != answers[0] for answer in answers):
            sys.exit(f"{_shown(size)} rows: the engines differ: {answers}")
        for engine in ("duckdb", "spark"):
            found = total(figures, size, engine)
            if len(found) == 1:
                continue
            peak = max(each.peak_mb for each in found.values())
            yield (
                f"{found['copy'].output['rows'] / 1e6:,.1f} million rows, {engine}",
                ", ".join(f"{step} {each.cpu:,.0f} CPU-s ({each.wall:,.0f} s)" for step, each in found.items()),
                f"peak {peak:,.0f} MB; {_megabytes(figures, size, engine)}",
                verdict(f"≤ {MOST_MB:,} MB", ok=peak <= MOST_MB) if engine == "duckdb" else "same answer",
            )


def _megabytes(figures: Figures, size: int, engine: str) -> str:
    found = {what: figures.get(f"{size} bytes {what}") for what in ("copies", engine)}
    shown = {what: f"{figure.output / 1e6:,.0f} MB" if figure else "unknown" for what, figure in found.items()}
    return f"copies {shown['copies']}, published {shown[engine]}"


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
