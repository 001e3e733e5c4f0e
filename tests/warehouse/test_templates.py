"""The code of templates is kept, and is the code that Jinja makes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from dbt_common.clients.jinja import MacroFuzzEnvironment, get_template

from dataelec_assets.warehouse.templates import kept_templates

TEXT = "{% macro double(x) %}{{ x * 2 }}{% endmacro %}{{ dbt_macro__double(valeur) }}"


def _render(text: str = TEXT, *, native: bool = False) -> str:
    return get_template(text, {"valeur": 21}, native=native).render({"valeur": 21})


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the texts that Jinja compiles from now on."""
    texts: list[str] = []
    parse: Callable[..., object] = MacroFuzzEnvironment._parse

    def watched(environment: MacroFuzzEnvironment, source: str, *arguments: object) -> object:
        texts.append(source)
        return parse(environment, source, *arguments)

    monkeypatch.setattr(MacroFuzzEnvironment, "_parse", watched)
    return texts


def test_a_text_is_compiled_once_for_all_processes(tmp_path: Path, compiled: list[str]) -> None:
    for _ in range(2):
        with kept_templates(tmp_path):
            assert _render() == "42"
            assert _render() == "42"
    assert compiled == [TEXT]
    assert len(list(tmp_path.iterdir())) == 1


def test_another_environment_makes_other_code_of_the_same_text(tmp_path: Path) -> None:
    text = "{{ valeur }}"
    expected = [_render(text, native=native) for native in (False, True)]
    assert [type(each) for each in expected] == [str, int]
    with kept_templates(tmp_path):
        assert [_render(text, native=native) for native in (False, True)] == expected


def test_afterwards_jinja_compiles_as_before(tmp_path: Path, compiled: list[str]) -> None:
    with kept_templates(tmp_path):
        _render()
    assert _render() == _render() == "42"
    assert compiled == [TEXT] * 3


@pytest.mark.parametrize("content", [b"", b"not code", b"N"], ids=["empty", "other bytes", "None"])
def test_a_damaged_file_is_made_again(tmp_path: Path, compiled: list[str], content: bytes) -> None:
    with kept_templates(tmp_path):
        _render()
    (path,) = tmp_path.iterdir()
    path.write_bytes(content)
    for _ in range(2):
        with kept_templates(tmp_path):
            assert _render() == "42"
    assert compiled == [TEXT] * 2


def test_a_folder_that_cannot_be_written_to_keeps_nothing(tmp_path: Path) -> None:
    with kept_templates(tmp_path / "nowhere"):
        assert _render() == "42"
    assert not list(tmp_path.iterdir())


def test_what_was_shipped_is_read_and_never_written_to(tmp_path: Path, compiled: list[str]) -> None:
    shipped, own = tmp_path / "shipped", tmp_path / "own"
    shipped.mkdir()
    own.mkdir()
    with kept_templates(shipped):
        _render()
    (before,) = (each.read_bytes() for each in shipped.iterdir())
    for _ in range(2):
        with kept_templates(own, shipped):
            assert _render() == "42"
            assert _render("{{ valeur + 1 }}") == "22"
    assert compiled == [TEXT, "{{ valeur + 1 }}"]
    assert [each.read_bytes() for each in shipped.iterdir()] == [before]


def test_without_a_folder_code_is_kept_in_memory(compiled: list[str]) -> None:
    with kept_templates(None):
        assert _render() == _render() == "42"
    assert compiled == [TEXT]
