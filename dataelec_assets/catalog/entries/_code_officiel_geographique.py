"""What the files of the official geographic code share: where those of the next year will show."""

from __future__ import annotations

from dataelec_assets.catalog import Search


def search(*files: str) -> Search:
    """Return how new editions are found; ``files``: their names."""
    return Search(
        files,
        # Public programs read the files from there; titles are such as "Millésime 2026 : Liste des communes …".
        datagouv="58c984b088ee386cdb1261f3",
        # The page of the code itself, with a link to that of each year.
        pages=("fr/information/2560452",),
        title="*{edition}*",
        # 2024 came out on 20 February, 2026 on 24 February.
        due=(0, 3, 15),
    )
