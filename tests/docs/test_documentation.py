"""Links resolve; commands, variables, tables, decisions that the pages mention exist."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest
import typer
from typer.main import get_command

from dataelec_assets.catalog import Catalog, Dataset, load_catalog
from dataelec_assets.cli import app
from dataelec_assets.settings import Settings
from dataelec_assets.warehouse.dictionary import dictionary_page, served_tables
from dataelec_assets.warehouse.meta_tables import META_TABLES

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md"), ROOT / "lake" / "README.md"])
FOLDERS = ("dataelec_assets", "dbt", "tests", "benchmarks")
CODE = [
    *(path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.suffix in {".py", ".sql", ".yml"}),
    ROOT / "pyproject.toml",
    ROOT / "Makefile",
]

_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)
_FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_MAKE = re.compile(r"(?:`|^|&& )make ([a-z]+)\b", re.MULTILINE)
_COMMAND = re.compile(
    r"(?:`|^|&& |= |bin/|\d |refresh |= one |\$ )dataelec ([a-z]+(?:-[a-z]+)*)((?: +[^`\n|&#]*)?)", re.MULTILINE
)
_VARIABLE = re.compile(r"\bDATAELEC_[A-Z_]+\b")
_TABLE = re.compile(r"\b(?:dim|fct|mart|meta)_[a-z0-9_]+\b")

# Set by the project itself for dbt, not by users.
INTERNAL_VARIABLES = {
    "DATAELEC_INTACTS",
    "DATAELEC_LAKE_PARQUET",
    "DATAELEC_MOIS",
    "DATAELEC_TABLES_VIDES",
    "DATAELEC_WAREHOUSE",
}


def ids(pages: list[Path]) -> list[str]:
    return [page.relative_to(ROOT).as_posix() for page in pages]


each_page = pytest.mark.parametrize("page", PAGES, ids=ids(PAGES))


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page as GitHub makes them: lower case, no punctuation, hyphens for spaces."""
    headings = _HEADING.findall(_FENCE.sub("", text_of(page)))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def commands() -> dict[str, set[str]]:
    """Return every command of the command line with its options."""
    group = get_command(app)
    assert isinstance(group, typer.core.TyperGroup)
    return {
        name: {"--help"} | {option for parameter in command.params for option in parameter.opts if option[0] == "-"}
        for name, command in group.commands.items()
    }


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z]+):", text_of(ROOT / "Makefile"), re.MULTILINE))


def mentions(pattern: re.Pattern[str]) -> Iterator[tuple[str, re.Match[str]]]:
    for page in PAGES:
        for match in pattern.finditer(text_of(page)):
            yield page.relative_to(ROOT).as_posix(), match


@each_page
def test_relative_links_resolve(page: Path) -> None:
    for link in _LINK.findall(_FENCE.sub("", text_of(page))):
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{link} leads nowhere"
        assert not anchor or anchor in anchors(target), f"{link}: no such heading"


def test_every_page_is_reached_from_the_readme() -> None:
    reached, waiting = set(), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in reached:
            continue
        reached.add(page)
        links = (link.partition("#")[0] for link in _LINK.findall(text_of(page)) if "://" not in link)
        waiting += [(page.parent / link).resolve() for link in links if link.endswith(".md")]
    assert set(PAGES) - reached == {ROOT / "lake" / "README.md"}


def test_every_make_target_that_is_mentioned_exists() -> None:
    mentioned = {match[1] for _, match in mentions(_MAKE)}
    assert mentioned >= {"demo", "test", "check", "setup"}
    assert mentioned - make_targets() == set()


def test_every_make_target_shows_in_its_help() -> None:
    described = set(re.findall(r"^([a-z]+):.*## ", text_of(ROOT / "Makefile"), re.MULTILINE))
    assert make_targets() - described == set()


def test_every_command_and_option_that_is_mentioned_exists() -> None:
    known = commands()
    seen = set()
    for page, match in mentions(_COMMAND):
        name, rest = match[1], match[2]
        assert name in known, f"{page}: dataelec {name}"
        options = set(re.findall(r"(?<![\w-])--[a-z-]+", rest))
        assert options - known[name] == set(), f"{page}: {match[0]}"
        seen.add(name)
    assert seen >= set(known) - {"demo"}, "a command is in no page"


def test_every_command_is_in_the_reference() -> None:
    rows = re.findall(r"^\| `dataelec ([a-z-]+)` \|", text_of(DOCS / "reference" / "commands.md"), re.MULTILINE)
    assert sorted(rows) == sorted(commands())


def test_every_variable_that_is_mentioned_is_a_setting() -> None:
    settings = {f"DATAELEC_{each.metadata['variable'] or each.name.upper()}" for each in fields(Settings)}
    mentioned = {match[0] for _, match in mentions(_VARIABLE)}
    assert mentioned - settings - INTERNAL_VARIABLES == set()
    described = set(_VARIABLE.findall(text_of(DOCS / "reference" / "settings.md")))
    assert settings - described == set(), "docs/reference/settings.md lacks a setting"


def test_every_table_that_is_mentioned_is_served_and_described() -> None:
    headings = set(re.findall(r"^## (\w+)$", dictionary_page(), re.MULTILINE)) | set(META_TABLES)
    assert set(served_tables()) - headings == set()
    mentioned = {match[0].rstrip("_") for page, match in mentions(_TABLE) if page != "docs/dictionary.md"}
    assert mentioned - headings - {"dim", "fct", "mart", "meta"} == set()
    tables = set(re.findall(r"^\| `(\w+)` \|", text_of(DOCS / "warehouse.md"), re.MULTILINE))
    assert headings - tables == set(), "docs/warehouse.md lacks a table"


def test_every_data_set_of_the_catalogue_is_listed() -> None:
    listed = re.findall(r"^\| \[`([a-z0-9-]+)`\]", text_of(DOCS / "data-sets.md"), re.MULTILINE)
    assert sorted(listed) == sorted(load_catalog())


def test_every_decision_and_page_that_code_refers_to_exists() -> None:
    numbers = {path.name[:4] for path in (DOCS / "decisions").glob("[0-9]*.md")}
    found = 0
    for path in CODE:
        text = text_of(path)
        for number in re.findall(r"docs/decisions/(\d{4})", text):
            found += 1
            assert number in numbers, f"{path.relative_to(ROOT)}: decision {number}"
        for name in re.findall(r"docs/((?:[a-z]+/)?[a-z][a-z-]*\.md)", text):
            found += 1
            assert (DOCS / name).exists(), f"{path.relative_to(ROOT)}: docs/{name}"
    assert found > 0


def test_decisions_are_listed_numbered_without_a_gap_and_short() -> None:
    pages = sorted((DOCS / "decisions").glob("[0-9]*.md"))
    assert [page.name[:4] for page in pages] == [f"{number:04}" for number in range(1, len(pages) + 1)]
    index = text_of(DOCS / "decisions" / "README.md")
    for page in pages:
        text = text_of(page)
        assert f"({page.name})" in index
        assert text.startswith(f"# {page.name[:4]} ")
        assert all(part in text for part in ("**Context.**", "**Decision.**", "**Consequences.**"))
        assert len(text.splitlines()) <= 25, page.name


def test_the_example_of_the_guide_is_the_entry_that_the_catalogue_test_adds() -> None:
    guide = text_of(DOCS / "add-a-data-set.md")
    block = re.search(r"```python\n(.*?)```", guide, re.DOTALL)
    assert block is not None
    namespace: dict[str, object] = {}
    exec(compile(block[1], "add-a-data-set.md", "exec"), namespace)  # noqa: S102 - our own page
    dataset = namespace["DATASET"]
    assert isinstance(dataset, Dataset)
    assert Catalog([dataset])["signal-ecowatt"].table == "signal_ecowatt"
    assert re.findall(r"^## (\d)\. ", guide, re.MULTILINE) == ["1", "2", "3", "4"]
