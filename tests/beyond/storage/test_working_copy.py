"""A working copy has what the bucket has, and the bucket what was written here, whoever dies in between."""

from __future__ import annotations

from pathlib import Path

import pytest

from dataelec_assets.errors import BusyError, LakeError
from dataelec_assets.lake import lease, parts
from dataelec_assets.lake.atomic_files import move_into_place, read_json, remove, touch, write_json
from dataelec_assets.lake.bucket import Bucket
from dataelec_assets.lake.locks import exclusive, freshen, refreshing
from dataelec_assets.lake.parts import part_name, sweep_parts
from dataelec_assets.lake.paths import LakePaths
from dataelec_assets.lake.working_copy import WorkingCopy
from dataelec_assets.lake.write_through import attach, brought, copy_of, is_kept
from tests.stubs.seaweed import Seaweed
from tests.stubs.slow_store import Faults, in_front_of

pytestmark = pytest.mark.beyond


class Machine:
    """A machine with a working copy of one bucket."""

    def __init__(self, root: Path, bucket: Bucket) -> None:
        self.paths = LakePaths(root)
        attach(self.paths, bucket.address)
        self.index = self.paths.parquet / "jeu" / "index.json"
        self.part = self.paths.parquet / "jeu" / "mois=2026-01" / part_name("a" * 16)

    @property
    def copy(self) -> WorkingCopy:
        found = copy_of(self.paths)
        assert found is not None
        return found

    def write(self, target: Path, content: str) -> None:
        draft = self.paths.temporary / "draft"
        draft.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(content)
        move_into_place(draft, target)


@pytest.fixture
def machines(bucket: Bucket, tmp_path: Path) -> tuple[Machine, Machine]:
    return Machine(tmp_path / "une", bucket), Machine(tmp_path / "autre", bucket)


def test_another_machine_has_small_files_at_once_and_parts_when_it_reads_them(
    machines: tuple[Machine, Machine],
) -> None:
    one, other = machines
    with exclusive(one.paths):
        one.write(one.part, "lignes")
        write_json(one.paths, one.index, {"mois": 1})
        touch(one.paths.manifests / "jeu" / ".pending")
    with exclusive(other.paths):
        assert read_json(other.index) == {"mois": 1}
        assert (other.paths.manifests / "jeu" / ".pending").exists()
        assert not other.part.exists()
        assert is_kept(other.part)
        assert brought(other.part).read_text() == "lignes"
        write_json(other.paths, other.index, {"mois": 2})
        remove(other.paths.manifests / "jeu" / ".pending")
    with exclusive(one.paths):
        assert read_json(one.index) == {"mois": 2}
        assert not (one.paths.manifests / "jeu" / ".pending").exists()


def test_files_of_this_machine_alone_are_not_sent(machines: tuple[Machine, Machine], bucket: Bucket) -> None:
    one, _ = machines
    with exclusive(one.paths):
        one.write(one.paths.warehouse, "entrepôt")
        one.write(one.paths.state / "folder" / "vu.json", "{}")
        one.write(one.paths.state / "jeu.json", "{}")
    keys = {each.key for each in bucket.list("")} - {"leases/write.json", "parquet/form.json"}
    assert keys == {"state/jeu.json"}


def test_what_a_killed_run_had_not_sent_is_gone_and_what_it_had_not_noted_is_fetched(
    machines: tuple[Machine, Machine], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, _ = machines
    with exclusive(one.paths):
        write_json(one.paths, one.index, {"mois": 1})

    class Killed(BaseException):
        pass

    def dies(*_: object) -> None:
        raise Killed

    monkeypatch.setattr(WorkingCopy, "send", dies)
    with pytest.raises(Killed), exclusive(one.paths):
        write_json(one.paths, one.index, {"mois": 2})
    assert read_json(one.index) == {"mois": 2}
    freshen(one.paths)
    assert read_json(one.index) == {"mois": 1}
    state = one.paths.state / "jeu.json"
    with pytest.raises(Killed), exclusive(one.paths):
        write_json(one.paths, state, {"neuf": 1})
    assert state.exists()
    freshen(one.paths)
    assert not state.exists()


def test_a_write_that_a_later_holder_preceded_is_refused_and_undone(
    machines: tuple[Machine, Machine], bucket: Bucket
) -> None:
    one, other = machines
    with exclusive(one.paths):
        write_json(one.paths, one.index, {"mois": 1})
        freshen(other.paths)
        write_json(other.paths, other.index, {"mois": 2})  # by who took the lease over
        with pytest.raises(LakeError, match="was written by another run"):
            write_json(one.paths, one.index, {"mois": 3})
    there = bucket.read("parquet/jeu/index.json")
    assert there is not None
    assert b'"mois": 2' in there[0]
    freshen(one.paths)
    assert read_json(one.index) == {"mois": 2}


def test_nothing_is_removed_once_the_lease_is_lost(
    machines: tuple[Machine, Machine], bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, _ = machines
    mark = one.paths.manifests / "jeu" / ".pending"
    with exclusive(one.paths):
        touch(mark)
        monkeypatch.setattr(lease.Lease, "check", _lost)
        with pytest.raises(LakeError, match="no longer holds"):
            remove(mark)
    assert bucket.read("raw/manifests/jeu/.pending") is not None


def _lost(_: object) -> None:
    raise LakeError("no longer holds")


def test_the_writer_and_the_refresh_of_two_machines_exclude_each_other(machines: tuple[Machine, Machine]) -> None:
    one, other = machines
    for lock in (exclusive, refreshing):
        with lock(one.paths), pytest.raises(BusyError), lock(other.paths):
            raise AssertionError("two hold it")
        with lock(other.paths):
            pass


def test_a_machine_that_wrote_last_lists_nothing(
    machines: tuple[Machine, Machine], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = machines
    pulls = []
    pull = WorkingCopy.pull

    def counted(copy: WorkingCopy) -> None:
        pulls.append(copy.paths.root.name)
        pull(copy)

    monkeypatch.setattr(WorkingCopy, "pull", counted)
    for machine in (one, one, one, other, one):
        with exclusive(machine.paths):
            write_json(machine.paths, machine.index, {"de": machine.paths.root.name})
    assert pulls == ["une", "autre", "une"]


def test_a_part_that_is_swept_leaves_the_bucket_too(
    machines: tuple[Machine, Machine], bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, _ = machines
    later = one.part.with_name(part_name("b" * 16))
    with exclusive(one.paths):
        one.write(one.part, "1")
        one.write(later, "2")
        monkeypatch.setattr(parts, "GRACE", -parts.GRACE)
        assert sweep_parts(later) == [one.part]
    assert [each.key for each in bucket.list("parquet/jeu")] == [f"parquet/jeu/mois=2026-01/{later.name}"]


def test_a_bucket_that_goes_away_during_a_run_stops_it_and_the_next_run_goes_on(
    bucket: Bucket, server: Seaweed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dataelec_assets.lake.bucket._RETRIES", 1)
    with in_front_of(server.endpoint, Faults()) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.endpoint)
        one = Machine(tmp_path / "une", bucket)
        with exclusive(one.paths):
            write_json(one.paths, one.index, {"mois": 1})
            proxy.faults.unavailable = 2
            with pytest.raises(LakeError, match="503"):
                write_json(one.paths, one.index, {"mois": 2})
        with exclusive(one.paths):
            assert read_json(one.index) == {"mois": 1}
            write_json(one.paths, one.index, {"mois": 3})
    monkeypatch.setenv("AWS_ENDPOINT_URL", server.endpoint)
    there = Bucket(bucket.address).read("parquet/jeu/index.json")
    assert there is not None
    assert b'"mois": 3' in there[0]
