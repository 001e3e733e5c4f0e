"""Whether what is served shows the present lake: asked at each tick and each refresh, so answered from small files."""

from __future__ import annotations

from pathlib import Path

from dataelec_assets.run_context import RunContext
from dataelec_assets.warehouse.lock import locked_publication
from dataelec_assets.warehouse.project import project_digest
from dataelec_assets.warehouse.publication import lake_digests, publication_id, read_publication


def has_content(ctx: RunContext) -> bool:
    """Return whether anything was ever loaded: a file of empty tables would look like an answer."""
    return any(ctx.parquet.head(dataset) or ctx.parquet.index(dataset) for dataset in ctx.catalog.values())


def is_behind(ctx: RunContext) -> bool:
    """Return whether tables or served file do not show the present lake."""
    return has_content(ctx) and not is_up_to_date(ctx)


def is_up_to_date(ctx: RunContext) -> bool:
    """Return whether the served file and the served Parquet tables show the present lake and project."""
    identifier = publication_id(lake_digests(ctx), project_digest())
    served = read_publication(ctx.paths.served_file)
    return served is not None and served.publication_id == identifier and is_complete(ctx, identifier)


def is_complete(ctx: RunContext, identifier: str) -> bool:
    """Return whether links and bucket have what belongs to this publication: a refresh may die before it moves them."""
    link = parquet_link(ctx)
    has_tables = link.exists() and link.resolve().name.startswith(f"parquet-{identifier}-")
    return has_tables and locked_publication(ctx) == identifier and _is_on_bucket(ctx, identifier)


def _is_on_bucket(ctx: RunContext, identifier: str) -> bool:
    if ctx.settings.bucket is None:
        return True
    from dataelec_assets.lake.served_copy import is_served

    return is_served(ctx.paths, identifier)


def parquet_link(ctx: RunContext) -> Path:
    """Return the link to the folder of the Parquet tables that are served."""
    return ctx.paths.serving / "parquet"
