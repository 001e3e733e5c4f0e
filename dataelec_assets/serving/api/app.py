"""The application: its routes and layers, and what opens and closes with it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware

from dataelec_assets import __version__
from dataelec_assets.serving.api import documentation, events, legacy, problems
from dataelec_assets.serving.api.execution import Engine, Limits
from dataelec_assets.serving.api.formats import NEVER_GZIPPED
from dataelec_assets.serving.api.head_and_ranges import HeadAndRanges
from dataelec_assets.serving.api.json_schemas import PUBLICATION
from dataelec_assets.serving.api.kept_files import KeptFiles
from dataelec_assets.serving.api.protection import Buckets, Protection
from dataelec_assets.serving.api.publication import Publications
from dataelec_assets.serving.api.service import Service
from dataelec_assets.serving.api.v1 import climate, energy, indicators, meta, tables, territories

OUR_HEADERS = ("X-Annees", "X-Nombre-Lignes", "X-Publication-Id")

DESCRIPTION = """\
Électricité et gaz en France, et les territoires qui les utilisent. Lecture seule, sans compte.

Chaque réponse vient d'une seule publication, nommée dans `X-Publication-Id` et dans `ETag` : avec `If-None-Match`, une
publication inchangée répond 304. Les codes INSEE sont des textes (`01`, `2A`). Les instants sont en UTC, les jours et
les étiquettes d'heure sont ceux de Paris. Une valeur absente est nulle, jamais zéro.

Formats : `?format=json`, `csv`, `csv-fr` (point-virgule et virgule décimale, pour un tableur français), `xlsx`,
`geojson` (carte), `parquet`, `arrow`, ou l'en-tête Accept. Le JSON vient par pages : suivre `liens.suivant`, ou
l'en-tête `Link`. Les fichiers se lisent aussi par leur adresse et par morceaux (HEAD, Range)."""


@dataclass(frozen=True, slots=True)
class Options:
    """How the API runs.

    Attributes:
        rate: requests per second that one client may sustain; 0: no limit.
        burst: requests that it may send at once.
        log: whether requests are logged.
        limits: what a request may cost.
    """

    rate: float = 50.0
    burst: float = 200.0
    log: bool = True
    limits: Limits = field(default_factory=Limits)


def create_app(served_file: Path, options: Options | None = None) -> FastAPI:
    """Return the application that answers from this file, which need not exist yet."""
    chosen = options or Options()
    service = Service(Publications(served_file), Engine(chosen.limits), KeptFiles(chosen.limits.kept_bytes))

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        try:
            yield
        finally:
            service.engine.close()
            service.kept_files.close()
            service.publications.close()

    # FastAPI's own documentation pages fetch their scripts from elsewhere: ours is in documentation.py.
    app = FastAPI(
        title="DataElec",
        version=__version__,
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        redirect_slashes=False,
    )
    app.state.service = service
    problems.install(app)
    for module in (documentation, legacy, territories, indicators, energy, climate, meta, events, tables):
        app.include_router(module.router)
    _describe_shared_parts(app)
    app.add_middleware(
        GZipMiddleware,
        minimum_size=legacy.SMALLEST_GZIPPED,
        compresslevel=5,
        exclude_content_types=(*DEFAULT_EXCLUDED_CONTENT_TYPES, *NEVER_GZIPPED),
    )
    app.add_middleware(
        CORSMiddleware,
        allow_origins=["*"],
        allow_methods=["GET", "HEAD"],
        allow_headers=["If-Match", "If-None-Match", "If-Range", "Last-Event-ID", "Range"],
        expose_headers=["Accept-Ranges", "Content-Range", "ETag", "Link", "Retry-After", *OUR_HEADERS],
        max_age=86400,
    )
    app.add_middleware(HeadAndRanges)
    buckets = Buckets(chosen.rate, chosen.burst) if chosen.rate > 0 else None
    app.add_middleware(Protection, buckets=buckets, log=chosen.log)
    return app


def _describe_shared_parts(app: FastAPI) -> None:
    """Add to the OpenAPI what several routes refer to, and leave out FastAPI's own form of a refusal."""
    made = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            description = made()
            parts = description.setdefault("components", {}).setdefault("schemas", {})
            parts.pop("HTTPValidationError", None)
            parts.pop("ValidationError", None)
            parts["Probleme"] = problems.SCHEMA
            parts["Publication"] = PUBLICATION
            app.openapi_schema = description
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign] # the way that FastAPI documents
