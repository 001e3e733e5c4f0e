"""RTE's own files of éCO2mix, by region, consolidated and definitive."""

from __future__ import annotations

from dataelec_assets.catalog.entries._rte import repeated_by_rte
from dataelec_assets.catalog.entries.eco2mix_regional_cons_def import DATASET as AT_ODRE

DATASET = repeated_by_rte(
    AT_ODRE, "eco2mix-rte-regional-cons-def", "Fichiers éCO2mix de RTE, régions, consolidé et définitif"
)
