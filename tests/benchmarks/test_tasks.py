"""How the tasks of users are judged; none of them is played here."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import tasks
from benchmarks.desk import Desk, NotPlayed, Sheet, check


def outcome(monkeypatch: pytest.MonkeyPatch, lake: Path, met: object) -> int:
    """Return the exit code of two tasks, one of which needs what is not installed."""

    def lacking(_desk: Desk) -> str:
        raise NotPlayed("needs Superset")

    def judged(_desk: Desk) -> str:
        check(met, "Landes lacks")
        return "Gironde 6236"

    (lake / "serving").mkdir(parents=True)
    (lake / "serving" / "dataelec.duckdb").touch()
    monkeypatch.setattr(tasks, "TASKS", {"BI": lacking, "officer": judged})
    return tasks.main([str(lake)])


@pytest.mark.parametrize(
    ("met", "expected"), [(1, (0, "Gironde 6236")), (0, (1, "TaskFailed: Landes lacks"))], ids=["done", "failed"]
)
def test_a_failed_task_is_told_and_ends_with_1_and_one_not_played_counts_for_nothing(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    met: int,
    expected: tuple[int, str],
) -> None:
    code, words = expected
    assert outcome(monkeypatch, tmp_path / "lake", met) == code
    said = capsys.readouterr().out
    assert words in said
    assert "needs Superset" in said
    assert "not played" in said


def test_a_lake_without_a_publication_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="run `dataelec refresh` first"):
        tasks.main([str(tmp_path)])


def test_numbers_of_a_sheet_are_numbers_and_codes_are_texts() -> None:
    sheet = Sheet()
    sheet.feed('<table><tr><td>01</td><td sdval="6236.5" sdnum="1036;">6236,5</td><td></td></tr></table>')
    assert sheet.rows == [["01", 6236.5, ""]]
