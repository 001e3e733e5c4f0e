"""Random series that do not depend on how far they are drawn: one generator per named series."""

from __future__ import annotations

import zlib

import numpy as np

from dataelec_assets.sample.regions import Floats


def generator(seed: int, name: str, *more: int) -> np.random.Generator:
    """Return the generator of one series; another name or number gives another, independent series."""
    return np.random.Generator(np.random.PCG64([seed, zlib.crc32(name.encode()), *more]))


def autoregressive(draws: Floats, persistence: float) -> Floats:
    """Turn independent normals, shape (steps, series), into AR(1) series of unit variance, along the first axis."""
    series = np.empty_like(draws)
    series[0] = draws[0]
    innovation = np.sqrt(1 - persistence**2)
    for step in range(1, len(draws)):
        series[step] = persistence * series[step - 1] + innovation * draws[step]
    return series


def smooth(draws: Floats, width: int) -> Floats:
    """Return moving averages of ``width`` normals along the first axis, scaled to unit variance.

    The result is ``width - 1`` steps shorter.
    """
    total = np.cumsum(draws, axis=0)
    window = total[width - 1 :].copy()
    window[1:] -= total[:-width]
    return np.asarray(window / np.sqrt(width), dtype=np.float64)
