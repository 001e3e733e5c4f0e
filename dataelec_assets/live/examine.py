"""Asks every portal what it shows of the data sets of the catalogue: read-only, slowly, portals side by side."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from dataelec_assets.catalog import Dataset
from dataelec_assets.errors import DataElecError
from dataelec_assets.ingest.editions import shown_editions
from dataelec_assets.live.differences import Difference, differences
from dataelec_assets.live.shown import Shown, show
from dataelec_assets.run_context import RunContext

# Between two data sets of one portal: a check of the whole catalogue takes a minute, and no portal notices it.
PAUSE_SECONDS = 1.0


def _pause() -> None:
    time.sleep(PAUSE_SECONDS)


@dataclass(frozen=True, slots=True)
class Examined:
    """A data set, what its portal shows, and in what the catalogue differs."""

    dataset: Dataset
    shown: Shown
    differences: tuple[Difference, ...]


def examine(ctx: RunContext, datasets: Iterable[Dataset], pause: Callable[[], None] = _pause) -> Iterator[Examined]:
    """Yield the data sets in their order, each as soon as its portal has answered.

    Args:
        ctx: a folder of published files that its settings name is not looked at: portals are.
        datasets: which.
        pause: called between two data sets of one portal.
    """
    chosen = list(datasets)
    ctx = replace(ctx, settings=replace(ctx.settings, folder=None))
    by_portal: dict[str, list[Dataset]] = {}
    for dataset in chosen:
        by_portal.setdefault(dataset.portals[0], []).append(dataset)
    with ThreadPoolExecutor(max_workers=max(len(by_portal), 1)) as pool:
        under_way = {portal: pool.submit(_of_portal, ctx, each, pause) for portal, each in by_portal.items()}
        for dataset in chosen:
            yield under_way[dataset.portals[0]].result()[dataset.id]


def _second(ctx: RunContext, dataset: Dataset, first: Shown) -> Shown:
    """Return what the second portal shows of a data set that the first does not give, and why it does not."""
    with ctx.portal(dataset.portal) as client:
        shown = show(client, replace(dataset, dido=None))
    return replace(shown, message="; ".join(each for each in (first.message, shown.message) if each))


def _of_portal(ctx: RunContext, datasets: list[Dataset], pause: Callable[[], None]) -> dict[str, Examined]:
    """Return what one portal shows: one call at a time."""
    # What only stands in is looked at too: its addresses are claims like any others.
    why = ctx.why_off(datasets[0])
    if why is not None and why != "standby":
        name = datasets[0].portal.upper()
        setting: dict[str | None, str] = {
            "non-commercial": "DATAELEC_COMMERCIAL is",
            "not asked for": f"DATAELEC_{name} is not",
        }
        words = f"{setting.get(why, f'DATAELEC_{name}_KEY is not')} set"
        return {each.id: Examined(each, Shown("off", words), ()) for each in datasets}
    found = {}
    try:
        with ctx.live_client(datasets[0]) as client:
            for number, dataset in enumerate(datasets):
                if number:
                    pause()
                published, fault = shown_editions(ctx, client, dataset)
                shown = show(client, published)
                if dataset.dido is not None and shown.state != "answers":
                    published, shown = replace(published, dido=None), _second(ctx, published, shown)
                found[dataset.id] = Examined(
                    dataset,
                    shown if fault is None else replace(shown, message=fault),
                    differences(dataset, shown, ctx.now(), published.editions),
                )
    except DataElecError as error:  # its address cannot be used
        found = {each.id: Examined(each, Shown("silent", str(error)), ()) for each in datasets}
    return found
