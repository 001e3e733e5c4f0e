"""The indicators of sustainable development in INSEE's layout: the published file of the régions, one made for EPCI."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from benchmarks.indicateurs import dictionary, make
from dataelec_assets.catalog import load_catalog
from dataelec_assets.database import connect
from dataelec_assets.lake.file_formats import inspect
from dataelec_assets.lake.parquet import ParquetLake
from dataelec_assets.sample.territories import DEPARTEMENTS, OVERSEAS
from tests import odd_dictionary
from tests.dbt.indicateurs import CHECKS, SELECT
from tests.dbt.lakes import BuiltLake, TinyLake, found_by
from tests.dbt.territories import populations

pytestmark = pytest.mark.real

EPCI = 30


@pytest.fixture(scope="module")
def built(real_data: Path, module_lake: TinyLake, tmp_path_factory: pytest.TempPathFactory) -> BuiltLake:
    """Return the indicators of the eighteen régions as published, and of a few EPCI copied with little memory."""
    published = real_data.parent / "data-more" / "insee" / "indicateurs-odd" / "ODD_REG_copy-2026.csv"
    module_lake.read_whole("indicateurs-odd-regions", "2024", published)
    # What a sum covers is counted in inhabitants: a région overseas is small.
    people = {
        (region, names.split()[0]): {f"{names.split()[0]:0<5}": 350_000 if region in {*OVERSEAS, "94"} else 5_000_000}
        for region, names in DEPARTEMENTS.items()
    }
    inhabitants: dict[str, list[dict[str, Any]]] = {}
    for dataset_id, row in populations(2021, people, is_old=False):
        inhabitants.setdefault(dataset_id, []).append(row)
    for dataset_id, rows in inhabitants.items():
        module_lake.write(dataset_id, rows)
    made = tmp_path_factory.mktemp("made") / "ODD_EPCI.csv.zst"
    make("epci", made, territories=EPCI)
    dataset = load_catalog()["indicateurs-odd-epci"]
    with pytest.MonkeyPatch.context() as patch, connect(spill=module_lake.paths.temporary) as connection:
        patch.setattr("dataelec_assets.lake.parquet._ROW_GROUP", 10_000)
        copies = ParquetLake(module_lake.paths)
        copy = copies.build(connection.cursor, dataset, "2024", [("made", lambda: inspect(dataset.id, made))], None)
        copies.write_index(dataset, {"2024": copy})
    module_lake.make(*SELECT)
    return BuiltLake(module_lake, module_lake.dbt("test", "--exclude-resource-type", "unit_test", "--select", *CHECKS))


def test_every_published_value_is_served_once_and_breaks_no_rule(built: BuiltLake) -> None:
    # Nothing had to be changed, or could not be read; only the EPCI are of no commune.
    assert built.query("SELECT DISTINCT source, regle FROM mart_indicateur_nettoyage") == [
        ("indicateurs-odd-epci", "territoire inconnu, gardé sans être sommé")
    ]
    assert found_by(built.results) == {}
    # 109,345 cells; 1,515 of them are the same figure under a second indicator. One of the 265 variables has none,
    # and seven have parts of several kinds, each an indicator.
    assert built.query("SELECT count(*) FROM staging.stg_insee__indicateurs_odd_regions") == [(109_345,)]
    assert built.query(
        "SELECT count(*), count(valeur), count(DISTINCT code_indicateur), min(annee), max(annee) "
        "FROM fct_indicateur WHERE maille = 'region' AND code_indicateur LIKE 'odd_%'"
    ) == [(107_830, 107_830, 293, 1982, 2025)]


def test_each_published_value_is_served_with_label_and_unit(built: BuiltLake, real_data: Path) -> None:
    """Against a plain reading of the file; a value under several indicators is one."""
    published = {}
    file = real_data.parent / "data-more" / "insee" / "indicateurs-odd" / "ODD_REG_copy-2026.csv"
    with file.open(encoding="cp1252", newline="") as stream:
        for row in csv.DictReader(stream, delimiter=";"):
            for header, cell in row.items():
                if header[0] == "A" and cell:
                    published[row["codgeo"], row["variable"], row["sous_champ"], int(header[1:])] = float(cell)
    assert len(published) == 107_830
    names = {
        (code, name or part): (variable, part)
        for variable, part, code, name in built.query(
            "SELECT d.variable, d.sous_champ, d.code_indicateur, s.sous_champ FROM intermediate."
            "int_indicateur_odd_dictionnaire AS d LEFT JOIN intermediate.int_indicateur_odd_sous_champs AS s "
            "ON d.code_indicateur = s.code_indicateur AND d.sous_champ = s.code_sous_champ"
        )
    }
    served = {}
    rows = built.query(
        "SELECT code_territoire, code_indicateur, v.sous_champ, annee, valeur, libelle, v.unite "
        "FROM fct_indicateur AS v JOIN dim_indicateur USING (code_indicateur) WHERE maille = 'region' "
        "AND code_indicateur LIKE 'odd_%' AND maille_source = 'region' AND v.denominateur IS NULL"
    )
    for place, code, part, year, value, label, unit in rows:
        assert label != code
        assert unit
        served[place, *names[code, part or ""], year] = value
    assert served == published
    # Homicides for a thousand inhabitants have more decimals than six.
    assert any(value != round(value, 6) for value in served.values())


def test_the_seeds_are_what_the_dictionary_of_the_publisher_says(real_data: Path) -> None:
    dictionary = real_data.parent / "data-more" / "insee" / "indicateurs-odd" / "dico_copy-2026.xlsx"
    for name, text in odd_dictionary.seeds(dictionary).items():
        assert (odd_dictionary.SEEDS / f"{name}.csv").read_text("utf-8") == text


def test_the_formulas_give_the_published_quotients_of_the_regions(built: BuiltLake) -> None:
    """The published terms of 7,878 quotients; one indicator was made with other inhabitants in some years."""
    found = dict.fromkeys(("same", "other"), 0)
    rows = built.query(
        "WITH valeurs AS (SELECT code_indicateur, coalesce(sous_champ, '') AS partie, code_territoire, annee, valeur "
        "FROM fct_indicateur WHERE maille = 'region' AND maille_source = 'region'), "
        "termes AS (SELECT *, coalesce(sous_champ, '') AS partie, count(*) OVER (PARTITION BY code_indicateur, "
        "sous_champ) AS nombre FROM intermediate.int_indicateur_odd_termes) "
        "SELECT q.code_indicateur, any_value(q.valeur), max(t.facteur) * sum(t.signe * v.valeur) FILTER (place = "
        "'numerateur') / nullif(sum(t.signe * v.valeur) FILTER (place = 'denominateur'), 0) FROM valeurs AS q "
        "JOIN termes AS t USING (code_indicateur, partie) JOIN valeurs AS v ON v.code_indicateur = t.mesure "
        "AND v.partie = coalesce(t.sous_champ_mesure, '') AND v.code_territoire = q.code_territoire "
        "AND v.annee = q.annee "
        "GROUP BY q.code_indicateur, q.partie, q.code_territoire, q.annee HAVING count(*) = max(t.nombre)"
    )
    for code, published, made in rows:
        if made is None:
            continue
        is_same = abs(published - made) <= max(0.006 * abs(published), 0.0055)
        assert is_same or code == "odd_log_hlm_phab"
        found["same" if is_same else "other"] += 1
    assert found["same"] > 7_500
    assert found["other"] < 25


def test_codes_that_differ_in_their_capitals_are_two_indicators(built: BuiltLake) -> None:
    found = built.query(
        "SELECT code_indicateur, libelle, unite, regle_agregation FROM dim_indicateur "
        "WHERE lower(code_indicateur) = 'odd_eff_tot' ORDER BY 1"
    )
    assert found == [
        ("odd_Eff_Tot", "Nombre de jeunes de 16-25 ans testés", "personnes", "somme"),
        ("odd_eff_tot", "Nombre total de postes salariés au 31 décembre", "emplois", "somme"),
    ]


def test_a_rule_is_said_with_its_reason(built: BuiltLake) -> None:
    rules = dict(built.query("SELECT code_indicateur, methode FROM dim_indicateur WHERE code_indicateur LIKE 'odd_%'"))
    assert rules["odd_log"].endswith("ne publie pas : somme des parties.")
    assert rules["odd_taux_chom_rp"].endswith("recalculé des sommes de ses termes, taux_chom.15_24 = chomeurs.15_24 / "
                                              "actifs.15_24 * 100.")  # fmt: skip
    assert rules["odd_niveau_vie_median"].endswith("inconnu, une médiane ne se déduit pas de celles des parties.")
    assert rules["odd_trans_nat_entr"].endswith("inconnu, le trafic entre deux parties changerait de rubrique.")
    assert rules["odd_conso_fin_ener_pib"].endswith("inconnu, un terme de sa formule ne s'additionne pas.")
    # Stations, days and a yes or no under one code of the publisher.
    assert built.query(
        "SELECT code_indicateur, unite, regle_agregation FROM dim_indicateur "
        "WHERE code_indicateur LIKE 'odd_qualair_O3%' ORDER BY 1"
    ) == [
        ("odd_qualair_O3_nbjmax_dep", "jours", "jamais"),
        ("odd_qualair_O3_nbjmin_dep", "jours", "jamais"),
        ("odd_qualair_O3_nbstat_dep", "stations", "somme"),
        ("odd_qualair_O3_nbstat_val", "stations", "somme"),
        ("odd_qualair_O3_situregl", "0 ou 1", "jamais"),
    ]


def test_france_is_the_sum_of_its_regions_and_its_rates_are_made_again(built: BuiltLake) -> None:
    rows = built.query(
        "SELECT code_indicateur, sous_champ, annee, valeur, numerateur, denominateur FROM fct_indicateur "
        "WHERE maille = 'nation' AND code_indicateur IN ('odd_part_log', 'odd_log') AND annee = 2021"
    )
    homes = {part: value for code, part, _, value, *_ in rows if code == "odd_log"}
    shares = {part: value for code, part, _, value, *_ in rows if code == "odd_part_log"}
    assert shares == {part: pytest.approx(100 * count / sum(homes.values())) for part, count in homes.items()}
    assert sum(shares.values()) == pytest.approx(100)


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
    assert values > compared > 0.85 * values  # a tenth of the lines repeat another under a second indicator
    assert codes < len(dictionary("epci"))
    assert ranks <= EPCI
