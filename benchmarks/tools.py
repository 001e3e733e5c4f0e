"""Tasks for the tools that people have: Superset, PostgreSQL, Polars, LibreOffice, the API, an assistant."""

from __future__ import annotations

import asyncio
import csv
import importlib.util
import os
import shutil
import sys
import time
from typing import Any

import httpx

from benchmarks.api import api
from benchmarks.desk import LONGEST, REPOSITORY, Desk, NotPlayed, check, opened_in_calc, superset
from benchmarks.users import RATE
from dataelec_assets.export.superset.server import USER
from tests.export.server import programs, running
from tests.serving.api import wishes

VALUES = f"/v1/valeurs?indicateur={RATE}&territoire=33&voisins=true&sous_champ=total"


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
    check(found and not wrong, f"not numbers: {wrong[:2]}")
    check("01" in {row["code_territoire"] for row in found}, f"codes are not texts: {found[:1]}")
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
