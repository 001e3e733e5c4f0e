"""One parse of the dbt project for all lakes; a project that has changed is parsed again."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from typing import Any

import pytest

from dataelec_assets import packaged
from dataelec_assets.errors import WarehouseError
from dataelec_assets.lake.paths import LakePaths
from dataelec_assets.warehouse import parse, project
from dataelec_assets.warehouse.dbt import run_dbt
from dataelec_assets.warehouse.lineage import reached
from dataelec_assets.warehouse.parse import ensure_parse
from tests.warehouse.small_project import FILES, SmallProject


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the names of the parses that dbt is asked for from now on."""
    found: list[str] = []
    genuine = parse._parse

    def noting(place: Path, name: str, target: str) -> None:
        found.append(name)
        genuine(place, name, target)

    monkeypatch.setattr(parse, "_parse", noting)
    return found


def test_two_lakes_in_two_folders_share_one_parse_and_keep_their_own_tables(
    small: SmallProject, tmp_path: Path, parsed: list[str]
) -> None:
    other = SmallProject(small.folder, LakePaths(tmp_path / "un autre été" / "lac"))
    for lake in (small, other):
        assert lake.build()["premier"] == ("success", None)
    assert len(parsed) == 1
    assert ensure_parse(small.paths) == ensure_parse(other.paths)
    assert not list(small.paths.root.rglob("*.pickle"))
    small.write("models/premier.sql", FILES["models/premier.sql"].replace("1 as", "5 as"))
    assert small.build()["premier"] == ("success", None)
    assert len(parsed) == 2
    assert (small.query("FROM premier"), other.query("FROM premier")) == ([(5,)], [(1,)])


def _said_by_a_macro(manifest: dict[str, Any]) -> object:
    return "chaine" in manifest["macros"]["macro.petit.generate_schema_name"]["macro_sql"]


CHANGES: dict[str, tuple[str, str, Callable[[dict[str, Any]], object], object]] = {
    "a model": (
        "models/premier.sql",
        FILES["models/premier.sql"].replace("1 as", "41 as"),
        lambda manifest: "41 as" in manifest["nodes"]["model.petit.premier"]["raw_code"],
        True,
    ),
    "a model in Python": (
        "models/troisieme.py",
        FILES["models/troisieme.py"].replace("'table'", "'incremental'"),
        lambda manifest: manifest["nodes"]["model.petit.troisieme"]["config"]["materialized"],
        "incremental",
    ),
    "a macro": (
        "macros/schema.sql",
        "{% macro generate_schema_name(custom_schema_name, node) -%}{#- chaine -#}main{%- endmacro %}",
        _said_by_a_macro,
        True,
    ),
    "the YAML of a model": (
        "models/premier.yml",
        FILES["models/premier.yml"].replace("(MW)", "(GW)"),
        lambda manifest: manifest["nodes"]["model.petit.premier"]["columns"]["valeur"]["description"],
        "Une valeur (GW).",
    ),
    "a data test": (
        "tests/trouvee.sql",
        FILES["tests/trouvee.sql"].replace("> 0", "> 10"),
        lambda manifest: manifest["nodes"]["test.petit.trouvee"]["raw_code"].endswith("> 10"),
        True,
    ),
    "the severity of a data test": (
        "tests/trouvee.yml",
        FILES["tests/trouvee.yml"].replace("warn", "error"),
        lambda manifest: manifest["nodes"]["test.petit.trouvee"]["config"]["severity"],
        "error",
    ),
    "the project": (
        "dbt_project.yml",
        FILES["dbt_project.yml"].replace("relation: true", "relation: false"),
        lambda manifest: manifest["nodes"]["model.petit.premier"]["config"]["persist_docs"]["relation"],
        False,
    ),
    "a seed": ("seeds/villes.csv", "nom\nLyon\n", lambda manifest: "seed.petit.villes" in manifest["nodes"], True),
}


@pytest.mark.parametrize(("name", "text", "seen", "value"), CHANGES.values(), ids=CHANGES.keys())
def test_a_change_of_the_project_is_seen(
    small: SmallProject, name: str, text: str, seen: Callable[[dict[str, Any]], object], value: object
) -> None:
    before = ensure_parse(small.paths)
    assert before == ensure_parse(small.paths)
    small.write(name, text)
    after = ensure_parse(small.paths)
    assert after != before
    assert seen(json.loads(after.manifest_json.read_text(encoding="utf-8"))) == value
    # Back to the former project: its parse is still there.
    if name in FILES:
        small.write(name, FILES[name])
        assert ensure_parse(small.paths) == before


def test_another_version_of_dbt_or_another_profile_is_another_parse(
    small: SmallProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = parse._digest()
    small.write("profiles.yml", (small.folder / "profiles.yml").read_text(encoding="utf-8") + "# autre\n")
    second = parse._digest()
    monkeypatch.setattr(parse, "version", lambda name: f"{name} 99")
    assert len({first, second, parse._digest()}) == 3


def test_a_copy_of_the_project_elsewhere_takes_the_parse_along_and_reads_its_own_seeds(
    small: SmallProject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, parsed: list[str]
) -> None:
    small.write("seeds/villes.csv", "nom\nLyon\n")
    small.build()
    elsewhere = tmp_path / "ailleurs"
    shutil.move(small.folder, elsewhere)
    monkeypatch.setattr(project, "PROJECT_DIR", elsewhere)
    assert {each.status for each in run_dbt(small.paths, ["build", "--full-refresh"])} == {"success", "warn"}
    assert len(parsed) == 1
    assert small.query("FROM villes") == [("Lyon",)]


def test_an_installed_package_is_read_with_its_parse_and_not_written_to(
    small: SmallProject, monkeypatch: pytest.MonkeyPatch, parsed: list[str]
) -> None:
    shared = ensure_parse(small.paths)
    assert shared.folder.parent == small.folder / "target"
    assert shared.own_folder(small.paths) == shared.folder
    monkeypatch.setattr(packaged, "IS_INSTALLED", True)
    assert ensure_parse(small.paths) == shared
    assert shared.own_folder(small.paths) == small.paths.root / "dbt"
    files = {path: path.stat().st_mtime_ns for path in small.folder.rglob("*") if path.is_file()}
    run_dbt(small.paths, ["build", "--full-refresh"])
    assert {path: path.stat().st_mtime_ns for path in small.folder.rglob("*") if path.is_file()} == files
    assert len(list((small.paths.root / "dbt").glob("templates-*"))) == 1
    before = set(small.folder.rglob("*"))
    small.write("models/premier.sql", FILES["models/premier.sql"].replace("1 as", "5 as"))
    assert ensure_parse(small.paths).folder.parent == small.paths.root / "dbt"
    assert set(small.folder.rglob("*")) == before
    assert len(parsed) == 2


def test_processes_that_come_at_once_parse_once(small: SmallProject, parsed: list[str]) -> None:
    with ThreadPoolExecutor(4) as pool:
        found = set(pool.map(lambda _: ensure_parse(small.paths), range(4)))
    assert len(found) == 1
    assert parsed == [next(iter(found)).folder.name]


def test_a_project_that_does_not_parse_says_where_and_leaves_nothing(small: SmallProject) -> None:
    small.write("models/premier.sql", "select {{ ref('nulle_part') }}")
    with pytest.raises(WarehouseError, match=r"dbt parse could not run: [\s\S]*nulle_part") as caught:
        ensure_parse(small.paths)
    log = small.folder / "target" / "dbt.log"
    assert str(log) in str(caught.value.advice)
    assert log.exists()
    assert list((small.folder / "target").glob("parse-*/")) == []


def test_what_a_killed_process_left_is_swept_and_the_newest_parses_are_kept(small: SmallProject) -> None:
    target = small.folder / "target"
    for age in range(1, 7):
        old = target / f"parse-{age:016d}"
        old.mkdir(parents=True)
        os.utime(old, (1e9 - age, 1e9 - age))
    (target / "parse-0000000000000001.abcd1234").mkdir()
    present = ensure_parse(small.paths).folder.name
    assert {path.name for path in target.glob("parse-*/")} == {present, *(f"parse-{age:016d}" for age in (1, 2, 3))}


def test_a_project_that_cannot_be_written_to_is_parsed_into_the_lake(small: SmallProject) -> None:
    (small.folder / "target").write_text("no folder can be made here")
    assert small.build()["premier"] == ("success", None)
    assert ensure_parse(small.paths).folder.parent == small.paths.root / "dbt"


def test_the_manifest_of_a_command_is_its_own(small: SmallProject) -> None:
    found = ensure_parse(small.paths)
    first, second = found.manifest(), found.manifest()
    first.nodes.clear()
    assert set(second.nodes) >= {"model.petit.premier", "test.petit.trouvee"}
    assert set(second.flat_graph["nodes"]) == set(second.nodes)


def test_a_command_on_some_nodes_gets_these_and_all_that_is_above_them(lake_paths: LakePaths) -> None:
    found = ensure_parse(lake_paths)
    whole = found.manifest()
    reads = {key: node.depends_on_nodes for key, node in whole.nodes.items()}
    draw = Random(7)  # noqa: S311
    for _ in range(20):
        chosen = draw.sample(sorted(whole.nodes), draw.choice((1, 3, 40)))
        part = found.manifest(chosen)
        assert part.nodes.keys() == reached(reads, chosen) - whole.sources.keys()
        assert {key: node.depends_on_nodes for key, node in part.nodes.items()}.items() <= reads.items()
        assert part.sources.keys() == whole.sources.keys()
        assert set(part.flat_graph["nodes"]) == set(part.nodes)
    assert len(found.manifest(["model.dataelec.mart_mix_saison"]).nodes) < len(whole.nodes) / 5


def test_nothing_of_a_lake_or_of_a_machine_is_in_the_parse_of_the_real_project(
    tmp_path: Path, lake_paths: LakePaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DATAELEC_WAREHOUSE", "DATAELEC_LAKE_PARQUET", "DATAELEC_MOIS", "DATAELEC_LAKE"):
        monkeypatch.setenv(name, f"{tmp_path}/of-this-lake")
    folder = ensure_parse(lake_paths).folder
    files = [path for path in folder.rglob("*") if path.is_file()]
    text = b"".join(path.read_bytes() for path in files)
    assert b"of-this-lake" not in text
    assert str(project.PROJECT_DIR).encode() not in text
    assert sys.prefix.encode() not in text
    # The empty warehouse and the code of templates lie beside the parse once they are made.
    made = {path.name for path in files if not path.name.startswith("templates-")}
    assert made - {"warehouse.duckdb", "results.json"} == {"manifest.json", "manifest.pickle"}
    assert b'"warehouse\\".\\"main\\".\\"dim_region\\"' in text


def test_a_mistake_in_yaml_is_reported_by_file_and_line(small: SmallProject) -> None:
    small.write("models/premier.yml", "models:\n  - name: premier\n    description: Grain : jour\n")
    with pytest.raises(WarehouseError, match=r"premier\.yml, line 3: mapping values are not allowed"):
        small.build()
