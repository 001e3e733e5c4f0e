"""Territorial indicators of sustainable development, by recovery and ecological transition contract (CRTE)."""

from __future__ import annotations

from dataelec_assets.catalog.entries._indicateurs_odd import dataset

DATASET = dataset("crte")
