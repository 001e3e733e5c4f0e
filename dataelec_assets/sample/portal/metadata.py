"""The data-set object: fields and metas."""

from __future__ import annotations

import hashlib
from typing import Any

from dataelec_assets.portals.folder.fields import NUMERIC, TEMPORAL, Field
from dataelec_assets.portals.folder.tables import State
from dataelec_assets.sample.portal.datasets import PortalDataset
from dataelec_assets.sample.portal.store import iso

# `modified` is frozen on purpose: clients that rely on it never see new data, as on the live portals.
FROZEN_MODIFIED = "2021-06-23T14:59:57+00:00"
FROZEN_METADATA = "2021-06-23T15:00:02.656000+00:00"

SYNTHETIC_TITLE = " (données synthétiques)"


def describe(dataset: PortalDataset, state: State, *, synthetic: bool) -> dict[str, Any]:
    """Return the object of ``/catalog/datasets/{id}``."""
    entry = dataset.entry
    title = entry.title if entry else dataset.id
    kinds = {field.type for field in state.fields}
    features = ["analyze"]
    features += ["timeserie"] if kinds & {"date", "datetime"} else []
    features += ["geo"] if "geo_point_2d" in kinds else []
    return {
        "dataset_id": dataset.id,
        "dataset_uid": "da_" + hashlib.sha256(dataset.name.encode()).hexdigest()[:6],
        "attachments": [],
        "has_records": True,
        "data_visible": True,
        "features": features,
        "fields": [_described(field) for field in state.fields],
        "metas": {
            "default": {
                "title": title + (SYNTHETIC_TITLE if synthetic else ""),
                "description": None,
                "publisher": entry.publisher if entry else None,
                "license": entry.licence if entry else None,
                "language": "fr",
                "timezone": None,
                "keyword": [],
                "theme": [],
                "modified": FROZEN_MODIFIED,
                "modified_updates_on_data_change": False,
                "modified_updates_on_metadata_change": False,
                "metadata_processed": FROZEN_METADATA,
                "data_processed": iso(state.processed_at),
                "records_count": state.count,
                "update_frequency": entry.cadence if entry else None,
                "parent_domain": None,
                "source_domain": None,
                "source_dataset": None,
                "federated": False,
            },
            "dcat": {"accrualperiodicity": None, "granularity": None},
            "explore": {},
            "custom": {"synthetic": True} if synthetic else {},
        },
    }


def _described(field: Field) -> dict[str, object]:
    annotations: dict[str, list[str]] = {"facet": []} if field.type == "text" else {}
    if field.type in TEMPORAL or field.type in NUMERIC:
        annotations = {"sortable": []}
    return {
        "name": field.name,
        "label": field.label,
        "type": field.type,
        "description": None,
        "annotations": annotations,
    }
