"""Colours are visible on both backgrounds, and distinguishable."""

from __future__ import annotations

import math
from itertools import combinations

import pytest

from dataelec_assets.catalog.regions import METROPOLITAN_REGIONS
from dataelec_assets.serving.report import theme


def channels(colour: str) -> tuple[float, float, float]:
    values = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in values)
    return red, green, blue


def luminance(colour: str) -> float:
    red, green, blue = channels(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the ratio of WCAG 2."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def lab(colour: str) -> tuple[float, float, float]:
    """Return CIE L*a*b* (D65)."""
    red, green, blue = channels(colour)
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.95047
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.08883
    fx, fy, fz = (value ** (1 / 3) if value > 0.008856 else 7.787 * value + 16 / 116 for value in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


def distance(one: str, other: str) -> float:
    """Return the CIE76 difference; about 2 can just be seen side by side, above 10 at a glance."""
    return math.dist(lab(one), lab(other))


SCHEMES = pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])


@SCHEMES
def test_marks_stand_out_from_the_page(scheme: int) -> None:
    surface = theme.SURFACE[scheme]
    marks = [*theme.FILIERES.values(), *theme.REGIONS.values(), theme.ACCENT, theme.WARM, theme.COOL, theme.REFERENCE]
    faint = [pair[scheme] for pair in marks if contrast(pair[scheme], surface) < 3]
    assert faint == []


@SCHEMES
def test_text_can_be_read(scheme: int) -> None:
    for pair in (theme.INK, theme.MUTED):
        assert contrast(pair[scheme], theme.SURFACE[scheme]) >= 4.5
    # Shares are written on their bars in the colour of the page.
    for pair in theme.FILIERES.values():
        assert contrast(theme.SURFACE[scheme], pair[scheme]) >= 3


@SCHEMES
def test_thirteen_regions_have_thirteen_colours_that_differ_at_a_glance(scheme: int) -> None:
    assert set(theme.REGIONS) == set(METROPOLITAN_REGIONS)
    colours = {code: pair[scheme] for code, pair in theme.REGIONS.items()}
    close = [(a, b) for a, b in combinations(colours, 2) if distance(colours[a], colours[b]) < 15]
    assert close == []


@SCHEMES
def test_classes_of_maps_go_one_way(scheme: int) -> None:
    steps = [contrast(pair[scheme], theme.SURFACE[scheme]) for pair in theme.SCALE]
    assert steps == sorted(steps)


def test_no_light_colour_has_two_dark_twins() -> None:
    lights = [light for light, _ in theme.PAIRS]
    assert sorted(lights) == sorted(set(lights))
