"""Which served tables are renewed by month."""

from __future__ import annotations

import re

from dataelec_assets.warehouse.dictionary import table_docs
from dataelec_assets.warehouse.project import PROJECT_DIR
from dataelec_assets.warehouse.renewed import monthly_models


def test_a_monthly_model_has_the_column_by_which_it_empties_and_fills_its_months() -> None:
    columns = {table.name: {column.name for column in table.columns} for table in table_docs()}
    assert {"fct_eco2mix_regional", "fct_production_filiere", "mart_conso_quotidienne_region"} <= monthly_models()
    assert {name for name in monthly_models() if "mois" not in columns[name]} == set()


def test_every_other_table_that_is_renewed_in_part_is_read_as_a_whole() -> None:
    models = {path.stem: path.read_text(encoding="utf-8") for path in (PROJECT_DIR / "models" / "marts").rglob("*.sql")}
    partly = {name for name, text in models.items() if re.search(r"materialized=.incremental", text)}
    assert monthly_models() < partly
    # It also renews the eve of its months, which lies in another month.
    assert "mart_occupation_horaire" in partly - monthly_models()
    # Years and periods are not what Parquet files are cut by.
    assert all("vider_" in models[name] for name in partly)
