"""Files that no snapshot names any more go; a run that was killed has left some, too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from pyiceberg.table import Table

# Says to programs without a catalogue, such as DuckDB, which metadata file is the present one.
HINT = "version-hint.text"


def point_to_present(table: Table, folder: Path) -> None:
    """Write which metadata file of a table is the present one, for programs that have no catalogue."""
    hint = folder / "metadata" / HINT
    name = Path(table.metadata_location).name.removesuffix(".metadata.json")
    if not hint.exists() or hint.read_text(encoding="ascii") != name:
        draft = hint.with_name(f".{HINT}")
        draft.write_text(name, encoding="ascii")
        draft.replace(hint)


def sweep(folder: Path, tables: Iterable[Table]) -> int:
    """Delete the files of a folder that no snapshot of its tables names; return how many there were.

    Args:
        folder: of a table, with ``data/`` and ``metadata/``; nobody else writes to it.
        tables: that lie in it: the table, and those that it was before its columns changed beyond what Iceberg allows.
    """
    named = {name for table in tables for name in _named(table)}
    swept = 0
    for path in folder.glob("*/*"):
        if path.name not in named and (path.name != HINT or not named):
            path.unlink()
            swept += 1
    if not named:
        for each in (folder / "data", folder / "metadata", folder):
            if each.is_dir():
                each.rmdir()
    return swept


def _named(table: Table) -> Iterator[str]:
    """Yield the name of each file of a table: its metadata, the manifests of its snapshots and their data."""
    yield Path(table.metadata_location).name
    yield from (Path(each.metadata_file).name for each in table.metadata.metadata_log)
    seen = set()
    for snapshot in table.snapshots():
        yield Path(snapshot.manifest_list).name
        for manifest in snapshot.manifests(table.io):
            if manifest.manifest_path in seen:
                continue
            seen.add(manifest.manifest_path)
            yield Path(manifest.manifest_path).name
            # Also of files that were taken out: an older snapshot that reads them has a manifest of its own.
            for entry in manifest.fetch_manifest_entry(table.io, discard_deleted=True):
                yield Path(entry.data_file.file_path).name
