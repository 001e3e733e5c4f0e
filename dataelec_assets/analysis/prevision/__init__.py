"""Forecasts of consumption: features, ridge, rolling-origin back-test, intervals, scores (docs/methods/prevision.md).

Each module is a step: ``inputs`` (tables to grids), ``weather`` (what is known of the weather at the issue time),
``features``, ``ridge``, ``backtest`` (what the warehouse keeps), ``baselines``, ``conformal``, ``scores`` and ``rows``
(what the marts show).
"""
