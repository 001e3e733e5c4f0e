"""Which served tables belong together: a domain is published whole, never half of one refresh and half of another.

A domain is the folder of a mart: a fact and what is concluded from that fact alone. Conclusions from several facts have
a folder of their own, so that their failure takes no fact away. Where a folder holds more than that,
``dbt_project.yml`` names another domain (``meta: {domaine: …}``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

# Project, layer, folder, model: what dbt calls the fully qualified name of a mart.
_PARTS_OF_A_MART = 4


def served_domains(manifest: Mapping[str, Any]) -> dict[str, str]:
    """Return the domain of each served table, by the name of the table.

    Args:
        manifest: of the dbt project.
    """
    return {
        node["name"]: _domain(node)
        for node in manifest["nodes"].values()
        if node["resource_type"] in ("model", "seed") and node["schema"] == "main"
    }


def _domain(node: Mapping[str, Any]) -> str:
    path: list[str] = node["fqn"]
    folder = path[-2] if len(path) >= _PARTS_OF_A_MART else node["name"]
    return str(node["config"]["meta"].get("domaine", folder))


def whole_domains(tables: Iterable[str], domains: Mapping[str, str]) -> set[str]:
    """Return the served tables among some tables, and all others of their domains.

    Args:
        tables: names, served or not.
        domains: of each served table, as :func:`served_domains` gives them.
    """
    hit = {domains[each] for each in tables if each in domains}
    return {name for name, domain in domains.items() if domain in hit}
