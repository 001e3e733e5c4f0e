"""Imports as vintages of one data set: a partition for each name, kept, replaced, withdrawn and listed.

What is kept are the accepted lines, as a CSV by the contract: what was refused never enters the lake.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path

from dataelec_assets.catalog import Dataset, slug
from dataelec_assets.disk import writable
from dataelec_assets.errors import FileRefused
from dataelec_assets.ingest.imports.findings import Accepted
from dataelec_assets.lake.atomic_files import temporary_path
from dataelec_assets.lake.raw import Vintage
from dataelec_assets.lake.state import load_state, save_state
from dataelec_assets.privacy.personal import PERSONAL_VALUE
from dataelec_assets.run_context import RunContext

DATASET_ID = "indicateurs-importes"

# Between owner and name: a slug never has two underscores in a row, so no two pairs give one key.
_SEPARATOR = "__"

# Of an owner's slug, so that codes keep room for their indicator, and of a name's, which is that of a folder.
_LONGEST_OWNER, _LONGEST_NAME = 40, 80


@dataclass(frozen=True, slots=True)
class Name:
    """Under which name a file is imported.

    Attributes:
        owner: as it is shown.
        owner_slug: the same in snake_case, part of every code.
        key: of its partition.
    """

    owner: str
    owner_slug: str
    key: str


@dataclass(frozen=True, slots=True)
class Import:
    """An import in the lake, as of its newest vintage.

    Attributes:
        key: of its partition.
        owner: as it is shown.
        file: name of the file.
        imported_at: when (ISO, UTC).
        rows: accepted lines; none: it was withdrawn.
        codes: of its indicators.
        vintages: how many there are, withdrawals included.
    """

    key: str
    owner: str
    file: str
    imported_at: str
    rows: int
    codes: tuple[str, ...]
    vintages: int

    @property
    def is_withdrawn(self) -> bool:
        """Whether nothing of it is served."""
        return self.rows == 0


def name_of(ctx: RunContext, owner: str, name: str) -> Name:
    """Return the name of an import.

    Args:
        ctx: the catalogue, whose publishers are owners of nothing that is imported.
        owner: as people write it.
        name: of what is imported, mostly that of the file without its suffix.

    Raises:
        FileRefused: one of them cannot be used.
    """
    owner, owner_slug, own = " ".join(owner.split()), slug(owner), slug(name)
    if not owner_slug or len(owner_slug) > _LONGEST_OWNER or not owner[0].isalnum() or not owner.isprintable():
        raise FileRefused(
            f"Le propriétaire {owner!r} ne peut pas être servi.",
            advice=f"Donnez à --owner le nom de votre organisme, {_LONGEST_OWNER} caractères au plus.",
        )
    if re.search(PERSONAL_VALUE, owner):
        raise FileRefused(
            "Le propriétaire paraît être une adresse ou un numéro.",
            advice="Donnez le nom de votre organisme à --owner.",
        )
    publishers = {slug(part) for each in ctx.catalog.values() for part in each.publisher.split(",")}
    if owner_slug in publishers:
        raise FileRefused(
            f"{owner} publie déjà des données de ce lac : un import ne doit pas passer pour les siennes.",
            advice="Donnez à --owner le nom de qui fournit ce fichier.",
        )
    if not own or len(own) > _LONGEST_NAME:
        raise FileRefused(
            f"Le nom d'import {name!r} ne peut pas être gardé.",
            advice=f"Donnez-en un autre avec --name, {_LONGEST_NAME} caractères au plus.",
        )
    return Name(owner, owner_slug, f"{owner_slug}{_SEPARATOR}{own}")


def imports(ctx: RunContext) -> list[Import]:
    """Return every import, withdrawn ones included, by key.

    Raises:
        LakeError: a manifest is damaged.
    """
    dataset, found = ctx.catalog[DATASET_ID], []
    for key in ctx.raw.partitions(dataset):
        newest = ctx.raw.newest(dataset.id, key)
        if newest is not None:
            about = newest.parameters
            codes = tuple(about["indicateurs"].split())
            file, owner, count = about["fichier"], about["proprietaire"], len(ctx.raw.names(dataset, key))
            found.append(Import(key, owner, file, newest.fetched_at, newest.rows, codes, count))
    return found


def refuse_taken_codes(ctx: RunContext, name: Name, accepted: Iterable[Accepted]) -> None:
    """Refuse indicators that another import of the same owner holds: two files would give one value twice.

    Raises:
        FileRefused: naming them, and the other import.
    """
    codes = {each.code for each in accepted}
    for other in imports(ctx):
        taken = codes.intersection(other.codes)
        if taken and other.key != name.key and not other.is_withdrawn:
            raise FileRefused(
                f"L'import {other.key} contient déjà {', '.join(sorted(taken))}.",
                advice=f"Pour le remplacer : --name {other.key.partition(_SEPARATOR)[2]} ; pour le retirer : "
                f"dataelec import-indicators --withdraw {other.key}.",
            )


def keep(ctx: RunContext, name: Name, file: Path, accepted: Sequence[Accepted]) -> bool:
    """Keep the accepted lines of a file as the newest vintage of its name; return whether they are new.

    Raises:
        LakeError: the lake cannot be written to.
    """
    about = {
        "proprietaire": name.owner,
        "fichier": file.name,
        "sha256_fichier": hashlib.sha256(file.read_bytes()).hexdigest(),
        "indicateurs": " ".join(sorted({each.code for each in accepted})),
    }
    return _store(ctx, name.key, about, [_row(name.owner, each) for each in accepted])


def withdraw(ctx: RunContext, wanted: str) -> Import:
    """Serve nothing more of an import; its vintages stay, so that what was served can be rebuilt.

    Args:
        ctx: settings and folders.
        wanted: its key, or its name without the owner if only one owner uses it.

    Returns:
        The import as it was.

    Raises:
        FileRefused: no import in force has this name, or several have.
        LakeError: the lake cannot be written to.
    """
    in_force = [each for each in imports(ctx) if not each.is_withdrawn]
    found = [each for each in in_force if wanted in (each.key, each.key.partition(_SEPARATOR)[2])]
    if len(found) != 1:
        names = ", ".join(each.key for each in found or in_force) or "aucun"
        raise FileRefused(
            f"{'Plusieurs imports portent' if found else 'Aucun import en vigueur ne porte'} le nom {wanted}.",
            advice=f"{'Précisez' if found else 'En vigueur'} : {names}.",
        )
    (chosen,) = found
    newest = ctx.raw.newest(DATASET_ID, chosen.key)
    about = dict(newest.parameters) if newest is not None else {}
    _store(ctx, chosen.key, about, [])
    return chosen


def _row(owner: str, each: Accepted) -> dict[str, object]:
    return {
        "proprietaire": owner,
        "code_indicateur": each.code,
        "libelle": each.label,
        "unite": each.unit,
        "type_variable": each.nature,
        "source": each.source,
        "maille": each.grain,
        "code_territoire": each.place,
        "annee": each.year,
        "valeur": "" if each.value is None else repr(each.value),
        "marqueur": each.marker or "",
    }


def _store(ctx: RunContext, key: str, about: dict[str, str], rows: Sequence[dict[str, object]]) -> bool:
    import pyarrow as pa

    dataset = ctx.catalog[DATASET_ID]
    content = _content(dataset, rows)
    draft = temporary_path(ctx.paths, ".csv.zst")
    now = ctx.now().astimezone(UTC).isoformat()
    try:
        with writable(draft, dataset.id), pa.output_stream(str(draft), compression="zstd") as stream:
            stream.write(content)
        vintage = Vintage(
            dataset_id=dataset.id,
            partition=key,
            url=f"import:{about['fichier']}",
            parameters=about,
            fetched_at=now,
            portal_version=now,
            sha256=hashlib.sha256(content).hexdigest(),
            bytes=len(content),
            rows=len(rows),
            fingerprint=None,
            licence=dataset.licence,
            synthetic=False,
        )
        is_new = ctx.raw.keep(draft, vintage)
    finally:
        draft.unlink(missing_ok=True)
    state = load_state(ctx.paths, dataset)
    state.checked_at = now
    if is_new:
        state.version = state.observed = state.unchanged_since = now
        state.records_count = sum(each.rows for each in imports(ctx))
    state.not_loaded = 0
    state.settled()
    save_state(ctx.paths, dataset, state)
    return is_new


def _content(dataset: Dataset, rows: Iterable[dict[str, object]]) -> bytes:
    """Return the rows as a CSV by the contract, sorted by key: equal rows give equal bytes."""
    text = io.StringIO()
    writer = csv.DictWriter(text, dataset.column_names, delimiter=";", lineterminator="\n")
    writer.writeheader()
    writer.writerows(sorted(rows, key=lambda row: [row[name] for name in dataset.key]))
    return text.getvalue().encode()
