"""Dashboards of Superset: rows of charts on a grid of twelve columns, texts, and filters for all of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dataelec_assets.export.superset.charts import editor_filter
from dataelec_assets.export.superset.identifiers import uuid_of

# Superset's grid.
_COLUMNS = 12
# Of a row, in units of eight pixels.
_HEIGHT = 45


def charts_of(dashboard: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the charts of a dashboard; each is called ``<dashboard>-<place>`` if it has no name of its own."""
    charts = (each for row in dashboard["lignes"] for each in row["cases"] if "texte" not in each)
    for place, each in enumerate(charts, 1):
        yield {"cle": f"{dashboard['cle']}-{place}", **each}


def dashboard(about: Mapping[str, Any], place: int, colours: Mapping[str, str]) -> dict[str, Any]:
    """Return a dashboard as Superset imports it.

    Args:
        about: a ``tableau`` of the dashboards' file.
        place: in the list, from 1: it begins the title, so that any list keeps the order.
        colours: of series, by the name of the metric or by the value that the legend shows.

    Raises:
        ValueError: a row is wider than the grid.
    """
    return {
        "dashboard_title": f"{place} · {about['titre']}",
        "description": about["description"],
        "css": None,
        "slug": about["cle"],
        "uuid": uuid_of("tableau", about["cle"]),
        "certified_by": "DataElec",
        "published": True,
        "position": _position(about),
        "metadata": {
            # No scheme for all charts: it would replace the scale of maps.
            "label_colors": dict(colours),
            "cross_filters_enabled": True,
            "refresh_frequency": 0,
            "expanded_slices": {},
            "timed_refresh_immune_slices": [],
            "native_filter_configuration": [
                _native_filter(about["cle"], number, each) for number, each in enumerate(about.get("filtres", ()), 1)
            ],
        },
        "version": "1.0.0",
    }


def _position(about: Mapping[str, Any]) -> dict[str, Any]:
    charts = charts_of(about)
    parts: dict[str, Any] = {
        "DASHBOARD_VERSION_KEY": "v2",
        "ROOT_ID": {"type": "ROOT", "id": "ROOT_ID", "children": ["GRID_ID"]},
        "HEADER_ID": {"type": "HEADER", "id": "HEADER_ID", "meta": {"text": about["titre"]}},
    }
    rows = []
    for number, row in enumerate(about["lignes"], 1):
        row_id = f"ROW-{number}"
        parents = ["ROOT_ID", "GRID_ID", row_id]
        shares = [each.get("largeur", _COLUMNS // len(row["cases"])) for each in row["cases"]]
        if sum(shares) > _COLUMNS:
            raise ValueError(f"{about['cle']}: row {number} has {sum(shares)} columns of {_COLUMNS}")
        children = []
        for place, (each, width) in enumerate(zip(row["cases"], shares, strict=True), 1):
            size = {"width": width, "height": row.get("hauteur", _HEIGHT)}
            if "texte" in each:
                part = {"type": "MARKDOWN", "id": f"MARKDOWN-{number}-{place}", "meta": {"code": each["texte"], **size}}
            else:
                chart = next(charts)
                uuid = uuid_of("graphique", chart["cle"])
                # Superset puts its own number in place of chartId, and needs one that differs for each.
                meta = {"uuid": uuid, "chartId": 100 * number + place, "sliceName": chart["titre"], **size}
                part = {"type": "CHART", "id": f"CHART-{number}-{place}", "meta": meta}
            children.append(part["id"])
            parts[str(part["id"])] = {**part, "children": [], "parents": parents}
        rows.append(row_id)
        meta = {"background": "BACKGROUND_TRANSPARENT"}
        parts[row_id] = {"type": "ROW", "id": row_id, "children": children, "parents": parents[:2], "meta": meta}
    parts["GRID_ID"] = {"type": "GRID", "id": "GRID_ID", "children": rows, "parents": ["ROOT_ID"]}
    return parts


def _native_filter(key: str, number: int, about: Mapping[str, Any]) -> dict[str, Any]:
    """Return a filter of the bar on the left: a period when no column is named, else the values of a column."""
    targets: Sequence[Mapping[str, Any]] = [{}]
    if "colonne" in about:
        targets = [{"datasetUuid": uuid_of("ensemble", about["ensemble"]), "column": {"name": about["colonne"]}}]
    return {
        "id": f"NATIVE_FILTER-{key}-{number}",
        "name": about["nom"],
        "filterType": "filter_select" if "colonne" in about else "filter_time",
        "type": "NATIVE_FILTER",
        "description": about.get("description", ""),
        "targets": targets,
        "adhoc_filters": [editor_filter(name, value) for name, value in about.get("filtres", {}).items()],
        "controlValues": {
            "enableEmptyFilter": False,
            "defaultToFirstItem": False,
            "multiSelect": True,
            "searchAllOptions": False,
            "inverseSelection": False,
        },
        "defaultDataMask": {"extraFormData": {}, "filterState": {}, "ownState": {}},
        "cascadeParentIds": [],
        "scope": {"rootPath": ["ROOT_ID"], "excluded": []},
    }
