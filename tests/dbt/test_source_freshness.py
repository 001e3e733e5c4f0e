"""`dbt source freshness` says how old the newest measured value is, by the lags of the catalogue."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from dataelec_assets.catalog import load_catalog
from tests.dbt.consumption import NATIONAL as CONSUMPTION
from tests.dbt.consumption import national_day as consumption_day
from tests.dbt.eco2mix import NATIONAL, NATIONAL_TR, national_day
from tests.dbt.lakes import TinyLake


def test_the_newest_measured_value_is_judged_by_the_lag_of_its_publisher(tiny_lake: TinyLake) -> None:
    today = datetime.now(UTC).date()
    hundred_days_ago, long_ago = today - timedelta(days=100), today - timedelta(days=200)
    forecast = [{**row, "consommation": None} for row in national_day(today)]
    tiny_lake.write(NATIONAL, national_day(hundred_days_ago))  # 150 days are usual
    tiny_lake.write(CONSUMPTION, consumption_day(hundred_days_ago))  # 75 are
    tiny_lake.write(NATIONAL_TR, [*national_day(long_ago), *forecast])  # three hours are
    tables = ("eco2mix_national_cons_def", "consommation_quotidienne_brute", "eco2mix_national_tr")

    tiny_lake.dbt("--write-json", "source", "freshness", "--select", *(f"source:odre.{table}" for table in tables))

    written = json.loads((tiny_lake.paths.root / "dbt" / "sources.json").read_text(encoding="utf-8"))
    found = {each["unique_id"].split(".")[3]: each for each in written["results"]}
    assert [found[table]["status"] for table in tables] == ["pass", "warn", "error"]
    # A row of today that holds a forecast alone makes nothing fresh.
    newest = max(row["date_heure"] for row in national_day(long_ago))
    assert datetime.fromisoformat(found["eco2mix_national_tr"]["max_loaded_at"]) == newest


def test_every_source_that_can_age_has_a_lag_and_a_measure(tiny_lake: TinyLake) -> None:
    sources = {each["config"]["meta"].get("dataset_id"): each for each in tiny_lake.manifest()["sources"].values()}
    ages = {
        dataset.id
        for dataset in load_catalog().values()
        if dataset.time_column and not dataset.withdrawn and dataset.history_end is None
    }
    judged = {
        name
        for name, each in sources.items()
        if each["loaded_at_field"] and (each["freshness"] or {}).get("filter") and each["freshness"]["error_after"]
    }
    assert len(ages) > 20
    assert judged == ages
