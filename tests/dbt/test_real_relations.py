"""On the published files, what `meta_relations` says to join does join, and the wide views keep every row."""

from __future__ import annotations

import pytest

from dataelec_assets.warehouse.semantics import rules
from dataelec_assets.warehouse.wide_views import views
from tests.dbt.lakes import BuiltLake

pytestmark = [pytest.mark.real, pytest.mark.slow]

# Facts that keep the codes of their publisher, which mart_codes_orphelins lists when no commune has them any more.
ORPHANS = {("fct_logement", "code_commune"), ("mart_codes_orphelins", "code_commune")}


def test_every_value_of_a_relation_is_a_key_of_the_table_that_it_points_to(real_lake: BuiltLake) -> None:
    pairs = real_lake.query("SELECT nom_table, nom_colonne, vers_table, vers_colonne FROM meta_relations ORDER BY ALL")
    assert len(pairs) > 50
    lost = {
        (table, column): keys
        for table, column, target, key in pairs
        if (table, column) not in ORPHANS
        and (
            keys := real_lake.query(
                f"SELECT DISTINCT {column} FROM {table} WHERE {column} IS NOT NULL "
                f"AND {column} NOT IN (SELECT {key} FROM {target}) LIMIT 3"
            )
        )
    }
    assert lost == {}


def test_joining_names_neither_drops_nor_doubles_a_row(real_lake: BuiltLake) -> None:
    served: dict[str, dict[str, str | None]] = {}
    for table, column in real_lake.query(
        "SELECT table_name, column_name FROM duckdb_columns() WHERE schema_name = 'main' "
        "ORDER BY table_oid, column_index"
    ):
        served.setdefault(table, {})[column] = None
    territories, *others = views(served, rules())
    filled = set()
    for view in others:
        about = rules()["vues"][view.name]
        query = view.select.replace(f"vues.{territories.name}", f"({territories.select})")
        ((rows,),) = real_lake.query(f"SELECT count(*) FROM ({query})")
        ((expected,),) = real_lake.query(f"SELECT count(*) FROM {about['table']} WHERE {about['filtre']}")
        assert rows == expected, view.name
        filled |= {view.name} if rows else set()
    assert filled >= {
        "v_consommation_nationale_jour",
        "v_bilan_jour",
        "v_sensibilite",
        "v_gaz_en_stock",
        "v_indicateurs",
    }
