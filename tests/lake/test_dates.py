"""A day is read in the forms in which people write it, and refused when it cannot be meant."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dataelec_assets.catalog import Dataset, load_catalog
from dataelec_assets.database import connect
from dataelec_assets.errors import ContractViolation
from dataelec_assets.lake.dates import date_sql, last_day
from dataelec_assets.lake.file_formats import inspect
from dataelec_assets.lake.reading import load

CATALOG = load_catalog()
TEMPERATURE = CATALOG["temperature-quotidienne-regionale"]
ECO2MIX = CATALOG["eco2mix-national-tr"]
NAF = CATALOG["conso-elec-gaz-annuelle-par-naf-agregee-region"]

HEADER = "date;code_insee_region;region;tmin;tmax;tmoy"
TODAY = date(2026, 5, 20)


def day_of(text: str, since: date = date(2016, 1, 1)) -> date | None:
    sql = date_sql("text", since)
    day: date | None
    ((day,),) = connect().execute(f"SELECT {sql} FROM (SELECT ?::VARCHAR AS text)", [text]).fetchall()
    return day


def temperatures(tmp_path: Path, *days: str) -> Path:
    path = tmp_path / "temperatures.csv"
    path.write_text("\n".join([HEADER, *(f"{day};11;Île-de-France;5.1;12.3;8.7" for day in days)]), encoding="utf-8")
    return path


def loaded(dataset: Dataset, path: Path, last: date | None = TODAY) -> list[date]:
    cursor = connect().cursor()
    load(cursor, dataset, inspect(dataset.id, path), "t", last=last)
    return [day for (day,) in cursor.execute(f"SELECT {dataset.time_column} FROM t").fetchall()]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2016-03-12", date(2016, 3, 12)),
        ("2016/3/12", date(2016, 3, 12)),
        ("2016-03-12T00:00:00+00:00", date(2016, 3, 12)),
        ("12/03/2016", date(2016, 3, 12)),
        ("1/2/2016", date(2016, 2, 1)),
        ("12-03-2016", date(2016, 3, 12)),
        ("12.03.2016 00:00", date(2016, 3, 12)),
        ("01/01/16", date(2016, 1, 1)),
        ("31/12/24", date(2024, 12, 31)),
        ("31/12/15", date(2115, 12, 31)),
        (" 12/03/2016 ", date(2016, 3, 12)),
    ],
)
def test_a_day_is_read_in_the_forms_in_which_people_write_it(text: str, day: date) -> None:
    assert day_of(text) == day


@pytest.mark.parametrize(
    "text", ["", "03/25/2016", "30/02/2016", "2016-02-30", "12-03-16", "20160312", "2016-03-11T23:00:00+00:00", "mars"]
)
def test_what_may_be_another_day_or_none_is_not_read(text: str) -> None:
    assert day_of(text) is None


def test_the_century_of_two_digits_is_that_of_the_data_set() -> None:
    assert day_of("19/02/43", date(1943, 1, 1)) == date(1943, 2, 19)
    assert day_of("01/01/22", date(1943, 1, 1)) == date(2022, 1, 1)


def test_every_day_of_a_file_is_read_whatever_its_form(tmp_path: Path) -> None:
    days = loaded(TEMPERATURE, temperatures(tmp_path, "01/01/16", "13/03/2016", "2016-05-01"))
    assert days == [date(2016, 1, 1), date(2016, 3, 13), date(2016, 5, 1)]


@pytest.mark.parametrize("shape", ["csv", "json", "parquet"])
def test_a_date_that_is_none_is_refused_with_column_value_and_the_forms_that_are_read(
    tmp_path: Path, shape: str
) -> None:
    path = temperatures(tmp_path, "01/03/2016", "03/25/2016")
    names, *rows = (line.split(";") for line in path.read_text(encoding="utf-8").splitlines())
    records = [dict(zip(names, row, strict=True)) for row in rows]
    if shape == "json":
        path = path.with_suffix(".json")
        path.write_text(json.dumps(records), encoding="utf-8")
    if shape == "parquet":
        path = path.with_suffix(".parquet")
        pq.write_table(pa.Table.from_pylist(records), path)
    with pytest.raises(
        ContractViolation, match=r"'date' holds 1 .* such as '03/25/2016': AAAA-MM-JJ, JJ/MM/AAAA"
    ) as no:
        loaded(TEMPERATURE, path)
    assert path.name in str(no.value)


@pytest.mark.parametrize(
    ("day", "shown"),
    [
        ("2015-12-31", "'2015-12-31'"),
        ("0016-01-01", "'0016-01-01'"),
        ("31/12/15", r"'31/12/15' \(2115-12-31\)"),
        ("2026-05-21", "'2026-05-21'"),
    ],
)
def test_a_day_outside_the_span_of_the_data_set_is_refused_with_both_ends(tmp_path: Path, day: str, shown: str) -> None:
    path = temperatures(tmp_path, "2016-01-01", day)
    with pytest.raises(ContractViolation, match=rf"'date' holds 1 value\(s\) outside 2016-01-01 … 2026-05-20.*{shown}"):
        loaded(TEMPERATURE, path)


def test_the_first_and_the_last_day_of_the_span_are_in_it(tmp_path: Path) -> None:
    assert len(loaded(TEMPERATURE, temperatures(tmp_path, "2016-01-01", "2026-05-20"))) == 2


def test_an_instant_is_judged_by_its_day_in_paris(tmp_path: Path) -> None:
    # 22:30 UTC is half past midnight of the next day there; without an upper end the same is read.
    rows = [{**dict.fromkeys(ECO2MIX.column_names), "nature": "x", "date": "2026-05-20", "heure": "00:30"}]
    rows[0]["date_heure"] = "2026-05-20T22:30:00+00:00"
    path = tmp_path / "rows.json"
    path.write_text(json.dumps(rows), encoding="utf-8")
    with pytest.raises(ContractViolation, match=r"'date_heure' holds 1 value\(s\) outside 2012-01-01 … 2026-05-20"):
        loaded(ECO2MIX, path)
    assert len(loaded(ECO2MIX, path, last=date(2026, 5, 21))) == 1
    assert len(loaded(ECO2MIX, path, last=None)) == 1


def test_a_year_is_judged_too(tmp_path: Path) -> None:
    names = [column.name for column in NAF.columns]
    row = dict.fromkeys(names, "1") | {"annee": "202", "code_region": "11"}
    path = tmp_path / "years.csv"
    path.write_text(f"{';'.join(names)}\n{';'.join(row[name] for name in names)}\n", encoding="utf-8")
    with pytest.raises(ContractViolation, match=r"'annee' holds 1 value\(s\) outside 2011 … 2026, such as '202'"):
        loaded(NAF, path)


def test_tomorrow_is_that_of_paris_and_forecasts_reach_further() -> None:
    late = datetime(2026, 5, 20, 22, 30, tzinfo=UTC)
    assert last_day(TEMPERATURE, late) == date(2026, 5, 22)
    assert last_day(replace(TEMPERATURE, horizon=timedelta(days=16)), late) == date(2026, 6, 7)


def test_no_day_of_the_published_files_is_refused(real_data: Path) -> None:
    """The copies of other shapes go through the stand-in of the portal, which the tests of real files refresh."""
    seen = 0
    for dataset in CATALOG.values():
        folder = real_data / dataset.portal / dataset.id
        if not folder.is_dir() or dataset.time_column is None or dataset.stamped_by:
            continue
        files = sorted(path for path in folder.glob("*") if "snapshot" not in path.name)
        for path in {*files[:1], *files[-1:]}:
            assert loaded(dataset, path, last_day(dataset, datetime(2026, 5, 24, tzinfo=UTC)))
            seen += 1
    assert seen > 10
