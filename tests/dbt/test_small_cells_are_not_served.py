"""A file that nobody has protected is served protected: what is hidden cannot be recovered from any served figure."""

from __future__ import annotations

import pytest

from tests.dbt.lakes import TinyLake
from tests.dbt.yearly import BY_COMMUNE, BY_DEPARTEMENT, HALF_HOURLY, SELECT, commune, new_row

# Delivery points of homes by commune: 69034 stands for four.
POINTS = {"69034": 4, "69123": 12, "69266": 300, "69029": 900}
MWH_PER_POINT = 5.0


@pytest.fixture(scope="module")
def served(module_lake: TinyLake) -> dict[tuple[str, str], tuple[float | None, int | None, bool]]:
    """Return energy, points and secrecy of homes by grain and territory."""

    def home(points: int, territory: dict[str, str]) -> dict[str, object]:
        return {**new_row(2023, territory, points * MWH_PER_POINT), "nb_sites": points}

    module_lake.write(BY_COMMUNE, [home(points, commune(code)) for code, points in POINTS.items()])
    total = {"code_departement": "69", "code_region": "84"}
    module_lake.write(BY_DEPARTEMENT, [home(sum(POINTS.values()), total)])
    module_lake.make(*SELECT, *HALF_HOURLY)
    rows = module_lake.query(
        "SELECT maille, code_territoire, energie_mwh, nombre_points, est_secret FROM fct_consommation_annuelle"
    )
    return {(maille, code): (energy, points, secret) for maille, code, energy, points, secret in rows}


def test_the_small_cell_and_its_protection_are_hidden_in_every_grain(
    served: dict[tuple[str, str], tuple[float | None, int | None, bool]],
) -> None:
    assert served["commune", "69034"] == (None, None, True)
    assert served["commune", "69123"] == (None, None, True)
    assert served["commune", "69266"] == (1500.0, 300, False)
    assert served["departement", "69"] == (1216 * MWH_PER_POINT, 1216, False)
    # The sum of the communes leaves them out and says so.
    assert served["epci", "200046977"] == (1200 * MWH_PER_POINT, 1200, True)


def test_an_attacker_who_subtracts_learns_nothing_of_fewer_than_ten_homes(
    served: dict[tuple[str, str], tuple[float | None, int | None, bool]],
) -> None:
    shown = [values for (maille, _), values in served.items() if maille == "commune"]
    assert all(points is None or points >= 10 for _, points, _ in shown)
    for total in (served["departement", "69"], served["epci", "200046977"]):
        remainder = (total[1] or 0) - sum(points or 0 for _, points, _ in shown)
        assert remainder == 0 or remainder >= 10
        energy = (total[0] or 0) - sum(each or 0 for each, _, _ in shown)
        assert energy == pytest.approx(remainder * MWH_PER_POINT)
        assert energy != pytest.approx(POINTS["69034"] * MWH_PER_POINT)
