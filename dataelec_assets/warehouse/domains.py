"""Which served tables belong together: a domain is published whole, never half of one refresh and half of another."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

# Tables that answer the same question from one another's rows. Facts share a domain with what is made from them alone;
# what is concluded from several of them has a domain of its own, so that its failure takes no fact away. A table that
# none of these names is a domain by itself.
_DOMAINS = {
    "territoires": r"dim_(commune|epci|departement|region)|fct_population",
    "calendrier": r"dim_date|fct_vacances_scolaires|pont_region_zone_scolaire",
    "consommation": r"fct_consommation_(nationale|regionale)",
    "production": r"fct_eco2mix_.*|fct_production_filiere|mart_mix_.*",
    "annuel": r"fct_(consommation|production)_annuelle.*|mart_consommation_par_client",
    "rapprochement": r"mart_(rapprochement_annuel|ecarts_.*)",
    "gaz": r"fct_stock_gaz|mart_stock_gaz_national",
    "meteo": r"fct_meteo_.*",
    "temperature": r"fct_temperature_regionale|mart_degres_jours",
    "bornes": r"dim_(point_de_charge|station)|fct_(statut|intervalle)_borne|mart_bornes_.*",
    "occupation": r"mart_(occupation|stations)_.*",
    "indicateurs": r"(dim|fct)_indicateur|mart_indicateur_.*",
    "previsions": r"mart_prevision.*",
    "sensibilite": r"mart_thermosensibilite.*|mart_priorite_isolation|mart_decomposition_consommation",
    "questions": r"mart_question_.*",
    "typologie": r"mart_typologie_.*",
    "quotidien": r"mart_(quotidien_national|conso_quotidienne_region)",
    "completude": r"mart_completude.*",
}


def domain_of(table: str) -> str:
    """Return the domain of a served table."""
    return next((name for name, pattern in _DOMAINS.items() if re.fullmatch(pattern, table)), table)


def whole_domains(tables: Iterable[str], served: Collection[str]) -> set[str]:
    """Return the served tables among some tables, and all others of their domains."""
    domains = {domain_of(each) for each in tables if each in served}
    return {each for each in served if domain_of(each) in domains}
