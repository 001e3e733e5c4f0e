"""What is left out of a call of dbt, and is there again afterwards."""

from __future__ import annotations

from typing import Any

import pytest
from dbt_common.behavior_flags import BehaviorFlagRendered
from dbt_common.dataclass_schema import dbtClassMixin
from dbt_common.events.base_types import EventLevel
from dbt_common.events.event_manager import EventManager
from dbt_common.events.event_manager_client import get_event_manager

from dataelec_assets.errors import WarehouseError
from dataelec_assets.warehouse.dbt import run_dbt
from dataelec_assets.warehouse.runner import _only_faults
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
    monkeypatch.setattr(dbtClassMixin, "json_schema", classmethod(lambda cls: checked.append(cls) or {}))
    small.build()
    assert checked == []
    assert _patched() == before
    small.write("dbt_project.yml", FILES["dbt_project.yml"] + "# autre\n")
    small.build()
    assert checked


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
