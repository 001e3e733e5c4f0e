"""The official geographic code of 2022 to 2026, its movements and populations as published; and two small cases."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

import pytest

from tests.dbt.lakes import BuiltLake, TinyLake, found_by
from tests.dbt.territories import COMMUNES, EVENTS, POPULATION, SELECT

pytestmark = pytest.mark.real

# (data set, edition, file below the folders of published files).
FILES = [
    (COMMUNES, "2022", "data/insee/code-officiel-geographique/commune_2022.csv"),
    (COMMUNES, "2023", "data-more/insee/code-officiel-geographique/v_commune_2023.csv"),
    (COMMUNES, "2024", "data-more/insee/code-officiel-geographique/v_commune_2024.csv"),
    (COMMUNES, "2026", "data-new/insee/code-officiel-geographique/v_commune_2026.csv"),
    (EVENTS, "2022", "data-more/insee/code-officiel-geographique/mvtcommune_2022.csv"),
    (EVENTS, "2024", "data-more/insee/code-officiel-geographique/v_mvt_commune_2024.csv"),
    (EVENTS, "2025", "data-new/insee/code-officiel-geographique/v_mvt_commune_2025.csv"),
    (POPULATION["communes"], "2019", "data/insee/populations-legales/donnees_communes_population-2019_old-header.csv"),
    (POPULATION["communes"], "2021", "data-more/insee/populations-legales/donnees_communes_population-2021.csv"),
    (POPULATION["communes"], "2023", "data/insee/populations-legales/donnees_communes_vintage-2026-01_new-header.csv"),
]


@pytest.fixture(scope="module")
def walked(real_data: Path, module_lake: TinyLake) -> BuiltLake:
    for dataset_id, edition, file in FILES:
        module_lake.read_whole(dataset_id, edition, real_data.parent / file)
    return BuiltLake(module_lake, module_lake.build(*SELECT))


def rows_of(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def test_the_published_files_load_and_break_no_rule(walked: BuiltLake) -> None:
    # Six communes that were divided between 1943 and 1977, or whose place no longer belongs to a commune.
    assert found_by(walked.results) == {"dim_commune_ancienne_sans_successeur": "warn"}
    assert walked.results["dim_commune_ancienne_sans_successeur"].failures == 6
    assert walked.query("SELECT count(*) FROM dim_commune WHERE est_active") == [(34_875,)]
    assert walked.query("SELECT * FROM mart_codes_orphelins") == []


@pytest.mark.parametrize("edition", [2022, 2023, 2024])
def test_each_commune_ends_where_a_walk_by_hand_through_the_events_ends(
    walked: BuiltLake, real_data: Path, edition: int
) -> None:
    """The walk knows nothing of the models: it goes from event to event, in the order of their days."""
    files = {(dataset_id, key): real_data.parent / file for dataset_id, key, file in FILES}
    events: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for row in rows_of(files[EVENTS, "2025"]):
        if row["TYPECOM_AV"] == row["TYPECOM_AP"] == "COM" and row["DATE_EFF"] > f"{edition}-01-01":
            events[row["DATE_EFF"]][row["COM_AV"]].add(row["COM_AP"])
    communes = {row["COM"] for row in rows_of(files[COMMUNES, str(edition)]) if row["TYPECOM"] == "COM"}
    ends = {code: code for code in communes}
    for day in sorted(events):
        for _ in range(2):  # one may lead to another of the same day
            for start, code in ends.items():
                after = events[day].get(code, {code})
                if code not in after:
                    (ends[start],) = after
    today = {row["COM"] for row in rows_of(files[COMMUNES, "2026"]) if row["TYPECOM"] == "COM"}
    assert set(ends.values()) <= today
    found = walked.query(
        "SELECT code_commune, code_commune_actuelle FROM intermediate.int_commune_successeurs "
        f"WHERE {edition} BETWEEN premier_millesime AND dernier_millesime"
    )
    assert {code: end for code, end in found if code in communes} == ends


def test_communes_hold_the_published_population_of_each_year(walked: BuiltLake) -> None:
    """Mayotte has no row in any of these files, that of 2021 included: 100 départements, not 101."""
    assert walked.query(
        "SELECT annee, count(*) - count(DISTINCT code_territoire), sum(population_municipale_hab) FROM fct_population "
        "WHERE maille = 'commune' GROUP BY 1 ORDER BY 1"
    ) == [(2019, 0, 66_988_403), (2021, 0, 67_408_052), (2023, 0, 68_094_280)]
    assert walked.query(
        "SELECT annee, count(DISTINCT code_departement), count(*) FILTER (est_repetee) "
        "FROM intermediate.int_population_communes GROUP BY 1 ORDER BY 1"
    ) == [(2019, 100, 0), (2021, 100, 0), (2023, 100, 0)]


def test_the_population_of_2021_is_that_of_its_file_at_each_of_four_grains(walked: BuiltLake, real_data: Path) -> None:
    """The script adds up what the file prints, by the codes that the file prints; the table goes by our geography."""
    file = next(real_data.parent / path for name, key, path in FILES if (name, key) == (POPULATION["communes"], "2021"))
    with file.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter=";"))
    printed: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in rows:
        count = int(row["PMUN"])
        printed["departement"][row["DEP"]] += count
        printed["region"][row["REG"]] += count
        printed["nation"]["FR"] += count
    served = (
        "FROM fct_population AS p LEFT JOIN dim_commune AS c ON c.code_commune = p.code_territoire WHERE annee = 2021"
    )
    for grain in ("departement", "region"):
        found = walked.query(f"SELECT c.code_{grain}, sum(p.population_municipale_hab) {served} GROUP BY 1")
        assert dict(found) == printed[grain]
    assert walked.query(f"SELECT 'FR', sum(p.population_municipale_hab) {served}") == [*printed["nation"].items()]
    # What several printed codes became is one commune: the sum over its codes.
    ends = dict(
        walked.query(
            "SELECT DISTINCT code_commune, code_commune_actuelle FROM intermediate.int_population_communes "
            "WHERE annee = 2021"
        )
    )
    for row in rows:
        printed["commune"][str(ends[row["DEP"] + row["CODCOM"][-(5 - len(row["DEP"])) :]])] += int(row["PMUN"])
    assert (
        dict(walked.query("SELECT code_territoire, population_municipale_hab FROM fct_population WHERE annee = 2021"))
        == printed["commune"]
    )


def test_an_event_without_a_commune_before_is_loaded_and_leads_nowhere(real_data: Path, tiny_lake: TinyLake) -> None:
    case = real_data.parent / "cases" / "cog-mvt-creation-without-before" / "v_mvt_commune_2024.csv"
    tiny_lake.read_whole(EVENTS, "2024", case)
    tiny_lake.read_whole(COMMUNES, "2024", real_data.parent / FILES[2][2])
    tiny_lake.make("dim_commune", "+int_commune_successeurs", "+int_epci_des_communes")
    assert tiny_lake.query(
        "SELECT code_evenement, count(*), count(code_avant) "
        "FROM staging.stg_insee__code_officiel_geographique_mouvements GROUP BY 1 ORDER BY 1"
    ) == [("20", 3, 0), ("32", 2, 2), ("50", 2, 2), ("71", 1, 1)]
    # Les Trois Lacs has gone and come back: whatever the year, its two codes are one commune.
    assert tiny_lake.query(
        "SELECT DISTINCT code_commune, code_commune_repliee FROM dim_commune "
        "WHERE code_commune IN ('27058', '27676', '06162', '97311', '08294') ORDER BY 1"
    ) == [("06162", "06162"), ("08294", "08053"), ("27058", "27676"), ("27676", "27676"), ("97311", "97311")]


def test_a_commune_published_under_its_next_code_too_counts_once(real_data: Path, built_lake: TinyLake) -> None:
    case = real_data.parent / "cases" / "pop-one-row-twice" / "donnees_communes_population-2020.csv"
    built_lake.read_whole(POPULATION["communes"], "2020", case)
    assert (
        built_lake.check("+fct_population", "path:tests/territoires_*")["int_population_communes_sans_repetition"]
        == "warn"
    )
    assert built_lake.query(
        "SELECT code_territoire, population_municipale_hab, population_totale_hab, nombre_codes_reunis "
        "FROM fct_population WHERE maille = 'commune' AND annee = 2020"
    ) == [("27676", 1_759, 1_804, 1)]


@pytest.fixture
def clean(walked: BuiltLake) -> TinyLake:
    return walked.lake
