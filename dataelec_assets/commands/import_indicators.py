"""`dataelec import-indicators`, without printing. What it says of a file is in French, as the file is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from dataelec_assets.commands.outcomes import EXIT_PARTIAL, RefreshOutcome, build_row, conclude, run_job
from dataelec_assets.errors import WrongUsage
from dataelec_assets.ingest.imports.checks import examine
from dataelec_assets.ingest.imports.columns import layout_of
from dataelec_assets.ingest.imports.findings import Refusal
from dataelec_assets.ingest.imports.lines import read_lines
from dataelec_assets.ingest.imports.places import read_places
from dataelec_assets.ingest.imports.secrecy import refuse_small_cells
from dataelec_assets.ingest.imports.vintages import (
    DATASET_ID,
    imports,
    keep,
    name_of,
    refuse_taken_codes,
    withdraw,
)
from dataelec_assets.lake.locks import refreshing
from dataelec_assets.run_context import RunContext
from dataelec_assets.settings import load_settings

REFUSED = {"line": "ligne", "column": "colonne", "value": "valeur", "reason": "pourquoi", "advice": "que faire"}
LISTED = {
    "name": "nom",
    "owner": "propriétaire",
    "state": "état",
    "rows": "lignes",
    "indicators": "indicateurs",
    "file": "fichier",
    "imported_at": "importé le",
}


@dataclass
class ImportOutcome:
    """What became of a file, ready to print.

    Attributes:
        name: key of the import.
        owner: whose it is.
        accepted: lines that are kept.
        refused: those that are not.
        remarks: what was read otherwise than it is written.
        indicators: codes as they are served.
        lines: closing words.
        exit_code: of the command.
    """

    name: str
    owner: str
    accepted: int = 0
    refused: Sequence[Refusal] = ()
    remarks: Sequence[str] = ()
    indicators: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    exit_code: int = 0

    def as_dict(self) -> dict[str, Any]:
        """Return everything but the closing words."""
        return {
            "name": self.name,
            "owner": self.owner,
            "accepted": self.accepted,
            "refused": self.rows,
            "remarks": list(self.remarks),
            "indicators": self.indicators,
        }

    @property
    def rows(self) -> list[dict[str, Any]]:
        """One row per refused line."""
        return [asdict(each) for each in self.refused]


def import_file(
    file: Path, owner: str, *, name: str | None = None, dry_run: bool = False, ctx: RunContext | None = None
) -> ImportOutcome:
    """Import the indicators of a file, then build and publish.

    Args:
        file: CSV or XLSX, in long form.
        owner: whose it is.
        name: under which it is kept: a second import of a name replaces the first; None: that of the file.
        dry_run: only examine it.
        ctx: settings and folders; None: those of the environment.

    Raises:
        FileRefused: nothing of the file can be kept.
        DataElecError: nothing new could be published.
    """
    ctx = ctx or RunContext(load_settings())
    named = name_of(ctx, owner, name or file.stem)
    lines = read_lines(file)
    layout = layout_of(file.name, lines, ctx.catalog.personal_names)
    places = read_places(ctx.paths.served_file)
    found = examine(lines, layout, places, named.owner_slug, ctx.now().year)
    refuse_small_cells(file.name, found.accepted, places)
    refuse_taken_codes(ctx, named, found.accepted)
    codes = sorted({each.code for each in found.accepted})
    outcome = ImportOutcome(named.key, named.owner, len(found.accepted), found.refused, found.remarks, codes)
    total = len(found.accepted) + len(found.refused)
    if not found.accepted:
        outcome.lines.append(f"Aucune des {total} lignes n'est acceptée : rien n'est gardé.")
        outcome.exit_code = 1
        return outcome
    counted = f"{len(found.accepted)} ligne(s) acceptée(s) sur {total}, {len(codes)} indicateur(s)"
    if dry_run:
        outcome.lines.append(f"{counted} ; essai seulement, rien n'est gardé.")
    else:
        with refreshing(ctx.paths, wait_seconds=ctx.lock_wait_seconds):
            is_new = keep(ctx, named, file, found.accepted)
            outcome.lines.append(f"{counted}, sous le nom {named.key}{'' if is_new else ' : rien de nouveau'}.")
            outcome.lines += [f"  {code}" for code in codes]
            published = _published(ctx, f"dataelec import-indicators {named.key}")
        outcome.lines += published.lines
        outcome.exit_code = published.exit_code
    if found.refused and outcome.exit_code != 1:
        outcome.exit_code = EXIT_PARTIAL
    return outcome


def withdraw_import(name: str, ctx: RunContext | None = None) -> RefreshOutcome:
    """Serve nothing more of an import.

    Args:
        name: of the import.
        ctx: settings and folders; None: those of the environment.

    Raises:
        FileRefused: there is no such import.
        DataElecError: nothing new could be published.
    """
    ctx = ctx or RunContext(load_settings())
    with refreshing(ctx.paths, wait_seconds=ctx.lock_wait_seconds):
        before = withdraw(ctx, name)
        outcome = _published(ctx, f"dataelec import-indicators --withdraw {before.key}")
    outcome.lines.insert(0, f"{before.key} n'est plus servi : {before.rows} ligne(s) de {before.owner}.")
    return outcome


def listed(ctx: RunContext | None = None) -> list[dict[str, Any]]:
    """Return one row per import."""
    ctx = ctx or RunContext(load_settings())
    return [
        {
            "name": each.key,
            "owner": each.owner,
            "state": "retiré" if each.is_withdrawn else "servi",
            "rows": each.rows,
            "indicators": len(each.codes),
            "codes": list(each.codes),
            "file": each.file,
            "imported_at": each.imported_at[:16],
            "vintages": each.vintages,
        }
        for each in imports(ctx)
    ]


def _published(ctx: RunContext, cause: str) -> RefreshOutcome:
    done = run_job(ctx, cause, quiet=True, observe=False, sources=[DATASET_ID])
    outcome = RefreshOutcome([], build=build_row(done))
    conclude(ctx, outcome, list(done.reports.values()))
    return outcome


def chosen_action(file: Path | None, owner: str | None, *others: object) -> None:
    """Require one thing to do.

    Raises:
        WrongUsage: none, or several.
    """
    if sum(each not in (None, False) for each in (file, *others)) != 1:
        raise WrongUsage(
            "Rien à faire, ou trop.", advice="Donnez un fichier, ou --list, ou --withdraw NOM, ou --template FICHIER."
        )
    if file is not None and not owner:
        raise WrongUsage("Le fichier n'a pas de propriétaire.", advice="Donnez --owner « votre organisme ».")
