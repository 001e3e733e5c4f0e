"""What the launcher of a run makes of the state of a step, without a broker."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("dagster_celery", reason="needs the environment of `make beyond`", exc_type=ImportError)

from celery import states

from dataelec_assets.defs import workers
from dataelec_assets.defs.workers import _Steps, celery_app
from dataelec_assets.settings import Secret

pytestmark = pytest.mark.beyond


@dataclass
class State:
    """What the broker knows of a step, and who answers."""

    state: str
    answers: list[bool] = field(default_factory=list)
    result: Any = None

    @property
    def info(self) -> dict[str, str]:
        return {"hostname": "two@machine"}


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> tuple[_Steps, State]:
    app, state = celery_app(Secret("redis://127.0.0.1:1/0")), State(states.PENDING)
    monkeypatch.setattr(workers, "AsyncResult", lambda *_, **__: state)
    monkeypatch.setattr(workers, "_task_id", lambda _: "step")
    pings = SimpleNamespace(ping=lambda **_: ["pong"] if state.answers.pop(0) else [])
    monkeypatch.setattr(type(app), "control", property(lambda _: pings))
    return _Steps(app), state


def healthy(steps: _Steps) -> bool:
    return steps.check_step_health(None).is_healthy  # type: ignore[arg-type]  # its name is all that is asked, see above


def test_a_step_that_waits_or_has_ended_is_well(steps: tuple[_Steps, State]) -> None:
    handler, state = steps
    for name in (states.PENDING, states.SUCCESS):
        state.state = name
        assert healthy(handler)


def test_a_step_whose_process_was_killed_or_that_was_revoked_is_lost(steps: tuple[_Steps, State]) -> None:
    handler, state = steps
    for name in (states.FAILURE, states.REVOKED):
        state.state, state.result = name, RuntimeError("Worker exited prematurely: signal 9 (SIGKILL)")
        found = handler.check_step_health(None)  # type: ignore[arg-type]  # as above
        assert not found.is_healthy
        assert "SIGKILL" in str(found.unhealthy_reason)


def test_a_worker_is_gone_after_three_times_without_an_answer_in_a_row(steps: tuple[_Steps, State]) -> None:
    handler, state = steps
    state.state, state.answers = states.STARTED, [False, False, True, False, False, False]
    assert [healthy(handler) for _ in range(6)] == [True, True, True, True, True, False]
