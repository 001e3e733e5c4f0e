"""The eleven tables of the first DataElec, as views of the served file: same names, same columns, right values.

For the BI files that were made on them. They lie in a schema of their own, so that nobody takes them for the model;
what the originals had wrong, and what is different here, is in docs/reference/parity.md.
"""

from __future__ import annotations

import duckdb

SCHEMA = "dataelec_v1"

_BORDERS = ("GB", "CWE", "CH", "IT", "ES")
_SECTORS = {
    "agriculture": "agriculture",
    "industrie": "industrie",
    "tertiaire": "tertiaire",
    "residentiel": "residentiel",
}
_DAYS = ["Lundi", "Mardi", "Mercredi", "Jeudi", "Vendredi", "Samedi", "Dimanche"]
_SURFACES = {
    "surf_moins_30": "moins de 30 m2",
    "surf_30_40": "30 à 40 m2",
    "surf_40_60": "40 à 60 m2",
    "surf_60_80": "60 à 80 m2",
    "surf_80_100": "80 à 100 m2",
    "surf_100_120": "100 à 120 m2",
    "surf_plus_120": "120 m2 et plus",
    "surf_hors_res_principale": "hors résidence principale",
}


def _exchanges() -> str:
    per_border = ", ".join(
        f"sum(export_mw) FILTER (frontiere = '{each.lower()}') AS FR_vers_{each}__MWh, "
        f"sum(import_mw) FILTER (frontiere = '{each.lower()}') AS {each}_vers_FR__MWh"
        for each in _BORDERS
    )
    return (
        f"SELECT date AS Date, {per_border}, sum(export_mw) AS Export_France__MWh, "
        "sum(import_mw) AS Import_France__MWh FROM main.fct_echanges_commerciaux GROUP BY date"
    )


def _yearly() -> str:
    per_sector = ", ".join(
        f"max(energie_mwh) FILTER (code_secteur = '{code}') AS Conso_{name}_MWh, "
        f"max(nombre_points) FILTER (code_secteur = '{code}') AS Nb_points_{name}"
        for code, name in _SECTORS.items()
    )
    return (
        f"SELECT f.annee AS Annee, any_value(c.code_region) AS Code_region, "
        f"any_value(c.code_departement) AS Code_departement, f.code_territoire AS Code_commune, {per_sector} "
        "FROM main.fct_consommation_annuelle AS f "
        "LEFT JOIN main.dim_commune AS c ON f.code_territoire = c.code_commune "
        "WHERE f.maille = 'commune' AND f.energie = 'electricite' GROUP BY f.annee, f.code_territoire"
    )


def _newest_population(level: str) -> str:
    return (
        "(SELECT code_territoire, max_by(population_totale_hab, annee) AS population FROM main.fct_population "
        f"WHERE maille = '{level}' GROUP BY code_territoire)"
    )


def _dwellings(columns: dict[str, str], by: str) -> str:
    sums = ", ".join(
        f"coalesce(sum(nombre_logements) FILTER ({by} = '{value}'), 0) AS {name}" for name, value in columns.items()
    )
    newest = "(SELECT max(annee) FROM main.fct_logement)"
    select = f"SELECT code_commune AS Code_commune, {sums} FROM main.fct_logement"
    return f"{select} WHERE annee = {newest} GROUP BY code_commune"


VIEWS = {
    "conso_quot_region": (
        "SELECT date_locale AS Date, heure_locale AS Heure, code_region AS Code_region, "
        "energie_electricite_mwh AS Conso_electrique_brute_MWh FROM main.fct_consommation_regionale "
        "WHERE NOT est_heure_fictive"
    ),
    "conso_annuelle_type_region": _yearly(),
    "temp_quot_region": (
        "SELECT date AS Date, code_region AS Code_region, temperature_min_c AS TMin, temperature_max_c AS TMax, "
        "temperature_moyenne_c AS TMoy FROM main.fct_temperature_regionale"
    ),
    "imports_exports": _exchanges(),
    "injection_quot_region": (
        "SELECT date AS Date, code_region AS Code_region, filiere AS Filiere, energie_mwh AS Injection_quot "
        "FROM main.fct_injection_regionale"
    ),
    "codes_region": (
        "SELECT r.code_region AS ID_code_region, r.nom_region AS Nom_region, p.population AS Population_region, "
        "z.zone_scolaire AS Zone_vacances FROM main.dim_region AS r "
        f"LEFT JOIN {_newest_population('region')} AS p ON p.code_territoire = r.code_region "
        "LEFT JOIN main.pont_region_zone_scolaire AS z ON z.code_region = r.code_region AND z.valide_au IS NULL"
    ),
    "codes_departement": (
        "SELECT d.code_departement AS ID_code_departement, d.nom_departement AS Nom_departement, "
        "p.population AS Population_departement, d.code_region AS Code_region FROM main.dim_departement AS d "
        f"LEFT JOIN {_newest_population('departement')} AS p ON p.code_territoire = d.code_departement"
    ),
    "codes_commune": (
        "SELECT c.code_commune AS ID_code_commune, c.nom_commune AS Nom_commune, p.population AS Population_commune, "
        "c.code_departement AS Code_departement FROM main.dim_commune AS c "
        f"LEFT JOIN {_newest_population('commune')} AS p ON p.code_territoire = c.code_commune "
        "WHERE c.type_commune = 'COM' AND c.est_active"
    ),
    "calendrier_vacances_scolaires": (
        f"SELECT date AS Date, {_DAYS}[jour_de_semaine] AS Jour, "
        "CASE WHEN est_vacances_zone_a THEN 'oui' ELSE ' ' END AS Zone_A, "
        "CASE WHEN est_vacances_zone_b THEN 'oui' ELSE ' ' END AS Zone_B, "
        "CASE WHEN est_vacances_zone_c THEN 'oui' ELSE ' ' END AS Zone_C, "
        "coalesce(nom_vacances_zone_a, nom_vacances_zone_b, nom_vacances_zone_c, ' ') AS Nom_vacances, "
        "CASE WHEN est_week_end THEN 'Week-end' ELSE 'Semaine' END AS Semaine FROM main.dim_date"
    ),
    "surf_logement_commune": _dwellings(_SURFACES, "classe_surface"),
    "type_logement_commune": _dwellings(
        {"type_maison": "maison", "type_appartement": "appartement", "type_autres": "autre"}, "type_logement"
    ),
}


def create_views(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the views in a served file; they read its own tables only, so they open wherever it does.

    Args:
        connection: on the file, whose tables are in the schema ``main``.
    """
    views = (f"CREATE VIEW {SCHEMA}.{name} AS {select}" for name, select in VIEWS.items())
    connection.execute("; ".join([f"CREATE SCHEMA {SCHEMA}", *views]))
