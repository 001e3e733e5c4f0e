"""The parse of the dbt project: made once per version of the project, shared by every lake, process and test.

It holds nothing of a lake or of a machine, so that a wheel brings its own. The profile reads the path of the warehouse,
and the macros the months to renew, when a command runs. dbt takes another path for another project; that does not
matter here, since each command receives the parsed manifest (docs/decisions/0026, 0041).
"""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import shutil
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from filelock import FileLock

from dataelec_assets import packaged
from dataelec_assets.lake.paths import LakePaths
from dataelec_assets.warehouse import project
from dataelec_assets.warehouse.lineage import reached
from dataelec_assets.warehouse.runner import invoke
from dataelec_assets.warehouse.yaml_files import check_yaml

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

# The target of `dbt/profiles.yml` that serves one machine.
LOCAL = "local"

# A new version of one of these may read the same files differently.
_PARSERS = {LOCAL: ("dbt-core", "dbt-duckdb"), "spark": ("dbt-core", "dbt-duckdb", "dbt-spark")}

# No lake: only the name of the warehouse file counts, since compiled SQL names the database after it.
_NO_LAKE = {
    "DATAELEC_WAREHOUSE": "warehouse.duckdb",
    "DATAELEC_LAKE_PARQUET": "parquet",
    "DATAELEC_MOIS": "",
    "DATAELEC_INTACTS": "",
    "DATAELEC_TABLES_VIDES": "",
}

# The manifest as dbt's commands take it: its own form, MessagePack, takes seven times as long to load.
_PICKLE = "manifest.pickle"

# Parses of earlier versions are kept for switching between branches. A parse takes 9 MB.
_KEPT = 4


class _Asked(Mapping[str, Any]):
    """Nodes as macros see them in `graph`, made when one asks: dbt makes all of them, and ours look at ten."""

    def __init__(self, manifest: Manifest) -> None:
        self._nodes = manifest.nodes
        self._made: dict[str, Any] = {}

    def __getitem__(self, unique_id: str) -> Any:
        if unique_id not in self._made:
            self._made[unique_id] = self._nodes[unique_id].to_dict(omit_none=False)
        return self._made[unique_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._nodes)

    def __len__(self) -> int:
        return len(self._nodes)


@dataclass(frozen=True, slots=True)
class Parse:
    """A parsed project on disk.

    Attributes:
        folder: where it is; its name identifies the version of the project.
    """

    folder: Path

    @property
    def manifest_json(self) -> Path:
        """The manifest as other programs read it."""
        return self.folder / "manifest.json"

    def own_folder(self, paths: LakePaths) -> Path:
        """Return the folder for what is added to the parse: its own, or that of the lake where a package brings it."""
        return self.folder if self.folder.parent in _own_places(paths) else _own_places(paths)[-1]

    def manifest(self, nodes: Collection[str] | None = None) -> Manifest:
        """Return a new manifest for one command: dbt writes compiled SQL into it.

        Args:
            nodes: those that the command runs, by dbt's names; None: any of the project.
        """
        loaded: Manifest = pickle.loads((self.folder / _PICKLE).read_bytes())  # noqa: S301 - written by this module
        for seed in _seeds(loaded):
            seed.root_path = str(project.PROJECT_DIR)
        if nodes is not None:
            _narrow(loaded, nodes)
        loaded.flat_graph = {"nodes": _Asked(loaded)}
        return loaded


def ensure_parse(paths: LakePaths, target: str = LOCAL) -> Parse:
    """Return the parse of the current project; parse it if no process has done so yet.

    Args:
        paths: folders of the lake; used when the folder of the project cannot be written to.
        target: of the profile: dbt takes the macros of one engine.

    Raises:
        WarehouseError: the project does not parse.
    """
    name = f"parse-{_digest(target)[:16]}"
    for place in _places(paths):
        if (place / name).exists():
            return Parse(place / name)
    place = next(place for place in _own_places(paths) if _can_be_written(place))
    with FileLock(place / "parse.lock"):
        if not (place / name).exists():  # else made by the process that held the lock
            _parse(place, name, target)
            _sweep(place, name)
    return Parse(place / name)


def _places(paths: LakePaths) -> tuple[Path, ...]:
    """Return the folder beside the project, which all lakes share and a wheel brings filled, and the lake's own."""
    return (project.PROJECT_DIR / "target", paths.root / "dbt")


def _own_places(paths: LakePaths) -> tuple[Path, ...]:
    """Return the folders to write to: an installed package stays as it is."""
    return _places(paths)[1:] if packaged.IS_INSTALLED else _places(paths)


def _can_be_written(place: Path) -> bool:
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(place, os.W_OK)


def _digest(target: str = LOCAL) -> str:
    """Return a digest of everything that the parse depends on."""
    digest = hashlib.sha256(project.definitions_digest().encode())
    digest.update((project.PROJECT_DIR / "profiles.yml").read_bytes())
    digest.update(" ".join(f"{name}=={version(name)}" for name in _PARSERS[target]).encode())
    return digest.hexdigest()


def _parse(place: Path, name: str, target: str) -> None:
    """Parse everything and move the result into place in one step.

    dbt's partial parse loses the configuration of a data test whose SQL has changed while its YAML has not: a finding
    that should only be listed would then block every publication (dbt 1.11).
    """
    check_yaml()
    draft = place / f"{name}.{uuid4().hex[:8]}"
    try:
        arguments = ["--write-json", "--no-partial-parse", "parse", "--target", target]
        values = {**_NO_LAKE, "DBT_TARGET_PATH": str(draft)}  # the log stays when the project does not parse
        _forget_place(invoke(arguments, project=project.PROJECT_DIR, work=place, values=values), draft)
        draft.rename(place / name)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _seeds(manifest: Manifest) -> list[Any]:
    return [node for node in manifest.nodes.values() if node.unique_id.startswith("seed.")]


def _narrow(manifest: Manifest, nodes: Collection[str]) -> None:
    """Leave some nodes and all that is above them: dbt walks through every other one several times."""
    reads = {key: [*node.depends_on_nodes, *_attached(node)] for key, node in manifest.nodes.items()}
    kept = reached(reads, nodes)
    manifest.nodes = {key: node for key, node in manifest.nodes.items() if key in kept}
    manifest.unit_tests.clear()
    manifest.exposures.clear()


def _attached(node: Any) -> tuple[str, ...]:
    """Return the table that a test is of, if it says so."""
    attached = getattr(node, "attached_node", None)
    return (attached,) if attached else ()


def _forget_place(manifest: Manifest, draft: Path) -> None:
    """Leave two files that are the same wherever the project lies: where seeds are is said when a command runs."""
    manifest.files.clear()  # for partial parses, which are off
    manifest.flat_graph.clear()  # a copy of the nodes, made again on loading
    for seed in _seeds(manifest):
        seed.root_path = None
    content = json.loads((draft / "manifest.json").read_bytes())
    for node in content["nodes"].values():
        node.pop("root_path", None)
    for path in draft.iterdir():
        path.unlink()
    (draft / "manifest.json").write_text(json.dumps(content, separators=(",", ":")), encoding="utf-8")
    # By way of dbt's own form, which leaves out what is of this process.
    kept = type(manifest).from_msgpack(manifest.to_msgpack())
    (draft / _PICKLE).write_bytes(pickle.dumps(kept, pickle.HIGHEST_PROTOCOL))


def _sweep(place: Path, name: str) -> None:
    """Remove what killed processes left and all but the newest parses; the lock is held."""
    parses = sorted(place.glob("parse-*/"), key=lambda folder: folder.stat().st_mtime, reverse=True)
    complete = [folder for folder in parses if "." not in folder.name and folder.name != name]
    for folder in parses:
        if folder.name != name and folder not in complete[: _KEPT - 1]:
            shutil.rmtree(folder, ignore_errors=True)
