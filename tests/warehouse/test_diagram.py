"""The diagram shows each fact and the dimensions that it shares with others."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from dataelec_assets.warehouse.diagram import links_of, star_schema
from dataelec_assets.warehouse.dictionary import ColumnDoc, TableDoc, table_docs

_SVG = "{http://www.w3.org/2000/svg}"


def _table(name: str, *columns: str) -> TableDoc:
    return TableDoc(name, "?", (), tuple(ColumnDoc(column, "varchar", None, "?") for column in columns), ())


def test_a_fact_points_to_the_dimensions_whose_keys_it_holds() -> None:
    fact = _table("fct_essai", "date_locale", "date", "code_region", "filiere", "energie_mwh")
    assert links_of(fact, ["dim_date", "dim_region"]) == ["dim_date", "dim_region"]
    assert links_of(_table("dim_region", "code_region"), ["dim_region"]) == []


def test_the_picture_has_a_box_per_table_and_a_line_per_link() -> None:
    tables = [
        _table("dim_date", "date"),
        _table("dim_region", "code_region"),
        _table("dim_seule", "code"),
        _table("fct_a", "date", "code_region"),
        _table("fct_b", "date"),
        _table("fct_sans_lien", "valeur"),
    ]
    root = ET.fromstring(star_schema(tables))  # noqa: S314 - our own text
    texts = {each.text for each in root.iter(f"{_SVG}text")}
    assert {"dim_date", "dim_region", "fct_a", "fct_b"} <= texts
    assert not {"dim_seule", "fct_sans_lien"} & texts
    assert len(list(root.iter(f"{_SVG}path"))) == 3


def test_the_served_tables_make_a_star() -> None:
    root = ET.fromstring(star_schema(table_docs()))  # noqa: S314 - our own text
    texts = {each.text for each in root.iter(f"{_SVG}text")}
    assert {"dim_date", "dim_region", "fct_consommation_regionale", "mart_completude_jour"} <= texts
