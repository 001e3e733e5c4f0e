"""Territorial indicators of sustainable development, by EPCI."""

from __future__ import annotations

from dataelec_assets.catalog.entries._indicateurs_odd import dataset

DATASET = dataset("epci")
