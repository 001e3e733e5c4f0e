"""What must hold on the published files, from their folder to the served file.

Longer than 300 lines because one refresh of them all is dear, and whatever it shows is looked at here.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import duckdb
import pytest

from dataelec_assets.serving.api.app import Options, create_app
from dataelec_assets.warehouse import wide_views
from dataelec_assets.warehouse.dictionary import served_tables
from dataelec_assets.warehouse.legacy_views import SCHEMA, VIEWS
from dataelec_assets.warehouse.meta_tables import META_TABLES
from dataelec_assets.warehouse.semantics import rules
from tests.conftest import REPOSITORY
from tests.e2e.conftest import Refreshed
from tests.faults.france import served_parquet
from tests.serving.api import wishes
from tests.serving.api.served import running

pytestmark = [pytest.mark.real, pytest.mark.slow]

ABSENT = {
    "eco2mix-national-cons-def",
    "eco2mix-regional-cons-def",
    "imports-exports-commerciaux",
    "injections-regionales-quotidiennes-consolidees-rpt",
    "prod-region-annuelle-filiere",
    "consommation-annuelle-d-electricite-et-gaz-par-departement",
    "consommation-annuelle-d-electricite-et-gaz-par-region",
    "code-officiel-geographique-mouvements",
    "intercommunalites-composition",
    *(f"indicateurs-odd-{each}" for each in ("communes", "departements", "epci", "regions")),
    *(f"indicateurs-odd-{each}" for each in ("crte", "france", "metropole")),
    "recensement-logement",
    "previsions-meteo-regions",
    "archives-meteo-regions",
    "bornes-de-recharge-irve",
}


def number(value: object) -> float:
    assert isinstance(value, int | float)
    return float(value)


def test_absent_data_sets_are_reported_and_the_exit_code_says_so(refreshed: Refreshed) -> None:
    assert refreshed.exit_code == 3, refreshed.printed
    for dataset_id in ABSENT:
        assert re.search(rf"^(\S+, )*{dataset_id}(, \S+)*: ", refreshed.printed, re.MULTILINE)
    (line,) = re.findall(r"^(.*): the folder holds no file of it", refreshed.printed, re.MULTILINE)
    assert "eco2mix-national-cons-def" in line.split(", ")
    assert "rte/eco2mix/" not in refreshed.printed  # both files are read
    statuses = {str(name): status for name, status in refreshed.rows("SELECT jeu_de_donnees, statut FROM meta_sources")}
    assert {name for name, status in statuses.items() if status == "absente du portail"} == ABSENT
    assert sorted(set(map(str, statuses.values()))) == [
        *("absente du portail", "en réserve", "importée par ses propriétaires", "non demandée", "sans clé", "à jour")
    ]
    assert {name for name, status in statuses.items() if status == "à jour" and "-rte-" in name} == {
        "eco2mix-rte-national-tr",
        "eco2mix-rte-regional-cons-def",
    }


def test_every_published_row_is_loaded(refreshed: Refreshed, real_data: Path) -> None:
    manifest = json.loads((real_data / "manifest.json").read_text(encoding="utf-8"))
    published = {
        name: max(entry["rows"] for entry in manifest["entries"] if entry["dataset_id"] == name)
        if name == "temperature-quotidienne-regionale"  # two vintages of the same history: the newest holds the oldest
        else sum(entry["rows"] for entry in manifest["entries"] if entry["dataset_id"] == name)
        for name in (
            "consommation-quotidienne-brute",
            "consommation-quotidienne-brute-regionale",
            "stock-quotidien-stockages-gaz",
            "temperature-quotidienne-regionale",
        )
    }
    loaded = {str(name): rows for name, rows in refreshed.rows("SELECT jeu_de_donnees, lignes FROM meta_sources")}
    assert {name: loaded[name] for name in published} == published


@pytest.mark.parametrize(("year", "twh"), [(2017, 479.04), (2018, 475.52), (2019, 470.48)])
def test_the_electricity_of_a_year_is_that_of_the_reference(refreshed: Refreshed, year: int, twh: float) -> None:
    found = refreshed.value(
        f"SELECT sum(energie_electricite_mwh) / 1e6 FROM fct_consommation_nationale WHERE year(date_locale) = {year}"
    )
    assert number(found) == pytest.approx(twh, rel=0.0005)


def test_the_peak_of_2018_is_on_the_28th_of_february_at_half_past_seven(refreshed: Refreshed) -> None:
    (peak,) = refreshed.rows(
        """
        SELECT date_locale, heure_locale, consommation_electricite_mw FROM fct_consommation_nationale
        WHERE year(date_locale) = 2018 AND consommation_electricite_mw IS NOT NULL
        ORDER BY consommation_electricite_mw DESC LIMIT 1
        """
    )
    assert peak == (date(2018, 2, 28), "19:30", 96_272)


def test_the_twelve_regions_add_up_to_the_nation_on_each_of_the_822_days(refreshed: Refreshed) -> None:
    (result,) = refreshed.rows(
        """
        WITH regions AS (
            SELECT date_locale, sum(energie_electricite_mwh) AS mwh FROM fct_consommation_regionale
            GROUP BY 1 HAVING sum(energie_electricite_mwh) IS NOT NULL
        ),
        nation AS (SELECT date_locale, sum(energie_electricite_mwh) AS mwh FROM fct_consommation_nationale GROUP BY 1)
        SELECT count(*), max(abs(regions.mwh / nation.mwh - 1)) FROM regions INNER JOIN nation USING (date_locale)
        WHERE date_locale < DATE '2020-01-01'
        """
    )
    assert result[0] == 822
    assert number(result[1]) < 0.0001
    assert number(result[1]) == pytest.approx(0.000012, abs=0.000001)  # the largest difference in these files


def test_the_spring_clock_change_has_48_labels_of_which_two_are_fictitious(refreshed: Refreshed) -> None:
    rows = refreshed.rows(
        """
        SELECT count(*), count(DISTINCT heure_locale), count(*) FILTER (est_heure_fictive),
            count(energie_electricite_mwh) FILTER (est_heure_fictive),
            string_agg(heure_locale, ' ' ORDER BY heure_locale) FILTER (est_heure_fictive)
        FROM fct_consommation_regionale WHERE date_locale = DATE '2019-03-31' GROUP BY code_region
        """
    )
    assert rows == [(48, 48, 2, 0, "02:00 02:30")] * 12


def test_the_missing_autumn_hour_is_reported_and_not_invented(refreshed: Refreshed) -> None:
    labels = refreshed.rows(
        "SELECT DISTINCT count(*), count(DISTINCT instant_utc) FROM fct_consommation_regionale "
        "WHERE date_locale = DATE '2019-10-27' GROUP BY code_region"
    )
    assert labels == [(48, 48)]
    missing = refreshed.value(
        "SELECT count(*) FROM fct_consommation_regionale "
        "WHERE instant_utc IN (TIMESTAMPTZ '2019-10-27 00:00Z', TIMESTAMPTZ '2019-10-27 00:30Z')"
    )
    assert missing == 0
    reported = refreshed.rows(
        "SELECT count(*), min(demi_heures_electricite_manquantes), max(demi_heures_electricite_manquantes), "
        "bool_or(est_complet_electricite) FROM mart_completude_jour "
        "WHERE date = DATE '2019-10-27' AND jeu = 'consommation_regionale'"
    )
    assert reported == [(12, 2, 2, False)]


def test_the_region_and_label_key_is_unique(refreshed: Refreshed) -> None:
    for table, key in (
        ("fct_consommation_regionale", "code_region, date_locale, heure_locale"),
        ("fct_consommation_nationale", "date_locale, heure_locale"),
        ("fct_eco2mix_national", "date_locale, heure_locale"),
        ("fct_eco2mix_regional", "code_region, date_locale, heure_locale"),
    ):
        doubles = refreshed.rows(f"SELECT {key} FROM {table} GROUP BY ALL HAVING count(*) > 1")
        assert doubles == [], table


def test_the_swapped_dates_of_the_regional_files_do_not_reach_the_warehouse(refreshed: Refreshed) -> None:
    days = refreshed.value(
        "SELECT count(DISTINCT date_locale) FROM fct_consommation_regionale WHERE year(date_locale) = 2019"
    )
    assert days == 365
    wrong = refreshed.value(
        "SELECT count(*) FROM fct_consommation_regionale "
        "WHERE date_locale <> CAST(timezone('Europe/Paris', instant_utc) AS DATE)"
    )
    assert wrong == 0


def test_gas_in_storage_on_the_first_of_november_2021(refreshed: Refreshed) -> None:
    (row,) = refreshed.rows(
        "SELECT sum(stock_gwh) / 1000, count(DISTINCT pits), count(*) FROM fct_stock_gaz WHERE date = DATE '2021-11-01'"
    )
    assert number(row[0]) == pytest.approx(121.8, abs=0.1)
    assert row[1:] == (6, 6)


def test_temperatures_that_the_publisher_lacks_are_not_filled(refreshed: Refreshed) -> None:
    missing = refreshed.value(
        """
        SELECT count(*) FROM dim_date
        WHERE date BETWEEN (SELECT min(date) FROM fct_temperature_regionale)
            AND (SELECT max(date) FROM fct_temperature_regionale)
            AND date NOT IN (SELECT date FROM fct_temperature_regionale)
        """
    )
    assert missing == 27
    assert "check(s) have a warning" in refreshed.printed


def test_eco2mix_of_december_2021_balances_and_is_quarter_hourly(refreshed: Refreshed) -> None:
    (row,) = refreshed.rows(
        """
        SELECT count(*), max(abs(consommation_mw - (fioul_mw + charbon_mw + gaz_mw + nucleaire_mw + eolien_mw
            + solaire_mw + hydraulique_mw + bioenergies_mw + pompage_mw + ech_physiques_mw))),
            bool_and(pas_minutes = 15), bool_and(abs(energie_consommation_mwh - consommation_mw * 0.25) < 1e-9)
        FROM fct_eco2mix_national WHERE strftime(date_locale, '%Y-%m') = '2021-12' AND consommation_mw IS NOT NULL
        """
    )
    assert row[0] == 31 * 96
    assert number(row[1]) <= 2
    assert row[2:] == (True, True)


def test_the_co2_rate_is_the_published_one_and_the_error_of_its_factors_is_told(refreshed: Refreshed) -> None:
    (row,) = refreshed.rows(
        """
        SELECT jour.co2, publie.taux FROM (
            SELECT taux_co2_g_par_kwh AS co2 FROM mart_mix_bilan_periode
            WHERE code_territoire = 'FR' AND type_periode = 'mois' AND debut = DATE '2021-12-01'
        ) AS jour CROSS JOIN (
            SELECT sum(taux_co2_g_par_kwh * mw) / sum(mw) AS taux FROM (
                SELECT *, fioul_mw + charbon_mw + gaz_mw + nucleaire_mw + eolien_mw + solaire_mw + hydraulique_mw
                    + bioenergies_mw AS mw FROM fct_eco2mix_national WHERE mois = '2021-12'
            )
        ) AS publie
        """
    )
    assert abs(number(row[0]) - number(row[1])) < 1e-9
    checked = refreshed.rows(
        "SELECT annee, est_verifie, couverture_co2_pct, abs(ecart_moyen_g_par_kwh) < 0.2, "
        "ecart_absolu_max_g_par_kwh < 1 FROM mart_co2_controle WHERE annee = 2021"
    )
    assert checked == [(2021, True, 100, True, True)]


def test_the_value_that_jumped_ends_right(refreshed: Refreshed) -> None:
    rows = refreshed.rows(
        "SELECT consommation_mw FROM fct_eco2mix_national WHERE instant_utc = TIMESTAMPTZ '2026-05-20 13:15Z'"
    )
    assert rows == [(47_192,)]


def test_the_first_api_answers_with_the_indicators_of_a_departement(refreshed: Refreshed) -> None:
    with running(create_app(refreshed.paths.served_file, Options(rate=0))) as client:
        found = {row["indicateur"]: row for row in client.get("/indicateurs?departement=33").json()}
    people = "Population municipale"
    assert found[people] == {
        "indicateur": people,
        "valeur": 1_690_493,
        "unite": "hab",
        "annee": 2023,
        "annee_denominateur": None,
        "motif": None,
    }
    # Of 2019, the newest year of the département, over INSEE's inhabitants of 2019: those of its communes.
    assert found["Consommation d'électricité (résidentiel)"]["valeur"] == pytest.approx(4_130_221.78, abs=0.01)
    per_head = found["Consommation d'électricité par habitant (résidentiel)"]
    assert per_head["unite"] == "kWh/hab"
    assert per_head["valeur"] == pytest.approx(4_130_221.78e3 / 1_623_749, rel=1e-6)


def test_the_served_file_has_the_public_tables_no_view_but_those_for_bi_and_no_path(refreshed: Refreshed) -> None:
    tables = refreshed.rows("SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = 'main'")
    assert set(served_tables()) | set(META_TABLES) <= {name for name, _ in tables}
    assert {kind for _, kind in tables} == {"BASE TABLE"}
    views = refreshed.rows("SELECT table_schema, table_name FROM information_schema.tables WHERE table_type = 'VIEW'")
    wide = {(wide_views.SCHEMA, name) for name in ("v_territoire", *rules()["vues"])}
    assert {(schema, name) for schema, name in views} == {(SCHEMA, name) for name in VIEWS} | wide
    assert str(refreshed.paths.root).encode() not in refreshed.paths.served_file.read_bytes()


def test_the_served_tables_are_parquet_files_too(refreshed: Refreshed) -> None:
    for table in (*served_tables(), *META_TABLES):
        served = refreshed.value(f"SELECT count(*) FROM {table}")
        file = served_parquet(refreshed.paths, table)
        assert duckdb.execute(f"SELECT count(*) FROM '{file}'").fetchall() == [(served,)]


def test_every_column_of_the_served_tables_is_described(refreshed: Refreshed) -> None:
    silent = refreshed.rows(
        "SELECT table_name, column_name FROM duckdb_columns() "
        "WHERE comment IS NULL AND NOT internal AND schema_name = 'main' AND table_name <> 'meta_sources' ORDER BY 1, 2"
    )
    assert silent == []


def test_a_second_refresh_reads_and_publishes_nothing(refreshed: Refreshed) -> None:
    memory = {path: path.stat().st_mtime_ns for path in (refreshed.paths.state / "folder").iterdir()}
    before = refreshed.paths.served_file.stat()
    again = refreshed.dataelec("refresh", "--json")
    assert again.returncode == 3
    outcomes = {row["dataset_id"]: row["outcome"] for row in json.loads(again.stdout)["sources"]}
    assert {name for name, outcome in outcomes.items() if outcome == "absent"} == ABSENT
    assert set(outcomes.values()) == {"absent", "local", "no key", "not asked for", "standby", "unchanged"}
    after = refreshed.paths.served_file.stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)
    # What is remembered of a file is written again when it was read again.
    assert {path: path.stat().st_mtime_ns for path in (refreshed.paths.state / "folder").iterdir()} == memory


@pytest.mark.parametrize("version", ["1.4.4", "1.2.2"])
def test_the_served_file_opens_in_the_older_engines_that_bi_tools_embed(refreshed: Refreshed, version: str) -> None:
    script = (
        "import duckdb, sys; c = duckdb.connect(sys.argv[1], read_only=True); "
        "tables = [r[0] for r in c.execute('SELECT table_name FROM duckdb_tables()').fetchall()]; "
        "print(duckdb.__version__, sum(c.execute(f'SELECT count(*) FROM {t}').fetchone()[0] for t in tables))"
    )
    reader = REPOSITORY / ".venv" / "readers" / version
    assert reader.is_dir(), "make setup installs the older engines"
    result = subprocess.run(
        [sys.executable, "-c", script, str(refreshed.paths.served_file)],
        env={"PYTHONPATH": str(reader)},
        capture_output=True,
        text=True,
        check=True,
    )
    tables = refreshed.rows("SELECT table_name FROM duckdb_tables()")
    total = sum(int(number(refreshed.value(f"SELECT count(*) FROM {name}"))) for (name,) in tables)
    assert result.stdout.split() == [version, str(total)]


def test_an_officer_finds_the_gironde_and_its_sheet_with_years_and_reasons(refreshed: Refreshed) -> None:
    with running(create_app(refreshed.paths.served_file, Options(rate=0, log=False))) as client:
        wishes.a_territory_by_its_name(client)
        wishes.the_sheet_of_a_departement(client)
