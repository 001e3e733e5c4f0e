"""Looks at the installation: settings, versions, folders, portals, served file."""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Iterable
from importlib.metadata import version
from typing import Any

from dataelec_assets.catalog import PORTALS, Dataset
from dataelec_assets.commands.complaints import ADVICE, unreached
from dataelec_assets.commands.refresh import folder_findings
from dataelec_assets.errors import DataElecError, DatasetAbsent, SettingsError
from dataelec_assets.ingest.editions import editions_wanting
from dataelec_assets.lake.locks import freshen
from dataelec_assets.run_context import RunContext
from dataelec_assets.settings import load_settings
from dataelec_assets.warehouse.publication import read_publication

# A first load of the whole history takes about 2 GB, raw and derived files together.
_ENOUGH_BYTES = 5_000_000_000

_UNREACHED = "no connection"


def diagnose(ctx: RunContext | None = None) -> list[dict[str, str]]:
    """Return one row per check of the installation: ``ok``, ``note`` or ``fault``, with what to do."""
    rows: list[dict[str, str]] = []

    def add(check: str, result: str, detail: str) -> None:
        rows.append({"check": check, "result": result, "detail": detail})

    add("python", "ok", f"{platform.python_version()}")
    for package in ("dagster", "dbt-core", "dbt-duckdb", "duckdb", "pyarrow"):
        add(package, "ok", version(package))
    try:
        ctx = ctx or RunContext(load_settings())
    except SettingsError as error:
        add("settings", "fault", str(error))
        return rows
    add("settings", "ok", f"lake {ctx.place}")
    _diagnose_bucket(ctx, add)
    add(
        "time per source",
        "ok",
        f"{ctx.settings.source_deadline:,} s in a refresh (DATAELEC_SOURCE_DEADLINE), "
        f"{ctx.settings.connections} downloads side by side per portal (DATAELEC_CONNECTIONS)",
    )
    root = next(each for each in (ctx.paths.root, *ctx.paths.root.parents) if each.exists())
    writable = os.access(root, os.W_OK)
    add(
        "lake",
        "ok" if writable else "fault",
        "writable" if writable else f"{root} is not writable: change DATAELEC_LAKE",
    )
    free = shutil.disk_usage(root).free
    add("disk", "ok" if free > _ENOUGH_BYTES else "note", f"{free / 1e9:.0f} GB free")
    if ctx.settings.folder is not None:
        add("folder", "ok", f"{ctx.settings.folder} is read instead of the portals (DATAELEC_FROM)")
        for finding in folder_findings(ctx):
            add("folder", "note", finding)
    portals = {} if ctx.settings.folder is not None else {each.portals[0]: each for each in ctx.catalog.values()}
    for dataset in portals.values():
        _diagnose_portal(ctx, dataset, add)
    for dataset in ctx.catalog.values():
        for text in editions_wanting(ctx, dataset):
            add(f"editions of {dataset.id}", "note", text)
    try:
        served = read_publication(ctx.paths.served_file)
        add(
            "served file",
            "ok" if served else "note",
            str(served.path) if served else "none yet: run `dataelec refresh`",
        )
    except DataElecError as error:
        add("served file", "fault", str(error))
    return rows


def _diagnose_bucket(ctx: RunContext, add: Any) -> None:
    if ctx.settings.bucket is None:
        return
    try:
        freshen(ctx.paths)
        add("bucket", "ok", f"answers; its working copy is {ctx.paths.root} (DATAELEC_SCRATCH)")
    except DataElecError as error:
        add("bucket", "fault", str(error))


def advice(rows: Iterable[dict[str, str]]) -> list[str]:
    """Return what to do about portals that cannot be reached, once for all of them."""
    return [ADVICE] if any(row["detail"].startswith(_UNREACHED) for row in rows) else []


def _diagnose_portal(ctx: RunContext, dataset: Dataset, add: Any) -> None:
    if dataset.info.is_local:
        return
    portal = dataset.portals[0]
    url = ctx.settings.portal_url(portal)
    if ctx.why_off(dataset) == "non-commercial":
        add(f"portal {portal}", "note", "not asked: its terms exclude commercial use (DATAELEC_COMMERCIAL)")
        return
    if ctx.why_off(dataset) == "standby":
        add(f"portal {dataset.portal}", "note", "in reserve, not asked: the data sets that it repeats are not away")
        return
    if ctx.why_off(dataset) == "not asked for":
        add(f"portal {dataset.portal}", "note", "optional, not asked for")
        return
    if ctx.is_off(dataset):
        add(f"portal {portal}", "note", f"optional, not asked: DATAELEC_{dataset.portal.upper()}_KEY is not set")
        return
    try:
        with ctx.client(dataset) as client:
            client.metadata(dataset)
        add(f"portal {portal}", "ok", f"{url} answers")
    except DatasetAbsent:
        add(f"portal {portal}", "note", f"{url} answers, without {dataset.id}")
    except DataElecError as error:
        # Where nothing can be reached, each portal would repeat the same advice.
        found = unreached(str(error))
        where = "" if url == PORTALS[portal].url else f" to {url}"
        add(f"portal {portal}", "fault", f"{_UNREACHED}{where}: {found[1]}" if found else str(error))
