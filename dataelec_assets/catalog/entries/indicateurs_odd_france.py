"""Territorial indicators of sustainable development, of France."""

from __future__ import annotations

from dataelec_assets.catalog.entries._indicateurs_odd import dataset

DATASET = dataset("france")
