"""`dataelec add`: the files of a new data set, ready to be edited."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from dataelec_assets.catalog import PORTALS, load_catalog
from dataelec_assets.errors import SettingsError, WrongUsage
from dataelec_assets.nearest import did_you_mean
from dataelec_assets.packaged import repository
from dataelec_assets.portals.connection import Connection
from dataelec_assets.portals.opendatasoft import OpendatasoftPortal
from dataelec_assets.portals.options import ConnectionOptions
from dataelec_assets.run_context import RunContext
from dataelec_assets.scaffold.guess import guess
from dataelec_assets.scaffold.sample import Sample, ask_sample, read_sample
from dataelec_assets.scaffold.texts import GUESS, entry_text, fixture_text, staging_yaml


def add_dataset(ctx: RunContext, portal: str, dataset_id: str, file: Path | None = None) -> Iterator[str]:
    """Write entry, staging YAML and fixture of a data set, then everything that derives from them.

    Args:
        ctx: the address of the portal.
        portal: short name of the portal.
        dataset_id: identifier on the portal.
        file: a sample of the data set; None asks the portal.

    Yields:
        Lines that say what was written and what is left to do.

    Raises:
        SettingsError: this is not a checkout, the data set exists, or its portal cannot be asked for a sample.
        SourceError: the portal does not have the data set, or the file cannot be read.
    """
    root = repository("add a data set")
    _check(portal, dataset_id)
    sample = read_sample(dataset_id, file) if file is not None else _asked(ctx, portal, dataset_id)
    draft = guess(sample)
    table = dataset_id.replace("-", "_")
    texts = {
        root / "dataelec_assets" / "catalog" / "entries" / f"{table}.py": entry_text(portal, dataset_id, sample, draft),
        root / "dbt" / "models" / "staging" / portal / f"stg_{portal}__{table}.yml": staging_yaml(
            portal, dataset_id, sample, draft
        ),
        root / "tests" / "fixtures" / portal / dataset_id / f"{dataset_id}.csv": fixture_text(sample, draft),
    }
    for path in texts:
        if path.exists():
            raise SettingsError(f"{path.relative_to(root)} exists.", advice="Remove it first, or edit it by hand.")
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        guesses = text.count(GUESS)
        yield f"{path.relative_to(root)}{f': {guesses} guesses to confirm' if guesses else ''}"
    _generate(root)
    yield "and what derives from them: the staging model, dbt's source, pages."
    yield f"Next: edit the three, `make generate`, `dataelec refresh --from tests/fixtures --source {dataset_id}`."


def _generate(root: Path) -> None:
    """Write what derives from the catalogue in a process of its own: this one has loaded the catalogue as it was."""
    command = [sys.executable, "-m", "dataelec_assets.generate"]
    made = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)  # noqa: S603 - our own module
    if made.returncode:
        raise SettingsError(made.stderr.strip(), advice="Correct the file, then run `make generate`.")


def _check(portal: str, dataset_id: str) -> None:
    if portal not in PORTALS:
        raise WrongUsage(
            f"Unknown portal {portal!r}.",
            advice=f"{did_you_mean(portal, PORTALS)} Another one is declared in dataelec_assets/catalog/portals.py.",
        )
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", dataset_id):
        raise WrongUsage(
            f"{dataset_id!r} is not an identifier.", advice="Take the last part of its address on the portal."
        )
    if dataset_id in load_catalog():
        raise WrongUsage(f"{dataset_id} is in the catalogue.", advice="Edit its entry instead.")


def _asked(ctx: RunContext, portal: str, dataset_id: str) -> Sample:
    if PORTALS[portal].api != "opendatasoft":
        raise WrongUsage(
            f"{PORTALS[portal].name} describes no columns that could be asked for.",
            advice="Download a file of the data set and give it with --sample.",
        )
    options = ConnectionOptions(api_key=ctx.settings.portal_key(portal))
    with OpendatasoftPortal(Connection(ctx.settings.portal_url(portal), options)) as client:
        return ask_sample(client, dataset_id)
