"""Vintages that are not served because a check found them impossible, and those accepted in spite of one.

A vintage is held, never a partition: what the publisher sends next is judged afresh, so a quarantine ends by itself.
Raw keeps every vintage, held or not.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from dataelec_assets.lake.atomic_files import move_into_place, read_as, read_json, temporary_path, write_json
from dataelec_assets.lake.parts import part_name, sweep_parts
from dataelec_assets.lake.paths import LakePaths
from dataelec_assets.lake.write_through import brought, is_kept

# The name of the file for dbt and in the signatures of the lake.
QUARANTINE, PARTITION = "quarantaine", "all"

HELD, ACCEPTED = "en quarantaine", "acceptée malgré la règle"

COLUMNS = {
    "jeu_de_donnees": "VARCHAR",
    "partition": "VARCHAR",
    "regle": "VARCHAR",
    "statut": "VARCHAR",
    "lignes": "BIGINT",
    "constat": "VARCHAR",
    "attendu": "VARCHAR",
    "depuis": "TIMESTAMP WITH TIME ZONE",
    "version_ecartee": "VARCHAR",
    "version_servie": "VARCHAR",
    "version_servie_connue_a": "TIMESTAMP WITH TIME ZONE",
}


@dataclass(frozen=True, slots=True)
class Hold:
    """A vintage that a check has found wrong.

    Attributes:
        dataset_id, partition: its data set and partition.
        vintage: name of its manifest.
        rule: name of the check.
        rows: rows of the partition that fail it.
        found: the first of them, in French: table, territory, time and value.
        wanted: what the rule expects, in French.
        since: since when vintages of this partition have been held without a break (ISO, UTC).
        project: digest of the models that found it. Other models may judge differently, so their holds are ignored.
        accepted: served in spite of the rule, by a user's decision.
    """

    dataset_id: str
    partition: str
    vintage: str
    rule: str
    rows: int
    found: str
    wanted: str
    since: str
    project: str
    accepted: bool = False


class QuarantineLake:
    """The holds of a lake: ``state/quarantine.json``, and their Parquet form for dbt."""

    def __init__(self, paths: LakePaths) -> None:
        self.paths = paths

    @property
    def _path(self) -> Path:
        return self.paths.state / "quarantine.json"

    @property
    def file(self) -> Path:
        """The file that dbt reads: the present quarantine.

        Raises:
            KeyError: there is no index: :meth:`ensure_readable` has never run.
        """
        return self._part(self._named()["content"])

    def _part(self, content: str) -> Path:
        return self._index.parent / part_name(content)

    @property
    def _index(self) -> Path:
        return self.paths.parquet / QUARANTINE / "index.json"

    def _named(self) -> dict[str, str]:
        named: dict[str, str] = read_json(self._index) if self._index.exists() else {}
        return named

    def holds(self) -> list[Hold]:
        """Return every hold, oldest first.

        Raises:
            LakeError: the file is damaged.
        """
        return [read_as(Hold, self._path, each) for each in read_json(self._path)] if self._path.exists() else []

    def write(self, holds: Iterable[Hold]) -> None:
        """Replace the holds."""
        content = [asdict(each) for each in holds]
        if content or self._path.exists():
            write_json(self.paths, self._path, content)

    def held(self) -> frozenset[tuple[str, str, str]]:
        """Return data set, partition and manifest of each vintage that is not served."""
        return frozenset((each.dataset_id, each.partition, each.vintage) for each in self.holds() if not each.accepted)

    def signature(self) -> str:
        """Return the signature of the rows that dbt reads."""
        content = self._named().get("content", "")
        return content if content and is_kept(self._part(content)) else ""

    def shown(self) -> set[tuple[str, str]]:
        """Return data set and partition of each row that dbt reads and that no user has accepted."""
        import pyarrow.parquet as pq

        if not self.signature():
            return set()
        rows = pq.read_table(brought(self.file), columns=["jeu_de_donnees", "partition", "statut"]).to_pylist()
        return {(each["jeu_de_donnees"], each["partition"]) for each in rows if each["statut"] == HELD}

    def ensure_readable(self) -> None:
        """Make sure that the file exists: dbt reads an empty, typed table where nothing was ever held."""
        if not self.signature():
            self.show([])

    def show(self, rows: Sequence[tuple[object, ...]]) -> None:
        """Write the rows that dbt reads, with the columns of ``COLUMNS``, unless they are there already."""
        content = hashlib.sha256(json.dumps([list(map(str, row)) for row in rows]).encode()).hexdigest()
        if self.signature() == content:
            return
        import pyarrow as pa
        import pyarrow.parquet as pq

        types = {"VARCHAR": pa.string(), "BIGINT": pa.int64(), "TIMESTAMP WITH TIME ZONE": pa.timestamp("us", tz="UTC")}
        schema = pa.schema([(name, types[kind]) for name, kind in COLUMNS.items()])
        table = pa.Table.from_pylist([dict(zip(COLUMNS, row, strict=True)) for row in rows], schema=schema)
        draft = temporary_path(self.paths, ".parquet")
        pq.write_table(table, draft, compression="zstd")
        move_into_place(draft, self._part(content))
        write_json(self.paths, self._index, {"content": content})
        sweep_parts(self._part(content))
