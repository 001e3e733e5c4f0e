"""Other states of the warehouse are asked for with options that say what is meant, and never replace the lake."""

from __future__ import annotations

from pathlib import Path

import pytest

from dataelec_assets.commands.publications import rebuild_state
from dataelec_assets.errors import LakeError, SettingsError
from dataelec_assets.run_context import RunContext
from dataelec_assets.settings import Settings

INSTANT = "2026-05-21T00:00Z"


@pytest.fixture
def ctx(tmp_path: Path) -> RunContext:
    return RunContext(Settings(lake=tmp_path / "lake"))


@pytest.mark.parametrize(("as_of", "lock"), [(None, None), (INSTANT, Path("sources.lock"))])
def test_either_an_instant_or_a_lock_is_asked_for(ctx: RunContext, as_of: str | None, lock: Path | None) -> None:
    with pytest.raises(SettingsError, match="Give either --as-of or --lock"):
        rebuild_state(as_of=as_of, lock=lock, folder=None, ctx=ctx)


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01", "21/05/2026"])
def test_an_instant_that_cannot_be_read_is_named_with_an_example(ctx: RunContext, text: str) -> None:
    with pytest.raises(SettingsError, match=rf"--as-of '{text}' is not an instant\. Write it as 2026-05-21T00:00Z"):
        rebuild_state(as_of=text, lock=None, folder=None, ctx=ctx)


@pytest.mark.parametrize(
    ("text", "understood"),
    [
        (INSTANT, r"2026-05-21T00:00:00\+00:00"),
        ("2026-05-21", r"2026-05-21T00:00:00\+00:00"),
        ("2026-05-21T02:00+02:00", r"2026-05-21T02:00:00\+02:00"),
    ],
)
def test_an_instant_is_utc_unless_it_has_an_offset(ctx: RunContext, text: str, understood: str) -> None:
    # This lake has no vintage at all: what is asked for is repeated, and nothing is written.
    with pytest.raises(LakeError, match=f"No vintage of this lake could be known at {understood}"):
        rebuild_state(as_of=text, lock=None, folder=None, ctx=ctx)
    assert not ctx.paths.root.exists()


def test_the_lake_itself_is_never_replaced(ctx: RunContext, tmp_path: Path) -> None:
    (tmp_path / "lake").mkdir()
    (tmp_path / "link").symlink_to("lake")
    lock = tmp_path / "sources.lock"
    lock.write_text('{"form": 1, "publication_id": "p", "project": "x", "sources": {}}', encoding="utf-8")
    for folder in (tmp_path / "lake", tmp_path / "link", tmp_path / "elsewhere" / ".." / "lake"):
        for options in ({"as_of": INSTANT, "lock": None}, {"as_of": None, "lock": lock}):
            with pytest.raises(SettingsError, match="is the lake itself"):
                rebuild_state(folder=folder, ctx=ctx, **options)
    assert list((tmp_path / "lake").iterdir()) == []


def test_a_lock_that_is_not_there_is_named(ctx: RunContext, tmp_path: Path) -> None:
    with pytest.raises(LakeError, match=r"absent\.lock does not exist"):
        rebuild_state(as_of=None, lock=tmp_path / "absent.lock", folder=None, ctx=ctx)
