"""Schedules: refreshes at known hours instead of the sensor. Off until switched on in the UI."""

from __future__ import annotations

import dagster as dg

from dataelec_assets.catalog import Cadence, Catalog
from dataelec_assets.defs.jobs import REFRESH, run_config_of

# Name, cron (Europe/Paris) and French description of the schedule of each cadence. Publishers process at night and in
# the morning: daily and slower sets are asked for at half past eight, at minutes when few others ask.
_TIMES: dict[Cadence, tuple[str, str, str]] = {
    "quarter-hourly": ("real_time", "4,19,34,49 * * * *", "Toutes les quinze minutes"),
    # Of an optional source: without its key such a run asks nothing.
    "hourly": ("present_weather", "24 * * * *", "Chaque heure"),
    # One of them an hour before noon, when the forecast of consumption is issued.
    "six-hourly": ("weather", "48 4,10,16,22 * * *", "Toutes les six heures, dont une avant midi"),
    "daily": ("daily", "33 8 * * *", "Chaque jour"),
    "monthly": ("monthly", "38 8 1,11,21 * *", "Trois fois par mois, les dates de parution variant"),
    "yearly": ("yearly", "43 8 1 * *", "Chaque mois, la date de parution annuelle n'étant pas connue"),
}


def schedules(catalog: Catalog) -> list[dg.ScheduleDefinition]:
    """Return one schedule per cadence, which refreshes the data sets of that cadence if stale, and the audit."""
    return [*(_schedule(catalog, cadence) for cadence in _TIMES), _audit()]


def _audit() -> dg.ScheduleDefinition:
    """Return the monthly audit, at night and on the second: publishers are busy on the first."""
    return dg.ScheduleDefinition(
        name="audit",
        job_name=REFRESH,
        cron_schedule="13 3 2 * *",
        execution_timezone="Europe/Paris",
        description="Chaque mois : compare tout le lac aux sommes des portails, puis renouvelle ce qui diffère.",
        run_config=run_config_of([], audit=True),
        tags={"dataelec/cause": "schedule audit"},
    )


def _schedule(catalog: Catalog, cadence: Cadence) -> dg.ScheduleDefinition:
    name, cron, frequency = _TIMES[cadence]
    sources = [dataset.id for dataset in catalog.values() if dataset.cadence == cadence]

    def request(_: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        if not sources:
            return dg.SkipReason("The catalogue has no data set of this cadence.")
        return dg.RunRequest(run_config=run_config_of(sources), tags={"dataelec/cause": f"schedule {name}"})

    return dg.ScheduleDefinition(
        name=name,
        job_name=REFRESH,
        cron_schedule=cron,
        execution_timezone="Europe/Paris",
        description=f"{frequency} : {', '.join(sources) or 'aucun jeu de données'}.",
        execution_fn=request,
    )
