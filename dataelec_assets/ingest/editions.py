"""Which editions of plain files there are: those that the catalogue lists, and those that the publisher has added.

Once a day the publisher's pages are read, or data.gouv.fr's list of his files; what they show is remembered. An edition
that is listed has its listed address to fall back on, so that a page that changes its form costs nothing but news.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from dataelec_assets.catalog import Dataset, Edition, Search
from dataelec_assets.errors import DataElecError
from dataelec_assets.lake.atomic_files import read_as, read_json, write_json
from dataelec_assets.lake.state import load_state
from dataelec_assets.portals.client import PortalClient
from dataelec_assets.run_context import RunContext

# Editions come out once a year; a refresh without news must stay as cheap as its one question.
LOOK_EVERY = timedelta(days=1)

# Of data.gouv.fr, which lists the files of many publishers.
_DATA_GOUV = "irve"


@dataclass(slots=True)
class EditionMemory:
    """What the publisher's pages showed when they were last read.

    Attributes:
        looked_at: when (ISO, UTC).
        found: path of each edition.
        fault: why they could not be read; None when they could.
    """

    looked_at: str | None = None
    found: dict[str, str] = field(default_factory=dict)
    fault: str | None = None


def with_found_editions(ctx: RunContext, client: PortalClient, dataset: Dataset) -> tuple[Dataset, str | None]:
    """Return a data set with the editions that its publisher shows today, and why they could not be looked for.

    Raises:
        LakeError: the memory is damaged, or cannot be written.
    """
    search = dataset.search
    if search is None:
        return dataset, None
    now = ctx.now().astimezone(UTC)
    if ctx.settings.folder is not None:
        return _extended(dataset, search, _in_folder(client, dataset, now), last_year(now)), None
    path = _path(ctx, dataset)
    memory = read_as(EditionMemory, path, read_json(path)) if path.exists() else EditionMemory()
    # Looked at in the future: the clock has gone back since.
    looked = datetime.fromisoformat(memory.looked_at) if memory.looked_at else None
    if looked is None or not looked <= now < looked + LOOK_EVERY:
        memory.looked_at = now.isoformat()
        try:
            # What was shown once counts as listed: one list that is away must not lose what another does not show.
            memory.found, memory.fault = {**memory.found, **_look(ctx, client, dataset, search)}, None
        except (DataElecError, ValueError) as error:
            memory.fault = str(error)
        write_json(ctx.paths, path, asdict(memory))
    return _extended(dataset, search, memory.found, last_year(now)), memory.fault


def shown_editions(ctx: RunContext, client: PortalClient, dataset: Dataset) -> tuple[Dataset, str | None]:
    """Return the same without the memory: what the publisher shows now; nothing is remembered."""
    if dataset.search is None:
        return dataset, None
    try:
        found = _look(ctx, client, dataset, dataset.search)
    except (DataElecError, ValueError) as error:
        return dataset, f"editions could not be looked for: {error}"
    return _extended(dataset, dataset.search, found, last_year(ctx.now().astimezone(UTC))), None


def overdue(dataset: Dataset, there: Iterable[str], now: datetime) -> str | None:
    """Return what to say of an edition that is usually out by now and is not there; None when all is well."""
    newest = max(there, default=None)
    if dataset.search is None or newest is None:
        return None
    following = str(int(newest) + 1)
    due = dataset.search.due_on(following)
    if now.astimezone(UTC).date() <= due:
        return None
    return f"edition {following} is usually out by {due} and is not there; the newest is {newest}"


def missing_text(dataset: Dataset, keys: Iterable[str]) -> list[str]:
    """Return what to say of editions that are not at their addresses."""
    known = {edition.key: edition for edition in dataset.editions}
    return [
        f"edition {key} is not at its address ({', '.join(known[key].paths) if key in known else 'unknown'}): "
        "what the lake holds of it stays, but a new lake would lack it"
        for key in keys
    ]


def editions_wanting(ctx: RunContext, dataset: Dataset) -> list[str]:
    """Return what is to be said of editions that were not there when the portal was last asked.

    Raises:
        LakeError: the state is damaged.
    """
    state = load_state(ctx.paths, dataset)
    return [*missing_text(dataset, state.missing), *([state.overdue] if state.overdue else [])]


def last_year(now: datetime) -> int:
    """Return the newest year that an edition may be of: one further off is a typing error, or another number."""
    return now.year + 1


def _in_folder(client: PortalClient, dataset: Dataset, now: datetime) -> dict[str, str]:
    from dataelec_assets.portals.folder.client import FolderPortal

    return client.found_editions(dataset, last_year(now)) if isinstance(client, FolderPortal) else {}


def _look(ctx: RunContext, client: PortalClient, dataset: Dataset, search: Search) -> dict[str, str]:
    """Return what data.gouv.fr and the publisher's pages show, the former first where both do.

    Raises:
        DataElecError, ValueError: neither could be read.
    """
    from dataelec_assets.portals.editions import Site, editions_among, find_editions, links_of_datagouv, links_of_page
    from dataelec_assets.portals.files import FilePortal

    site = Site(dataset.info.url, ctx.settings.portal_url(dataset.portal))

    def text_of(portal: PortalClient, path: str) -> str:
        return portal.text(path, dataset.id) if isinstance(portal, FilePortal) else ""

    def by_datagouv() -> dict[str, str]:
        with ctx.portal(_DATA_GOUV) as gouv:
            listed = links_of_datagouv(text_of(gouv, f"api/1/datasets/{search.datagouv}/"))
        return editions_among(search, site, listed)

    def by_pages() -> dict[str, str]:
        listed = [edition.key for edition in dataset.editions]
        return find_editions(search, site, lambda page: links_of_page(text_of(client, page)), search.pages, listed)

    looks = [*([by_datagouv] if search.datagouv else []), *([by_pages] if search.pages else [])]
    found, faults = dict[str, str](), list[DataElecError | ValueError]()
    for look in looks:
        try:
            found = {**look(), **found}
        except (DataElecError, ValueError) as error:
            faults.append(error)
    if len(faults) == len(looks):
        raise faults[0]
    return found


def _extended(dataset: Dataset, search: Search, found: Mapping[str, str], last: int) -> Dataset:
    """Return the data set with the editions found, none older than those listed, none of a year far off."""
    listed = {edition.key: edition for edition in dataset.editions}
    shown = {key: search.edition(key, path) for key, path in found.items() if min(listed) <= key <= str(last)}
    editions = {key: _either(shown.get(key), edition) for key, edition in listed.items()}
    editions |= {key: edition for key, edition in shown.items() if key not in editions}
    if list(editions.values()) == list(dataset.editions):
        return dataset
    return replace(dataset, editions=tuple(editions[key] for key in sorted(editions)))


def _either(shown: Edition | None, listed: Edition) -> Edition:
    """Return an edition at the address that the publisher shows, with the listed one to fall back on."""
    if shown is None or shown.path == listed.path or shown.member != listed.member:
        return listed
    return replace(listed, path=shown.path, elsewhere=(listed.path,))


def _path(ctx: RunContext, dataset: Dataset) -> Path:
    return ctx.paths.state / "editions" / f"{dataset.id}.json"
