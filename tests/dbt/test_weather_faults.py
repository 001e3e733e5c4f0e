"""Weather: what is past and what is forecast are kept apart, and each check finds its own fault."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.dbt.lakes import TinyLake

FORECASTS = "previsions-meteo-regions"
HISTORY, STATIONS = "historique-previsions-meteo-regions", "observations-horaires-meteo-france"
SELECT = (
    f"source:open_meteo.{FORECASTS.replace('-', '_')}+",
    *(
        "dim_region",
        "path:models/staging/open_meteo_archive",
        "path:models/staging/openweathermap",
        "path:models/staging/infoclimat",
        "path:models/staging/open_meteo_previous_runs",
        "path:models/staging/meteo_france",
        "dim_poste_meteo",
    ),
    *("--exclude", "path:models/*/*/int_prevision*", "path:models/*/*/mart_prevision*", "path:models/*/*/*occupation*"),
)

# What the paths of its models and tests contain.
WORDS = ("open_meteo", "meteo_france", "fct_meteo", "dim_poste_meteo")

MORNING, EVENING = datetime(2026, 3, 28, 9, 48, tzinfo=UTC), datetime(2026, 3, 28, 21, 48, tzinfo=UTC)


def reply(issued: datetime, warmer: float = 0.0) -> Iterator[dict[str, Any]]:
    """Yield six hours before the issue and twelve after it, of two regions."""
    hour = issued.replace(minute=0)
    for region in ("11", "94"):
        for ahead in range(-5, 13):
            yield {
                "emise_a": issued,
                "code_region": region,
                "instant": hour + timedelta(hours=ahead),
                "temperature_2m": 10.0 + ahead / 10 + warmer,
                "precipitation": 0.0,
                "wind_speed_10m": 3.0,
            }


def measured() -> Iterator[dict[str, Any]]:
    """Yield six hours of two stations of Ajaccio, the nearer of which is silent in the last."""
    for number, distance, hours in (("20000001", 1.5, 5), ("20000002", 4.5, 6)):
        for hour in range(hours):
            yield {
                "code_region": "94",
                "num_poste": number,
                "nom_usuel": "AJACCIO",
                "distance_km": distance,
                "lat": 41.9,
                "lon": 8.7,
                "instant": datetime(2026, 3, 27, hour, tzinfo=UTC),
                "t": 5.0 + distance,
                "qt": 1,
                "rr1": 0.2,
                "qrr1": 2,
                "ff": 3.0,
                "qff": 9,
            }


def remembered() -> Iterator[dict[str, Any]]:
    """Yield what had been forecast of an hour that was never read: on the day before, and the day itself after it."""
    hour = datetime(2026, 3, 20, 12, tzinfo=UTC)
    for lead in (0, 1, 2):
        yield {
            "emise_a": hour + timedelta(hours=12 - 24 * lead),
            "code_region": "94",
            "instant": hour,
            "temperature_2m": 8.0 + lead,
        }


@pytest.fixture(scope="module")
def clean(module_lake: TinyLake) -> TinyLake:
    """Return the tables of two issues twelve hours apart, an hour without temperature among them."""
    rows = [*reply(MORNING), *reply(EVENING, warmer=1)]
    rows[8]["temperature_2m"] = None
    module_lake.write(FORECASTS, rows)
    module_lake.write(HISTORY, remembered())
    module_lake.write(STATIONS, measured())
    module_lake.make(*SELECT)
    return module_lake


_MORNING = f"emise_a = TIMESTAMPTZ '{MORNING.isoformat()}'"
_ROW = (
    "SELECT * FROM {table} WHERE code_region = '11' AND instant_utc = TIMESTAMPTZ '2026-03-28 {hour}:00:00+00' LIMIT 1"
)
FAULTS = {
    "fct_meteo_prevision_cle_unique": "INSERT INTO fct_meteo_prevision "
    + _ROW.format(table="fct_meteo_prevision", hour="11"),
    "fct_meteo_prevision_apres_son_emission": "UPDATE fct_meteo_prevision SET instant_utc = emise_a - INTERVAL 1 HOUR "
    f"WHERE {_MORNING} AND horizon_h = 5 AND code_region = '11'",
    "fct_meteo_prevision_vraisemblable": "UPDATE fct_meteo_prevision SET temperature_c = 283 "
    f"WHERE {_MORNING} AND horizon_h = 6 AND code_region = '11'",
    "fct_meteo_prevision_region_connue": "UPDATE fct_meteo_prevision SET code_region = '99' "
    f"WHERE {_MORNING} AND horizon_h = 7 AND code_region = '11'",
    "dim_poste_meteo_cle_unique": "INSERT INTO dim_poste_meteo SELECT * FROM dim_poste_meteo "
    "WHERE numero_poste = '20000001'",
    "dim_poste_meteo_heures_distinctes": "UPDATE dim_poste_meteo SET distance_km = 26 WHERE numero_poste = '20000002'",
    "fct_meteo_horaire_cle_unique": "INSERT INTO fct_meteo_horaire "
    + _ROW.format(table="fct_meteo_horaire", hour="06"),
    "fct_meteo_horaire_possible": "UPDATE fct_meteo_horaire SET temperature_c = 283 "
    "WHERE code_region = '94' AND instant_utc = TIMESTAMPTZ '2026-03-28 07:00:00+00'",
    "fct_meteo_horaire_passee_quand_elle_fut_lue": "UPDATE fct_meteo_horaire SET analysee_a = instant_utc "
    "WHERE code_region = '94' AND instant_utc = TIMESTAMPTZ '2026-03-28 06:00:00+00'",
}
# The lake folds its vintages by key: only a file that was changed by hand repeats an hour.
IN_THE_LAKE = "stg_open_meteo__previsions_meteo_regions_cle_unique"


def test_forecasts_begin_with_their_issue_and_each_issue_stays(built_lake: TinyLake) -> None:
    assert built_lake.check(*SELECT, run=False) == {}
    found = built_lake.query(
        "SELECT emise_a, min(horizon_h), max(horizon_h), count(*), min(instant_utc) > min(emise_a), any_value(mois) "
        "FROM fct_meteo_prevision WHERE code_region = '94' AND source = 'open_meteo_lecture' "
        "GROUP BY emise_a ORDER BY emise_a"
    )
    assert found == [(MORNING, 1, 12, 12, True, "2026-03"), (EVENING, 1, 12, 12, True, "2026-03")]
    # 22:00 in London is 23:00 in Paris, the hour after it another day.
    assert built_lake.query(
        "SELECT date_locale::VARCHAR FROM fct_meteo_prevision WHERE code_region = '94' AND horizon_h IN (1, 2) "
        f"AND emise_a = TIMESTAMPTZ '{EVENING.isoformat()}' ORDER BY instant_utc"
    ) == [("2026-03-28",), ("2026-03-29",)]


def test_the_past_is_told_by_the_newest_issue_that_saw_it_over(built_lake: TinyLake) -> None:
    # Hours 17 to 21 were forecast in the morning and over in the evening; those before were over in the morning.
    assert built_lake.query(
        "SELECT extract('hour' FROM instant_utc)::INTEGER AS heure, temperature_c, analysee_a FROM fct_meteo_horaire "
        "WHERE code_region = '94' AND heure IN (9, 16, 21) ORDER BY heure"
    ) == [(9, 10.0, MORNING), (16, 10.5, EVENING), (21, 11.0, EVENING)]
    assert built_lake.query("SELECT count(*) FROM fct_meteo_horaire WHERE temperature_c IS NULL") == [(0,)]


def test_what_had_been_forecast_stands_beside_what_was_read(built_lake: TinyLake) -> None:
    hour = datetime(2026, 3, 20, 12, tzinfo=UTC)
    assert built_lake.query(
        "SELECT emise_a, horizon_h, temperature_c, precipitation_mm, vent_m_s FROM fct_meteo_prevision "
        "WHERE source = 'open_meteo_historique' ORDER BY emise_a"
    ) == [(hour - timedelta(hours=36), 36, 10.0, None, None), (hour - timedelta(hours=12), 12, 9.0, None, None)]


def test_the_station_that_is_retained_tells_the_hours_of_its_region(built_lake: TinyLake) -> None:
    assert built_lake.query(
        "SELECT numero_poste, nombre_heures, part_heures_pct, est_retenu FROM dim_poste_meteo ORDER BY numero_poste"
    ) == [("20000001", 5, 83.33, False), ("20000002", 6, 100.0, True)]
    assert built_lake.query(
        "SELECT count(*), min(temperature_c), max(temperature_c), count(precipitation_mm), min(vent_m_s), "
        "min(analysee_a) FROM fct_meteo_horaire WHERE source = 'meteo_france'"
    ) == [(6, 9.5, 9.5, 0, 3.0, None)]


def test_an_hour_without_temperature_is_no_forecast(built_lake: TinyLake) -> None:
    assert built_lake.query(f"SELECT count(*) FROM fct_meteo_prevision WHERE code_region = '11' AND {_MORNING}") == [
        (11,)
    ]


def test_every_fault_is_found_and_blocks(built_lake: TinyLake) -> None:
    built_lake.execute(*FAULTS.values())
    assert built_lake.check(*SELECT, run=False) == dict.fromkeys(FAULTS, "fail")


def test_an_hour_that_a_file_repeats_blocks(built_lake: TinyLake) -> None:
    rows = list(reply(MORNING))
    built_lake.write(FORECASTS, [*rows, {**rows[3], "temperature_2m": 5.0}])
    found = built_lake.check(*SELECT, run=False)
    assert found == {IN_THE_LAKE: "fail"}


def test_a_month_is_renewed_alone(built_lake: TinyLake) -> None:
    april = datetime(2026, 4, 2, 10, tzinfo=UTC)
    built_lake.write(FORECASTS, reply(april))
    built_lake.make("fct_meteo_prevision", months=["2026-04"])
    assert built_lake.query("SELECT mois, count(*) FROM fct_meteo_prevision GROUP BY mois ORDER BY mois") == [
        ("2026-03", 49),
        ("2026-04", 26),
    ]


def test_every_check_of_the_weather_has_its_fault(tiny_lake: TinyLake) -> None:
    names = {
        node["name"]
        for node in tiny_lake.manifest()["nodes"].values()
        if node["resource_type"] == "test"
        and (node.get("test_metadata") or {}).get("name") not in {"not_null", "never_null", "unique", "accepted_values"}
        and any(word in node["original_file_path"] for word in WORDS)
    }
    assert names == {*FAULTS, IN_THE_LAKE}
