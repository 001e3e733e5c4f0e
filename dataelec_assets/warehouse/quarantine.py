"""Builds around the publishers' faults: what a blocking check finds impossible is held back, the rest is built again.

A check that fails implicates partitions: those in which its rows lie, of the data sets that its table is made from.
Their newest vintage is held, so that they fall back to their last good one, or are left out when they have none. What
no partition can be blamed for (a table that cannot be made, a check of our own conclusions) keeps the tables of the
last publication, by whole domains. So nothing that a publisher sends stops a publication.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from dataelec_assets.database import connect
from dataelec_assets.errors import WrongUsage
from dataelec_assets.lake.quarantine import ACCEPTED, HELD, Hold
from dataelec_assets.run_context import RunContext
from dataelec_assets.warehouse.build import BuildReport
from dataelec_assets.warehouse.domains import served_domains, whole_domains
from dataelec_assets.warehouse.findings import Finding, find
from dataelec_assets.warehouse.holds import in_force
from dataelec_assets.warehouse.lineage import Lineage
from dataelec_assets.warehouse.parse import ensure_parse
from dataelec_assets.warehouse.project import project_digest

# How often what is impossible is taken out and the rest is built again. Checks of a table are met when those of the
# tables before it pass, and the project is five tables deep from a source to a mart.
_MOST_ROUNDS = 6

# How many vintages of a partition are held, round after round: the newest, then more, then all. A value that was wrong
# for an hour of real time lies in four of them, for four hours in sixteen.
_MORE_EACH_ROUND = (1, 4, 16)

Key = tuple[str, str]


@dataclass(slots=True)
class Built:
    """What a build came to.

    Attributes:
        rounds: what each round of building did; the last one is what the tables are.
        held: what this build has put into quarantine.
        lifted: partitions that were in quarantine and are not any more.
        kept: tables that stay as they were last published, each with the reason (French).
    """

    rounds: list[BuildReport] = field(default_factory=list)
    held: list[Hold] = field(default_factory=list)
    lifted: list[Key] = field(default_factory=list)
    kept: Mapping[str, str] = field(default_factory=dict)

    @property
    def report(self) -> BuildReport:
        """What the last round did."""
        return self.rounds[-1]


class Judge:
    """Takes out of a build what its checks find impossible, round after round.

    Args:
        ctx: settings and folders.
    """

    def __init__(self, ctx: RunContext) -> None:
        self.built = Built()
        self._ctx = ctx
        self._lineage = Lineage(ctx.catalog, ensure_parse(ctx.paths).manifest_json)
        self._before = ctx.quarantine.shown()
        self._times: Counter[Key] = Counter()

    def tolerated(self) -> set[str]:
        """Return the checks that must not stop the next round, because a user has accepted what fails them.

        What is in quarantine is written where dbt reads it.
        """
        show_quarantine(self._ctx)
        return {each.rule for each in in_force(self._ctx) if each.accepted}

    def take_out(self, report: BuildReport) -> set[Key]:
        """Hold what a round has found impossible.

        Returns:
            The partitions whose copies are to be made without it before the next round; empty when this one was the
            last.
        """
        built = self.built
        built.rounds.append(report)
        findings = _findings(self._ctx, self._lineage, report)
        is_last = len(built.rounds) == _MOST_ROUNDS
        new = [] if is_last else _new_holds(self._ctx, report, findings, self._times)
        if not new:
            built.kept = _kept(self._lineage, report, findings)
            built.lifted = sorted(self._before - _keys_in_force(self._ctx))
            return set()
        keys = {(each.dataset_id, each.partition) for each in new}
        self._times.update(keys)
        built.held.extend(new)
        self._ctx.quarantine.write([*self._ctx.quarantine.holds(), *new])
        return keys


def _keys_in_force(ctx: RunContext) -> set[Key]:
    return {(each.dataset_id, each.partition) for each in in_force(ctx) if not each.accepted}


def accept(ctx: RunContext, dataset_id: str, partition: str) -> None:
    """Take the vintage that is in quarantine in spite of the rules that it breaks.

    The caller makes the copy again, builds and publishes. What the publisher sends next is judged as usual.

    Raises:
        WrongUsage: nothing of this partition is in quarantine.
    """
    wanted = [
        each
        for each in in_force(ctx)
        if (each.dataset_id, each.partition) == (dataset_id, partition) and not each.accepted
    ]
    if not wanted:
        there = sorted(_keys_in_force(ctx))
        raise WrongUsage(
            f"{dataset_id} {partition} is not in quarantine.",
            advice="In quarantine are: " + ", ".join(" ".join(each) for each in there) + "."
            if there
            else "Nothing is in quarantine.",
        )
    ctx.quarantine.write([replace(each, accepted=each.accepted or each in wanted) for each in ctx.quarantine.holds()])


def show_quarantine(ctx: RunContext) -> None:
    """Write what is in quarantine now where dbt reads it: one row for each partition and rule."""
    raw, sound, rows = ctx.raw, ctx.sound, []
    for each in sorted(in_force(ctx), key=lambda hold: (hold.dataset_id, hold.partition, hold.rule)):
        arrived = raw.newest(each.dataset_id, each.partition)
        served = sound.newest(each.dataset_id, each.partition)
        rows.append(
            (
                each.dataset_id,
                each.partition,
                each.rule,
                ACCEPTED if each.accepted else HELD,
                each.rows,
                each.found,
                each.wanted,
                datetime.fromisoformat(each.since),
                arrived.sha256[:16] if arrived else None,
                served.sha256[:16] if served else None,
                served.known_at if served else None,
            )
        )
    ctx.quarantine.show(rows)


def forget_other_rules(ctx: RunContext) -> set[Key]:
    """Drop the holds in force that other models have found: the present ones look again.

    An earlier vintage of a partition that has healed stays held, since no build looks at it again.

    Returns:
        The partitions whose copies are to be made again.
    """
    project, holds, in_question = project_digest(), ctx.quarantine.holds(), _keys_in_force(ctx)
    kept = [
        each
        for each in holds
        if each.accepted or each.project == project or (each.dataset_id, each.partition) not in in_question
    ]
    if len(kept) < len(holds):
        ctx.quarantine.write(kept)
    return {(each.dataset_id, each.partition) for each in holds if each not in kept}


def _findings(ctx: RunContext, lineage: Lineage, report: BuildReport) -> list[Finding]:
    """Return what the failed checks of a build have found, without what a user has accepted."""
    accepted = {(each.rule, each.dataset_id, each.partition) for each in in_force(ctx) if each.accepted}
    rules = {rule for rule, _, _ in accepted}
    failed = [
        each
        for each in report.results
        if each.unique_id.startswith("test.")
        and (each.status == "fail" or (each.status == "warn" and each.unique_id.split(".")[2] in rules))
    ]
    if not failed:
        return []
    present = {dataset.id: ctx.parquet.index(dataset) for dataset in ctx.catalog.values()}
    # Views of staging name the files of the lake relative to its folder, as in dbt's profile.
    with connect(ctx.paths.warehouse, config={"file_search_path": str(ctx.paths.parquet)}) as connection:
        found = [find(connection, lineage, each, present) for each in failed]
    return [
        replace(
            each, partitions={key: seen for key, seen in each.partitions.items() if (each.rule, *key) not in accepted}
        )
        for each in found
    ]


def _new_holds(
    ctx: RunContext, report: BuildReport, findings: Sequence[Finding], times: Mapping[Key, int]
) -> list[Hold]:
    """Return the holds that the findings ask for; none when no partition can be blamed."""
    raw, sound, known = ctx.raw, ctx.sound, ctx.quarantine.holds()
    now, project = ctx.now().astimezone(UTC).isoformat(), project_digest()
    found: dict[tuple[str, str, str, str], Hold] = {}
    for finding in findings:
        for dataset_id, partition in _blamed(ctx, report, finding):
            names = sound.names(ctx.catalog[dataset_id], partition)
            step = times.get((dataset_id, partition), 0)
            count = _MORE_EACH_ROUND[step] if step < len(_MORE_EACH_ROUND) else len(names)
            rows, words = finding.partitions[dataset_id, partition]
            since = _since(raw.names(ctx.catalog[dataset_id], partition), known, (dataset_id, partition), now)
            for name in names[-count:]:
                found[dataset_id, partition, name, finding.rule] = Hold(
                    dataset_id, partition, name, finding.rule, rows, words, finding.wanted, since, project
                )
    return list(found.values())


def _since(names: Sequence[str], known: Iterable[Hold], key: Key, now: str) -> str:
    """Return since when vintages of a partition are held without a break; now when the one before was good."""
    held = {
        each.vintage: each.since for each in known if (each.dataset_id, each.partition) == key and not each.accepted
    }
    since = now
    for name in reversed(names[:-1]):
        if name not in held:
            break
        since = held[name]
    return since


def _blamed(ctx: RunContext, report: BuildReport, finding: Finding) -> list[Key]:
    """Return the partitions that a finding implicates.

    Those in which its rows lie; of these, those that have moved since the tables were last built well, when there are
    any. A data set that is not cut by time has one partition, in which every row lies: it is blamed when it has moved
    alone, or when the check is on nothing else.
    """
    if not finding.is_of_inputs:
        return []
    whole = {key for key in finding.partitions if not ctx.catalog[key[0]].partitioning.is_of_known_keys}
    moved = set(finding.partitions) & set(report.changed) if report.kind != "full" else set()
    chosen = moved or set(finding.partitions)
    return sorted(chosen - whole or chosen)


def _kept(lineage: Lineage, report: BuildReport, findings: Sequence[Finding]) -> dict[str, str]:
    """Return the tables that must stay as they were last published, with the reason."""
    causes = [each for each in report.broken if each.status != "skipped"] or report.broken
    if not causes:
        return {}
    words = {each.rule: str(each) for each in findings}
    domains = served_domains(lineage.manifest)
    kept: dict[str, str] = {}
    for cause in causes:
        name = cause.unique_id.split(".")[2]
        reason = words.get(name) or f"{name} : {(cause.message or cause.status).strip().splitlines()[0]}"
        for table in whole_domains(lineage.tables_below([cause.unique_id]), domains):
            kept.setdefault(table, reason)
    return kept
