"""The server itself: start, stop, parallel clients, loopback."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from dataelec_assets.errors import SettingsError
from dataelec_assets.portals.folder.tables import Stopping
from dataelec_assets.sample.portal import PortalApp, RunningPortal, serve
from tests.sample.portal.conftest import API, Get, write_data

RUN = """
import sys
from pathlib import Path
from dataelec_assets.sample.portal import run_forever
run_forever(Path(sys.argv[1]), port=0, notice=lambda text: print(text, flush=True))
"""


def test_parallel_clients_are_served_together(portal: RunningPortal) -> None:
    url = f"{portal.url}{API}/mesures"

    def ask(n: int) -> int:
        where = f"rang < {n}"
        count = int(portal.client.get(f"{url}/records", params={"where": where, "limit": 0}).json()["total_count"])
        assert len(portal.client.get(f"{url}/exports/json", params={"where": where}).json()) == count
        return count

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(40))) == list(range(40))


def test_a_reader_in_the_middle_of_an_export_is_not_disturbed_by_a_step(tmp_path: Path) -> None:
    write_data(tmp_path)
    dataset = "consommation-quotidienne-brute-regionale"
    with serve(tmp_path) as portal:
        url = f"{portal.url}{API}/{dataset}/exports/jsonl"
        whole = portal.client.get(url).content
        january = portal.client.get(url, params={"where": "date_heure < '2018-01-31T23:00:00+00:00'"}).content
        stop = threading.Event()

        def flip() -> None:
            while not stop.is_set():
                for stamp in ("2018-01", None):
                    portal.control("vintage", {"stamp": stamp})

        flipper = threading.Thread(target=flip)
        flipper.start()
        try:
            seen = {portal.client.get(url).content for _ in range(20)}
        finally:
            stop.set()
            flipper.join()
        assert seen <= {whole, january}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_run_forever_tells_its_addresses_and_stops_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    write_data(tmp_path)
    command = [sys.executable, "-W", "error", "-c", RUN, str(tmp_path)]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
    ) as process:
        assert process.stdout is not None
        lines: list[str] = []
        for line in process.stdout:
            lines.append(line.strip())
            if any("http" in each for each in lines) and any("served null" in each for each in lines):
                break
        address = next(line for line in lines if line.startswith("http"))
        try:
            assert httpx.get(f"{address}/api/explore/v2.1/catalog/datasets/mesures", trust_env=False).status_code == 200
        finally:
            process.send_signal(number)
        _, errors = process.communicate(timeout=20)
    assert (process.returncode, errors) == (0, "")
    assert address.startswith("http://127.0.0.1:")
    assert address.endswith("/odre")
    notice = next(line for line in lines if "served null" in line)
    assert notice.startswith("odre/consommation-quotidienne-brute-regionale: served null in 2 of 2 files: ")


def test_a_port_in_use_is_refused_with_advice(portal: RunningPortal, data: Path) -> None:
    taken = int(portal.url.rsplit(":", 1)[1])
    with pytest.raises(SettingsError, match="Choose another --port"), serve(data, port=taken):
        pass


def test_control_calls_from_another_machine_are_refused(data: Path) -> None:
    app = PortalApp(data)
    try:
        statuses = {}
        for host in ("127.0.0.1", "192.0.2.7"):
            transport = httpx.ASGITransport(app, client=(host, 1234))

            async def ask(transport: httpx.ASGITransport = transport) -> int:
                async with httpx.AsyncClient(transport=transport, base_url="http://portal") as client:
                    return (await client.get("/_control")).status_code

            statuses[host] = asyncio.run(ask())
        assert statuses == {"127.0.0.1": 200, "192.0.2.7": 403}
    finally:
        app.close()


def test_a_dataset_that_cannot_be_read_spares_the_others(tmp_path: Path, get: Get) -> None:
    write_data(tmp_path)
    broken = tmp_path / "odre" / "stock-quotidien-stockages-gaz"
    broken.mkdir()
    (broken / "x.json").write_text("{", "utf-8")
    told: list[str] = []
    with serve(tmp_path) as portal:
        portal.app.store.load_catalogued(told.append)
        reply = portal.client.get(f"{portal.url}{API}/{broken.name}")
        assert reply.status_code == 500
        assert "x.json cannot be read" in reply.json()["message"]
        assert portal.client.get(f"{portal.url}{API}/mesures").content == get("/mesures").content
        assert portal.client.get(f"{portal.url}{API}").json()["total_count"] == 3
    assert any(text.startswith(f"odre/{broken.name}: not served:") for text in told)


def test_the_end_of_the_portal_does_not_wait_for_what_is_being_loaded(data: Path) -> None:
    app = PortalApp(data)
    try:
        app.store.stop()
        told: list[str] = []
        app.store.load_catalogued(told.append)
        assert told == []
        with pytest.raises(Stopping):
            app.store.find("mesures").current()
    finally:
        app.close()
