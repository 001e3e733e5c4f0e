"""The three files of a new data set as text: entry, YAML of the staging model, fixture."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable

from dataelec_assets.catalog import Column
from dataelec_assets.catalog.evidence import CLAIMS
from dataelec_assets.scaffold.guess import Draft
from dataelec_assets.scaffold.sample import Cell, Sample

GUESS = "  # guess"

_FIXTURE_ROWS = 6


def entry_text(portal: str, dataset_id: str, sample: Sample, draft: Draft) -> str:
    """Return the Python of an entry; what the sample only suggests is marked as a guess."""
    title = sample.title or dataset_id.replace("-", " ").capitalize()
    date = draft.history_start
    partitioning = draft.partitioning
    cut = f'Partitioning("{partitioning.grain}"' + (f', on="{partitioning.on}")' if partitioning.on else ")")
    lines = [
        f'"""{title.rstrip(".")}."""',
        "",
        f"# Written by `dataelec add` from {len(sample.rows)} rows. Confirm what is marked `guess`, then unmark it.",
        "# What each field means: dataelec_assets/catalog/dataset.py; what to look for: docs/add-a-data-set.md.",
        "from __future__ import annotations",
        "",
        "from datetime import date, timedelta",
        "",
        "from dataelec_assets.catalog import Column, Dataset, Partitioning",
        "",
        "DATASET = Dataset(",
        f"    portal={_text(portal)},",
        f"    id={_text(dataset_id)},",
        f"    title={_text(title)}," + ("" if sample.title else GUESS),
        f"    publisher={_text(sample.publisher or 'inconnu')}," + ("" if sample.publisher else GUESS),
        f"    cadence={_text(draft.cadence)},{GUESS}",
        f"    expected_lag=timedelta(days={draft.lag_days}),{GUESS}",
        f"    history_start=date({date.year}, {date.month}, {date.day}),{GUESS}",
        f"    partitioning={cut},{GUESS}",
        *([f"    dated_by={_text(draft.dated_by)}," + GUESS] if draft.dated_by else []),
        f"    key={_tuple(draft.key)},{GUESS}",
        f"    fingerprint={_tuple(draft.fingerprint)},{GUESS}",
        *([f"    territories={_text(draft.territories)},"] if draft.territories else []),
        *([f"    left_in_raw={_tuple(draft.left_in_raw)},"] if draft.left_in_raw else []),
        *([f"    personal={_tuple(draft.personal)},{GUESS}"] if draft.personal else []),
        '    # What you have seen proved goes into `known`: of_file("2026-05", "export de mai", "columns", "units").',
        f"    unverified={_tuple(CLAIMS)},",
        "    columns=(",
        *(line for column in draft.columns for line in _column(column)),
        "    ),",
        "    # The staging model, for as long as it only renames; `make generate` writes it.",
        "    staged=(",
        *(f"        {_text(each)}," for each in draft.staged),
        "    ),",
        ")",
    ]
    return "\n".join(lines) + "\n"


def _column(column: Column) -> list[str]:
    options = {
        "labels": _tuple(column.labels) if column.labels else "",
        "unit": _text(column.unit) if column.unit else "",
        "description": _text(column.description),
        "nullable": "" if column.nullable else "False",
        "null_markers": _tuple(column.null_markers) if column.null_markers else "",
        "declared": _text(column.declared) if column.declared else "",
        "width": str(column.width) if column.width else "",
    }
    return [
        "        Column(",
        f"            {_text(column.name)},",
        f"            {_text(column.type)},{GUESS}",
        *(f"            {name}={value}," for name, value in options.items() if value),
        "        ),",
    ]


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def _tuple(values: Iterable[str]) -> str:
    texts = [_text(each) for each in values]
    return f"({', '.join(texts)}{',' if len(texts) == 1 else ''})"


def staging_yaml(portal: str, dataset_id: str, sample: Sample, draft: Draft) -> str:
    """Return the YAML of a staging model, with the checks that follow from the key."""
    model = f"stg_{portal}__{dataset_id.replace('-', '_')}"
    names = {published: renamed or published for published, _, renamed in (e.partition(" as ") for e in draft.staged)}
    key = [names[each] for each in draft.key]
    title = (sample.title or dataset_id.replace("-", " ")).rstrip(".")
    lines = [
        "version: 2",
        "",
        "models:",
        f"  - name: {model}",
        "    description: >-",
        f"      {title[:1].upper()}{title[1:]}, renommé. Grain : {', '.join(key) or 'sans clé'}.",
    ]
    if key:
        lines += [
            "    data_tests:",
            "      - controles:",
            f"          name: {model}_controles",
            "          arguments:",
            "            regles:",
            "              - never_null:",
            f"                  name: {model}_cle_presente",
            f"                  arguments: {{columns: [{', '.join(key)}]}}",
            "              - unique_combination:",
            f"                  name: {model}_cle_unique",
            "                  description: Une ligne - une clé publiée plusieurs fois.",
            "                  arguments:",
            f"                    columns: [{', '.join(key)}]",
            "                    message: clé publiée plusieurs fois",
            "                  config: {severity: warn}",
            "    columns:",
        ]
        for published, name in zip(draft.key, key, strict=True):
            description = next(each.description for each in draft.columns if each.name == published)
            lines += [f"      - name: {name}", "        description: >-", f"          {description}"]
    return "\n".join(lines) + "\n"


def fixture_text(sample: Sample, draft: Draft) -> str:
    """Return a few rows as the portal exports them. Measures are invented: no published value is copied."""
    names = {header: _column_of(header, draft) for header in sample.header}
    kept = [header for header in sample.header if header not in draft.personal and header not in draft.left_in_raw]
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\n")
    writer.writerow(kept)
    for position, row in enumerate(sample.rows[:_FIXTURE_ROWS]):
        cells = dict(zip(sample.header, row, strict=True))
        writer.writerow([_invented(cells[header], names[header], draft, position) for header in kept])
    return text.getvalue()


def _column_of(header: str, draft: Draft) -> Column | None:
    return next((each for each in draft.columns if header == each.name or header in each.labels), None)


def _invented(cell: Cell, column: Column | None, draft: Draft, position: int) -> str:
    if cell is None:
        return ""
    if column is None or column.type != "double" or column.name in draft.key or cell in column.null_markers:
        return cell
    return f"{100 + position}.5" if "." in cell or "," in cell else str(100 + position)
