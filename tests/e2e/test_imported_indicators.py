"""An officer imports an indicator of Gironde's communes and compares them, word for word as the page says.

On a France of six communes with the codes of real ones; their values are invented.
"""

from __future__ import annotations

import json
import os
import re
import shlex
from collections.abc import Iterator
from contextlib import chdir
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import duckdb
import httpx
import pytest
from typer.testing import CliRunner

from dataelec_assets.cli import app
from dataelec_assets.lake.paths import LakePaths
from dataelec_assets.packaged import repository
from dataelec_assets.serving.api.app import Options, create_app
from tests.serving.api.served import running

pytestmark = pytest.mark.slow

PAGE = repository("read its pages") / "docs" / "howto" / "importer-des-indicateurs.md"

# Code, name, département, région, EPCI.
COMMUNES = (
    ("33063", "Bordeaux", "33", "75", "243300316"),
    ("33281", "Mérignac", "33", "75", "243300316"),
    ("33318", "Pessac", "33", "75", "243300316"),
    ("24322", "Périgueux", "24", "75", "200040392"),
    ("75056", "Paris", "75", "11", "200054781"),
    ("35238", "Rennes", "35", "53", "243500139"),
)
GEOGRAPHY, MEMBERS = "code-officiel-geographique-communes", "consommation-annuelle-d-electricite-et-gaz-par-commune"
OWNER = "Bordeaux Métropole"
TREES = "imp_bordeaux_metropole__arbres"


def write_france(folder: Path) -> None:
    """Write what INSEE and Agence ORE publish of these communes."""
    geography = folder / "insee" / GEOGRAPHY / "v_commune_2026.csv"
    geography.parent.mkdir(parents=True)
    rows = [
        f"COM,{code},{region},{departement},,,0,{name.upper()},{name},{name},,"
        for code, name, departement, region, _ in COMMUNES
    ]
    header = "TYPECOM,COM,REG,DEP,CTCD,ARR,TNCC,NCC,NCCENR,LIBELLE,CAN,COMPARENT"
    geography.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    members = folder / "ore" / MEMBERS / f"{MEMBERS}.csv"
    members.parent.mkdir(parents=True)
    header = (
        "OPERATEUR;FILIERE;Année;Code Commune;Nom Commune;Code EPCI;Nom EPCI;Type EPCI;Code Département;"
        "Nom Département;Code Région;Nom Région;CODE CATEGORIE CONSOMMATION;CODE GRAND SECTEUR;CODE SECTEUR NAF2;"
        "Nb sites;Conso totale (MWh);Nombre de mailles secretisées"
    )
    rows = [
        f"Exemple;Electricité;2023;{code};{name};{epci};EPCI {epci};ME;{departement};D;{region};R;RES;RESIDENTIEL;;"
        "500;900;0"
        for code, name, departement, region, epci in COMMUNES
    ]
    members.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")


@dataclass
class Officer:
    """Somebody with a folder of files and the command line.

    Attributes:
        folder: where they work; the lake is in it.
        said: what the last commands printed.
    """

    folder: Path
    said: list[str] = field(default_factory=list)

    def dataelec(self, *arguments: str, code: int = 0) -> str:
        """Run the command line in this process, which must end with a code; return what it printed.

        As processes, these commands would spend more time to start than to do their work.
        """
        lake = self.folder / "lake"
        unset = {name: None for name in os.environ if name.startswith(("DATAELEC_", "DAGSTER_"))}
        ours = {"DATAELEC_LAKE": str(lake), "DAGSTER_HOME": str(LakePaths(lake).dagster_home), "COLUMNS": "250"}
        with chdir(self.folder):
            done = CliRunner().invoke(app, arguments, env={**unset, **ours})
        assert done.exit_code == code, done.output
        return done.stdout

    def rows(self, query: str, lake: str = "lake") -> list[tuple[object, ...]]:
        """Return the rows of a query on what is served."""
        with duckdb.connect(str(self.folder / lake / "serving" / "dataelec.duckdb"), read_only=True) as con:
            return con.execute(query).fetchall()


@pytest.fixture(scope="module")
def officer(tmp_path_factory: pytest.TempPathFactory) -> Officer:
    """Return somebody whose lake knows the communes."""
    folder = tmp_path_factory.mktemp("officer")
    write_france(folder / "france")
    yours = Officer(folder)
    yours.dataelec("refresh", "--from", "france", "--source", GEOGRAPHY, "--source", MEMBERS, "--quiet")
    return yours


def blocks(kind: str) -> list[str]:
    """Return the blocks of code of the page that are of a kind."""
    return re.findall(rf"^```{kind}\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def answers(console: str) -> Iterator[tuple[list[str], list[str]]]:
    """Yield each command of a block, and the lines that it prints."""
    for part in re.split(r"^\$ dataelec ", console, flags=re.MULTILINE)[1:]:
        command, *lines = part.rstrip("\n").split("\n")
        yield shlex.split(command), [line.rstrip() for line in lines]


def test_the_page_does_what_it_says(officer: Officer) -> None:
    file, table = blocks("csv")
    (address,) = (block.strip() for block in blocks("text"))
    (officer.folder / "arbres.csv").write_text(file, encoding="utf-8")
    played = 0
    for console in blocks("console"):
        for command, expected in answers(console):
            if "--withdraw" in command:
                # Before it is gone: the comparison.
                assert table_at(officer, address) == table
            said = [
                line.rstrip()
                for line in officer.dataelec(*command, code=4 if "arbres.csv" in command else 0).split("\n")
            ]
            for line in expected:
                assert any(found.startswith(line) for found in said), f"{line!r} is not in {said}"
            played += 1
    assert played == 4
    assert officer.rows("SELECT count(*) FROM fct_indicateur WHERE proprietaire IS NOT NULL") == [(0,)]


def table_at(officer: Officer, address: str) -> str:
    """Return what an address of the page answers, as text."""
    parts = urlsplit(address)
    served = officer.folder / "lake" / "serving" / "dataelec.duckdb"
    with running(create_app(served, Options(rate=0))) as client:
        answer = client.get(f"{parts.path}?{parts.query}").raise_for_status()
        assert_named(client)
        return answer.content.decode("utf-8-sig").replace("\r\n", "\n")


def assert_named(client: httpx.Client) -> None:
    """Check that the owner is told wherever the values are."""
    plain = client.get("/indicateurs", params={"commune": "33063"}).raise_for_status().json()
    wanted = {"indicateur": f"Arbres plantés — {OWNER}", "valeur": 1250.0, "unite": "arbres"}
    assert [row for row in plain if wanted.items() <= row.items()]
    values = client.get("/v1/valeurs", params={"indicateur": TREES, "comparaison": "true"}).raise_for_status().json()
    assert {row["proprietaire"] for row in values["donnees"]} == {OWNER}
    assert {row["source"] for row in values["donnees"]} == {"Service des espaces verts"}
    about = client.get("/v1/indicateurs", params={"code": TREES}).raise_for_status().json()
    assert [(row["proprietaire"], row["regle_agregation"]) for row in about["donnees"]] == [(OWNER, "somme")]


def test_a_count_is_summed_where_every_part_is_known_and_versions_can_be_rebuilt(officer: Officer) -> None:
    header, *lines = blocks("csv")[0].splitlines()
    trees = [line for line in lines if ";arbres;" in line and not line.startswith("33036")]
    whole = [line.replace(";;", ";90;") for line in trees]
    file = officer.folder / "arbres.csv"
    summed = (
        "SELECT maille, valeur, motif, est_incomplet FROM fct_indicateur "
        f"WHERE code_indicateur = '{TREES}' AND maille <> 'commune' ORDER BY ALL"
    )

    file.write_text("\n".join([header, *trees]) + "\n", encoding="cp1252")
    officer.dataelec("import-indicators", "arbres.csv", "--owner", OWNER, "--name", "versions")
    missing = (None, "couverture insuffisante", True)
    assert officer.rows(summed) == [(grain, *missing) for grain in ("departement", "epci", "nation", "region")]

    file.write_text("\n".join([header, *whole]) + "\n", encoding="utf-8-sig")
    officer.dataelec("import-indicators", "arbres.csv", "--owner", OWNER, "--name", "versions")
    known = (1650.0, None, False)
    assert officer.rows(summed) == [
        ("departement", *known),
        ("epci", *known),
        ("nation", *missing),
        ("region", *missing),
    ]
    official = "SELECT * FROM fct_indicateur WHERE proprietaire IS NULL ORDER BY ALL"
    published = officer.rows(official)
    assert published

    imported = json.loads(officer.dataelec("import-indicators", "--list", "--json"))[-1]
    assert (imported["state"], imported["vintages"]) == ("servi", 2)
    before = first_instant(officer)
    officer.dataelec("import-indicators", "--withdraw", "versions")
    assert officer.rows(summed) == []
    assert officer.rows(official) == published

    officer.dataelec("rebuild", "--as-of", before, "--to", "then")
    assert officer.rows(summed, "then") == [
        ("departement", *known),
        ("epci", *known),
        ("nation", *missing),
        ("region", *missing),
    ]


def first_instant(officer: Officer) -> str:
    """Return when the newest import was made."""
    manifests = sorted((officer.folder / "lake" / "raw" / "manifests" / "indicateurs-importes").rglob("*.json"))
    return str(json.loads(manifests[-1].read_text(encoding="utf-8"))["fetched_at"])


def test_a_refresh_asks_nobody_for_imports_and_status_tells_of_them(officer: Officer) -> None:
    said = json.loads(officer.dataelec("refresh", "--from", "france", "--source", "indicateurs-importes", "--json"))
    assert [(row["dataset_id"], row["outcome"]) for row in said["sources"]] == [("indicateurs-importes", "local")]
    (row,) = [
        row for row in json.loads(officer.dataelec("status", "--json")) if row["dataset_id"] == "indicateurs-importes"
    ]
    assert (row["status"], row["stale"], row["age"]) == ("local", 0, None)
