"""RTE's own files of éCO2mix, national, consolidated and definitive."""

from __future__ import annotations

from dataelec_assets.catalog.entries._rte import repeated_by_rte
from dataelec_assets.catalog.entries.eco2mix_national_cons_def import DATASET as AT_ODRE

DATASET = repeated_by_rte(
    AT_ODRE, "eco2mix-rte-national-cons-def", "Fichiers éCO2mix de RTE, France, consolidé et définitif"
)
