"""Indicators in the layouts of INSEE and of SDES: labels, units and rules of the dictionary, sums, rates made again."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.dbt.indicateurs import CHECKS, SELECT
from tests.dbt.lakes import BuiltLake, TinyLake, found_by
from tests.dbt.territories import COMMUNES, commune, populations

GRAINS = {"communes": "COM", "epci": "EPCI", "crte": "CRTE", "departements": "DEP", "regions": "REG", "france": "FRA"}

# Two départements of a région, of one commune and of two, one of which has gone into the other since.
PLACES = {"01001": 1_000, "69001": 8_000, "69002": 2_000}
GONE = "01002"

HEADER = ("codgeo", "libgeo", "no_indic", "ODD1", "Cible1", "ODD2", "Cible2", "type_var", "variable", "sous_champ")
YEARS = ("A2025", "A2021", "A1954")

# A label and a unit of its own for each line, in the ministry's columns; no code of the part.
SDES_HEADER = (
    *("CODGEO_CODE", "CODGEO_LIBELLE", "VARIABLE", "LIBELLE_VARIABLE", "LIBELLE_SOUS_CHAMP", "UNITE", "TYPE_VAR"),
    *("NO_INDIC", "ODD1"),
)

HOMES = {"01001": (900, 100), "01002": (400, 100), "69001": (7_000, 1_000), "69002": (2_000, 0)}


def line(code: str, number: str, role: str, variable: str, part: str, *values: str) -> str:
    texts = (code, f"Nom de {code}", number, "11", "11.1", "", "", role, variable, part)
    return ";".join([*(f'"{text}"' for text in texts), *values])


def insee(file: Path, lines: Iterable[str]) -> Path:
    """Write a file as INSEE does: cp1252, CRLF, texts quoted, numbers bare, newest year first."""
    header = ";".join(f'"{name}"' for name in (*HEADER, *YEARS))
    file.write_bytes("".join(f"{each}\r\n" for each in (header, *lines)).encode("cp1252"))
    return file


def of_communes() -> list[str]:
    lines = []
    for code, (lived_in, empty) in HOMES.items():
        whole = lived_in + empty
        for part, count in (("res_princ", lived_in), ("vac", empty), ("res_sec", 0), ("occas", 0)):
            lines.append(line(code, "i085", "c", "log", part, "", str(count), ""))
            lines.append(line(code, "i085", "i", "part_log", part, "", f"{100 * count / whole:.1f}", ""))
        # One figure under two indicators, one of them with a year more.
        lines.append(line(code, "i017", "c", "pop", "", "", str(whole), "7"))
        lines.append(line(code, "i021", "c", "pop", "", "", str(whole), ""))
        # Two variables for whoever looks at capitals.
        lines += [
            line(code, "i023", "c", "Eff_Tot", "", "", "1", ""),
            line(code, "i050a", "c", "eff_tot", "", "", "2", ""),
        ]
        # Neither is a sum of anything.
        lines.append(line(code, "i091b", "i", "nb_catnat", "atm", "3", "", ""))
        lines.append(line(code, "i999", "i", "nouvelle", "", "5", "", ""))
    return lines


@pytest.fixture(scope="module")
def built(module_lake: TinyLake, tmp_path_factory: pytest.TempPathFactory) -> BuiltLake:
    lake, folder = module_lake, tmp_path_factory.mktemp("odd")
    rows = [commune(year, code, code, region="84", departement=code[:2]) for year in (2024, 2025) for code in PLACES]
    rows.append(commune(2024, GONE, GONE, region="84", departement="01"))
    rows.append({"edition": 2025, "typecom": "COMD", "com": GONE, "libelle": GONE, "comparent": "01001"})
    lake.write(COMMUNES, rows)
    people = {("84", dep): {code: n for code, n in PLACES.items() if code.startswith(dep)} for dep in ("01", "69")}
    found: dict[str, list[dict[str, Any]]] = {}
    for dataset_id, row in populations(2021, people, is_old=False):
        found.setdefault(dataset_id, []).append(row)
    for dataset_id, chosen in found.items():
        lake.write(dataset_id, chosen)
    files = {
        "communes": of_communes(),
        "crte": [line("CRTE-1", "i085", "c", "log", "vac", "", "7", "")],
        # The publisher's own figures, however they came about.
        "departements": [line("69", "i085", "i", "part_log", "vac", "", "9.9", "")],
        "france": [line("FRANCE", "i055", "i", "infrac_tx_homicides", "", "", "0.0123456789", "")],
    }
    for grain, lines in files.items():
        file = insee(folder / f"ODD_{GRAINS[grain]}.csv", lines)
        lake.read_whole(f"indicateurs-odd-{grain}", "2024", file)
    # The ministry's layout, its labels and units; a decimal comma, blanks in a number.
    place = ("84", "Auvergne-Rhône-Alpes")
    homes = ("log", "Logements d'ici"), ("Nombre de logements", "c", "i085", "11")
    texts = (
        (*place, "dcoll_oma", "Ordures", "", "tonnes", "c", "i078a", "12", "1 234,5", ""),
        (*place, *homes[0], "vacants", *homes[1], "1 201", ""),
        (*place, *homes[0], "Résidence secondaire", *homes[1], "3", ""),
    )
    file = folder / "ODD_REG.csv"
    file.write_text("\n".join(";".join(each) for each in ((*SDES_HEADER, "A2021", "A2020"), *texts)) + "\n", "utf-8")
    lake.read_whole("indicateurs-odd-regions", "2024", file)
    lake.make(*SELECT)
    return BuiltLake(lake, lake.dbt("test", "--exclude-resource-type", "unit_test", "--select", *CHECKS))


def values(built: BuiltLake, code: str, grain: str, columns: str = "valeur") -> list[tuple[Any, ...]]:
    return built.query(
        f"SELECT code_territoire, annee, sous_champ, {columns} FROM fct_indicateur "
        f"WHERE code_indicateur = '{code}' AND maille = '{grain}' ORDER BY ALL"
    )


def test_labels_units_and_rules_are_those_of_the_dictionary(built: BuiltLake) -> None:
    assert built.query(
        "SELECT code_indicateur, libelle, unite, regle_agregation FROM dim_indicateur WHERE code_indicateur IN "
        "('odd_pop', 'odd_part_log', 'odd_Eff_Tot', 'odd_eff_tot', 'odd_nb_catnat', 'odd_nouvelle') ORDER BY 1"
    ) == [
        ("odd_Eff_Tot", "Nombre de jeunes de 16-25 ans testés", "personnes", "somme"),
        ("odd_eff_tot", "Nombre total de postes salariés au 31 décembre", "emplois", "somme"),
        ("odd_nb_catnat", "Nombre d'arrêté de catastrophes naturelles par type de catastrophes naturelles", "arrêtés",
         "jamais"),
        ("odd_nouvelle", "odd_nouvelle", None, "jamais"),
        ("odd_part_log", "Part des logements selon le type de logement", "%", "ratio"),
        ("odd_pop", "population totale", "personnes", "somme"),
    ]  # fmt: skip


def test_counts_add_up_once_and_what_the_dictionary_lacks_never(built: BuiltLake) -> None:
    assert values(built, "odd_pop", "nation") == [("FR", 1954, None, 28), ("FR", 2021, None, 11_500)]
    # What went into another commune is counted there.
    assert values(built, "odd_log", "commune")[0] == ("01001", 2021, "occasionnels", 0)
    assert ("01001", 2021, "vacants", 200) in values(built, "odd_log", "commune")
    assert values(built, "odd_log", "crte") == [("CRTE-1", 2021, "vacants", 7)]
    # Codes that differ in their capitals are two counts.
    assert values(built, "odd_Eff_Tot", "nation") == [("FR", 2021, None, 4)]
    assert values(built, "odd_eff_tot", "nation") == [("FR", 2021, None, 8)]
    assert values(built, "odd_nouvelle", "departement") == []
    assert values(built, "odd_nb_catnat", "region") == []


def test_a_rate_is_the_publishers_where_it_has_one_and_is_made_again_elsewhere(built: BuiltLake) -> None:
    columns = "valeur, numerateur, denominateur, maille_source"
    found = {row[0]: row[3:] for row in values(built, "odd_part_log", "departement", columns) if row[2] == "vacants"}
    assert found == {
        "01": (pytest.approx(100 * 200 / 1_500), 200, 1_500, "commune"),
        "69": (9.9, None, None, "departement"),
    }
    # The commune into which another has gone has neither's rate.
    assert ("01001", 2021, "vacants", pytest.approx(100 * 200 / 1_500)) in values(built, "odd_part_log", "commune")
    assert GONE not in {code for code, *_ in values(built, "odd_part_log", "commune")}
    # Of the région and the nation two kinds of homes in four are known: too few for a share.
    assert {grain: values(built, "odd_part_log", grain) for grain in ("region", "nation")} == {
        "region": [],
        "nation": [],
    }


def test_a_value_keeps_all_of_its_decimals(built: BuiltLake) -> None:
    assert values(built, "odd_infrac_tx_homicides", "nation") == [("FR", 2021, None, 0.0123456789)]


def test_the_ministrys_file_brings_its_own_labels_and_units(built: BuiltLake) -> None:
    assert values(built, "odd_dcoll_oma", "region", "valeur, unite") == [("84", 2021, None, 1234.5, "t")]
    parts = {part: value for _, _, part, value in values(built, "odd_log", "region")}
    assert parts["vacants"] == 1_201
    # Named, and without its code.
    assert parts["résidence secondaire"] == 3
    # Its words win over the dictionary's, which the other grains have, and the difference is shown.
    assert built.query(
        "SELECT code_indicateur, libelle FROM dim_indicateur WHERE code_indicateur IN ('odd_dcoll_oma', 'odd_log') "
        "ORDER BY 1"
    ) == [("odd_dcoll_oma", "Ordures"), ("odd_log", "Logements d'ici")]
    assert built.query(
        "SELECT colonne, source, lignes, exemple_apres FROM mart_indicateur_nettoyage "
        "WHERE regle LIKE '% dictionnaire, %'"
    ) == [("libelle_variable", "indicateurs-odd-regions", 3, "Logements d'ici")]


def test_only_the_unknown_variable_is_found_fault_with(built: BuiltLake) -> None:
    assert found_by(built.results) == {"mart_indicateur_nettoyage_tout_est_lisible": "warn"}
    assert built.query(
        "SELECT exemple_avant, lignes FROM mart_indicateur_nettoyage WHERE regle = 'nature inconnue, jamais agrégée'"
    ) == [("i", 4)]


@pytest.mark.real
def test_the_input_that_failed_on_the_first_version(real_data: Path, tiny_lake: TinyLake) -> None:
    case = real_data.parent / "cases" / "odd-real-layout"
    tiny_lake.read_whole("indicateurs-odd-communes", "2024", case / "ODD_COM_2024.csv")
    tiny_lake.read_whole("indicateurs-odd-regions", "2024", case / "ODD_REG_2024.csv")
    tiny_lake.make(*SELECT)
    assert tiny_lake.query(
        "SELECT code_indicateur, substr(libelle, 1, 19), unite, regle_agregation FROM dim_indicateur "
        "WHERE code_indicateur LIKE 'odd_%' ORDER BY 1"
    ) == [
        ("odd_log", "Nombre de logements", "logements", "somme"),
        ("odd_part_log", "Part des logements ", "%", "ratio"),
        ("odd_pop", "population totale", "personnes", "somme"),
        ("odd_puissance_inst", "Puissance des insta", "MWh", "somme"),
        ("odd_taux_pvt", "Taux de pauvreté mo", "%", "jamais"),
    ]  # fmt: skip
    # Eight years of one figure that stands under five indicators.
    assert tiny_lake.query(
        "SELECT count(*), count(DISTINCT annee) FROM fct_indicateur WHERE code_indicateur = 'odd_pop' "
        "AND maille = 'region'"
    ) == [(8, 8)]
