"""Files of DiDo, the catalogue of the ministry's statistical service (SDES), asked before the publisher's own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dataelec_assets.catalog.columns import require, slug

# Short name of the portal, and the path of its API, by which a vintage is known that came from there.
PORTAL, API = "dido", "/dido/api/v1"


@dataclass(frozen=True, slots=True)
class DidoFiles:
    """The files of one data set of DiDo that together hold a data set of ours.

    Attributes:
        dataset: id of the data set at DiDo.
        titles: words of a file's title; a file with any of them is meant. Capitals and accents do not count.
        files: ids of files that are known; where there are any, at least these must be there.
    """

    dataset: str
    titles: tuple[str, ...] = ()
    files: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Validate.

        Raises:
            CatalogError: nothing tells the files.
        """
        require(bool(self.titles or self.files), f"DiDo {self.dataset!r}: neither titles nor files")
        for attribute in ("titles", "files"):
            require(
                isinstance(getattr(self, attribute), tuple),
                f"DiDo {self.dataset!r}: {attribute} must be a tuple (a missing comma?)",
            )

    def chosen(self, titles: Iterable[tuple[str, str]]) -> list[str]:
        """Return the ids of the files that are meant, in DiDo's order; none where a known one is not there.

        Args:
            titles: id and title of each file of the data set.
        """
        meant = [slug(each) for each in self.titles]
        found = [
            file
            for file, title in titles
            if file in self.files or any(f"_{each}_" in f"_{slug(title)}_" for each in meant)
        ]
        return found if set(self.files) <= set(found) else []
