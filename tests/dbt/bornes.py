"""What is built for charging points."""

from __future__ import annotations

# Words in the paths of what is tested with them, in test_bornes_faults.py.
WORDS = ("staging/paris", "staging/irve", "borne", "dim_station", "dim_point_de_charge", "occupation")
