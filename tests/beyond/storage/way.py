"""The way of a refresh on a bucket, step by step; run as a program, it dies at a write that is chosen.

``python -m tests.beyond.storage.way ADDRESS SCRATCH DATA STEPS WRITES`` runs some steps and kills itself, as
``kill -9`` does, in place of the write to the bucket that follows so many others.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dataelec_assets.ingest.session import Session
from dataelec_assets.lake.bucket import Bucket
from dataelec_assets.pipeline import Request, build, observe, publish_tables
from dataelec_assets.run_context import RunContext
from dataelec_assets.settings import Settings
from tests.faults.france import SOURCES

_WRITES = ("put", "create", "replace", "delete")


def context(lake: Path | str, data: Path, scratch: Path | None = None) -> RunContext:
    """Return the context of a lake that is refreshed from a folder."""
    given: Any = lake  # an address as the environment gives it, too
    return RunContext(Settings(lake=given, folder=data, scratch=scratch), lock_wait_seconds=150)


def ingest(ctx: RunContext) -> list[str]:
    """Fetch and copy what is stale; return the data sets of which something was fetched."""
    observed = observe(ctx, Request(sources=SOURCES))
    session = Session(ctx)
    done = [session.ingest(task) for task in observed.tasks]
    session.close()
    faults = [each.report.error for each in done if each.report.error is not None]
    assert faults == []
    return [each.report.dataset_id for each in done if each.was_fetched]


def publish(ctx: RunContext) -> str:
    """Build and publish; return the id."""
    built = build(ctx)
    return publish_tables(ctx, built.kept).publication_id


def die_after(writes: int) -> Callable[[], int]:
    """Let this process be killed in place of a write; return how many there were."""
    done = 0

    def counted(write: Callable[..., Any]) -> Callable[..., Any]:
        def replacement(*arguments: Any) -> Any:
            nonlocal done
            if done == writes:
                os.kill(os.getpid(), signal.SIGKILL)
            done += 1
            return write(*arguments)

        return replacement

    for name in _WRITES:
        setattr(Bucket, name, counted(getattr(Bucket, name)))
    return lambda: done


if __name__ == "__main__":
    address, scratch, data, steps, writes = sys.argv[1:]
    ctx = context(address, Path(data), Path(scratch))
    number = die_after(int(writes)) if int(writes) >= 0 else (lambda: 0)
    for step in steps.split(","):
        (ingest if step == "ingest" else publish)(ctx)
    sys.stdout.write(f"{number()}\n")
