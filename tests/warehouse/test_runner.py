"""What is left out of a call of dbt, and is there again afterwards."""

from __future__ import annotations

from random import Random
from types import SimpleNamespace
from typing import Any, cast

import pytest
from dbt.clients import jinja
from dbt_common.behavior_flags import BehaviorFlagRendered
from dbt_common.dataclass_schema import dbtClassMixin
from dbt_common.events.base_types import EventLevel
from dbt_common.events.event_manager import EventManager
from dbt_common.events.event_manager_client import get_event_manager

from dataelec_assets.errors import WarehouseError
from dataelec_assets.lake.paths import LakePaths
from dataelec_assets.warehouse.dbt import run_dbt
from dataelec_assets.warehouse.parse import ensure_parse
from dataelec_assets.warehouse.runner import _know_texts, _only_faults
from tests.warehouse.small_project import FILES, SmallProject


class _Event:
    """What dbt fires, of a level of its own."""

    def __init__(self, level: EventLevel) -> None:
        self._level = level

    def level_tag(self) -> EventLevel:
        return self._level


@pytest.mark.parametrize(
    ("own", "given", "told"),
    [
        *((level, None, 0) for level in (EventLevel.DEBUG, EventLevel.INFO, EventLevel.TEST)),
        *((level, None, 1) for level in (EventLevel.WARN, EventLevel.ERROR)),
        # A level that is given counts instead of that of the event.
        (EventLevel.INFO, EventLevel.WARN, 1),
        (EventLevel.WARN, EventLevel.DEBUG, 0),
    ],
)
def test_only_a_fault_becomes_a_message(
    own: EventLevel, given: EventLevel | None, told: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[Any] = []
    monkeypatch.setattr(EventManager, "fire_event", lambda _, event, *__: heard.append(event))
    event, before = _Event(own), get_event_manager()
    with _only_faults():
        get_event_manager().fire_event(event, given)  # type: ignore[arg-type]
    assert heard == [event] * told
    assert get_event_manager() is before


def _patched() -> tuple[object, object]:
    return vars(dbtClassMixin)["validate"], vars(BehaviorFlagRendered)["_default_source"]


def test_settings_are_checked_when_they_are_parsed_and_not_again_by_each_command(
    small: SmallProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _patched()
    small.build()
    checked: list[type] = []

    def schema(cls: type) -> dict[str, str]:
        checked.append(cls)
        return {}

    monkeypatch.setattr(dbtClassMixin, "json_schema", classmethod(schema))
    small.build()
    assert checked == []
    assert _patched() == before
    small.write("dbt_project.yml", FILES["dbt_project.yml"] + "# autre\n")
    small.build()
    assert checked


def test_texts_of_checks_are_what_dbt_renders(lake_paths: LakePaths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jinja, "_render_cache", {})
    _know_texts(ensure_parse(lake_paths).manifest())
    known: dict[str, str] = {**jinja._render_cache}
    assert len(known) > 1000
    jinja._render_cache.clear()
    chosen = Random(3).sample(sorted(known), 300)  # noqa: S311
    # Those with marks of Jinja are never looked up.
    plain = [each for each in chosen if not jinja._HAS_RENDER_CHARS_PAT.search(each)]
    assert len(plain) > 200
    assert {each: jinja.get_rendered(each, {}, native=True) for each in plain} == {each: known[each] for each in plain}


def test_a_text_that_jinja_changes_is_left_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jinja, "_render_cache", {})
    texts = ["usuel", "à la ligne\n", "de Windows\r\nici"]
    node = SimpleNamespace(test_metadata=SimpleNamespace(kwargs={"regles": [{"a": texts}]}))
    _know_texts(cast("Any", SimpleNamespace(nodes={"a": node, "b": object()})))
    assert jinja._render_cache == {"usuel": "usuel"}
    assert [jinja.get_rendered(each, {}, native=True) == each for each in texts] == [True, False, False]


def test_a_project_that_dbt_refuses_is_refused(small: SmallProject) -> None:
    small.write("dbt_project.yml", FILES["dbt_project.yml"].replace("config-version: 2", "config-version: deux"))
    with pytest.raises(WarehouseError, match="could not run"):
        small.build()


def test_a_command_that_fails_leaves_dbt_as_it_was(small: SmallProject) -> None:
    small.build()
    before = _patched()
    with pytest.raises(WarehouseError, match="could not run"):
        run_dbt(small.paths, ["build", "--selector", "nulle_part"])
    assert _patched() == before
