"""What is printed says what it is: a figure its period, a date itself, a definition that it is one."""

from __future__ import annotations

from datetime import date

import pytest

from dataelec_assets.serving.report.components import Chart, Table
from dataelec_assets.serving.report.figures import Basis, Figure, FigureWithoutPeriod, Fixed, Quoted, markup, on, plain
from dataelec_assets.serving.report.periods import Period
from dataelec_assets.serving.report.tables import table_markup

PARTIAL = Period(date(2026, 4, 23), date(2026, 5, 22), 30, 10)
AT = Basis(PARTIAL, "mart_mix_periode")
WHOLE = Basis(Period.year(2025), "mart_mix_periode")


def test_a_figure_tells_its_period_its_days_and_its_table() -> None:
    made = str(markup(("Nucléaire : ", AT.figure(67.25, 1, "%"), ".")))
    assert made.startswith('Nucléaire\u00a0: <data class="chiffre" value="67.25" data-periode="2026-04-23/2026-05-22" ')
    assert 'data-jours="10/30" data-complete="non" data-source="mart_mix_periode">67,2\u00a0%' in made
    assert "(10\u00a0jours sur\u00a030)" in made
    assert "data-complete" not in markup(WHOLE.figure(1))


def test_a_partial_period_is_said_once_a_text_and_not_again_within_its_chart() -> None:
    assert markup((AT.figure(1), " et ", AT.figure(2))).count("jours sur\u00a030") == 1
    assert markup((AT.figure(1), " et ", AT.figure(2)), AT).count("jours sur\u00a030") == 0


@pytest.mark.parametrize("prose", ["Nucléaire : 67 %", ("Nucléaire : ", "67 %"), ["a", AT.figure(1), " en 2026"]])
def test_plain_words_with_a_digit_are_refused(prose: str | tuple[str, ...]) -> None:
    with pytest.raises(FigureWithoutPeriod, match=r"67 %|en 2026"):
        markup(prose)


def test_a_figure_without_a_period_cannot_be_made() -> None:
    with pytest.raises(TypeError, match="period"):
        Figure(67.2, "%")  # type: ignore[call-arg]


def test_dates_definitions_and_words_of_the_file_say_what_they_are() -> None:
    made = str(markup((on(date(2026, 5, 22)), Fixed("base 18 °C"), Quoted("<b>12</b>"))))
    assert '<time datetime="2026-05-22">22\u00a0mai\u00a02026</time>' in made
    assert "<span data-definition>base 18 °C</span>" in made
    assert "<span data-cite>&lt;b&gt;12&lt;/b&gt;</span>" in made
    assert plain((AT.figure(1234.5, 1, "MW"), " le ", on(date(2026, 5, 1)))).startswith("1\u202f234,5\u00a0MW le 1er")


def test_a_table_tells_once_what_all_its_figures_rest_on() -> None:
    made = str(table_markup(Table("Parts", ("Filière", "Part"), [("Éolien", AT.figure(9)), ("Solaire", AT.figure(5))])))
    assert made.count("data-periode") == 1
    assert '<table data-periode="2026-04-23/2026-05-22" data-jours="10/30" data-complete="non"' in made
    assert "<caption>Parts<span" in made
    assert "(10\u00a0jours sur\u00a030)</span></caption>" in made


def test_rows_of_other_periods_tell_their_own() -> None:
    rows = [("2025", WHOLE.figure(9), WHOLE.figure(1)), ("2026", AT.figure(5), AT.figure(2))]
    made = str(table_markup(Table("Parts", ("Année", "Éolien", "Solaire"), rows)))
    assert "<table>" in made
    assert '<tr data-periode="2025-01-01/2025-12-31" data-jours="365/365" data-source="mart_mix_periode">' in made
    assert made.count("jours sur\u00a030") == 1
    mixed = str(table_markup(Table("Parts", ("Région", "Mai", "Juin"), [("a", WHOLE.figure(9), AT.figure(1))])))
    assert mixed.count("<data ") == 2


def test_a_cell_of_words_with_a_digit_is_refused() -> None:
    with pytest.raises(FigureWithoutPeriod, match="9 %"):
        table_markup(Table("Parts", ("Filière", "Part"), [("Éolien", "9 %"), ("Solaire", AT.figure(5))]))


def test_a_chart_without_figures_is_refused() -> None:
    with pytest.raises(FigureWithoutPeriod, match="vide"):
        _ = Chart("vide", "Rien", "", None, Table("Rien", ("Nom",), [])).basis
