"""What RTE's own éCO2mix files share, which repeat the data sets of ODRÉ."""

from __future__ import annotations

from dataclasses import replace

from dataelec_assets.catalog import Dataset, of_code, of_file
from dataelec_assets.catalog.evidence import Claim

_AT = "download/eco2mix/eCO2mix_RTE"
_REAL_TIME = ("_En-cours-TR.zip",)
# What only a file of the very kind shows.
_DOUBTED: tuple[Claim, ...] = ("columns", "units", "history", "cadence")
_CONSOLIDATED = ("_Annuel-Definitif_{annee}.zip", "_En-cours-Consolide.zip")


def repeated_by_rte(at_odre: Dataset, dataset_id: str, title: str) -> Dataset:
    """Return the data set of RTE's archives that repeat one of ODRÉ.

    RTE computes no rates of coverage and load there; all other columns are those of ODRÉ.
    """
    is_regional, is_real_time = at_odre.territories is not None, at_odre.id.endswith("-tr")
    seen = {
        (False, True): of_file("2026-03", "fichiers de juin 2016, octobre 2017 et mars 2026", "columns", "units"),
        (True, False): of_file("2018-02", "fichiers d'Île-de-France, 2013 et 2015", "columns", "units", "history"),
    }.get((is_regional, is_real_time))
    proved = seen.claims if seen is not None else ()
    asked = of_code("2026", "programmes qui demandent ces adresses, sans accents dans les régions", "address")
    return replace(
        at_odre,
        portal="rte",
        id=dataset_id,
        title=title,
        stands_in_for=at_odre.id,
        archives=tuple(
            f"{_AT}{'_{region}' if is_regional else ''}{each}"
            for each in (_REAL_TIME if is_real_time else _CONSOLIDATED)
        ),
        columns=tuple(each for each in at_odre.columns if not each.name.startswith(("tco_", "tch_"))),
        known=(asked, *([seen] if seen is not None else [])),
        unverified=tuple(each for each in _DOUBTED if each not in proved),
    )
