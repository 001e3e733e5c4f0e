"""What is built for the forecasts, and where the words of its checks are."""

from __future__ import annotations

# What the paths of its models and tests contain.
WORDS = ("int_prevision", "mart_prevision")

TABLES = ("path:models/*/*/int_prevision_*.*", "path:models/*/*/mart_prevision*.*")

# What they read, beyond consumption and temperatures.
CONTEXT = (
    "+dim_date",
    "+pont_region_zone_scolaire",
    "+fct_eco2mix_national",
    "+fct_eco2mix_regional",
    "+fct_revisions",
    "stg_open_meteo__previsions_meteo_regions",
    "stg_open_meteo_previous_runs__historique_previsions_meteo_regions",
)
