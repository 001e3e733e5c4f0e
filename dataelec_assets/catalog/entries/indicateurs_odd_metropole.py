"""Territorial indicators of sustainable development, of France without its overseas départements."""

from __future__ import annotations

from dataelec_assets.catalog.entries._indicateurs_odd import dataset

DATASET = dataset("metropole")
