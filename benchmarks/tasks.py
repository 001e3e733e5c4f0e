"""What users come for, played through what they use: browser, command line, HTTP, psql, spreadsheet, assistant.

``python -m benchmarks.tasks [LAKE]`` plays every task on a lake that has a publication, made from an empty folder when
none is given; it prints for each the seconds and the words that its user saw, then a table. The exit code is 1 when one
failed. One that needs what is not installed says so and counts for nothing. One task imports an indicator; it is
withdrawn at the end.

``SUPERSET`` names the environment of `make superset`, ``POLARS`` a Python that has polars.
"""

from __future__ import annotations

import asyncio
import csv
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import httpx
from playwright.sync_api import Error as BrowserError

from benchmarks.api import api
from benchmarks.desk import LONGEST, REPOSITORY, Desk, NotPlayed, check, opened_in_calc, superset
from benchmarks.measure import Row
from dataelec_assets.export.superset.server import USER
from tests.export.server import programs, running
from tests.serving.api import wishes

RATE = "conso_electricite_par_hab"
VALUES = f"/v1/valeurs?indicateur={RATE}&territoire=33&voisins=true&sous_champ=total"
# Characters of what a user saw that are printed.
MOST_WORDS = 400
# What may go wrong in a task: the others are played all the same.
FAULTS = (
    AssertionError, BrowserError, ExceptionGroup, LookupError, OSError, RuntimeError, SystemExit, ValueError,
    duckdb.Error, httpx.HTTPError, subprocess.SubprocessError,
)  # fmt: skip


def neighbours(desk: Desk) -> str:
    """Compare the Gironde with its neighbours, per inhabitant, and take the figures to a spreadsheet."""
    path = desk.folder / "gironde.csv"
    with desk.territory("gironde", "Gironde") as page:
        with page.expect_download() as started:
            page.locator(f"#figure-autour-{RATE} button.csv").click()
        started.value.save_as(path)
    head, *rows = csv.reader(path.read_text(encoding="utf-8-sig").splitlines(), delimiter=";")
    check({"Gironde", "Landes"} <= {row[0] for row in rows}, f"{head} {rows}")
    if shutil.which("soffice"):
        head, *cells = opened_in_calc(desk, path)  # type: ignore[assignment]
        wrong = [row for row in cells if not isinstance(row[1], float)]
        check(not wrong and len(cells) == len(rows), f"not numbers in Calc: {wrong}")
    return f"{head[1]}: " + ", ".join(f"{row[0]} {row[1]}" for row in rows) + f"; {rows[0][2]} to {rows[0][3]}"


def commune(desk: Desk) -> str:
    """Find a commune of the Gironde by its code and read its figures."""
    (first, *_) = desk.query(
        "select code_commune as code, nom_commune as name from dim_commune "
        "where code_departement = '33' and est_active order by 1"
    )
    with desk.territory(first["code"], first["name"]) as page:
        facts = page.locator(".facts li").all_inner_texts()
        check(page.url.endswith(f"communes.html#{first['code']}"), page.url)
    check(facts, f"no figure on the page of {first['name']}")
    return f"{first['name']}: {' | '.join(facts[:3])}"


def typology(desk: Desk) -> str:
    """Read the type of an EPCI and which others are like it."""
    (first, *_) = desk.query(
        "select nom_epci from mart_typologie_territoires join dim_epci on code_epci = code_territoire "
        "where maille = 'epci' order by nom_epci"
    )
    with desk.territory(first["nom_epci"], first["nom_epci"]) as page:
        words = page.locator("#type").inner_text()
    check("Type" in words, words)
    return f"{first['nom_epci']}: {words}"


def own_indicator(desk: Desk) -> str:
    """Import an indicator of one's own and see it beside those of the neighbours."""
    codes = [
        row["code_departement"]
        for row in desk.query("select code_departement from dim_departement where code_region = '75' order by 1")
    ]
    check("33" in codes, "the Gironde is not in this publication")
    lines = ["code;maille;indicateur;libellé;unité;nature;année;valeur;source"]
    lines += [
        f"{code};departement;velos;Vélos par habitant;‰;taux;2023;{40 + i},5;Essai" for i, code in enumerate(codes)
    ]
    path = desk.folder / "velos.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    given = ("import-indicators", path.name, "--owner", "Essai des tâches")
    said = desk.dataelec(*given, "--dry-run")
    desk.closing.callback(desk.dataelec, "import-indicators", "--withdraw", "essai_des_taches__velos")
    desk.dataelec(*given)
    desk.dataelec("report")
    with desk.territory("gironde", "Gironde") as page:
        shown = page.locator("#figure-autour-imp_essai_des_taches__velos")
        title = shown.locator("xpath=..").inner_text()
        check(shown.locator("svg rect").count() == len(codes), "some neighbours lack")
    return f"{said.strip()} {title}"


def unit(desk: Desk) -> str:
    """Find the unit of a column, and how to add it up."""
    (row,) = desk.query(
        "select libelle, unite, regle_agregation from meta_colonnes "
        "where nom_table = 'mart_mix_bilan_jour' and nom_colonne = 'taux_co2_g_par_kwh'"
    )
    check(row["unite"] == "g/kWh", str(row))
    return f"taux_co2_g_par_kwh: {row['libelle']}, {row['unite']}, {row['regle_agregation']}"


def period(desk: Desk) -> str:
    """Find for which days a figure stands, and whether some of them lack."""
    row, *_ = desk.query(
        "select nom_filiere, energie_mwh, debut, fin, jours_attendus, jours_presents from vues.v_mix_annuel "
        "where maille = 'nation' order by debut desc, energie_mwh desc"
    )
    return (
        f"{row['nom_filiere']} {row['energie_mwh']:,.0f} MWh, from {row['debut']} to {row['fin']}, "
        f"{row['jours_presents']} of {row['jours_attendus']} days"
    )


def first_chart(desk: Desk) -> str:
    """Follow README.fr from an empty folder to a first chart."""
    command = re.search(r"^dataelec (demo)$", _readme(), re.MULTILINE)
    check(command, "README.fr names no demonstration")
    if (desk.lake / "serving" / "rapport").exists():
        said = "the lake that was given"
    else:
        said = desk.dataelec("demo").strip().splitlines()[-4]
    with desk.window() as page:
        page.goto(self_report := desk.report("index.html"))
        figure = page.locator("figure:has(.chart)").first
        figure.scroll_into_view_if_needed()  # which draws it
        figure.locator(".chart svg").first.wait_for()
        words = figure.inner_text().splitlines()[0]
    check(words, self_report)
    return f"{said}: {words}"


def first_query(desk: Desk) -> str:
    """Run the query of README.fr as it stands, where README.fr says: beside the lake."""
    if desk.lake.name != "lake":
        raise NotPlayed("needs a lake in a folder of this name: README.fr opens lake/serving/dataelec.duckdb")
    (program,) = re.findall(r"```python\n(.*?)```", _readme(), re.DOTALL)
    return desk.run(sys.executable, "-c", program, folder=desk.lake.parent)


def _readme() -> str:
    return (REPOSITORY / "README.fr.md").read_text(encoding="utf-8")


def superset_chart(desk: Desk) -> str:
    """Make a first chart in Superset, in four clicks from the list of dashboards."""
    with superset(desk) as (address, password), desk.window() as page:
        for _ in range(LONGEST):
            try:
                httpx.get(f"{address}/health", trust_env=False, timeout=30)
                break
            except httpx.TransportError:
                time.sleep(1)
        page.goto(f"{address}/login/")
        page.locator("[data-test=username-input]").fill(USER)
        page.locator("[data-test=password-input]").fill(password)
        page.locator("[data-test=login-button]").click()
        page.wait_for_url("**/superset/welcome/**")
        page.goto(f"{address}/dashboard/list/")
        page.get_by_role("link", name="Mix et CO₂").first.click()
        title = "Taux de CO₂ de la France, par mois"
        with page.expect_navigation(url="**/explore/**"):
            page.get_by_role("link", name=title).first.click()
        page.locator("[data-test=chart-container] canvas").first.wait_for()
        page.locator("[data-test=fast-viz-switcher] [aria-label=bar-chart]").click()
        with page.expect_response("**/api/v1/chart/data**") as answer:
            page.locator("[data-test=run-query-button]").click()
        rows = answer.value.json()["result"][0]["rowcount"]
    check(rows, "the chart is empty")
    return f"4 clicks: {title}, as bars, {rows} rows"


def postgres_measure(desk: Desk) -> str:
    """Find a measure with its unit in PostgreSQL."""
    binaries = programs()
    if binaries is None:
        raise NotPlayed("needs a PostgreSQL server (Debian: apt-get install postgresql)")
    psql = shutil.which("psql") or str(binaries / "psql")
    sql = """
        select v.nom_territoire, round(v.energie_mwh::numeric) as energie, c.unite
        from dataelec_vues.v_mix_annuel as v
        join dataelec.meta_colonnes as c on c.nom_table = 'mart_mix_periode' and c.nom_colonne = 'energie_mwh'
        where v.maille = 'region' and v.filiere = 'nucleaire' order by v.debut desc, 2 desc limit 1
    """
    with running(binaries) as address:
        said = desk.dataelec("export", address).strip().splitlines()[-1]
        found = desk.run(psql, address, "-X", "-A", "-t", "-F", " ", "-c", sql).strip()
    check(found.endswith("MWh"), found)
    return f"{said} {found}"


def polars_by_url(desk: Desk) -> str:
    """Read a table as Parquet by its address in Polars."""
    python = os.environ.get("POLARS") or (sys.executable if importlib.util.find_spec("polars") else None)
    if python is None:
        raise NotPlayed("needs polars: POLARS names a Python that has it")
    with api(desk.lake) as (port, _):
        address = f"http://127.0.0.1:{port}/v1/tables/fct_indicateur?format=parquet"
        program = (
            "import polars as pl\n"
            f"rows = pl.scan_parquet({address!r}).filter(pl.col('code_territoire') == '33').collect()\n"
            "print(rows.height, 'rows of', rows['code_indicateur'].n_unique(), 'indicators')"
        )
        said = desk.run(python, "-c", program).strip()
    check(not said.startswith("0 "), said)
    return said


def french_csv(desk: Desk) -> str:
    """Open the API's French CSV in LibreOffice."""
    path = desk.folder / "departements.csv"
    with api(desk.lake) as (port, _):
        asked = f"/v1/valeurs?indicateur={RATE}&maille=departement&sous_champ=total&format=csv-fr"
        path.write_bytes(httpx.get(f"http://127.0.0.1:{port}{asked}", trust_env=False, timeout=60).content)
    names = next(csv.reader([path.read_text(encoding="utf-8-sig").splitlines()[0]], delimiter=";"))
    # docs/collectivite.md: in the dialog, the column of codes is a text, or 01 becomes 1.
    head, *cells = opened_in_calc(desk, path, text_column=1 + names.index("code_territoire"))
    found = [dict(zip(map(str, head), row, strict=False)) for row in cells]
    wrong = [row for row in found if not isinstance(row["valeur"], float) and row["valeur"] != ""]
    check(found and not wrong, f"values are no numbers: {wrong[:2]}")
    check("01" in {row["code_territoire"] for row in found}, f"codes are no texts: {found[:1]}")
    return ", ".join(f"{row['code_territoire']} {row['nom_territoire']} {row['valeur']}" for row in found[:3])


def ten_wishes(desk: Desk) -> str:
    """Ask an officer's wishes of the API, and say one as it answers."""
    with (
        api(desk.lake) as (port, _),
        httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=60) as client,
    ):
        wishes.ask_all(client, RATE)
        found = client.get(VALUES + "&comparaison=true").json()["donnees"]
    said = ", ".join(
        f"{row['nom_territoire']} {row['annee']} {row['valeur']:.0f} {row['unite']}, "
        f"rank {row['rang']} of {row['nombre_pairs']}"
        for row in found
    )
    return f"all fulfilled; {said}"


def assistant(desk: Desk) -> str:
    """Let an assistant answer: does the Gironde use more electricity per inhabitant than its neighbours?"""
    if importlib.util.find_spec("mcp") is None:
        raise NotPlayed("needs the package mcp (dataelec-assets[mcp])")
    from mcp.client.client import Client
    from mcp.client.stdio import StdioServerParameters, stdio_client

    server = StdioServerParameters(
        command=sys.executable,
        args=["-m", "dataelec_assets", "mcp"],
        env={**os.environ, "DATAELEC_LAKE": str(desk.lake), "PYTHONPATH": str(REPOSITORY)},
    )

    async def ask() -> Any:
        async with Client(stdio_client(server)) as client:

            async def answer(tool: str, **given: Any) -> Any:
                result = await client.call_tool(tool, given)
                check(not result.is_error, f"{tool}: {result.content}")
                return result.structured_content

            code = (await answer("chercher_territoires", texte="gironde"))["donnees"][0]["code_territoire"]
            known = (await answer("chercher_indicateurs", texte="électricité par habitant"))["donnees"]
            check(RATE in {row["code_indicateur"] for row in known}, f"{RATE} is not found: {known}")
            return await answer(
                "comparer", indicateur=RATE, territoires=[code, "40"], maille="departement", sous_champ="total"
            )

    found = asyncio.run(ask())
    check(found["donnees"] and found["periode"] and found["sources"], f"{found}")
    rows = ", ".join(
        f"{row['nom_territoire']} {row['annee']} {row['valeur']:.0f} {row['unite']}, rank {row['rang']}"
        for row in found["donnees"]
    )
    return f"{rows}; {found['periode']}, {found['sources']}"


# Who, what for; the first makes the lake that the others use.
TASKS: dict[str, Callable[[Desk], str]] = {
    "newcomer: from README.fr to a first chart": first_chart,
    "newcomer: the query of README.fr": first_query,
    "officer: Gironde and its neighbours, in a spreadsheet": neighbours,
    "officer: the page of a commune": commune,
    "officer: the type of an EPCI": typology,
    "officer: an indicator of one's own, compared": own_indicator,
    "analyst: the unit of a column": unit,
    "analyst: the period of a figure": period,
    "BI: a first chart in Superset": superset_chart,
    "BI: a measure and its unit in PostgreSQL": postgres_measure,
    "Python: Parquet by its address in Polars": polars_by_url,
    "spreadsheet: the API's French CSV in LibreOffice": french_csv,
    "program: ten wishes of an officer by the API": ten_wishes,
    "assistant: a question by MCP": assistant,
}


@dataclass(frozen=True, slots=True)
class Played:
    """How a task went: ``done``, ``failed`` or ``not played``, in how many seconds, and what was seen."""

    name: str
    state: str
    seconds: float
    words: str


def play(name: str, task: Callable[[Desk], str], desk: Desk) -> Played:
    """Play one task; what goes wrong in it is its words."""
    start = time.perf_counter()
    try:
        state, words = "done", task(desk)
    except NotPlayed as lacking:
        state, words = "not played", str(lacking)
    except FAULTS as fault:
        state, words = "failed", f"{type(fault).__name__}: {fault}"
    return Played(name, state, time.perf_counter() - start, " ".join(words.split()))


def played(folder: Path, lake: Path | None = None) -> Iterator[Played]:
    """Play every task.

    Args:
        folder: an empty one.
        lake: with a publication; None: the first task makes it.
    """
    desk = Desk(folder, lake or folder / "lake" / "demo" / "lake")
    with desk.closing:
        for name, task in TASKS.items():
            yield play(name, task, desk)


def rows(folder: Path) -> Iterator[Row]:
    """Play every task from an empty folder."""
    for each in played(folder):
        verdict = {"done": "done: yes", "failed": "done: **no**"}.get(each.state, each.state)
        yield each.name, each.words[:MOST_WORDS].replace("|", "·"), f"{each.seconds:.1f} s", verdict


def main(arguments: Sequence[str]) -> int:
    """Play, print, and return the exit code: 1 when a task failed."""
    lake = Path(arguments[0]).resolve() if arguments else None
    if lake and not (lake / "serving" / "dataelec.duckdb").exists():
        sys.exit(
            f"{lake} has no publication: run `dataelec refresh` first, or give no lake to play on a demonstration."
        )
    found = []
    with tempfile.TemporaryDirectory(prefix="dataelec-tasks-") as folder:
        for each in played(Path(folder), lake):
            print(f"{each.name} ({each.seconds:.1f} s, {each.state})\n    {each.words[:MOST_WORDS]}\n", flush=True)
            found.append(each)
    width = max(len(each.name) for each in found)
    for each in found:
        print(f"{each.name:{width}}  {each.seconds:6.1f} s  {each.state}")
    return int(any(each.state == "failed" for each in found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
