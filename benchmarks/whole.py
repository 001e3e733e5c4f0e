"""What a contributor waits for: ``make demo`` from a fresh clone, the suite, continuous integration."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import Row, at_most, run_once

ROOT = Path(__file__).resolve().parents[1]

# Of the issue, seconds on a quiet machine with two cores.
DEMO, SUITE, INTEGRATION = 120, 600, 1200


def demo(folder: Path) -> Iterator[Row]:
    """Clone and run ``make demo``: what is installed comes from a registry."""
    clone = folder / "clone"
    run_once(["clone", "--quiet", str(ROOT), str(clone)], program="git")
    run = run_once(["--no-print-directory", "-C", str(clone), "demo"], program="make")
    yield "`make demo` from a fresh clone, wall", run.output.splitlines()[-1], *at_most(run.wall, DEMO, "{:.0f} s")


def suite(folder: Path) -> Iterator[Row]:  # noqa: ARG001 - a part like the others
    """Run every test."""
    run = run_once(["--no-print-directory", "-C", str(ROOT), "test"], program="make")
    words = f"{run.output.splitlines()[-1].strip('= ')}; {run.cpu:.0f} CPU-s"
    yield "`make test`, wall", words, *at_most(run.wall, SUITE, "{:.0f} s")


def integration(folder: Path) -> Iterator[Row]:
    """Run ``.ci/run`` in a fresh clone beside the published files."""
    clone = folder / "clone"
    run_once(["clone", "--quiet", str(ROOT), str(clone)], program="git")
    (folder / "shared").symlink_to(ROOT.parent / "shared")
    run = run_once([], program=str(clone / ".ci" / "run"))
    words = f"{run.output.splitlines()[-1].strip('= ')}; {run.cpu:.0f} CPU-s"
    yield "`.ci/run` in a fresh clone, wall", words, *at_most(run.wall, INTEGRATION, "{:.0f} s")
