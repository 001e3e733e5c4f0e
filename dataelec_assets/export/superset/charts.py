"""Charts of Superset: what the form of its editor holds, and the query that it asks.

The names of fields and their values are those of Superset 6.1 (``superset-frontend/plugins``); only what differs from
its defaults is written.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from dataelec_assets.export.superset.datasets import Dataset
from dataelec_assets.export.superset.identifiers import uuid_of

_TYPES = {
    "chiffre": "big_number_total",
    "courbes": "echarts_timeseries_line",
    "aires": "echarts_area",
    "barres": "echarts_timeseries_bar",
    "points": "echarts_timeseries_scatter",
    "chaleur": "heatmap_v2",
    "carte": "country_map",
    "tableau": "table",
}

# Schemes of Superset: twenty colours that differ by hue, and one hue for a scale.
_COLOURS, _SCALE = "supersetColors", "schemeBlues"

# More rows than any chart here has; Superset cuts at 1,000 by default, in silence.
_MOST_ROWS = 50_000


def chart(about: Mapping[str, Any], dataset: Dataset) -> dict[str, Any]:
    """Return a chart as Superset imports it.

    Args:
        about: a ``graphique`` of the dashboards' file.
        dataset: that it reads.

    Raises:
        ValueError: it names a column or a metric that the dataset does not have, or a kind of chart that is unknown.
    """
    _require_known(about, dataset)
    params = {
        "viz_type": _TYPES[about["genre"]],
        "adhoc_filters": [editor_filter(name, value) for name, value in about.get("filtres", {}).items()],
        "row_limit": about.get("limite", _MOST_ROWS),
        **_params(about),
    }
    return {
        "slice_name": about["titre"],
        "description": about.get("description"),
        "certified_by": "DataElec",
        "viz_type": params["viz_type"],
        "params": params,
        "query_context": json.dumps(_query_context(about, params)),
        "cache_timeout": None,
        "uuid": uuid_of("graphique", about["cle"]),
        "dataset_uuid": uuid_of("ensemble", dataset.name),
        "version": "1.0.0",
    }


def _require_known(about: Mapping[str, Any], dataset: Dataset) -> None:
    if about["genre"] not in _TYPES:
        raise ValueError(f"{about['cle']}: {about['genre']} is none of {', '.join(_TYPES)}")
    columns = {each.name for each in dataset.columns}
    metrics = {each.name for each in dataset.metrics}
    missing = [name for name in _columns(about) if name not in columns]
    missing += [name for name in _metrics(about) if name not in metrics]
    if missing:
        raise ValueError(f"{about['cle']}: {dataset.name} has no {', '.join(missing)}")


def _columns(about: Mapping[str, Any]) -> list[str]:
    axis = [about["axe"]] if "axe" in about else []
    return [*axis, *about.get("par", ()), *about.get("colonnes", ()), *about.get("filtres", {})]


def _metrics(about: Mapping[str, Any]) -> list[str]:
    return list(about.get("mesures", ()))


def editor_filter(name: str, value: Any) -> dict[str, Any]:
    """Return a filter of the editor: equal, one of several, true, empty (None) or not (``*``)."""
    if value is None:
        operator, known = "IS NULL", "IS_NULL"
    elif value == "*":
        operator, known, value = "IS NOT NULL", "IS_NOT_NULL", None
    elif value is True:
        operator, known = "==", "IS_TRUE"
    elif isinstance(value, list):
        operator, known = "IN", "IN"
    else:
        operator, known = "==", "EQUALS"
    return {
        "expressionType": "SIMPLE",
        "clause": "WHERE",
        "subject": name,
        "operator": operator,
        "operatorId": known,
        "comparator": value,
    }


def _params(about: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of the editor that belong to a kind of chart."""
    metrics = _metrics(about)
    by = list(about.get("par", ()))
    number = about.get("format")
    match about["genre"]:
        case "chiffre":
            date = about.get("date")
            return {
                "metric": metrics[0],
                "subtitle": about.get("sous_titre", ""),
                "header_font_size": 0.4,
                "subtitle_font_size": 0.15,
                **({"time_format": date, "force_timestamp_formatting": True} if date else {"y_axis_format": number}),
            }
        case "tableau":
            if not metrics:
                return {"query_mode": "raw", "all_columns": about["colonnes"], **_table(about)}
            return {"query_mode": "aggregate", "groupby": by, "metrics": metrics, **_table(about)}
        case "carte":
            return {
                "select_country": "france_regions",
                "entity": by[0],
                "metric": metrics[0],
                "number_format": number,
                "linear_color_scheme": _SCALE,
            }
        case "chaleur":
            return {
                "x_axis": about["axe"],
                "groupby": by[0],
                "metric": metrics[0],
                "sort_x_axis": "alpha_asc",
                "sort_y_axis": "alpha_asc",
                "normalize_across": "heatmap",
                "linear_color_scheme": _SCALE,
                "legend_type": "continuous",
                "show_legend": True,
                "show_percentage": False,
                "bottom_margin": 50,
                "left_margin": "auto",
                "xscale_interval": -1,
                "yscale_interval": -1,
                "value_bounds": [None, None],
                "y_axis_format": number,
            }
        case _:
            return _axes(about, metrics, by)


def _table(about: Mapping[str, Any]) -> dict[str, Any]:
    order = [json.dumps([name, ascending]) for name, ascending in about.get("ordre", {}).items()]
    return {
        "order_by_cols": order,
        "server_page_length": 0,
        "page_length": 0,
        "table_timestamp_format": about.get("date", "smart_date"),
        "include_search": about.get("recherche", False),
        "show_cell_bars": bool(_metrics(about)),
        "color_pn": False,
        "column_config": {name: {"d3NumberFormat": each} for name, each in about.get("formats", {}).items()},
    }


def _axes(about: Mapping[str, Any], metrics: Sequence[str], by: Sequence[str]) -> dict[str, Any]:
    return {
        "x_axis": about["axe"],
        "time_grain_sqla": about.get("pas"),
        "x_axis_sort": metrics[0] if about.get("trie", False) else None,
        "x_axis_sort_asc": True,
        "metrics": list(metrics),
        "groupby": list(by),
        "order_desc": True,
        "orientation": "horizontal" if about.get("couche") else "vertical",
        "stack": "Stack" if about.get("pile") else None,
        "xAxisForceCategorical": about.get("categories", False),
        "color_scheme": _COLOURS,
        "show_legend": len(by) + len(metrics) > 1,
        "legendOrientation": "top",
        "legendType": "scroll",
        "rich_tooltip": True,
        "tooltipSortByMetric": False,
        "markerEnabled": False,
        "markerSize": 4,
        "opacity": 0.7,
        "zoomable": about.get("zoom", False),
        "truncateYAxis": about.get("zero") is False,
        "y_axis_bounds": [None, None],
        "truncate_metric": True,
        "show_empty_columns": True,
        "y_axis_format": about.get("format", "SMART_NUMBER"),
        "x_axis_time_format": about.get("date", "smart_date"),
        # Without margins, Superset writes a title over the numbers; these are its own choices of 50 and 30 pixels.
        "x_axis_title": about.get("titre_x", ""),
        "x_axis_title_margin": 30 if about.get("titre_x") else 0,
        "y_axis_title": about.get("titre_y", ""),
        "y_axis_title_margin": 50 if about.get("titre_y") else 0,
        "y_axis_title_position": "Left",
    }


def _query_context(about: Mapping[str, Any], params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the query that Superset's own pages would ask, for its API and its reports."""
    axis: list[Any] = []
    if "axe" in about:
        axis = [
            {
                "columnType": "BASE_AXIS",
                "expressionType": "SQL",
                "isColumnReference": True,
                "label": about["axe"],
                "sqlExpression": about["axe"],
                **({"timeGrain": about["pas"]} if "pas" in about else {}),
            }
        ]
    metrics = _metrics(about)
    query = {
        "columns": [*axis, *about.get("par", ()), *about.get("colonnes", ())],
        "metrics": metrics,
        "filters": [
            {"col": each["subject"], "op": each["operator"], "val": each["comparator"]}
            if each["comparator"] is not None
            else {"col": each["subject"], "op": each["operator"]}
            for each in params["adhoc_filters"]
        ],
        "orderby": [[name, ascending] for name, ascending in about.get("ordre", {}).items()]
        or [[name, False] for name in metrics[:1]],
        "row_limit": params["row_limit"],
        "extras": {"having": "", "where": "", **({"time_grain_sqla": about["pas"]} if "pas" in about else {})},
        "is_timeseries": False,
        "time_range": "No filter",
    }
    return {
        "datasource": {"id": 0, "type": "table"},
        "force": False,
        "queries": [query],
        "form_data": dict(params),
        "result_format": "json",
        "result_type": "full",
    }
