"""Every served column has a role, every measure a unit and a rule; what the file of meanings lacks is named."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import pytest

from dataelec_assets.errors import WarehouseError
from dataelec_assets.warehouse.dictionary import ColumnDoc, TableDoc, table_docs
from dataelec_assets.warehouse.semantics import (
    Meaning,
    columns_csv,
    label_of,
    meanings,
    measures,
    relations,
    relations_csv,
    rules,
)


@pytest.fixture
def said() -> dict[str, Any]:
    """Return the rules, to be spoiled."""
    return copy.deepcopy(rules())


def found() -> dict[tuple[str, str], Meaning]:
    return {(each.table, each.column): each for each in meanings(table_docs(), rules())}


def with_column(column: ColumnDoc) -> list[TableDoc]:
    """Return the served tables, the first of which has one more column."""
    first, *others = table_docs()
    return [replace(first, columns=(*first.columns, column)), *others]


def test_every_served_column_means_something() -> None:
    columns = {(table.name, column.name) for table in table_docs() for column in table.columns}
    assert found().keys() == columns
    assert len(columns) > 1000


@pytest.mark.parametrize(
    ("table", "column", "rule"),
    [
        ("fct_consommation_nationale", "energie_electricite_mwh", "somme"),
        ("fct_consommation_nationale", "consommation_electricite_mw", "somme_territoires"),
        ("fct_temperature_regionale", "temperature_moyenne_c", "moyenne"),
        ("fct_temperature_regionale", "temperature_max_c", "maximum"),
        ("fct_stock_gaz", "stock_gwh", "somme_territoires"),
        ("mart_degres_jours", "degres_jours_c", "somme_temps"),
        ("mart_mix_bilan_jour", "taux_co2_g_par_kwh", "ponderee"),
        ("mart_mix_jour", "part_pct", "aucune"),
        ("mart_thermosensibilite", "gradient_chauffage_mw_par_c", "aucune"),
        ("mart_decomposition_consommation", "contribution_ic95_bas_mwh", "aucune"),
        ("mart_prevision", "ic90_bas_mw", "aucune"),
        ("fct_indicateur", "valeur", "aucune"),
    ],
)
def test_energy_adds_up_power_only_over_territories_rates_by_weight_and_bounds_never(
    table: str, column: str, rule: str
) -> None:
    assert found()[table, column].rule == rule


def test_what_counts_has_a_unit_whatever_its_yaml_says() -> None:
    assert found()["mart_mix_periode", "nombre_jours"].unit == "jours"
    assert [key for key, each in found().items() if each.role == "mesure" and not each.unit] == []


def test_codes_days_flags_and_reasons_are_no_measures() -> None:
    roles = {key: each.role for key, each in found().items()}
    assert roles["fct_indicateur", "annee"] == "temps"
    assert roles["dim_date", "semaine_iso"] == "temps"
    assert roles["mart_mix_jour", "code_territoire"] == "identifiant"
    assert roles["mart_mix_periode", "est_complete"] == "drapeau"
    assert roles["mart_thermosensibilite", "motif"] == "texte"
    assert roles["mart_mix_jour", "filiere"] == "dimension"
    assert roles["mart_prevision", "horizon_jours"] == "dimension"


def test_a_number_without_a_unit_is_refused_by_name(said: dict[str, Any]) -> None:
    tables = with_column(ColumnDoc("hauteur", "double", None, "Hauteur"))
    with pytest.raises(WarehouseError, match=rf"{tables[0].name}\.hauteur \(rule of aggregation\)"):
        meanings(tables, said)


def test_a_unit_that_no_rule_knows_is_refused_by_name(said: dict[str, Any]) -> None:
    tables = with_column(ColumnDoc("hauteur_m", "double", "m", "Hauteur"))
    with pytest.raises(WarehouseError, match=rf"{tables[0].name}\.hauteur_m \(rule of aggregation\)"):
        meanings(tables, said)


def test_a_rule_without_a_unit_is_refused(said: dict[str, Any]) -> None:
    said["mesures"].insert(0, {"noms": "hauteur", "regle": "somme"})
    tables = with_column(ColumnDoc("hauteur", "double", None, "Hauteur"))
    with pytest.raises(WarehouseError, match=rf"{tables[0].name}\.hauteur \(unit\)"):
        meanings(tables, said)


@pytest.mark.parametrize("role", [{"noms": "hauteur"}, {"types": ["uuid"], "role": "clef"}])
def test_a_column_without_a_known_role_is_refused(said: dict[str, Any], role: dict[str, Any]) -> None:
    said["roles"] = [each for each in said["roles"] if each["role"] != "mesure"]
    if "role" in role:
        said["roles"].insert(0, role)
    tables = with_column(ColumnDoc("hauteur", "uuid", None, "Hauteur"))
    with pytest.raises(WarehouseError, match=rf"{tables[0].name}\.hauteur \(role\)"):
        meanings(tables, said)


@pytest.mark.parametrize("weight", ["part_pct", "absente_mwh"])
def test_a_weight_that_does_not_add_up_or_is_not_there_is_refused(said: dict[str, Any], weight: str) -> None:
    said["tables"]["mart_mix_periode"] = {"part_pct": {"regle": "ponderee", "poids": weight}}
    with pytest.raises(WarehouseError, match=rf"mart_mix_periode\.part_pct \(its weight {weight}"):
        meanings(table_docs(), said)


def test_a_rate_without_a_weight_is_refused(said: dict[str, Any]) -> None:
    said["tables"]["mart_mix_periode"] = {"part_pct": {"regle": "ponderee"}}
    with pytest.raises(WarehouseError, match=r"mart_mix_periode\.part_pct \(its weight None"):
        meanings(table_docs(), said)


def test_names_that_are_not_served_are_refused(said: dict[str, Any]) -> None:
    said["tables"]["mart_absent"] = {"part_pct": {"regle": "aucune"}}
    said["relations"]["code_region"] = "dim_region.code"
    with pytest.raises(WarehouseError, match=r"mart_absent\.part_pct \(not served\).*dim_region\.code \(not served\)"):
        meanings(table_docs(), said)


def test_a_label_has_the_accents_and_the_unit() -> None:
    assert label_of("energie_ech_physiques_mwh", "MWh", rules()["mots"]) == "Énergie échanges physiques (MWh)"
    assert label_of("disponibilite", "1", rules()["mots"]) == "Disponibilité"
    assert label_of("code_region", None, rules()["mots"]) == "Code région"
    assert found()["mart_mix_bilan_jour", "taux_co2_g_par_kwh"].label == "Taux de CO₂ (g/kWh)"


def test_relations_lead_to_a_key_and_leave_out_what_only_has_its_name() -> None:
    keys = {table.name: table.key for table in table_docs()}
    given = relations(table_docs(), rules())
    assert len(given) > 50
    assert [each for each in given if keys[each.to_table] != (each.to_column,)] == []
    assert ("fct_consommation_regionale", "code_region", "dim_region") in {
        (each.table, each.column, each.to_table) for each in given
    }
    assert not [each for each in given if (each.table, each.column) == ("fct_injection_regionale", "filiere")]
    assert not [each for each in given if each.table == each.to_table]


def test_the_seeds_hold_what_was_decided() -> None:
    lines = columns_csv(found().values()).splitlines()
    assert lines[0] == "nom_table,nom_colonne,role,unite,regle_agregation,colonne_de_poids,libelle,synonymes"
    rate = "mart_mix_bilan_jour,taux_co2_g_par_kwh,mesure,g/kWh,ponderee,production_mwh,Taux de CO₂ (g/kWh),"
    assert f'{rate}"carbone, émissions, intensité carbone"' in lines
    pairs = relations_csv(relations(table_docs(), rules())).splitlines()
    assert "fct_consommation_regionale,code_region,dim_region,code_region" in pairs


def test_the_dictionary_shows_how_each_measure_is_aggregated() -> None:
    shown = measures(found().values())
    assert shown["mart_mix_bilan_jour", "taux_co2_g_par_kwh"] == ("g/kWh", "÷ `production_mwh`")
    assert shown["fct_stock_gaz", "stock_gwh"] == ("GWh PCS 0 °C", "territoires")
    assert ("mart_mix_jour", "filiere") not in shown
