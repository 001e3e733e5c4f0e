"""The bundle that Superset imports: database, datasets, charts and dashboards as YAML, in a ZIP archive.

A pure function of ``dbt/semantic.yml``, of the documented tables and of ``dashboards.yml``; only the file that the
database opens is given.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from dataelec_assets.export.superset.charts import chart
from dataelec_assets.export.superset.dashboards import charts_of, dashboard
from dataelec_assets.export.superset.datasets import Dataset, datasets
from dataelec_assets.export.superset.identifiers import uuid_of
from dataelec_assets.warehouse.dictionary import table_docs
from dataelec_assets.warehouse.semantics import meanings, rules
from dataelec_assets.warehouse.yaml_files import read_yaml

DATABASE = "DataElec"

_FOLDER = "dataelec"
# libyaml writes a bundle in a tenth of the time; PyYAML may have been built without it.
_DUMPER: type[Any] = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_CERTIFICATION = {"certified_by": "DataElec", "details": "Règle d’agrégation : meta_colonnes."}
# Every archive is the same, whenever it is made.
_EPOCH = (1980, 1, 1, 0, 0, 0)


@cache
def declared() -> dict[str, Any]:
    """Return the content of ``dashboards.yml``."""
    content: dict[str, Any] = read_yaml(Path(__file__).with_name("dashboards.yml"))
    return content


def files(served: Path) -> dict[str, str]:
    """Return the files of the bundle: path in the archive, YAML.

    Args:
        served: the published DuckDB file, as the server that runs Superset sees it.

    Raises:
        WarehouseError: the documentation of the tables cannot be read, or a column has no rule.
        ValueError: a chart names a column or a metric that its dataset does not have.
    """
    docs = table_docs()
    found = datasets(docs, meanings(docs, rules()), rules(), declared())
    contents: dict[str, Mapping[str, Any]] = {
        "metadata.yaml": {"version": "1.0.0", "type": "assets", "timestamp": "2026-11-30T00:00:00+00:00"},
        "databases/dataelec.yaml": _database(served),
    }
    contents |= {f"datasets/dataelec/{name}.yaml": _dataset(each) for name, each in found.items()}
    # Superset's list begins with the one that was imported last.
    for place, about in reversed([*enumerate(declared()["tableaux"], 1)]):
        contents[f"dashboards/{about['cle']}.yaml"] = dashboard(about, place, declared()["couleurs"])
        contents |= {f"charts/{each['cle']}.yaml": chart(each, found[each["ensemble"]]) for each in charts_of(about)}
    return {name: _yaml(content) for name, content in contents.items()}


def archive(contents: Mapping[str, str]) -> bytes:
    """Return the files as a ZIP archive, in one folder as Superset exports them."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, text in contents.items():
            bundle.writestr(zipfile.ZipInfo(f"{_FOLDER}/{name}", _EPOCH), text, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def _yaml(content: Mapping[str, Any]) -> str:
    text: str = yaml.dump(content, Dumper=_DUMPER, allow_unicode=True, sort_keys=False, width=120)
    return text


def _database(served: Path) -> dict[str, Any]:
    return {
        "database_name": DATABASE,
        # Four slashes: an absolute path.
        "sqlalchemy_uri": f"duckdb:///{served}",
        "cache_timeout": None,
        "expose_in_sqllab": True,
        "allow_run_async": False,
        "allow_ctas": False,
        "allow_cvas": False,
        "allow_dml": False,
        "allow_file_upload": False,
        "extra": {
            "allows_virtual_table_explore": True,
            "engine_params": {
                "connect_args": {
                    # DuckDB opens for writing by default, which would lock out everybody, or be refused.
                    "read_only": True,
                    # SQL Lab reads this file, and no other of the machine.
                    "config": {"enable_external_access": False},
                }
            },
            "metadata_params": {},
        },
        "uuid": uuid_of("base", DATABASE),
        "version": "1.0.0",
    }


def _dataset(each: Dataset) -> dict[str, Any]:
    return {
        "table_name": each.name,
        "main_dttm_col": each.time,
        "description": each.description,
        "schema": each.schema,
        "sql": each.sql,
        "filter_select_enabled": True,
        "extra": {"certification": dict(_CERTIFICATION)},
        "uuid": uuid_of("ensemble", each.name),
        "database_uuid": uuid_of("base", DATABASE),
        "metrics": [
            {
                "metric_name": metric.name,
                "verbose_name": metric.label,
                "expression": metric.expression,
                "description": metric.description,
                "d3format": metric.format,
                "extra": {
                    "certification": dict(_CERTIFICATION),
                    **({"warning_markdown": metric.warning} if metric.warning else {}),
                },
            }
            for metric in each.metrics
        ],
        "columns": [
            {
                "column_name": column.name,
                "verbose_name": column.label,
                "description": column.description,
                "type": column.type.upper(),
                "is_dttm": column.is_time,
                "is_active": True,
                "groupby": column.is_dimension,
                "filterable": True,
            }
            for column in each.columns
        ],
        "version": "1.0.0",
    }
