"""The indicators of sustainable development in INSEE's layout: the published file of the régions, one made for EPCI."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.indicateurs import LINES, make
from dataelec_assets.catalog import load_catalog
from dataelec_assets.database import connect
from dataelec_assets.lake.file_formats import inspect
from dataelec_assets.lake.parquet import ParquetLake
from tests.dbt.indicateurs import CHECKS, SELECT
from tests.dbt.lakes import BuiltLake, TinyLake, found_by

pytestmark = pytest.mark.real

EPCI = 30


@pytest.fixture(scope="module")
def built(real_data: Path, module_lake: TinyLake, tmp_path_factory: pytest.TempPathFactory) -> BuiltLake:
    """Return the indicators of the eighteen régions as published, and of a few EPCI copied with little memory."""
    published = real_data.parent / "data-more" / "insee" / "indicateurs-odd" / "ODD_REG_copy-2026.csv"
    module_lake.read_whole("indicateurs-odd-regions", "2024", published)
    made = tmp_path_factory.mktemp("made") / "ODD_EPCI.csv.zst"
    make("epci", made, territories=EPCI)
    dataset = load_catalog()["indicateurs-odd-epci"]
    with pytest.MonkeyPatch.context() as patch, connect(spill=module_lake.paths.temporary) as connection:
        patch.setattr("dataelec_assets.lake.parquet._ROW_GROUP", 10_000)
        ParquetLake(module_lake.paths).build(
            connection.cursor, dataset, "2024", [("made", lambda: inspect(dataset.id, made))], None
        )
    module_lake.make(*SELECT)
    return BuiltLake(module_lake, module_lake.dbt("test", "--exclude-resource-type", "unit_test", "--select", *CHECKS))


def test_every_published_value_is_served_once_and_breaks_no_rule(built: BuiltLake) -> None:
    # Nothing had to be changed, or could not be read; only the EPCI are of no commune.
    assert built.query("SELECT DISTINCT source, regle FROM mart_indicateur_nettoyage") == [
        ("indicateurs-odd-epci", "territoire inconnu, gardé sans être sommé")
    ]
    assert found_by(built.results) == {}
    # 109,345 cells; 1,515 of them are the same figure under a second indicator. One of the 265 variables has none.
    assert built.query("SELECT count(*) FROM staging.stg_insee__indicateurs_odd_regions") == [(109_345,)]
    assert built.query(
        "SELECT count(*), count(valeur), count(DISTINCT code_indicateur), min(annee), max(annee) "
        "FROM fct_indicateur WHERE maille = 'region' AND code_indicateur LIKE 'odd_%'"
    ) == [(107_830, 107_830, 264, 1982, 2025)]


def test_codes_that_differ_in_their_capitals_are_two_indicators(built: BuiltLake) -> None:
    found = built.query(
        "SELECT code_indicateur, libelle, unite, regle_agregation, methode FROM dim_indicateur "
        "WHERE lower(code_indicateur) = 'odd_eff_tot' ORDER BY 1"
    )
    # Without the dictionary the code is the label; nothing says that it may be added up.
    method = "Tel que publié (indicateurs territoriaux de développement durable) ; inconnu aux autres mailles."
    assert found == [(code, code, None, "jamais", method) for code in ("odd_Eff_Tot", "odd_eff_tot")]


def test_the_eighteen_regions_are_compared_with_each_other(built: BuiltLake) -> None:
    rows = built.query(
        "SELECT code_territoire, valeur, rang, nombre_pairs FROM mart_indicateur_compare WHERE maille = 'region' "
        "AND code_indicateur = 'odd_pop' AND sous_champ IS NULL AND annee = 2021 AND rang <= 2 ORDER BY rang"
    )
    assert rows == [("11", 12_317_279, 1, 18), ("84", 8_114_361, 2, 18)]


def test_a_file_of_epci_is_served_and_compared_whole(built: BuiltLake) -> None:
    ((values, compared, codes, ranks),) = built.query(
        "SELECT (SELECT count(*) FROM staging.stg_insee__indicateurs_odd_epci), count(*), "
        "count(DISTINCT (code_indicateur, sous_champ)), max(rang) FROM mart_indicateur_compare WHERE maille = 'epci'"
    )
    assert values > compared > 0.95 * values  # one line in forty repeats another under a second indicator
    assert codes < LINES
    assert ranks <= EPCI
