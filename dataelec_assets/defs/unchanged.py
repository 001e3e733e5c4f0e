"""Keeps what was checked and had not changed fresh in the UI.

Dagster measures freshness from the last materialisation. So an asset whose sources were asked, and answered that
nothing has changed, is recorded once more, with the metadata ``vérifié, inchangé`` and no partition.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

import dagster as dg

from dataelec_assets.catalog import Dataset
from dataelec_assets.catalog.rhythms import RHYTHMS
from dataelec_assets.defs.asset_keys import lake_key
from dataelec_assets.defs.events import Event, of_age, verified
from dataelec_assets.defs.tables import Tables
from dataelec_assets.lake.state import SourceState, load_state
from dataelec_assets.run_context import RunContext
from dataelec_assets.warehouse.up_to_date import is_up_to_date


def heartbeats(instance: dg.DagsterInstance, ctx: RunContext, tables: Tables) -> Iterator[Event]:
    """Yield an event for each asset that is known to be right and was last recorded half its warning time ago.

    Args:
        instance: knows when each asset was last recorded.
        ctx: knows when each portal last answered, whoever asked it.
        tables: knows which sources each table comes from.
    """
    states = {
        # A source that is off sets no pace, whatever it said while it had a key.
        dataset.id: SourceState() if ctx.is_off(dataset) else load_state(ctx.paths, dataset)
        for dataset in ctx.catalog.values()
    }
    datasets = {lake_key(dataset): [dataset] for dataset in ctx.catalog.values()}
    if is_up_to_date(ctx):
        marts = (unique_id for unique_id, key in tables.key_of.items() if key in tables.policies)
        datasets |= {tables.key_of[unique_id]: tables.upstream(unique_id) for unique_id in marts}
    recorded = _recorded_at(instance, datasets)
    for key, upstream in datasets.items():
        checked = _checked_at(states, upstream)
        last = recorded.get(key)
        if checked is None or last is None or checked <= last:
            continue
        if checked - last >= min(RHYTHMS[each.cadence].warn for each in upstream) / 2:
            yield dg.AssetMaterialization(key, metadata=verified(checked))
            if key.path[0] == "lake":
                yield of_age(ctx, upstream[0])


def _checked_at(states: dict[str, SourceState], datasets: Iterable[Dataset]) -> datetime | None:
    """Return since when what is made from some sources is known to be right; None when one of them is not.

    The fastest sources say, as in the policy: a slower one is asked by its own cadence, and until then nothing more is
    expected of it. A source that its portal does not have leaves nothing to be checked.
    """
    known = [dataset for dataset in datasets if states[dataset.id].status not in ("absent", "never")]
    if not known or any(states[each.id].status != "fresh" for each in known):
        return None
    fastest = min(RHYTHMS[each.cadence].poll for each in known)
    asked = [states[each.id].checked_at for each in known if RHYTHMS[each.cadence].poll == fastest]
    return min((datetime.fromisoformat(each) for each in asked if each), default=None)


def _recorded_at(instance: dg.DagsterInstance, keys: Iterable[dg.AssetKey]) -> dict[dg.AssetKey, datetime]:
    found = {}
    for record in instance.get_asset_records(list(keys)):
        last = record.asset_entry.last_materialization
        if last is not None:
            found[record.asset_entry.asset_key] = datetime.fromtimestamp(last.timestamp, UTC)
    return found
