"""Imports are vintages: replaced by name, withdrawn, listed, and none enters another's codes."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dataelec_assets.errors import FileRefused
from dataelec_assets.ingest.copies import refresh_copies
from dataelec_assets.ingest.imports.findings import Accepted
from dataelec_assets.ingest.imports.vintages import (
    DATASET_ID,
    imports,
    keep,
    name_of,
    refuse_taken_codes,
    withdraw,
)
from dataelec_assets.lake.state import load_state
from dataelec_assets.packaged import DBT_PROJECT
from dataelec_assets.run_context import RunContext
from dataelec_assets.settings import Settings
from tests.ingest.imports.support import examined, line


@pytest.fixture
def ctx(tmp_path: Path) -> RunContext:
    clock = iter(datetime(2026, 11, 30, 8, tzinfo=UTC) + timedelta(minutes=each) for each in range(100))
    return RunContext(Settings(lake=tmp_path / "lake"), now=lambda: next(clock))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "arbres.csv"
    path.write_text("x", encoding="utf-8")
    return path


def accepted(folder: Path, *lines: str) -> tuple[Accepted, ...]:
    return examined(folder, *lines).accepted


def copied(ctx: RunContext) -> dict[str, int]:
    """Return the rows of each partition of the Parquet copies."""
    index = refresh_copies(ctx, ctx.catalog[DATASET_ID]).index
    return {key: info.rows for key, info in index.items()}


def test_an_import_is_a_vintage_of_its_name_and_the_next_one_replaces_it(
    ctx: RunContext, file: Path, tmp_path: Path
) -> None:
    name = name_of(ctx, "Ville d'Essai", "Arbres 2024")
    assert name.key == "ville_d_essai__arbres_2024"
    first = accepted(tmp_path, line(), line(code="33281", valeur="s"))
    assert keep(ctx, name, file, first)
    assert not keep(ctx, name, file, first)
    assert copied(ctx) == {name.key: 2}
    assert keep(ctx, name, file, first[:1])
    assert copied(ctx) == {name.key: 1}
    (found,) = imports(ctx)
    assert (found.owner, found.file, found.rows, found.vintages) == ("Ville d'Essai", "arbres.csv", 1, 2)
    assert found.codes == ("imp_moi__arbres",)
    state = load_state(ctx.paths, ctx.catalog[DATASET_ID])
    assert (state.status, state.records_count) == ("fresh", 1)


def test_several_owners_and_files_stand_side_by_side(ctx: RunContext, file: Path, tmp_path: Path) -> None:
    for owner, name, code in (("A", "x", "un"), ("A", "y", "deux"), ("B", "x", "trois")):
        keep(ctx, name_of(ctx, owner, name), file, accepted(tmp_path, line(indicateur=code)))
    assert copied(ctx) == {"a__x": 1, "a__y": 1, "b__x": 1}


def test_a_withdrawn_import_has_no_row_and_keeps_its_vintages(ctx: RunContext, file: Path, tmp_path: Path) -> None:
    name = name_of(ctx, "A", "x")
    keep(ctx, name, file, accepted(tmp_path, line()))
    assert withdraw(ctx, "x").key == "a__x"
    assert copied(ctx) == {"a__x": 0}
    # Nor is it served as the former value of a revision.
    assert ctx.revisions.index(ctx.catalog[DATASET_ID]) == {}
    (found,) = imports(ctx)
    assert (found.is_withdrawn, found.vintages, found.codes) == (True, 2, ("imp_moi__arbres",))
    with pytest.raises(FileRefused, match=r"Aucun import en vigueur.*aucun"):
        withdraw(ctx, "x")
    assert keep(ctx, name, file, accepted(tmp_path, line()))
    assert copied(ctx) == {"a__x": 1}


def test_what_was_imported_can_be_seen_as_it_was(ctx: RunContext, file: Path, tmp_path: Path) -> None:
    name = name_of(ctx, "A", "x")
    keep(ctx, name, file, accepted(tmp_path, line(), line(code="33281")))
    withdraw(ctx, "a__x")
    before = datetime(2026, 11, 30, 8, 0, 30, tzinfo=UTC)
    then = replace(ctx, selection=lambda vintage: vintage.known_at <= before)
    assert [each.rows for each in imports(then)] == [2]


def test_a_name_that_two_owners_use_is_not_enough(ctx: RunContext, file: Path, tmp_path: Path) -> None:
    for owner in ("A", "B"):
        keep(ctx, name_of(ctx, owner, "x"), file, accepted(tmp_path, line(indicateur=owner)))
    with pytest.raises(FileRefused, match=r"Plusieurs.*a__x, b__x"):
        withdraw(ctx, "x")


def test_an_indicator_belongs_to_one_import(ctx: RunContext, file: Path, tmp_path: Path) -> None:
    rows = accepted(tmp_path, line())
    keep(ctx, name_of(ctx, "A", "x"), file, rows)
    refuse_taken_codes(ctx, name_of(ctx, "A", "x"), rows)
    with pytest.raises(FileRefused, match=r"a__x contient déjà imp_moi__arbres.*--name x"):
        refuse_taken_codes(ctx, name_of(ctx, "A", "y"), rows)
    withdraw(ctx, "a__x")
    refuse_taken_codes(ctx, name_of(ctx, "A", "y"), rows)


@pytest.mark.parametrize(
    ("owner", "name", "message"),
    [
        ("", "x", "propriétaire"),
        ("=A1", "x", "propriétaire"),
        ("x" * 41, "x", "propriétaire"),
        ("claire@exemple.fr", "x", "adresse ou un numéro"),
        ("Insee", "x", "publie déjà"),
        ("RTE", "x", "publie déjà"),
        ("A", "…", "nom d'import"),
        ("A", "x" * 81, "nom d'import"),
    ],
)
def test_an_owner_that_could_mislead_is_refused(ctx: RunContext, owner: str, name: str, message: str) -> None:
    with pytest.raises(FileRefused, match=message):
        name_of(ctx, owner, name)


def test_no_published_indicator_has_a_code_like_an_imported_one() -> None:
    with (DBT_PROJECT / "seeds" / "indicateurs.csv").open(encoding="utf-8", newline="") as seed:
        codes = [row["code_indicateur"] for row in csv.DictReader(seed)]
    # Those of INSEE's files begin with `odd_` (macro code_d_indicateur_odd).
    assert codes
    assert [code for code in codes if code.startswith("imp_")] == []
