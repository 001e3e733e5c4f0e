"""A chart over time draws a line at each break in its series, and its note says why."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

from dataelec_assets.serving.report.breaks import breaks_between
from dataelec_assets.serving.report.reading import served_file
from dataelec_assets.serving.report.timelines import lines
from tests.serving.served import write_served
from tests.serving.svg import svg_of
from tests.serving.test_report import text_of

CO2 = ("mart_mix_bilan_periode", "taux_co2_g_par_kwh")
ROWS = [{"x": date(2025, month, 1), "y": 1.0, "serie": "a", "dit": f"mois {month}"} for month in range(1, 7)]
BREAK = {"x": date(2025, 3, 1), "dit": "Rupture de série"}


def test_the_break_within_the_days_drawn_is_found_and_no_other(tmp_path: Path) -> None:
    with served_file(write_served(tmp_path / "served.duckdb")) as served:
        found = breaks_between(served, *CO2, date(2024, 7, 1), date(2026, 10, 1))
        assert [row["dit"] for row in found] == [
            "Rupture de série, 1er\u00a0janvier\u00a02025 : RTE compte autrement depuis 2025."
        ]
        # A break on the first day that is drawn has nothing before it.
        assert breaks_between(served, *CO2, date(2025, 1, 1), date(2026, 10, 1)) == []
        assert breaks_between(served, CO2[0], "part_bas_carbone_pct", date(2024, 7, 1), date(2026, 10, 1)) == []


def test_a_break_is_a_dashed_rule_and_no_point_of_a_line() -> None:
    drawn = svg_of(lines(ROWS, {"a": "#0a5fb4"}, "g", breaks=[BREAK]))
    plain = svg_of(lines(ROWS, {"a": "#0a5fb4"}, "g"))
    assert len(_rules(drawn)) == 1
    assert _rules(plain) == []
    line = r'<g class="mark-line [^>]*><path d="([^"]*)"'
    assert re.findall(line, drawn) == re.findall(line, plain)


def _rules(svg: str) -> list[str]:
    return re.findall(r'<line [^>]*aria-roledescription="rule mark"[^>]*stroke-dasharray="4,3"', svg)


def test_the_page_of_the_mix_draws_the_break_of_co2_and_says_why(pages: dict[str, str]) -> None:
    figure = pages["mix.html"].partition('id="figure-co2-mensuel"')[2].partition("</figure>")[0]
    (script,) = re.findall(r"<script[^>]*>(.*?)</script>", figure, flags=re.DOTALL)
    specification: dict[str, Any] = json.loads(script)
    assert [row["x"] for row in specification["data"]["values"] if row["serie"] == ""] == ["2025-01-01"]
    note = "Trait vertical : rupture du 1er janvier 2025 . RTE compte autrement depuis 2025."
    assert note in text_of(figure).replace("\u00a0", " ").replace("\u202f", " ")
