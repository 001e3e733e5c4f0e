"""Where a publisher's editions lie today: read from data.gouv.fr's API, or from the publisher's own pages.

Only addresses at the publisher's own host count: others' copies are not his files.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from dataelec_assets.catalog import Search

# Pages of single years that are followed from a page that lists them: of the years to come there is one, rarely two.
MOST_FOLLOWED = 4


@dataclass(frozen=True, slots=True)
class Link:
    """An address, and what is written there."""

    address: str
    text: str


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[Link] = []
        self._address: str | None = None
        self._text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a link."""
        if tag == "a":
            self._end()
            self._address = dict(attrs).get("href")

    def handle_data(self, data: str) -> None:
        """Add to the text of the link."""
        if self._address is not None:
            self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        """End a link."""
        if tag == "a":
            self._end()

    def _end(self) -> None:
        if self._address:
            self.found.append(Link(self._address, " ".join("".join(self._text).split())))
        self._address, self._text = None, []


def links_of_page(page: str) -> list[Link]:
    """Return the links of an HTML page."""
    reader = _Links()
    reader.feed(page)
    reader.close()
    return reader.found


def links_of_datagouv(document: str) -> list[Link]:
    """Return the files that data.gouv.fr lists for a data set.

    Raises:
        ValueError: the reply is not that of ``/api/1/datasets/<id>/``.
    """
    parsed: Any = json.loads(document)
    if not isinstance(parsed, Mapping) or not isinstance(parsed.get("resources"), list):
        raise ValueError("no list of resources")  # noqa: TRY004 - a reply of another shape, as unreadable JSON is
    return [
        Link(str(each.get("url") or ""), str(each.get("title") or ""))
        for each in parsed["resources"]
        if isinstance(each, Mapping)
    ]


@dataclass(frozen=True, slots=True)
class Site:
    """A publisher's host, and the root in its place.

    Attributes:
        public: its public root.
        root: where it is asked: the same, or that of a stand-in.
    """

    public: str
    root: str

    def path_of(self, address: str, page: str = "") -> str | None:
        """Return an address as a path below the root, with its parameters; None when it leads elsewhere.

        Args:
            address: as it is written.
            page: path of the page on which it stands.
        """
        for root in (self.public, self.root):
            base = f"{root.rstrip('/')}/"
            whole = urlsplit(urljoin(f"{base}{page}", address.strip()))
            here = urlsplit(base)
            # A path from the host's root, on a stand-in that has a folder of its own on that host.
            path = whole.path.removeprefix(here.path).lstrip("/")
            if (whole.scheme, whole.netloc) == (here.scheme, here.netloc) and path and ".." not in path.split("/"):
                return f"{path}?{whole.query}" if whole.query else path
        return None


def find_editions(
    search: Search, site: Site, read: Callable[[str], Iterable[Link]], pages: Iterable[str], known: Iterable[str]
) -> dict[str, str]:
    """Return the path of each edition that pages of the publisher show.

    A page for each year is followed for years that are not known yet.

    Args:
        search: what is looked for.
        site: the publisher's.
        read: returns the links of a page, by its path; what it raises passes.
        pages: paths of the pages to begin with.
        known: years that are listed already.
    """
    found: dict[str, str] = {}
    listed = set(known)
    followed: dict[str, str] = {}
    for page in pages:
        links = list(read(page))
        found |= {key: path for key, path in editions_among(search, site, links, page).items() if key not in found}
        followed |= {path: year for year, path in _pages_of_years(search, site, links, page) if year not in listed}
    newest_first = sorted(followed.items(), key=lambda each: each[1], reverse=True)
    for path, year in newest_first[:MOST_FOLLOWED]:
        if year not in found:
            found |= {
                key: where
                for key, where in editions_among(search, site, read(path), path, year).items()
                if key not in found
            }
    return found


def editions_among(
    search: Search, site: Site, links: Iterable[Link], page: str = "", year: str | None = None
) -> dict[str, str]:
    """Return the path of each edition that links lead to, the best file of each.

    Args:
        search: what is looked for.
        site: the publisher's.
        links: addresses and titles.
        page: path of the page on which they stand.
        year: of that page, for files that tell none.
    """
    best: dict[str, tuple[int, str]] = {}
    for link in links:
        path = site.path_of(link.address, page)
        matched = search.year_of_file(_name_of(path)) if path else None
        if path is None or matched is None:
            continue
        rank, told = matched
        key = told or search.year_of_title(link.text) or year
        if key is not None and (key not in best or rank < best[key][0]):
            best[key] = rank, path.partition("?")[0]
    return {key: path for key, (_, path) in best.items()}


def _pages_of_years(search: Search, site: Site, links: Iterable[Link], page: str) -> Iterator[tuple[str, str]]:
    for link in links:
        path, year = site.path_of(link.address, page), search.year_of_title(link.text)
        # A page has no suffix; what has one is a file.
        if path and year and "." not in _name_of(path):
            yield year, path


def _name_of(path: str) -> str:
    return unquote(path.partition("?")[0]).rpartition("/")[2]
