"""A domain is published whole."""

from pathlib import Path

from dataelec_assets.catalog import load_catalog
from dataelec_assets.lake.paths import LakePaths
from dataelec_assets.warehouse.dictionary import served_tables
from dataelec_assets.warehouse.domains import domain_of, whole_domains
from dataelec_assets.warehouse.lineage import Lineage
from dataelec_assets.warehouse.parse import ensure_parse


def test_a_table_takes_the_rest_of_its_domain_with_it() -> None:
    assert whole_domains(["mart_mix_jour", "int_mix_jour"], served_tables()) >= {
        "mart_mix_jour",
        "mart_mix_periode",
        "fct_eco2mix_national",
        "fct_production_filiere",
    }
    assert "fct_stock_gaz" not in whole_domains(["mart_mix_jour"], served_tables())


def test_a_table_that_no_domain_names_is_one_by_itself() -> None:
    assert domain_of("fct_revisions") == "fct_revisions"
    assert whole_domains(["fct_revisions"], served_tables()) == {"fct_revisions"}


def test_a_failure_of_the_temperatures_takes_no_fact_of_consumption_away() -> None:
    lineage = Lineage(load_catalog(), ensure_parse(LakePaths(Path("lake").resolve())).manifest_json)
    kept = whole_domains(lineage.tables_below(["model.dataelec.fct_temperature_regionale"]), served_tables())
    assert {"fct_temperature_regionale", "mart_thermosensibilite", "mart_decomposition_consommation"} <= kept
    facts = {name for name in served_tables() if name.startswith(("fct_consommation", "fct_eco2mix", "fct_stock"))}
    assert len(facts) > 5
    assert kept & facts == set()
