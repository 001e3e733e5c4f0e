"""What is built for the mix, the questions, and what goes with consumption."""

from __future__ import annotations

MARTS = (
    "mart_co2_controle",
    "mart_mix_jour",
    "mart_mix_bilan_jour",
    "mart_mix_saison",
    "mart_mix_periode",
    "mart_mix_bilan_periode",
    "mart_question_stock_temperature",
    "mart_question_filieres_temperature",
    "mart_question_filieres_stock",
    "mart_question_saisons",
    "mart_question_echanges_stock",
    "mart_decomposition_consommation",
    "mart_consommation_par_client",
)

# Words in the paths of what is tested with them, in test_mix_faults.py.
WORDS = ("/mix_", "mart_mix_", "mart_co2_", "mart_question", "mart_decomposition_", "mart_consommation_par_client")
