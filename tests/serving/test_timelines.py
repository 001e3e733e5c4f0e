"""Lines break where readings lack, and points say what they are."""

from __future__ import annotations

import re
from datetime import date

from dataelec_assets.serving.report.drawing import specification
from dataelec_assets.serving.report.timelines import columns, fan, lines, parted
from tests.serving.svg import svg_of

MONTHS = [date(2019, 1, 1), date(2019, 2, 1), date(2019, 3, 1), date(2021, 6, 1), date(2022, 1, 1), date(2022, 2, 1)]
ROWS = [{"x": day, "y": 1.0, "serie": "a"} for day in MONTHS]


def test_a_gap_is_a_null_and_a_lonely_reading_a_dot() -> None:
    found = parted(ROWS, "serie")
    assert [row["x"] for row in found if row["seul"]] == [date(2021, 6, 1)]
    assert [row["x"] for row in found if row["y"] is None] == ["2019-03-02", "2021-06-02"]


def test_series_are_parted_each_by_itself() -> None:
    other = [{"x": day, "y": 2.0, "serie": "b"} for day in (date(2019, 1, 1), date(2019, 2, 1), date(2019, 3, 1))]
    found = [row for row in parted([*ROWS, *other], "serie") if row["serie"] == "b"]
    assert [row["y"] for row in found] == [2.0, 2.0, 2.0]


def test_a_line_is_drawn_in_pieces() -> None:
    svg = svg_of(lines(ROWS, {"a": "#0a5fb4"}, "TWh"))
    (path,) = re.findall(r'<g class="mark-line [^>]*><path d="([^"]*)"', svg)
    assert path.count("M") == 2 + 1, "two lines, and a dot that a line cannot show"


def test_a_forecast_hides_one_line_without_its_intervals() -> None:
    rows = [
        {"x": f"2026-11-0{day}", "dit": f"le {day}", "prevu": 2.0, "bas90": 1, "haut90": 3, "bas50": 1.5, "haut50": 2.5}
        for day in range(1, 6)
    ]
    made = specification(fan(rows, unit="GW")())
    values = made["data"]["values"]
    assert {row["serie"] for row in values} == {"Prévu", ""}, "no outcome and nothing of RTE: no such line"
    assert [row["dit"] for row in values if row["serie"] == "Prévu"] == [f"le {day}" for day in range(1, 6)]
    assert [row["haut90"] for row in values if not row["serie"]] == [3] * 5
    assert made["usermeta"]["serie"] == "serie"


def test_days_that_stand_for_those_of_any_year_have_no_period_to_choose() -> None:
    dated = {
        form: lines(ROWS, {"a": "#0a5fb4"}, "TWh", form=form)().to_dict()["usermeta"]["temps"] for form in ("%Y", "%b")
    }
    assert dated == {"%Y": True, "%b": False}


def test_columns_know_their_months() -> None:
    rows = [{"x": date(2024, 1, 1), "y": 1.0, "serie": "a", "dit": "janvier 2024, a : 1 TWh"}]
    assert ">janv. 2024</text>" in svg_of(columns(rows, {"a": "#0a5fb4"}, "TWh"))
