"""A publication into a catalogue: every table under the publication's tag, then the word that all have it.

Steps are compared with what is there, so a run that was killed is simply run again: tables that it has done are left
alone, and the namespaces name a publication only once all of its tables have its tag.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.table import Table

from dataelec_assets.errors import BusyError, LakeError
from dataelec_assets.export.iceberg.catalogue import opened, shown_address
from dataelec_assets.export.iceberg.content import COPIES, PUBLICATION, Contents, folder_of, linked_contents
from dataelec_assets.export.iceberg.retention import point_to_present, sweep
from dataelec_assets.export.iceberg.tables import FORMER, PUBLICATIONS, Done, bring_up_to_date, retire
from dataelec_assets.lake.paths import LakePaths
from dataelec_assets.run_context import RunContext

# The publication comes last: whoever finds it named there finds its copies, too.
NAMESPACES = (COPIES, PUBLICATION)

# Property of the namespaces: the newest publication of which every table has the tag.
NEWEST = "dataelec.publication"

# And the folder of their lake.
FOLDER = "dataelec.folder"


@dataclass(frozen=True, slots=True)
class Registered:
    """What a run did.

    Attributes:
        publication: its id.
        catalogue: where it is, without a password.
        tables: of the publication and of the lake, as they are now.
        retired: names of tables that the publication no longer has.
        swept: files that no snapshot named any more.
        is_lake_ahead: the copies are newer than the publication, and have no tag of it.
    """

    publication: str
    catalogue: str
    tables: Mapping[str, Done]
    retired: tuple[str, ...]
    swept: int
    is_lake_ahead: bool


def register(ctx: RunContext, keep: int, say: Callable[[str], None]) -> Registered:
    """Bring the catalogue up to date with the publication and with the copies that it was built from.

    Args:
        ctx: settings, folders and catalogue of data sets.
        keep: how many publications can be read, at least one.
        say: prints one line for each table that has changed.

    Raises:
        DataElecError: nothing is published, or the catalogue cannot be reached; no table is half done.
        BusyError: another run is registering, or a refresh is writing, for too long.
        LakeError: the tables were made where the lake does not lie any more.
    """
    root = ctx.paths.root / "iceberg"
    ctx.paths.require()
    root.mkdir(exist_ok=True)
    try:
        with FileLock(root / ".lock", timeout=ctx.lock_wait_seconds):
            contents = linked_contents(ctx)
            with opened(ctx.paths, ctx.settings.iceberg) as catalog:
                return _registered(ctx, catalog, contents, keep, say)
    except Timeout as error:
        raise BusyError(f"Another `dataelec iceberg` is writing to {root}.") from error


def _registered(
    ctx: RunContext, catalog: SqlCatalog, contents: Contents, keep: int, say: Callable[[str], None]
) -> Registered:
    for namespace in NAMESPACES:
        catalog.create_namespace_if_not_exists(namespace, {FOLDER: str(ctx.paths.root)})
    _refuse_another_place(ctx.paths, catalog)
    was_whole = all(catalog.load_namespace_properties(each).get(NEWEST) == contents.publication for each in NAMESPACES)
    done = {}
    for content in contents.tables:
        tag = None if content.namespace == COPIES and contents.is_lake_ahead else contents.publication
        folder = folder_of(ctx.paths, content.namespace, content.name)
        each = done[f"{content.namespace}.{content.name}"] = bring_up_to_date(catalog, content, folder, tag, keep)
        point_to_present(each.table, folder)
        if each.is_new_snapshot:
            say(f"  {content.namespace}.{content.name}: {each.added} file(s) added, {each.removed} removed")
    kept = max((each.table.properties[PUBLICATIONS].split(",") for each in done.values()), key=len)
    retired = _retire(catalog, done, kept)
    for namespace in NAMESPACES if not was_whole else ():
        catalog.update_namespace_properties(namespace, updates={NEWEST: contents.publication})
    moved = {name for name, each in done.items() if each.has_moved} | retired.keys()
    swept = _sweep(ctx.paths, catalog, moved if was_whole else None)
    where = shown_address(ctx.paths, ctx.settings.iceberg)
    return Registered(contents.publication, where, done, tuple(sorted(retired)), swept, contents.is_lake_ahead)


def _refuse_another_place(paths: LakePaths, catalog: SqlCatalog) -> None:
    """Refuse tables that were made elsewhere: Iceberg's files name each other by their whole paths.

    Raises:
        LakeError: the catalogue is that of another folder.
    """
    made_in = catalog.load_namespace_properties(COPIES).get(FOLDER, "another place")
    if made_in != str(paths.root):
        raise LakeError(
            f"The catalogue's tables lie in {made_in}, and this lake in {paths.root}.",
            advice="A lake that was moved or copied starts another catalogue: remove its folder iceberg/ and run "
            "`dataelec iceberg`; a database of PostgreSQL holds the catalogue of one lake.",
        )


def _retire(catalog: SqlCatalog, wanted: Collection[str], keep: list[str]) -> dict[str, Done | None]:
    """Empty the tables that the publication no longer has, and drop those that no publication can show."""
    found = {}
    for identifier in (*catalog.list_tables(COPIES), *catalog.list_tables(PUBLICATION)):
        name = ".".join(identifier)
        if name in wanted:
            continue
        done = retire(catalog.load_table(identifier), keep)
        if done is None:
            catalog.drop_table(identifier)
        if done is None or done.has_moved:
            found[name] = done
    return found


def _sweep(paths: LakePaths, catalog: SqlCatalog, moved: Collection[str] | None) -> int:
    """Delete what no snapshot names in the folders of some tables; None: of all."""
    if moved is None:
        folders = {folder for each in NAMESPACES for folder in (paths.root / "iceberg" / each).glob("*")}
    else:
        folders = {_folder_of(paths, name) for name in moved}
    lying: dict[Path, list[Table]] = {folder: [] for folder in folders}
    for namespace in NAMESPACES if folders else ():
        for identifier in catalog.list_tables(namespace):
            folder = _folder_of(paths, ".".join(identifier))
            if folder in lying:
                lying[folder].append(catalog.load_table(identifier))
    return sum(sweep(folder, tables) for folder, tables in lying.items())


def _folder_of(paths: LakePaths, name: str) -> Path:
    """Return the folder of a table, also of one that was renamed since its columns could not become the new ones."""
    namespace, _, table = name.partition(".")
    return folder_of(paths, namespace, table.partition(FORMER)[0])
