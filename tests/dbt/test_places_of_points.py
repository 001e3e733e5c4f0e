"""Charging points outside roaming, and those whose commune is badly written, lost or gone.

Longer than 300 lines because each way in which a place can be wrong is a row here, beside what is right.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from pathlib import Path

import pytest

from dataelec_assets.catalog import load_catalog
from dataelec_assets.portals.partition_filters import ALL
from tests.dbt.bornes import NATIONAL
from tests.dbt.lakes import BuiltLake, TinyLake, found_by
from tests.dbt.territories import COMMUNES, EVENTS, commune, populations

MADE = (
    "+dim_station",
    "+dim_point_de_charge",
    "+mart_bornes_rapprochement",
    "+mart_indicateur_compare",
    "+dim_indicateur",
)
CHECKS = ("dim_point_de_charge", "dim_station", "mart_bornes_rapprochement", "dim_indicateur", "fct_indicateur")

# Code, name, région; the département is in the code.
PLACES = {
    "01001": ("Neuville", "84"),
    "01004": ("Neuville", "84"),
    "01053": ("Bourg-en-Bresse", "84"),
    "13055": ("Marseille", "93"),
    "2A004": ("Ajaccio", "94"),
    "33063": ("Bordeaux", "75"),
    "35238": ("Rennes", "53"),
    "42218": ("Saint-Étienne", "84"),
    "59350": ("Lille", "32"),
    "69123": ("Lyon", "84"),
    "75056": ("Paris", "11"),
    "78575": ("Saint-Rémy-lès-Chevreuse", "11"),
    "80489": ("Longueau", "32"),
    "97411": ("Saint-Denis", "04"),
}

# A commune of the edition before, and what it is now.
GONE, SUCCESSOR = "01033", "01053"

OUTSIDE = ("Non concerné", "non concernée", "NON-CONCERNE", "Non concern", "Non concernÃ©", "N/A", "Sans objet", "-")

ROWS: tuple[dict[str, str], ...] = (
    # Three towns, one word: three points and three stations.
    *(
        {"id_station_itinerance": word, "id_station_local": "1", "id_pdc_itinerance": word, "id_pdc_local": "1"}
        | {"code_insee_commune": code}
        for word, code in zip(OUTSIDE, ("69123", "13055", "59350", "33063", "35238", "42218", "01001", "01004"),
                              strict=True)
    ),
    # Twice in the same file: one point. Another operator of the town has a station 1, too.
    {"id_station_local": "1", "id_pdc_local": "1", "code_insee_commune": "69123"},
    {"id_station_local": "1", "id_pdc_local": "1", "code_insee_commune": "69123", "nom_operateur": "AUTRE"},
    # No station: the address is one.
    {"id_pdc_itinerance": "P7", "adresse_station": "1 rue du Port", "code_insee_commune": "13055"},
    # The form of roaming in the local column, as others declare it.
    {"id_pdc_local": "FR*V13*E0001*1", "code_insee_commune": "13055"},
    {"id_pdc_itinerance": "FRV13E00011", "code_insee_commune": "13055"},
    # Nothing tells the points of this station apart.
    {"id_pdc_itinerance": "Non concerné", "id_station_local": "9", "code_insee_commune": "80489"},
    # Codes as people write them.
    {"id_pdc_itinerance": "FRAAAE1", "code_insee_commune": "1053"},
    {"id_pdc_itinerance": "FRAAAE2", "code_insee_commune": "78 575"},
    {"id_pdc_itinerance": "FRAAAE3", "code_insee_commune": "35238.0"},
    {"id_pdc_itinerance": "FRAAAE4", "code_insee_commune": "2a004"},
    {"id_pdc_itinerance": "FRAAAE5", "code_insee_commune": "75015"},
    {"id_pdc_itinerance": "FRAAAE6", "code_insee_commune": "69383"},
    {"id_pdc_itinerance": "FRAAAE7", "code_insee_commune": GONE},
    # No code, but a postal code and a name: of the consolidation, or in the address.
    {"id_pdc_itinerance": "FRBBBE1", "consolidated_code_postal": "80330", "consolidated_commune": "LONGUEAU"},
    {"id_pdc_itinerance": "FRBBBE2", "adresse_station": "3 Rue Lavoisier, 80330 Longueau"},
    {"id_pdc_itinerance": "FRBBBE3", "adresse_station": "Place 12345, 42000 St-Etienne Cedex 1",
     "code_insee_commune": "-"},
    {"id_pdc_itinerance": "FRBBBE4", "adresse_station": "20090 AJACCIO", "code_insee_commune": "99999"},
    {"id_pdc_itinerance": "FRBBBE5", "adresse_station": "A1, 01200 Bellegarde"},
    {"id_pdc_itinerance": "FRBBBE6", "adresse_station": "1 rue X, 97400 Saint Denis, France"},
    # Two communes of that name: the département is all that is known.
    {"id_pdc_itinerance": "FRCCCE1", "adresse_station": "1 rue X, 01000 Neuville"},
    # Nowhere, though another row of the second says where it is.
    {"id_pdc_itinerance": "FRCCCE2", "adresse_station": "Parking"},
    {"id_pdc_itinerance": "FRCCCE3", "code_insee_commune": "59350", "date_maj": "2021-01-01"},
    {"id_pdc_itinerance": "FRCCCE3", "date_maj": "2026-08-06", "coordonneesXY": "[3.05, 50.62]"},
    # Latitude first; nowhere in either order; the consolidation knows; Réunion.
    {"id_pdc_itinerance": "FRDDDE1", "code_insee_commune": "35238", "coordonneesXY": "[48.1173, -1.6778]"},
    {"id_pdc_itinerance": "FRDDDE2", "code_insee_commune": "35238", "coordonneesXY": "[0, 0]"},
    {"id_pdc_itinerance": "FRDDDE3", "code_insee_commune": "35238", "coordonneesXY": "[44.996, -44.996]",
     "consolidated_longitude": "-1.67", "consolidated_latitude": "48.11"},
    {"id_pdc_itinerance": "FRDDDE4", "code_insee_commune": "97411", "coordonneesXY": "[-20.88, 55.45]"},
)  # fmt: skip


@pytest.fixture(scope="module")
def built(module_lake: TinyLake, tmp_path_factory: pytest.TempPathFactory) -> BuiltLake:
    """Return the points of a file that is read as any other, in a France of fourteen communes."""
    lake = module_lake
    write_places(lake)
    header = load_catalog()[NATIONAL].column_names
    names = [{"coordonneesxy": "coordonneesXY"}.get(name, name) for name in header]
    text = io.StringIO()
    writer = csv.DictWriter(text, names, restval="", lineterminator="\n")
    writer.writeheader()
    for row in ROWS:
        writer.writerow({"nom_operateur": "OPX", "puissance_nominale": "22", "date_maj": "2026-01-01"} | row)
    file = tmp_path_factory.mktemp("irve") / "irve-statique.csv"
    file.write_text(text.getvalue(), "utf-8")
    lake.read_whole(NATIONAL, ALL, file)
    lake.make(*MADE)
    return BuiltLake(lake, lake.dbt("test", "--exclude-resource-type", "unit_test", "--select", *CHECKS))


def write_places(lake: TinyLake) -> None:
    """Write the communes of two editions, and ten thousand inhabitants in each."""
    rows = [
        commune(year, code, name, region=region, departement=departement(code))
        for year in (2024, 2025)
        for code, (name, region) in PLACES.items()
    ]
    rows.append(commune(2024, GONE, "Bellegarde", region="84", departement="01"))
    rows.append({"edition": 2025, "typecom": "COMD", "com": GONE, "libelle": "Bellegarde", "comparent": SUCCESSOR})
    rows += [
        {"edition": 2025, "typecom": "ARM", "com": code, "libelle": "Arrondissement", "comparent": city}
        for code, city in (("69383", "69123"), ("75115", "75056"))
    ]
    lake.write(COMMUNES, rows)
    people: dict[tuple[str, str], dict[str, int]] = {}
    for code, (_, region) in PLACES.items():
        people.setdefault((region, departement(code)), {})[code] = 10_000
    found: dict[str, list[dict[str, object]]] = {}
    for dataset_id, row in populations(2023, people, is_old=False):
        found.setdefault(dataset_id, []).append(row)
    for dataset_id, chosen in found.items():
        lake.write(dataset_id, chosen)


def departement(code: str) -> str:
    return code[:3] if code.startswith("97") else code[:2]


def places(built: BuiltLake, prefix: str) -> dict[str, tuple[str | None, str]]:
    return {
        point: (where, why)
        for point, where, why in built.query(
            f"SELECT id_pdc, code_commune, motif_commune FROM dim_point_de_charge WHERE id_pdc LIKE '{prefix}%'"
        )
    }


def test_a_local_identifier_is_one_in_its_commune_and_of_its_operator(built: BuiltLake) -> None:
    found = built.query(
        "SELECT id_pdc, id_station, code_commune, nombre_lignes_publiees FROM dim_point_de_charge "
        "WHERE id_pdc LIKE '%/%' ORDER BY id_pdc"
    )
    towns = ("01001", "01004", "13055", "33063", "35238", "42218", "59350", "69123")
    assert found == sorted(
        [
            *((f"{town}/1/OPX/1", f"{town}/1/OPX", town, 1 + (town == "69123")) for town in towns),
            ("69123/1/AUTRE/1", "69123/1/AUTRE", "69123", 1),
            ("13055/1 RUE DU PORT/P7", "13055/1 RUE DU PORT", "13055", 1),
        ]
    )
    assert built.query("SELECT count(*) FROM dim_point_de_charge WHERE id_pdc LIKE '%CONCERN%'") == [(0,)]
    # What is in the form of roaming is the same point wherever it stands.
    assert built.query("SELECT nombre_lignes_publiees FROM dim_point_de_charge WHERE id_pdc = 'FRV13E00011'") == [(2,)]


def test_a_code_is_read_in_its_ways_of_writing_and_followed_to_todays_commune(built: BuiltLake) -> None:
    rewritten = "code publié, réécrit"
    assert places(built, "FRAAAE") == {
        "FRAAAE1": ("01053", rewritten),
        "FRAAAE2": ("78575", rewritten),
        "FRAAAE3": ("35238", rewritten),
        "FRAAAE4": ("2A004", rewritten),
        "FRAAAE5": ("75056", "code publié"),
        "FRAAAE6": ("69123", "code publié"),
        "FRAAAE7": (SUCCESSOR, "code d'une ancienne commune, suivi"),
    }


def test_without_a_code_postal_code_and_name_say_the_commune_if_they_mean_one(built: BuiltLake) -> None:
    address = "code postal et nom de l'adresse"
    assert places(built, "FRBBBE") == {
        "FRBBBE1": ("80489", "code postal et nom de la consolidation"),
        "FRBBBE2": ("80489", address),
        "FRBBBE3": ("42218", address),
        "FRBBBE4": ("2A004", address),
        "FRBBBE5": (SUCCESSOR, address),
        "FRBBBE6": ("97411", address),
    }
    assert places(built, "FRCCCE") == {
        "FRCCCE1": (None, "inconnue : ni code ni adresse lisible"),
        "FRCCCE2": (None, "inconnue : ni code ni adresse lisible"),
        "FRCCCE3": ("59350", "autre fiche du même point"),
    }


def test_coordinates_in_the_wrong_order_are_exchanged_and_those_of_no_place_dropped(built: BuiltLake) -> None:
    assert built.query(
        "SELECT id_pdc, longitude, latitude, motif_coordonnees FROM dim_point_de_charge "
        "WHERE id_pdc LIKE 'FRDDDE%' ORDER BY id_pdc"
    ) == [
        ("FRDDDE1", -1.6778, 48.1173, "inversées, remises dans l'ordre"),
        ("FRDDDE2", None, None, "hors de France, écartées"),
        ("FRDDDE3", -1.67, 48.11, "consolidation"),
        ("FRDDDE4", 55.45, -20.88, "inversées, remises dans l'ordre"),
    ]


def test_each_is_listed_with_what_is_wrong(built: BuiltLake) -> None:
    rows = built.query("SELECT code, anomalie FROM mart_bornes_rapprochement ORDER BY ALL")
    assert rows == sorted(
        [
            ("69123/1/OPX/1", "point déclaré plusieurs fois (irve)"),
            ("FRV13E00011", "point déclaré plusieurs fois (irve)"),
            ("FRCCCE3", "point déclaré plusieurs fois (irve)"),
            ("FRCCCE1", "commune inconnue : ni code ni adresse lisible"),
            ("FRCCCE2", "commune inconnue : ni code ni adresse lisible"),
            ("FRDDDE1", "coordonnées inversées, remises dans l'ordre"),
            ("FRDDDE4", "coordonnées inversées, remises dans l'ordre"),
            ("FRDDDE2", "coordonnées hors de France, écartées"),
            ("station 80489/9/OPX", "fiche sans identifiant de point (irve)"),
        ]
    )


def test_a_point_of_unknown_place_counts_in_the_nation_and_no_smaller_zero_is_firm(built: BuiltLake) -> None:
    found = {
        f"{grain} {code}": (value, unsure)
        for grain, code, value, unsure in built.query(
            "SELECT maille, code_territoire, valeur, est_incomplet FROM fct_indicateur "
            "WHERE code_indicateur = 'points_de_recharge'"
        )
    }
    points = Counter(code for (code,) in built.query("SELECT code_commune FROM dim_point_de_charge"))
    assert found["nation FR"] == (points.total(), True)  # one row identifies no point
    assert {code: found[f"commune {code}"][0] for code in PLACES} == {code: points[code] for code in PLACES}
    # A point may be anywhere, so nothing below is whole.
    assert {unsure for _, unsure in found.values()} == {True}
    assert found["departement 01"] == (points["01001"] + points["01004"] + points["01053"] + 1, True)
    assert found["region 84"][0] == found["departement 01"][0] + points["42218"] + points["69123"]
    per_head = built.query(
        "SELECT valeur, est_incomplet FROM fct_indicateur WHERE code_indicateur = 'points_de_recharge_par_10000_hab' "
        "AND maille = 'nation'"
    )
    assert per_head == [(pytest.approx(points.total() / len(PLACES)), True)]


def test_no_check_objects(built: BuiltLake) -> None:
    assert found_by(built.results) == {}


@pytest.mark.real
def test_the_inputs_that_failed_on_the_first_version(real_data: Path, tiny_lake: TinyLake) -> None:
    cases = real_data.parent / "cases"
    expected = {
        "irve-empty-point-id": [("33063/S0/OPX/P0", "33063"), ("33063/S1/OPX/P1", "33063")],
        "irve-insee-code-forms": [("FRAAAE21", "01053")],
        "irve-inverted-coordinates": [("FRAAAE11", "35238")],
        "irve-non-concerne": [
            ("13055/LOC1/OPX/PDL1", "13055"),
            ("59350/LOC2/OPX/PDL2", "59350"),
            ("69123/LOC0/OPX/PDL0", "69123"),
            ("ATHTBE1012062", "80489"),
        ],
    }
    write_places(tiny_lake)
    for name, wanted in expected.items():
        tiny_lake.read_whole(NATIONAL, ALL, cases / name / "irve-statique.csv")
        tiny_lake.make("+dim_station", "+dim_point_de_charge")
        assert tiny_lake.query("SELECT id_pdc, code_commune FROM dim_point_de_charge ORDER BY 1") == wanted
        assert tiny_lake.query("SELECT count(*) FROM dim_station") == [(len(wanted),)]
    samples = real_data.parent / "data-new" / "irve"
    tiny_lake.read_whole(
        NATIONAL,
        ALL,
        samples / "consolidation-etalab-schema-irve-statique" / "irve-statique-v2.3.1_2026-08_four-rows.csv",
    )
    tiny_lake.make("+dim_station", "+dim_point_de_charge")
    # Three of one operator without a code, one of them declared by another as well; a forecourt in Longueau.
    assert tiny_lake.query("SELECT id_pdc, code_commune, motif_commune FROM dim_point_de_charge ORDER BY 1") == [
        (f"ATHTBE10120{number}", "80489", "code postal et nom de l'adresse") for number in (61, 62, 63)
    ]


@pytest.mark.real
def test_each_point_of_an_operators_platform_is_one_and_in_todays_commune(real_data: Path, tiny_lake: TinyLake) -> None:
    """One point in sixty of the platform, against a plain reading of it and of today's code."""
    shared = real_data.parent
    codes: list[dict[str, str]] = []
    for year, folder in (("2023", "data-more"), ("2026", "data-new")):
        file = shared / folder / "insee" / "code-officiel-geographique" / f"v_commune_{year}.csv"
        tiny_lake.read_whole(COMMUNES, year, file)
        with file.open(encoding="utf-8") as stream:
            codes += [{**row, "year": year} for row in csv.DictReader(stream)]
    file = shared / "data-new" / "insee" / "code-officiel-geographique" / "v_mvt_commune_2025.csv"
    tiny_lake.read_whole(EVENTS, "2025", file)
    with file.open(encoding="utf-8") as stream:
        events = [row for row in csv.DictReader(stream) if row["MOD"] in {"31", "32"}]
    (sample,) = (shared / "data-new" / "irve" / "qualicharge-statique").glob("*.csv")
    tiny_lake.read_whole(NATIONAL, ALL, sample)
    tiny_lake.make("+dim_station", "+dim_point_de_charge")
    today = {row["COM"] for row in codes if row["TYPECOM"] == "COM" and row["year"] == "2026"}
    part_of = {row["COM_AV"]: row["COM_AP"] for row in sorted(events, key=lambda row: row["DATE_EFF"])}
    part_of |= {row["COM"]: row["COMPARENT"] for row in codes if row["TYPECOM"] != "COM"}
    with sample.open(encoding="utf-8") as stream:
        expected = {
            row["id_pdc_itinerance"]: code if (code := row["code_insee_commune"]) in today else part_of[code]
            for row in csv.DictReader(stream)
        }
    assert len(expected) == 486
    assert dict(tiny_lake.query("SELECT id_pdc, code_commune FROM dim_point_de_charge")) == expected
    assert tiny_lake.query(
        "SELECT motif_commune, motif_coordonnees, count(*) FROM dim_point_de_charge GROUP BY ALL ORDER BY ALL"
    ) == [("code d'une ancienne commune, suivi", "publiées", 2), ("code publié", "publiées", 484)]
    assert tiny_lake.query("SELECT count(*) FROM dim_station WHERE id_station LIKE '%/%'") == [(0,)]
