"""The published files from which the tests on real figures are built, all in one warehouse."""

from __future__ import annotations

from pathlib import Path

from dataelec_assets.catalog import load_catalog
from dataelec_assets.warehouse.dbt import NodeResult
from tests.dbt.eco2mix import NATIONAL_TR
from tests.dbt.empty import start_from_the_empty_warehouse
from tests.dbt.lakes import TinyLake
from tests.dbt.yearly import BY_COMMUNE, OLD_LONG, OLD_WIDE, REGIONAL_YEAR, RENEWABLE

YEARLY = (REGIONAL_YEAR, RENEWABLE, BY_COMMUNE, OLD_WIDE, OLD_LONG)

# One vintage of each data set: the newest. Of real time, the one month that was published whole.
REAL_FILES = {
    "consommation-quotidienne-brute": "*.csv",
    "consommation-quotidienne-brute-regionale": "*.json.gz",
    "temperature-quotidienne-regionale": "*.parquet",
    "stock-quotidien-stockages-gaz": "*.csv",
    NATIONAL_TR: "*_2021-12.csv",
    **dict.fromkeys(YEARLY, "*"),
}

# What the published files are known to hold; anything else that a check finds is news.
FINDINGS_OF_YEARS = {
    "consommation_annuelle_energie_sans_territoire": 81,  # codes NA, Fr and XX
    "fct_consommation_annuelle_regionale_saut_d_une_annee": 2,  # Corse into 2019 and out of it
    "mart_ecarts_publies_hors_tolerance": 3,
    "mart_rapprochement_annuel_hors_tolerance": 1,
    "stg_odre__prod_region_annuelle_enr_annee_publiee": 1,
}
KNOWN_FINDINGS = {
    **FINDINGS_OF_YEARS,
    "fct_consommation_regionale_mois_sans_valeur": 12,  # 2022-02, each region
    "fct_temperature_regionale_moyenne_au_milieu": 5,
    "mart_completude_causes_du_publieur": 65,  # 4 at cut days, 48 of régions (2020 to 2022), 13 on 2024-12-30
    "mart_completude_jour_48_etiquettes": 2,  # the extract is cut by UTC day: 2016-01-01 and 2020-01-01
    "mart_completude_jour_jours_sans_ligne": 731 * 12,  # 2020 and 2021 are not among the files
    "stock_gaz_variations_journalieres_fortes": 14,  # 2020-06-01 and the like: the publisher's own steps
    "temperature_regionale_jours_absents": 27,
}


def files_of(real_data: Path, dataset_id: str) -> list[Path]:
    """Return the published files of a data set that are loaded."""
    folder = real_data / load_catalog()[dataset_id].portal / dataset_id
    return sorted(folder.glob(REAL_FILES[dataset_id]))


def build_real_lake(lake: TinyLake, real_data: Path) -> dict[str, NodeResult]:
    """Load the published files into an empty lake and build its whole warehouse; return what dbt said of each node.

    As in a first refresh, what none of the files feeds comes with the empty warehouse.
    """
    said = start_from_the_empty_warehouse(lake)
    for dataset_id in REAL_FILES:
        lake.read_published(dataset_id, files_of(real_data, dataset_id))
    fed = (f"source:{load_catalog()[each].portal}.{load_catalog()[each].table}+" for each in REAL_FILES)
    command = ("build", "--exclude-resource-type", "unit_test", "--full-refresh", "--select")
    return {**said, **lake.dbt(*command, *fed)}
