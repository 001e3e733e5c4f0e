"""Names of assets: ``source/…`` at the portal, ``raw/…`` as published, ``lake/…`` typed; tables by their own names."""

from __future__ import annotations

import dagster as dg

from dataelec_assets.catalog import Dataset

PUBLICATION = dg.AssetKey("publication")
REPORT = dg.AssetKey("rapport")


def source_key(dataset: Dataset) -> dg.AssetKey:
    """Return the key of the file at the portal."""
    return dg.AssetKey(["source", dataset.table])


def raw_key(dataset: Dataset) -> dg.AssetKey:
    """Return the key of the vintages as published."""
    return dg.AssetKey(["raw", dataset.table])


def lake_key(dataset: Dataset) -> dg.AssetKey:
    """Return the key of the Parquet copy."""
    return dg.AssetKey(["lake", dataset.table])


def page_of(dataset: Dataset) -> dg.UrlMetadataValue:
    """Return a link to the publisher's page, for the UI."""
    return dg.MetadataValue.url(dataset.page)
