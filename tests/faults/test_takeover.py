"""A lake of version 1 is taken over by renaming: nothing is downloaded, nothing is copied again."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from dataelec_assets.lake import takeover
from dataelec_assets.lake.atomic_files import move_into_place, read_json, write_json
from dataelec_assets.lake.locks import exclusive
from dataelec_assets.lake.paths import LakePaths
from tests.faults.france import GAS, SmallLake, copies_of


def age(paths: LakePaths) -> None:
    """Give the files of a lake the names that version 1 gave them."""
    for index in [*paths.parquet.glob("*/index.json")]:
        content = read_json(index)
        if "content" in content:  # the calendar, or the quarantine
            for part in [*index.parent.rglob("part-*.parquet")]:
                part.rename(index.parent / f"{part.parent.name}.parquet")
        for partition, facts in {} if "content" in content else content.items():
            (part,) = index.parent.glob(f"*={partition}/part-{facts['signature'][:16]}.parquet")
            part.rename(part.with_name("part-0.parquet"))
        for empty in index.parent.glob("*=vide"):
            (part,) = empty.iterdir()
            part.rename(part.with_name("part-0.parquet"))
            empty.rename(empty.with_name(empty.name.replace("vide", "_vide")))
        index.rename(index.with_name("_index.json"))
    for head in [*paths.parquet.glob("*/head.json")]:
        head.rename(head.with_name("_head.json"))
    for index in [*paths.parquet.glob("revisions/*/index.json")]:
        content = read_json(index)
        for partition in content:
            (part,) = (index.parent / partition).iterdir()
            part.rename(index.with_name(f"{partition}.parquet"))
            (index.parent / partition).rmdir()
        write_json(paths, index, {key: facts | {"content": ""} for key, facts in content.items()})
        index.rename(index.with_name("_index.json"))
    for state in [*paths.state.glob("quarantine.json"), *paths.state.glob("build.json")]:
        state.rename(state.with_name(f"_{state.name}"))
    paths.form.unlink()


@pytest.fixture
def revised(small: SmallLake) -> SmallLake:
    """Return a lake with a revision, and a note of a failed build."""
    small.revise(GAS)
    assert small.refresh([GAS]).exit_code == 0
    write_json(small.paths, small.paths.state / "build.json", {"a": "note"})
    return small


def names(paths: LakePaths) -> set[Path]:
    return {each.relative_to(paths.root) for folder in (paths.parquet, paths.state) for each in folder.rglob("*.*")}


def test_a_lake_of_version_1_gets_the_present_names_and_loses_no_copy(revised: SmallLake) -> None:
    before, copies = names(revised.paths), copies_of(revised.paths)
    assert len(copies) > 3
    assert any("revisions" in name and GAS.replace("-", "_") in name for name in copies)
    age(revised.paths)
    assert any(path.name.startswith("_") for path in names(revised.paths))
    with exclusive(revised.paths):
        pass
    assert not any(part.startswith("_") for path in names(revised.paths) for part in path.parts)
    after = copies_of(revised.paths)
    assert {name: after[name] for name in copies if "=vide" not in name and "revisions/vide" not in name} == {
        name: digest for name, digest in copies.items() if "=vide" not in name and "revisions/vide" not in name
    }
    assert {path for path in before - names(revised.paths) if "vide" not in str(path)} <= {
        path for path in before if path.parts[1] in ("calendrier", "quarantaine")
    }


def test_the_first_refresh_of_a_lake_of_version_1_downloads_nothing_and_publishes_the_same(revised: SmallLake) -> None:
    identifier, copies = revised.publication(), copies_of(revised.paths)
    age(revised.paths)
    downloaded = [call for call in revised.portal.calls if call.kind == "export"]
    outcome = revised.refresh()
    assert {row["outcome"] for row in outcome.sources} == {"unchanged"}
    assert [call for call in revised.portal.calls if call.kind == "export"] == downloaded
    assert (revised.publication(), copies_of(revised.paths)) == (identifier, copies)


def test_what_has_its_present_name_stays_although_nothing_says_that_the_lake_was_taken_over(revised: SmallLake) -> None:
    before = names(revised.paths)
    assert {"calendrier", "quarantaine"} <= {path.parts[1] for path in before}
    revised.paths.form.unlink()
    takeover.take_over(revised.paths)
    assert names(revised.paths) == before


def test_a_takeover_that_was_cut_anywhere_is_taken_up(
    revised: SmallLake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copies = copies_of(revised.paths)
    age(revised.paths)
    moves = left = 0

    class Killed(BaseException):
        pass

    def cut_off(source: Path, target: Path) -> None:
        nonlocal left
        if not left:
            raise Killed
        left -= 1
        move_into_place(source, target)

    while True:
        paths, left = LakePaths(tmp_path / str(moves)), moves
        shutil.copytree(revised.paths.parquet, paths.parquet)
        monkeypatch.setattr(takeover, "move_into_place", cut_off)
        try:
            takeover.take_over(paths)
        except Killed:
            moves += 1
        else:
            break
        monkeypatch.setattr(takeover, "move_into_place", move_into_place)
        takeover.take_over(paths)
        after = copies_of(paths)
        assert [name for name in copies if "vide" not in name and after.get(name) != copies[name]] == []
    assert moves > len([name for name in copies if "vide" not in name])
