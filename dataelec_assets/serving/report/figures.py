"""What a page prints: figures with their period, dates, definitions. A figure without a period cannot be made.

Text of a page is a sequence of parts. Plain words hold no digit: a digit is part of a figure, of a date, of a
definition ("base 18 °C") or of words that the file gives, and each of these says which it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup, escape

from dataelec_assets.serving.report import french
from dataelec_assets.serving.report.french import typographic
from dataelec_assets.serving.report.periods import Period


class FigureWithoutPeriod(ValueError):
    """A page would print a figure of which nobody can tell the period."""


@dataclass(frozen=True, slots=True)
class Basis:
    """What figures rest on.

    Attributes:
        period: the days that they stand for.
        source: the served table that they come from.
    """

    period: Period
    source: str

    def figure(self, value: float | None, digits: int = 0, unit: str = "") -> Figure:
        """Return a figure on this basis."""
        return Figure(value, unit, self.period, self.source, digits)

    def interval(self, low: float | None, high: float | None, digits: int = 0, unit: str = "") -> Interval:
        """Return an interval on this basis."""
        return Interval(low, high, unit, self.period, self.source, digits)

    @property
    def attributes(self) -> Markup:
        """The attributes of markup that tell the basis."""
        period = self.period
        partial = Markup("") if period.is_complete else Markup(' data-complete="non"')
        return Markup('data-periode="{}" data-jours="{}/{}"{} data-source="{}"').format(
            period.iso, period.present, period.expected, partial, self.source
        )


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that is printed.

    Attributes:
        value: None where it is unknown.
        unit: follows the number.
        period: the days that it stands for.
        source: the served table that it comes from.
        digits: after the comma.
    """

    value: float | None
    unit: str
    period: Period
    source: str
    digits: int = 0

    @property
    def text(self) -> str:
        """The number as French writes it."""
        return french.number(self.value, self.digits, self.unit)

    @property
    def basis(self) -> Basis:
        """What it rests on."""
        return Basis(self.period, self.source)


@dataclass(frozen=True, slots=True)
class Interval:
    """Two bounds that are printed; attributes as those of :class:`Figure`."""

    low: float | None
    high: float | None
    unit: str
    period: Period
    source: str
    digits: int = 0

    @property
    def text(self) -> str:
        """``2 337 à 2 424 MW/°C``."""
        return french.interval(self.low, self.high, self.digits, self.unit)

    @property
    def basis(self) -> Basis:
        """What it rests on."""
        return Basis(self.period, self.source)


@dataclass(frozen=True, slots=True)
class When:
    """A date, month or year that is printed; ``iso`` is how machines write it."""

    text: str
    iso: str


@dataclass(frozen=True, slots=True)
class Fixed:
    """Words with a number that is no measure: a definition, as ``intervalle à 95 %``."""

    text: str


@dataclass(frozen=True, slots=True)
class Quoted:
    """Words that the served file gives, printed as they are."""

    text: str


Part = str | Figure | Interval | When | Fixed | Quoted
Prose = Part | Sequence[Part]


def on(value: date) -> When:
    """Return a day."""
    return When(french.day(value), value.isoformat())


def in_month(value: date, *, begins: bool = False) -> When:
    """Return the month of a day; ``begins``: with a capital, to begin a sentence."""
    text = french.month(value)
    return When(text.capitalize() if begins else text, f"{value:%Y-%m}")


def in_year(value: int) -> When:
    """Return a year."""
    return When(str(value), str(value))


def during(period: Period) -> Part:
    """Return a period in words, as ``du 23 avril au 22 mai 2026``."""
    return When(period.words, period.iso)


_DIGIT = re.compile("[0-9]")


def parts_of(prose: Prose) -> Sequence[Part]:
    """Return the parts of a text."""
    return [prose] if isinstance(prose, str | Figure | Interval | When | Fixed | Quoted) else prose


def plain(prose: Prose) -> str:
    """Return a text without markup."""
    return "".join(part if isinstance(part, str) else part.text for part in parts_of(prose))


def markup(prose: Prose, told: Basis | None = None, *, is_cell: bool = False) -> Markup:
    """Return a text as markup in which each figure tells its period; a partial one says so, once a text.

    Args:
        prose: the text.
        told: the basis of what is around it, whose days that lack are said there.
        is_cell: whether figures on the basis ``told`` leave it to the row or the table to tell it.

    Raises:
        FigureWithoutPeriod: plain words hold a digit.
    """
    said: set[Period] = set() if told is None else {told.period}
    made = []
    for part in parts_of(prose):
        if isinstance(part, Figure | Interval):
            text = escape(part.text)
            if not part.period.is_complete and part.period not in said:
                text += Markup(' <span class="partiel">({})</span>').format(part.period.days)
            said.add(part.period)
            if is_cell and part.basis == told:
                made.append(text)
            else:
                made.append(
                    Markup('<data class="chiffre" value="{}" {}>{}</data>').format(
                        _machine(part), part.basis.attributes, text
                    )
                )
        elif isinstance(part, When):
            made.append(Markup('<time datetime="{}">{}</time>').format(part.iso, part.text))
        elif isinstance(part, Fixed):
            made.append(Markup("<span data-definition>{}</span>").format(typographic(part.text)))
        elif isinstance(part, Quoted):
            made.append(Markup("<span data-cite>{}</span>").format(typographic(part.text)))
        else:
            if _DIGIT.search(part):
                raise FigureWithoutPeriod(f"A figure without a period: {part!r}.")
            made.append(escape(typographic(part)))
    return Markup("").join(made)


def _machine(part: Figure | Interval) -> str:
    if isinstance(part, Figure):
        return "" if part.value is None else f"{part.value:.10g}"
    return "" if part.low is None or part.high is None else f"{part.low:.10g}/{part.high:.10g}"
