"""The diagram shows each fact and the dimensions that it shares with others."""

from __future__ import annotations

from dataelec_assets.warehouse.diagram import links_of, star_schema
from dataelec_assets.warehouse.dictionary import ColumnDoc, TableDoc, table_docs


def _table(name: str, *columns: str) -> TableDoc:
    return TableDoc(name, "?", (), tuple(ColumnDoc(column, "varchar", None, "?") for column in columns), ())


def test_a_fact_points_to_the_dimensions_whose_keys_it_holds() -> None:
    fact = _table("fct_essai", "date_locale", "date", "code_region", "filiere", "energie_mwh")
    assert links_of(fact, ["dim_date", "dim_region"]) == {"dim_date": "date_locale", "dim_region": "code_region"}
    assert links_of(_table("dim_region", "code_region"), ["dim_region"]) == {}


def test_the_diagram_has_a_line_for_each_link_of_a_fact() -> None:
    tables = [
        _table("dim_date", "date"),
        _table("dim_region", "code_region"),
        _table("dim_seule", "code"),
        _table("fct_a", "date", "code_region"),
        _table("fct_b", "date"),
        _table("fct_sans_lien", "valeur"),
        _table("mart_c", "date"),
    ]
    assert star_schema(tables).splitlines() == [
        "```mermaid",
        "erDiagram",
        "    dim_date ||--o{ fct_a : date",
        "    dim_region ||--o{ fct_a : code_region",
        "    dim_date ||--o{ fct_b : date",
        "```",
    ]


def test_the_served_tables_make_a_star() -> None:
    lines = star_schema(table_docs()).splitlines()
    assert "    dim_region ||--o{ fct_consommation_regionale : code_region" in lines
    assert "    dim_date ||--o{ fct_consommation_regionale : date_locale" in lines
