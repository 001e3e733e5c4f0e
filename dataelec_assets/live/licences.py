"""Whether two names mean the same licence: each portal writes it in its own way."""

from __future__ import annotations

import re

from dataelec_assets.catalog import slug

# The first that is found counts: ``BY-SA`` holds ``BY``.
_FAMILIES = {
    "odbl": "odbl|open_database|odc_odbl",
    "cc_by_sa": "by_sa|partage_dans_les_memes_conditions|share_?alike",
    "cc_by_nc": "by_nc|pas_d_utilisation_commerciale|non_?commercial",
    "cc_by": "cc_by|creative_commons|attribution",
    "licence_ouverte": "licence_ouverte|open_licen[cs]e|etalab|lov2|fr_lo",
}


def same_licence(one: str, other: str) -> bool:
    """Return whether two names are of one licence and version; a name without a version fits any.

    >>> same_licence("Licence Ouverte / Open Licence version 2.0", "Licence Ouverte v2.0 (Etalab)")
    True
    >>> same_licence("Open Database License (ODbL)", "Licence Ouverte v2.0 (Etalab)")
    False
    """
    (family, version), (known, known_version) = _read(one), _read(other)
    if family is None or known is None:
        return slug(one) == slug(other)
    return family == known and (version == known_version or not (version and known_version))


def _read(name: str) -> tuple[str | None, str | None]:
    """Return the family of a licence, and its version as printed."""
    plain = slug(name)
    family = next((each for each, pattern in _FAMILIES.items() if re.search(pattern, plain)), None)
    version = re.search(r"(\d)\.\d|(?:v|version |lov)(\d)", name, re.IGNORECASE)
    return family, (version[1] or version[2]) if version else None
