"""One Starlette route that returns the bytes of a file: ``python -m benchmarks.bare_api FILE PORT``."""

from __future__ import annotations

import sys
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


def main() -> None:
    """Answer until terminated."""
    body = Path(sys.argv[1]).read_bytes()

    async def indicators(_request: Request) -> Response:
        return Response(body, media_type="application/json")

    app = Starlette(routes=[Route("/indicateurs", indicators)])
    uvicorn.run(app, port=int(sys.argv[2]), access_log=False, log_level="error", ws="none")


if __name__ == "__main__":
    main()
