"""A domain is published whole."""

from dataelec_assets.warehouse.domains import domain_of, whole_domains
from dataelec_assets.warehouse.publish import SERVED_TABLES


def test_a_table_takes_the_rest_of_its_domain_with_it() -> None:
    assert whole_domains(["mart_mix_jour", "int_mix_jour"], SERVED_TABLES) >= {
        "mart_mix_jour",
        "mart_mix_periode",
        "fct_eco2mix_national",
        "fct_production_filiere",
    }
    assert "fct_stock_gaz" not in whole_domains(["mart_mix_jour"], SERVED_TABLES)


def test_a_table_that_no_domain_names_is_one_by_itself() -> None:
    assert domain_of("fct_revisions") == "fct_revisions"
    assert whole_domains(["fct_revisions"], SERVED_TABLES) == {"fct_revisions"}


def test_every_fact_of_consumption_and_its_faults_are_of_one_domain() -> None:
    names = ("fct_consommation_nationale", "fct_consommation_regionale", "meta_fautes_du_publieur")
    assert {domain_of(name) for name in names} == {"consommation"}
