"""Identifiers that stay: a bundle that is imported again replaces what it brought before."""

from __future__ import annotations

from uuid import NAMESPACE_URL, uuid5

_OURS = uuid5(NAMESPACE_URL, "dataelec-assets/superset")


def uuid_of(kind: str, name: str) -> str:
    """Return the identifier of a database, dataset, chart or dashboard: the same for the same name, always."""
    return str(uuid5(_OURS, f"{kind}/{name}"))
