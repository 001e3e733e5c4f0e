"""The dictionary says what every served column is and in which unit."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
import yaml

from dataelec_assets.errors import WarehouseError
from dataelec_assets.warehouse.dictionary import dictionary_page, served_tables, table_docs
from dataelec_assets.warehouse.project import PROJECT_DIR
from dataelec_assets.warehouse.yaml_files import read_yaml


def test_every_served_column_is_described() -> None:
    tables = table_docs()
    assert {table.name for table in tables} >= {"dim_region", "fct_consommation_regionale", "mart_completude"}
    silent = [(table.name, column.name) for table in tables for column in table.columns if not column.description]
    assert silent == []
    assert [table.name for table in tables if not table.description] == []


def test_every_fact_has_a_key() -> None:
    # Injections repeat their keys before they are summed; a fact never does.
    assert [table.name for table in table_docs() if table.name.startswith("fct_") and not table.key] == []


def test_the_page_shows_columns_units_and_limits() -> None:
    page = dictionary_page({("mart_mix_jour", "part_pct"): ("%", "aucune")})
    assert "| `energie_electricite_mwh` | double | MWh |  | " in page
    assert "| `part_pct` | double | % | aucune | " in page
    assert "Limites connues :" in page
    assert "](#fct_consommation_regionale)" in page


def test_a_shared_description_is_shown_in_full() -> None:
    columns = {(table.name, column.name): column.description for table in table_docs() for column in table.columns}
    assert columns["fct_stock_gaz", "date"] == columns["mart_stock_gaz_national", "date"] == "Jour gazier"
    assert [key for key, text in columns.items() if "doc(" in text] == []


def test_a_description_that_does_not_exist_is_named_with_its_column(tmp_path: Path) -> None:
    marts = tmp_path / "models" / "marts"
    seeds = tmp_path / "seeds"
    marts.mkdir(parents=True)
    seeds.mkdir()
    (seeds / "meta_avertissements.csv").write_text("nom_table,nom_colonne,avertissement\n", encoding="utf-8")
    (marts / "mart_un.yml").write_text(
        "models: [{name: mart_un, description: Un, columns: "
        "[{name: jour, data_type: date, description: \"{{ doc('jour') }}\"}]}]",
        encoding="utf-8",
    )
    with pytest.raises(WarehouseError, match=r"mart_un\.jour is described by doc\('jour'\)"):
        table_docs(tmp_path)
    (marts / "_colonnes.md").write_text("{% docs jour %}\nJour civil\n{% enddocs %}\n", encoding="utf-8")
    table_docs.cache_clear()
    assert table_docs(tmp_path)[0].columns[0].description == "Jour civil"


def test_a_description_that_several_columns_share_is_written_once() -> None:
    written: Counter[tuple[str, str]] = Counter()
    for folder in ("models/intermediate", "models/marts", "seeds"):
        for path in (PROJECT_DIR / folder).rglob("*.yml"):
            content = yaml.safe_load(path.read_text(encoding="utf-8"))
            for table in (*content.get("models", ()), *content.get("seeds", ())):
                written.update(
                    (column["name"], " ".join(column["description"].split()))
                    for column in table.get("columns", ())
                    if "description" in column
                )
    assert [key for key, times in written.items() if times > 1 and "doc(" not in key[1]] == []
    blocks = set(re.findall(r"{% docs (\w+) %}", (PROJECT_DIR / "models" / "_colonnes.md").read_text("utf-8")))
    used = Counter(name for _, text in written.elements() for name in re.findall(r"doc\('(\w+)'\)", text))
    assert {name for name in blocks if used[name] < 2} == set()


def test_every_mart_is_served_and_of_the_seeds_those_that_are_no_working_tables() -> None:
    marts = {path.stem for path in (PROJECT_DIR / "models" / "marts").rglob("*") if path.suffix in {".sql", ".py"}}
    seeds = {"dim_departement", "dim_facteur_co2", "dim_region", "dim_secteur"}
    seeds |= {"meta_avertissements", "meta_colonnes", "meta_relations", "meta_ruptures"}
    assert set(served_tables()) == marts | seeds


def test_a_mistake_in_yaml_is_reported_by_file_and_line(tmp_path: Path) -> None:
    page = tmp_path / "fct_pic.yml"
    page.write_text("models:\n  - name: fct_pic\n    description: Grain : région, jour\n", encoding="utf-8")
    with pytest.raises(WarehouseError, match=r"fct_pic\.yml, line 3: mapping values are not allowed") as raised:
        read_yaml(page)
    assert "fold it" in raised.value.advice
