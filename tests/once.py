"""What is made once per run of the suite and shared by the processes that share its tests out."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock


def once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """Return a folder that the first process to ask for it has made; the others wait. Nobody may write to it.

    Args:
        factory: of pytest; the folder lies beside the temporary folders of all processes of this run.
        name: of the folder.
        make: makes the folder, whole, at the path that it is given.
    """
    base = factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    done, draft = shared / name, shared / f"{name}.draft"
    with FileLock(shared / f"{name}.lock"):
        if not done.exists():
            shutil.rmtree(draft, ignore_errors=True)
            make(draft)
            draft.rename(done)
    return done
