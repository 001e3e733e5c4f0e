"""Streams a table through the application and prints rows and peak memory (MB): run in a process of its own."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pyarrow.parquet as pq
from starlette.types import Message

from dataelec_assets.serving.api.app import Options, create_app


async def stream(served: Path, target: Path, query: str) -> int:
    """Write the answer to ``target`` as it comes; return its status."""
    app = create_app(served, Options(rate=0, log=False))
    status = 0

    async def receive() -> Message:
        await asyncio.sleep(3600)
        return {"type": "http.disconnect"}

    with target.open("wb") as file:

        async def send(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            file.write(message.get("body", b""))

        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": "/v1/tables/mart_long",
            "raw_path": b"/v1/tables/mart_long",
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(b"host", b"localhost")],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 80),
        }
        await app(scope, receive, send)
    return status


if __name__ == "__main__":
    served, target, query = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    status = asyncio.run(stream(served, target, query))
    # Not getrusage: its peak begins with that of the process that started this one.
    (peak,) = (line.split()[1] for line in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in line)
    print(status, pq.read_metadata(target).num_rows, int(peak) // 1024)  # noqa: T201 - what the test reads
