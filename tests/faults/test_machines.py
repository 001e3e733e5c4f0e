"""The same lake, to the byte, and the same tables wherever a refresh runs: time zone, language, folder, rights.

The machine in Paris is that of the two first refreshes in test_kill.py.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.france import Known, Machine, Pristine, SmallLake
from tests.stubs import Stub

pytestmark = pytest.mark.slow

# The lake that all are compared with was loaded in UTC.
MACHINES = {
    "in New York, without a home, through a symbolic link": (
        "link/lake",
        Machine({"TZ": "America/New_York"}, without=("HOME", "LANG", "USER", "LOGNAME")),
    ),
    "in Tokyo, in the language C, with files that nobody else may read": (
        "tokyo",
        Machine({"TZ": "Asia/Tokyo", "LANG": "C", "LC_ALL": "C"}, umask=0o077),
    ),
}


@pytest.mark.parametrize(("folder", "machine"), MACHINES.values(), ids=MACHINES.keys())
def test_a_refresh_makes_the_same_lake_on_every_machine(
    folder: str, machine: Machine, portal: Stub, pristine: Pristine, tmp_path: Path
) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    small = SmallLake(tmp_path / folder, portal)
    small.refresh_apart(machine)
    assert Known.of(small) == pristine.known
    if machine.umask == 0o077:
        readable = [path for path in small.root.rglob("*") if path.is_file() and path.stat().st_mode & 0o077]
        assert readable == []
