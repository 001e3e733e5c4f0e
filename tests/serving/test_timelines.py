"""Lines break where readings lack, and days do not depend on the clock zone of the machine."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import date

from dataelec_assets.serving.report.svg import inline, svg_of
from dataelec_assets.serving.report.timelines import columns, lines, parted

MONTHS = [date(2019, 1, 1), date(2019, 2, 1), date(2019, 3, 1), date(2021, 6, 1), date(2022, 1, 1), date(2022, 2, 1)]
ROWS = [{"x": day, "y": 1.0, "serie": "a"} for day in MONTHS]

DRAW = """
from datetime import date
from dataelec_assets.serving.report.svg import svg_of
from dataelec_assets.serving.report.timelines import columns
rows = [{"x": date(2024, m, 1), "y": 1.0, "serie": "a", "dit": "a"} for m in range(1, 7)]
print(svg_of(columns(rows, {"a": "#0a5fb4"}, "TWh")(400)))
"""


def test_a_gap_is_a_null_and_a_lonely_reading_a_dot() -> None:
    found = parted(ROWS, "serie")
    assert [row["x"] for row in found if row["seul"]] == [date(2021, 6, 1)]
    assert [row["x"] for row in found if row["y"] is None] == ["2019-03-02", "2021-06-02"]


def test_series_are_parted_each_by_itself() -> None:
    other = [{"x": day, "y": 2.0, "serie": "b"} for day in (date(2019, 1, 1), date(2019, 2, 1), date(2019, 3, 1))]
    found = [row for row in parted([*ROWS, *other], "serie") if row["serie"] == "b"]
    assert [row["y"] for row in found] == [2.0, 2.0, 2.0]


def test_a_line_is_drawn_in_pieces() -> None:
    svg = svg_of(lines(ROWS, {"a": "#0a5fb4"}, "TWh")(400))
    (path,) = re.findall(r'<g class="mark-line [^>]*><path d="([^"]*)"', svg)
    assert path.count("M") == 2 + 1, "two lines, and a dot that a line cannot show"


def test_each_point_of_a_line_says_on_hover_what_it_is_and_the_line_says_nothing() -> None:
    rows = [{**row, "dit": f"a, {row['x']} : 1 TWh"} for row in ROWS]
    svg = inline(svg_of(lines(rows, {"a": "#0a5fb4"}, "TWh")(400)), "Titre", "resume")
    assert re.findall(r"<title>([^<]*)</title>", svg) == [row["dit"] for row in rows]


def test_a_column_stands_at_its_month_wherever_the_machine_is() -> None:
    drawn = {
        zone: subprocess.run(
            [sys.executable, "-c", DRAW], env={**os.environ, "TZ": zone}, capture_output=True, text=True, check=True
        ).stdout
        for zone in ("UTC", "America/Los_Angeles")
    }
    assert drawn["UTC"] == drawn["America/Los_Angeles"]
    assert "janv. 2024" in drawn["UTC"]


def test_columns_say_on_hover_what_they_are() -> None:
    rows = [{"x": date(2024, 1, 1), "y": 1.0, "serie": "a", "dit": "janvier 2024, a : 1 TWh"}]
    assert "janvier 2024, a : 1 TWh" in svg_of(columns(rows, {"a": "#0a5fb4"}, "TWh")(400))
