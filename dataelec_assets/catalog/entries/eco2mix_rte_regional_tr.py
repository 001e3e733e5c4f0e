"""RTE's own files of éCO2mix, by region, real time."""

from __future__ import annotations

from dataelec_assets.catalog.entries._rte import repeated_by_rte
from dataelec_assets.catalog.entries.eco2mix_regional_tr import DATASET as AT_ODRE

DATASET = repeated_by_rte(AT_ODRE, "eco2mix-rte-regional-tr", "Fichiers éCO2mix de RTE, régions, temps réel")
