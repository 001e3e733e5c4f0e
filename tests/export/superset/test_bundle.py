"""The bundle without Superset: whole, the same each time, and every query of it runs on what is served."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from dataelec_assets.database import connect
from dataelec_assets.export.superset.bundle import archive, declared, files
from dataelec_assets.export.superset.charts import chart
from dataelec_assets.export.superset.dashboards import charts_of, dashboard
from dataelec_assets.export.superset.datasets import Column, Dataset
from dataelec_assets.warehouse.meta_tables import SourceRow, write_meta_tables
from dataelec_assets.warehouse.semantics import rules
from dataelec_assets.warehouse.wide_views import create_wide_views
from tests.serving.served import write_served

SERVED = Path("/lac/serving/dataelec.duckdb")
LOADER: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
SUBJECTS = 9  # the subjects that the issue names


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    """Return the files of the bundle."""
    return files(SERVED)


@pytest.fixture(scope="module")
def bundle(texts: dict[str, str]) -> dict[str, Any]:
    """Return the content of each file of the bundle."""
    return {name: yaml.load(text, LOADER) for name, text in texts.items()}  # noqa: S506 - both are safe loaders


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """Return a served file with the columns of dbt's contracts, and its views."""
    path = write_served(tmp_path_factory.mktemp("superset") / "dataelec.duckdb")
    with connect(path) as connection:
        create_wide_views(connection, rules())
        # As a publication writes them, not as the report's tests need them.
        connection.execute("DROP TABLE meta_publication; DROP TABLE meta_sources")
        write_meta_tables(connection, [source_row()], ("0123", datetime(2026, 11, 30, tzinfo=UTC), "0.1.0", True))
        yield connection


def source_row() -> SourceRow:
    return ("odre", "x", "X", "RTE", "LO", None, None, 1, None, None, "à jour", 0, 0, None, None, "", None)


def of(bundle: dict[str, Any], folder: str) -> list[dict[str, Any]]:
    return [content for name, content in bundle.items() if name.startswith(folder)]


def test_every_wide_view_is_a_dataset_with_labels_and_descriptions(bundle: dict[str, Any]) -> None:
    datasets = {each["table_name"]: each for each in of(bundle, "datasets/")}
    assert {"v_territoire", *rules()["vues"]} <= datasets.keys()
    mix = datasets["v_bilan_jour"]
    assert (mix["schema"], mix["main_dttm_col"]) == ("vues", "date")
    labels = {each["column_name"]: each["verbose_name"] for each in mix["columns"]}
    assert labels["taux_co2_g_par_kwh"] == "Taux de CO₂ (g/kWh)"
    assert labels["nom_territoire"] == "Territoire"
    assert {each["column_name"] for each in mix["columns"] if not each["groupby"]} == {
        *("production_mwh", "consommation_mwh", "pompage_mwh", "part_bas_carbone_pct", "part_renouvelable_pct"),
        *("taux_couverture_pct", "taux_co2_g_par_kwh", "couverture_co2_pct", "heures_lues_h"),
    }


def test_metrics_are_certified_and_those_that_may_give_nothing_say_when(bundle: dict[str, Any]) -> None:
    for dataset in of(bundle, "datasets/"):
        names = {each["column_name"] for each in dataset["columns"]}
        for metric in dataset["metrics"]:
            assert metric["extra"]["certification"]["certified_by"] == "DataElec"
            assert metric["metric_name"] not in names
            assert ("END" in metric["expression"]) <= (
                "warning_markdown" in metric["extra"] or "maille" in metric["description"]
            ), metric


def test_every_query_and_every_metric_runs_on_what_is_served(
    bundle: dict[str, Any], served: duckdb.DuckDBPyConnection
) -> None:
    for dataset in of(bundle, "datasets/"):
        source = f"({dataset['sql']}) AS q" if dataset["sql"] else f"{dataset['schema']}.{dataset['table_name']}"
        metrics = ["COUNT(*)", *(each["expression"] for each in dataset["metrics"])]
        served.execute(f"SELECT {', '.join(metrics)} FROM {source}")
        described = {name: kind for name, kind, *_ in served.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()}
        told = {each["column_name"]: each["type"] for each in dataset["columns"]}
        assert told.keys() <= described.keys(), dataset["table_name"]
        wrong = {name: (kind, described[name]) for name, kind in told.items() if kind != described[name]}
        assert not wrong, f"{dataset['table_name']}: {wrong}"


def test_the_map_knows_every_region_of_the_publication() -> None:
    regions = {
        "11",
        "24",
        "27",
        "28",
        "32",
        "44",
        "52",
        "53",
        "75",
        "76",
        "84",
        "93",
        "94",
        "01",
        "02",
        "03",
        "04",
        "06",
    }
    codes = declared()["codes_de_la_carte"]
    assert codes.keys() == regions
    assert len(set(codes.values())) == len(regions)


def test_the_database_is_opened_to_read_and_reads_no_other_file(bundle: dict[str, Any]) -> None:
    (database,) = of(bundle, "databases/")
    assert database["sqlalchemy_uri"] == "duckdb:////lac/serving/dataelec.duckdb"
    arguments = database["extra"]["engine_params"]["connect_args"]
    assert arguments == {"read_only": True, "config": {"enable_external_access": False}}
    assert not any(database[name] for name in ("allow_ctas", "allow_cvas", "allow_dml", "allow_file_upload"))


def test_every_subject_has_a_dashboard_whose_charts_are_all_there(bundle: dict[str, Any]) -> None:
    dashboards = of(bundle, "dashboards/")
    assert len(dashboards) == SUBJECTS
    charts = {each["uuid"] for each in of(bundle, "charts/")}
    datasets = {each["uuid"] for each in of(bundle, "datasets/")}
    placed = [part for each in dashboards for part in each["position"].values() if isinstance(part, dict)]
    shown = [part["meta"]["uuid"] for part in placed if part["type"] == "CHART"]
    assert sorted(shown) == sorted(charts)
    assert {each["dataset_uuid"] for each in of(bundle, "charts/")} <= datasets
    filters = [each for board in dashboards for each in board["metadata"]["native_filter_configuration"]]
    assert {target["datasetUuid"] for each in filters for target in each["targets"] if target} <= datasets


def test_the_parts_of_a_dashboard_hang_together(bundle: dict[str, Any]) -> None:
    for each in of(bundle, "dashboards/"):
        parts = {name: part for name, part in each["position"].items() if isinstance(part, dict)}
        children = [child for part in parts.values() for child in part.get("children", ())]
        assert sorted([*children, "ROOT_ID", "HEADER_ID"]) == sorted(parts)
        numbers = [part["meta"]["chartId"] for part in parts.values() if part["type"] == "CHART"]
        assert len(set(numbers)) == len(numbers)


def test_the_same_bundle_has_the_same_bytes_and_identifiers(texts: dict[str, str]) -> None:
    one, two = archive(texts), archive(files(SERVED))
    assert one == two
    with zipfile.ZipFile(io.BytesIO(one)) as stored:
        assert stored.testzip() is None
        metadata = yaml.safe_load(stored.read("dataelec/metadata.yaml"))
    # With another type, what was imported before would be left as it was.
    assert metadata["type"] == "assets"


def test_a_chart_asks_what_its_form_says(bundle: dict[str, Any]) -> None:
    for each in of(bundle, "charts/"):
        (query,) = json.loads(each["query_context"])["queries"]
        params = each["params"]
        metrics = params.get("metrics") or ([params["metric"]] if "metric" in params else [])
        assert query["metrics"] == metrics
        assert [kept["col"] for kept in query["filters"]] == [kept["subject"] for kept in params["adhoc_filters"]]


SMALL = Dataset("t", "main", None, "", (Column("a", "varchar", "A", "", is_dimension=True),), ())


@pytest.mark.parametrize(
    ("about", "message"),
    [
        ({"genre": "tableau", "colonnes": ["a", "b"]}, "c: t has no b"),
        ({"genre": "chiffre", "mesures": ["somme_b"]}, "c: t has no somme_b"),
        ({"genre": "tableau", "colonnes": ["a"], "filtres": {"d": 1}}, "c: t has no d"),
        ({"genre": "camembert"}, "c: camembert is none of chiffre"),
    ],
)
def test_a_chart_of_what_is_not_there_is_refused(about: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        chart({"cle": "c", "titre": "C", **about}, SMALL)


def test_a_row_wider_than_the_grid_is_refused() -> None:
    about = {"cle": "d", "titre": "D", "description": "", "lignes": [{"cases": [{"texte": "x", "largeur": 13}]}]}
    with pytest.raises(ValueError, match="d: row 1 has 13 columns of 12"):
        dashboard(about, 1, {})


def test_a_text_takes_its_place_in_a_row() -> None:
    about = {"cle": "d", "titre": "D", "description": "", "lignes": [{"cases": [{"texte": "**Lisez**"}]}]}
    assert list(charts_of(about)) == []
    part = dashboard(about, 1, {})["position"]["MARKDOWN-1-1"]
    assert part["meta"]["code"] == "**Lisez**"
