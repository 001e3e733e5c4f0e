"""Pages and lists that are derived from the catalogue and from the dbt project."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from dataelec_assets.catalog import Catalog, load_catalog
from dataelec_assets.errors import SettingsError
from dataelec_assets.warehouse.dictionary import served_tables, table_docs
from dataelec_assets.warehouse.meta_tables import META_TABLES
from dataelec_assets.warehouse.pages import datasets_page, tables_list, with_blocks
from dataelec_assets.warehouse.staging import staging_sql


def test_the_page_of_the_data_sets_says_each_column_once() -> None:
    temperature = load_catalog()["temperature-quotidienne-regionale"]
    again = replace(temperature, id="temperature-quotidienne-regionale-bis")
    page = datasets_page(Catalog([temperature, again]))
    assert page.count("| `tmin` | double, °C * | Température minimale du jour |") == 1
    assert "As in [temperature-quotidienne-regionale](#temperature-quotidienne-regionale): `id`, `date`," in page
    assert "**Le dernier jour de nombreux mois n'est pas publié" in page


def test_the_page_of_the_data_sets_names_every_column() -> None:
    page = datasets_page(load_catalog())
    sections = dict(re.findall(r"^## (\S+)$(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL))
    assert set(sections) == set(load_catalog())
    for dataset in load_catalog().values():
        named = set(re.findall(r"`([a-z0-9_]+)`", sections[dataset.id]))
        assert set(dataset.column_names) - named == set()


def test_the_page_of_the_data_sets_says_how_each_claim_is_known() -> None:
    page = datasets_page(load_catalog())
    sections = dict(re.findall(r"^## (\S+)$(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL))
    for dataset in load_catalog().values():
        said = "\n".join(re.findall(r"^- (.*)$", sections[dataset.id], re.MULTILINE))
        assert all(claim in said for claim in dataset.knowledge), dataset.id
    assert "- not verified: columns, cadence" in sections["injections-regionales-quotidiennes-consolidees-rpt"]
    assert "quota (50 000 appels par mois et par jeu de données" in sections["eco2mix-national-tr"]
    assert "Conditions: Usage non commercial" in sections["archives-meteo-regions"]


def test_the_list_of_tables_has_a_row_for_each_with_its_grain_key_and_units() -> None:
    rows = tables_list(table_docs()).splitlines()
    assert re.findall(r"^\| `(\w+)`", "\n".join(rows), re.MULTILINE) == sorted([*served_tables(), *META_TABLES])
    assert "| `fct_temperature_regionale` | région, jour | `code_region`, `date` | °C |" in rows


def test_a_block_is_replaced_between_its_marks_and_nothing_else() -> None:
    page = "Avant\n<!-- generated: tables -->\nancien\n<!-- end of what is generated -->\nAprès\n"
    filled = with_blocks(page, {"tables": "neuf"})
    assert filled == page.replace("ancien", "neuf")
    assert with_blocks("Rien\n", {"tables": "neuf"}) == "Rien\n"
    for spoilt in (page.replace("tables", "table"), page.replace("<!-- end", "<!-- fin")):
        with pytest.raises(SettingsError, match="no generated block or no end"):
            with_blocks(spoilt, {"tables": "neuf"})


def test_a_staging_model_that_only_renames_is_written_from_the_entry() -> None:
    sql = staging_sql(load_catalog()["temperature-quotidienne-regionale"])
    assert "select * from {{ source('odre', 'temperature_quotidienne_regionale') }}" in sql
    renamed = re.search(r"select\n(.*?)\n    from source", sql, re.DOTALL)
    assert renamed is not None
    assert [line.strip() for line in renamed[1].splitlines()] == [
        "mois,",
        "code_insee_region as code_region,",
        "date,",
        "tmin as temperature_min_c,",
        "tmax as temperature_max_c,",
        "tmoy as temperature_moyenne_c",
    ]


def test_a_yearly_set_that_is_not_cut_has_no_partition_in_its_staging_model() -> None:
    assert "mois" not in staging_sql(load_catalog()["prod-region-annuelle-enr"])
