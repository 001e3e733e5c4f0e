"""Dagster's history does not grow without bound: old runs go, except those that the UI still needs.

The events of a run are what shows that a partition was materialised: were the run of a first load deleted, its months
would look as if they had never been loaded. So a run stays as long as it is the last to have made something.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import dagster as dg

# Runs are kept for so long, and so many of the newest whatever their age. A run of real time takes about 0.9 MB, and
# there are a hundred a day.
KEPT_DAYS, KEPT_RUNS = 7, 100

# Runs that are deleted in one go: a refresh must not wait for a great cleaning. Five keep pace with any schedule.
_AT_ONCE = 5

# A run that was found to be the last to have made something is looked at again after this time.
_LOOKED_AT, _LOOK_AGAIN = "dataelec/garde_le", timedelta(days=30)

_ENDED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]


def prune(instance: dg.DagsterInstance, now: datetime, log: logging.Logger | dg.DagsterLogManager) -> list[str]:
    """Delete a few runs that nothing needs any more.

    Args:
        instance: whose history it is.
        now: the clock.
        log: where the number of deleted runs is written.

    Returns:
        The ids of the deleted runs.
    """
    deleted: list[str] = []
    for run in _old_runs(instance, now):
        if len(deleted) == _AT_ONCE:
            break
        if _is_last_maker(instance, run.run_id):
            instance.add_run_tags(run.run_id, {_LOOKED_AT: now.isoformat()})
            continue
        instance.delete_run(run.run_id)
        # Logs and values of its steps.
        shutil.rmtree(Path(instance.storage_directory()) / run.run_id, ignore_errors=True)
        deleted.append(run.run_id)
    if deleted:
        log.info("Deleted %d run(s) older than %d days from Dagster's history.", len(deleted), KEPT_DAYS)
    return deleted


def _old_runs(instance: dg.DagsterInstance, now: datetime) -> Iterator[dg.DagsterRun]:
    """Yield ended runs that are old enough to go, the oldest first."""
    newest = {run.run_id for run in instance.get_runs(limit=KEPT_RUNS)}
    old = dg.RunsFilter(statuses=_ENDED, created_before=now - timedelta(days=KEPT_DAYS))
    for record in instance.get_run_records(old, ascending=True):
        run = record.dagster_run
        looked_at = run.tags.get(_LOOKED_AT)
        if looked_at is not None and now - datetime.fromisoformat(looked_at) < _LOOK_AGAIN:
            continue
        if run.run_id not in newest:
            yield run


def _is_last_maker(instance: dg.DagsterInstance, run_id: str) -> bool:
    """Return whether something would look as if it had never been made without this run."""
    made = [
        (event.asset_key, event.partition)
        for entry in instance.all_logs(run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION)
        if (event := entry.dagster_event) is not None and event.asset_key is not None
    ]
    newest = instance.event_log_storage.get_latest_materialization_events({key for key, _ in made})
    if any(entry is not None and entry.run_id == run_id for entry in newest.values()):
        return True
    for key, partition in made:
        if partition is not None:
            records = dg.AssetRecordsFilter(asset_key=key, asset_partitions=[partition])
            last = instance.fetch_materializations(records, limit=1).records
            if last and last[0].run_id == run_id:
                return True
    return False
