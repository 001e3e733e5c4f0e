"""A check that blocks reads the months that a build has renewed; what only warns goes on listing the whole history."""

from __future__ import annotations

from datetime import date

import pytest

from tests.dbt.consumption import NATIONAL, REGIONAL, SELECT, national_day, regional_day
from tests.dbt.lakes import TinyLake, days, found_by

UNIQUE = "fct_consommation_regionale_cle_unique"
GAPS = "mart_completude_jour_jours_sans_ligne"


@pytest.fixture(scope="module")
def two_months(module_lake: TinyLake) -> TinyLake:
    """Return a lake of two months; the fact holds a row of the first one twice."""
    chosen = [*days(date(2020, 2, 28), date(2020, 2, 29)), *days(date(2020, 4, 1), date(2020, 4, 2))]
    module_lake.write(REGIONAL, [row for day in chosen for row in regional_day(day, mw=4000)])
    module_lake.write(NATIONAL, [row for day in chosen for row in national_day(day, mw=48000)])
    module_lake.make(*SELECT)
    first = "SELECT * FROM fct_consommation_regionale WHERE mois = '2020-02' LIMIT 1"
    module_lake.execute(f"INSERT INTO fct_consommation_regionale {first}")
    return module_lake


@pytest.mark.parametrize(
    ("months", "found"),
    [((), {UNIQUE: "fail"}), (("2020-02",), {UNIQUE: "fail"}), (("2020-04",), {})],
    ids=["all", "the month at fault", "another month"],
)
def test_a_blocking_check_of_a_monthly_fact_reads_the_months_of_the_build(
    two_months: TinyLake, months: tuple[str, ...], found: dict[str, str]
) -> None:
    both = ("fct_consommation_regionale_controles", "mart_completude_jour_controles")
    every = two_months.dbt("test", "--select", *both, months=months)
    results = {name: every[name] for name in (UNIQUE, GAPS)}
    status = found_by(results)
    assert status.pop(GAPS) == "warn"
    assert results[GAPS].failures
    assert status == found
