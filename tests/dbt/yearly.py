"""Rows of the yearly data sets of ODRÉ and Agence ORE, as their portals publish them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dataelec_assets.catalog.regions import METROPOLITAN_REGIONS

REGIONAL_YEAR = "consommation-annuelle-brute-regionale"
PRODUCTION = "prod-region-annuelle-filiere"
RENEWABLE = "prod-region-annuelle-enr"
BY_COMMUNE = "consommation-annuelle-d-electricite-et-gaz-par-commune"
BY_DEPARTEMENT = "consommation-annuelle-d-electricite-et-gaz-par-departement"
BY_REGION = "consommation-annuelle-d-electricite-et-gaz-par-region"
OLD_WIDE = "conso-elec-gaz-annuelle-par-secteur-dactivite-agregee-departement"
OLD_LONG = "conso-elec-gaz-annuelle-par-naf-agregee-region"

# What is built from these data sets, with the seeds and what it is checked against.
SELECT = (
    *(f"source:odre.{name.replace('-', '_')}" for name in (REGIONAL_YEAR, PRODUCTION, RENEWABLE)),
    *("stg_odre__consommation_annuelle_brute_regionale", "stg_odre__prod_region_annuelle_filiere"),
    *("stg_odre__prod_region_annuelle_enr", "path:models/staging/ore"),
    *("int_consommation_annuelle_lignes", "int_consommation_annuelle_demi_horaire", "int_totaux_calcules"),
    *("int_consommation_annuelle_residentielle", "int_consommation_annuelle_secrets"),
    *("fct_consommation_annuelle", "fct_consommation_annuelle_regionale", "fct_production_annuelle"),
    *("mart_rapprochement_annuel", "mart_ecarts_publies", "mart_ecarts_ore"),
    *("int_commune_successeurs", "int_commune_evenements", "stg_insee__code_officiel_geographique_communes"),
    "stg_insee__code_officiel_geographique_mouvements",
    *("dim_secteur", "secteurs", "totaux_publies", "statuts"),
    *("dim_region", "dim_departement", "filieres", "dim_facteur_co2", "dim_filiere"),
)

# The half-hourly facts that the years are compared with.
HALF_HOURLY = ("+fct_consommation_nationale", "+fct_consommation_regionale", "+int_eco2mix_annees")

# What the paths of its models and tests contain.
WORDS = ("annuel", "mart_ecarts", "totaux", "secteur")

SECTORS = {"a": "A", "i": "I", "t": "T", "r": "R", "na": "X"}


def regional_year(year: int, *, gwh: float = 1000, gas: float = 500) -> Iterator[dict[str, Any]]:
    """Yield one year of the thirteen regions (GWh); no gas in Corse."""
    for code, name in METROPOLITAN_REGIONS.items():
        row: dict[str, Any] = {
            "annee": year,
            "code_insee_region": code,
            "region": name,
            "consommation_brute_electricite_rte": gwh,
            "statut_rte": "Définitif",
        }
        if code != "94":
            row |= {
                "consommation_brute_gaz_grtgaz": gas,
                "statut_grtgaz": "Définitif",
                "consommation_brute_gaz_totale": gas,
                "consommation_brute_totale": gwh + gas,
            }
        yield row


def production_year(year: int) -> Iterator[dict[str, Any]]:
    """Yield one year of the thirteen regions (GWh); nuclear power in one of them."""
    for code, name in METROPOLITAN_REGIONS.items():
        yield {
            "annee": year,
            "code_insee_region": code,
            "region": name,
            "production_nucleaire": 70_000 if code == "84" else None,
            "production_thermique": 1000,
            "production_hydraulique": 2000,
            "production_eolienne": 500,
            "production_solaire": 300,
            "production_bioenergies": 200,
        }


def renewable_year(year: int) -> Iterator[dict[str, Any]]:
    """Yield one year of the thirteen regions (GWh), below :func:`production_year`."""
    for code, name in METROPOLITAN_REGIONS.items():
        yield {
            "annee": year,
            "code_insee_region": code,
            "nom_insee_region": name,
            "production_hydraulique_renouvelable": 1800.0,
            "production_bioenergies_renouvelable": 150.0,
            "production_eolienne_renouvelable": 500.0,
            "production_solaire_renouvelable": 300.0,
            "production_electrique_renouvelable": 2750.0,
            "production_totale_renouvelable": 2750.0,
        }


def _measures(mwh: float | None, points: int | None, secret: int) -> dict[str, Any]:
    return {"conso_totale_mwh": mwh, "nb_sites": points, "nombre_de_mailles_secretisees": secret}


def new_row(
    year: int,
    territory: dict[str, str],
    mwh: float | None = 100.0,
    *,
    sector: str = "RESIDENTIEL",
    filiere: str = "Electricité",
    operator: str = "Enedis",
    secret: int = 0,
) -> dict[str, Any]:
    """Return a row of the form served since 2024 (MWh); a value that is kept secret is null."""
    return {
        "annee": year,
        "operateur": operator,
        "filiere": filiere,
        "code_categorie_consommation": "RES" if sector == "RESIDENTIEL" else "ENT",
        "code_grand_secteur": sector,
        **territory,
        **_measures(mwh, None if mwh is None else 10, secret),
    }


def commune(code: str, *, epci: str = "200046977", departement: str = "69", region: str = "84") -> dict[str, str]:
    """Return the territory of a commune; by default one of the Métropole de Lyon."""
    return {"code_commune": code, "code_epci": epci, "code_departement": departement, "code_region": region}


def old_wide_row(
    year: int,
    departement: str,
    region: str | None,
    mwh: float = 100.0,
    *,
    filiere: str = "Electricité",
    operator: str = "Enedis",
) -> dict[str, Any]:
    """Return a row of the older wide form: every sector ``mwh`` (MWh) and ten points."""
    row: dict[str, Any] = {
        "annee": year,
        "operateur": operator,
        "filiere": filiere,
        "code_departement": departement,
        "code_region": region,
        "consototale": 5 * mwh,
    }
    for suffix in SECTORS:
        row |= {f"conso{suffix}": mwh, f"pdl{suffix}": 10, f"nombre_maille_secretisees_{suffix}": 0}
    return row


def old_long_rows(
    year: int, region: str, mwh: float = 100.0, *, filiere: str = "Electricité", operator: str = "Enedis"
) -> Iterator[dict[str, Any]]:
    """Yield the rows of the older long form: every sector ``mwh`` (MWh)."""
    for code in SECTORS.values():
        yield {
            "annee": year,
            "operateur": operator,
            "filiere": filiere,
            "code_categorie_consommation": "ENT",
            "code_grand_secteur": code,
            "conso": mwh,
            "pdl": 10,
            "nombre_mailles_secretisees": 0,
            "code_region": region,
        }
