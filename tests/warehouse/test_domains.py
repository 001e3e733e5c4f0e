"""A domain is published whole, and takes no fact away that it does not have to."""

from pathlib import Path

import pytest

from dataelec_assets.catalog import load_catalog
from dataelec_assets.lake.paths import LakePaths
from dataelec_assets.warehouse.domains import served_domains, whole_domains
from dataelec_assets.warehouse.lineage import Lineage, reached
from dataelec_assets.warehouse.parse import ensure_parse


@pytest.fixture(scope="module")
def lineage() -> Lineage:
    return Lineage(load_catalog(), ensure_parse(LakePaths(Path("lake").resolve())).manifest_json)


@pytest.fixture(scope="module")
def domains(lineage: Lineage) -> dict[str, str]:
    return served_domains(lineage.manifest)


def test_a_table_takes_the_rest_of_its_domain_with_it(domains: dict[str, str]) -> None:
    kept = whole_domains(["mart_mix_jour", "int_mix_jour"], domains)
    assert kept >= {"mart_mix_jour", "mart_mix_periode", "fct_eco2mix_national", "fct_production_filiere"}
    assert "fct_stock_gaz" not in kept


def test_a_domain_is_the_folder_of_a_mart_unless_the_project_names_another(domains: dict[str, str]) -> None:
    assert domains["mart_stock_gaz_national"] == domains["fct_stock_gaz"] == "gaz"
    assert domains["mart_mix_jour"] == domains["fct_eco2mix_national"] == "production"
    assert domains["dim_region"] == domains["dim_commune"] == "territoires"
    assert domains["dim_secteur"] == "dim_secteur"


def test_what_says_what_is_held_back_is_never_held_back_with_something_else(domains: dict[str, str]) -> None:
    for table in ("meta_quarantaine", "meta_ecarts_sources", "meta_fautes_du_publieur", "fct_revisions"):
        assert whole_domains([table], domains) == {table}


def test_a_failure_of_the_temperatures_takes_no_fact_of_consumption_away(
    lineage: Lineage, domains: dict[str, str]
) -> None:
    kept = whole_domains(lineage.tables_below(["model.dataelec.fct_temperature_regionale"]), domains)
    assert {"fct_temperature_regionale", "mart_thermosensibilite", "mart_decomposition_consommation"} <= kept
    facts = {name for name in domains if name.startswith(("fct_consommation", "fct_eco2mix", "fct_stock"))}
    assert len(facts) > 5
    assert kept & facts == set()


def test_a_conclusion_shares_a_domain_with_facts_only_when_it_is_made_from_these_alone(
    lineage: Lineage, domains: dict[str, str]
) -> None:
    facts = {f"model.dataelec.{name}" for name in domains if name.startswith("fct_")}
    domains_of_facts = {domains[each.split(".")[2]] for each in facts}
    marts = [name for name in domains if name.startswith("mart_") and domains[name] in domains_of_facts]
    assert len(marts) > 5
    foreign = {
        name: sorted({fact.split(".")[2] for fact in above if domains[fact.split(".")[2]] != domains[name]})
        for name in marts
        for above in [reached(lineage.manifest["parent_map"], [f"model.dataelec.{name}"], stop=facts) & facts]
    }
    assert {name: found for name, found in foreign.items() if found} == {}
