"""Freshness policies and owners: what is expected of each asset, from the catalogue's cadence."""

from __future__ import annotations

from collections.abc import Iterable

import dagster as dg

from dataelec_assets.catalog import Dataset
from dataelec_assets.catalog.rhythms import RHYTHMS

# Shown in the UI; Dagster wants an e-mail address or a team.
OWNERS = ["team:dataelec"]


def policy_of(datasets: Iterable[Dataset]) -> dg.FreshnessPolicy:
    """Return the policy of what is made from some data sets: that of the fastest that everyone has.

    Dagster measures the time since the last materialisation. A source that was asked and had not changed is therefore
    recorded as "checked, unchanged" on its copy and its tables, with the same data version
    (:mod:`dataelec_assets.defs.events`).
    """
    known = list(datasets)
    # Optional sources are off in most houses: what they add to a table is not waited for.
    paced = [dataset for dataset in known if not dataset.is_optional] or known
    rhythm = min((RHYTHMS[dataset.cadence] for dataset in paced), key=lambda each: each.fail)
    return dg.FreshnessPolicy.time_window(fail_window=rhythm.fail, warn_window=rhythm.warn)
