"""A real client of the Model Context Protocol gets the API's answers, with source, period, unit; absent is not zero."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp_types import CallToolResult

from dataelec_assets.commands.mcp import run_mcp
from dataelec_assets.errors import SettingsError
from dataelec_assets.serving import mcp_server
from dataelec_assets.serving.mcp_server import create_server
from dataelec_assets.warehouse.project import PROJECT_DIR
from tests.serving.served import write_served

TOOLS = {
    "chercher_territoires",
    "chercher_indicateurs",
    "valeurs",
    "comparer",
    "consommation",
    "mix",
    "expliquer_colonne",
    "sources",
}


@pytest.fixture(scope="module")
def served_lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a lake that serves invented rows."""
    lake = tmp_path_factory.mktemp("assistant") / "lake"
    served = write_served(lake / "serving" / "dataelec.duckdb")
    with duckdb.connect(str(served)) as connection:
        connection.execute(f"INSERT INTO meta_colonnes FROM read_csv('{PROJECT_DIR / 'seeds' / 'meta_colonnes.csv'}')")
    return lake


def asked(lake: Path, work: Callable[[Client], Awaitable[Any]]) -> Any:
    """Return what a client in this process makes of the server."""

    async def connected() -> Any:
        async with Client(create_server(lake / "serving" / "dataelec.duckdb")) as client:
            return await work(client)

    return asyncio.run(connected())


def call(lake: Path, tool: str, **given: Any) -> CallToolResult:
    result = asked(lake, lambda client: client.call_tool(tool, given))
    assert isinstance(result, CallToolResult)
    return result


def answer(lake: Path, tool: str, **given: Any) -> dict[str, Any]:
    result = call(lake, tool, **given)
    assert not result.is_error, result.content
    assert isinstance(result.structured_content, dict)
    return result.structured_content


def refusal(lake: Path, tool: str, **given: Any) -> str:
    result = call(lake, tool, **given)
    assert result.is_error
    (text,) = (each.text for each in result.content if each.type == "text")
    return str(text)


def test_the_tools_are_those_of_the_page_and_only_read(served_lake: Path) -> None:
    tools = asked(served_lake, lambda client: client.list_tools()).tools
    assert {tool.name for tool in tools} == TOOLS
    assert all(tool.annotations and tool.annotations.read_only_hint for tool in tools)
    assert all(tool.description and tool.description.endswith(".") for tool in tools)
    page = (Path(__file__).resolve().parents[2] / "docs" / "mcp.md").read_text(encoding="utf-8")
    assert [name for name in TOOLS if f"`{name}`" not in page] == []


def test_an_assistant_finds_a_code_then_its_figures(served_lake: Path) -> None:
    found = answer(served_lake, "chercher_territoires", texte="bretagne")
    assert found["donnees"][0]["code_territoire"] == "53"
    days = answer(served_lake, "consommation", territoire="53", debut="2020-01-01", fin="2030-12-31")
    assert len(days["donnees"]) > 1
    first, last = days["donnees"][0]["date"], days["donnees"][-1]["date"]
    assert days["periode"] == {"de": first, "a": last}
    assert days["unites"]["consommation_electricite_mwh"] == "MWh"
    assert "RTE" in days["sources"][0]
    assert "Teréga" in days["sources"][0]
    assert "jamais zéro" in days["a_savoir"]
    assert days["publication"]["est_synthetique"] is True


def test_nothing_found_is_said_not_to_be_zero(served_lake: Path) -> None:
    found = answer(served_lake, "consommation", territoire="53", debut="1990-01-01", fin="1990-12-31")
    assert found["donnees"] == []
    assert found["periode"] is None
    assert "ce n’est pas zéro" in found["constat"]


def test_rows_beyond_a_hundred_are_told(served_lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mcp_server, "MOST_ROWS", 2)
    found = answer(served_lake, "consommation", territoire="53", debut="2020-01-01", fin="2030-12-31")
    assert len(found["donnees"]) == 2
    assert "d’autres existent" in found["constat"]


def test_a_refusal_of_the_api_is_its_reason(served_lake: Path) -> None:
    said = refusal(served_lake, "expliquer_colonne", table="mart_absent")
    assert "mart_absent" in said
    assert "Traceback" not in said


def test_wrong_arguments_are_refused_before_anything_is_asked(served_lake: Path) -> None:
    assert "territoires" in refusal(served_lake, "valeurs", indicateur="x", territoires=[])
    assert "debut" in refusal(served_lake, "mix", territoire="FR", debut="hier", fin="2024-01-01")


def test_a_column_is_explained_with_its_unit_and_its_rule(served_lake: Path) -> None:
    found = answer(served_lake, "expliquer_colonne", table="mart_mix_jour", colonne="energie_mwh")
    (column,) = found["colonnes"]
    assert (column["nom"], column["unite"], column["regle_agregation"]) == ("energie_mwh", "MWh", "somme")
    assert "elle a : " in refusal(served_lake, "expliquer_colonne", table="mart_mix_jour", colonne="absente")


def test_over_standard_input_and_output_as_clients_start_it(served_lake: Path) -> None:
    server = StdioServerParameters(
        command=sys.executable,
        args=["-m", "dataelec_assets", "mcp"],
        env={**os.environ, "DATAELEC_LAKE": str(served_lake)},
    )

    async def ask() -> Any:
        async with Client(stdio_client(server)) as client:
            return await client.call_tool("chercher_territoires", {"texte": "bretagne"})

    assert asyncio.run(ask()).structured_content["donnees"][0]["code_territoire"] == "53"


def test_over_http_on_this_machine_and_ended_with_ctrl_c(served_lake: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "dataelec_assets", "mcp", "--http", "--port", str(port)]
    environment = {**os.environ, "DATAELEC_LAKE": str(served_lake)}

    async def ask() -> Any:
        async with Client(f"http://127.0.0.1:{port}/mcp") as client:
            return await client.call_tool("sources", {})

    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
        try:
            for _ in range(300):
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                assert process.poll() is None, process.stderr.read() if process.stderr else ""
                time.sleep(0.1)
            assert asyncio.run(ask()).structured_content["publication"]["est_synthetique"] is True
        finally:
            process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
    assert process.returncode == 0


def test_without_its_package_the_command_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "dataelec_assets.serving.mcp_server")
    for name in ("mcp", "mcp.server"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(SettingsError, match="needs the package mcp") as failed:
        run_mcp(None, notice=print)
    assert "dataelec-assets[mcp]" in str(failed.value.advice)
