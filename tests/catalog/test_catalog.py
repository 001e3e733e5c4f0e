"""The catalogue loads, and a mistake in an entry stops it with a message that names the mistake."""

from __future__ import annotations

import csv
import importlib
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from dataelec_assets.catalog import Catalog, CatalogError, Column, Partitioning, load_catalog, slug
from dataelec_assets.catalog.regions import METROPOLITAN_REGIONS
from dataelec_assets.warehouse.project import PROJECT_DIR

ODRE = (
    "consommation-quotidienne-brute",
    "consommation-quotidienne-brute-regionale",
    "eco2mix-national-cons-def",
    "eco2mix-national-tr",
    "eco2mix-regional-cons-def",
    "eco2mix-regional-tr",
    "imports-exports-commerciaux",
    "injections-regionales-quotidiennes-consolidees-rpt",
    "stock-quotidien-stockages-gaz",
    "temperature-quotidienne-regionale",
)

ENTRY = """
from datetime import date, timedelta

from dataelec_assets.catalog.model import Column, Dataset, Partitioning

DATASET = Dataset(
    portal="odre",
    id="signal-ecowatt",
    title="Signal EcoWatt",
    publisher="RTE",
    cadence="daily",
    expected_lag=timedelta(days=1),
    history_start=date(2022, 9, 1),
    partitioning=Partitioning("month", on="date"),
    key=("date",),
    fingerprint=("valeur",),
    columns=(
        Column("date", "date", labels=("Date",), nullable=False),
        Column("valeur", "int", labels=("Valeur",)),
    ),
)
"""


@pytest.fixture
def entries(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """Return the folder and the name of an importable package of entries."""
    name = f"entries_{tmp_path.name}".replace("-", "_")
    folder = tmp_path / name
    folder.mkdir()
    (folder / "__init__.py").write_text("", encoding="utf-8")
    sys.path.insert(0, str(tmp_path))
    yield folder, name
    sys.path.remove(str(tmp_path))
    for module in [each for each in sys.modules if each.startswith(name)]:
        del sys.modules[module]


def load_with(entries: tuple[Path, str], text: str) -> Catalog:
    folder, name = entries
    (folder / "signal_ecowatt.py").write_text(textwrap.dedent(text), encoding="utf-8")
    package: ModuleType = importlib.import_module(name)
    return load_catalog(package)


def test_the_ten_data_sets_of_odre_are_there() -> None:
    assert tuple(load_catalog()) == ODRE


def test_a_data_set_is_added_by_one_file(entries: tuple[Path, str]) -> None:
    catalog = load_with(entries, ENTRY)
    assert catalog["signal-ecowatt"].table == "signal_ecowatt"
    assert catalog["signal-ecowatt"].column("valeur").portal_type == "int"


@pytest.mark.parametrize(
    ("right", "wrong", "named"),
    [
        ('"valeur", "int"', '"valeur", "integer"', "integer"),
        ('labels=("Valeur",)', 'labels=("Valeur")', "valeur"),
        ('labels=("Valeur",)', 'lables=("Valeur",)', "lables"),
        ('fingerprint=("valeur",)', 'fingerprint=("valuer",)', "valuer"),
        ('key=("date",)', 'key=("jour",)', "jour"),
        ('on="date"', 'on="dat"', "dat"),
        ('"daily"', '"dayly"', "dayly"),
        ('portal="odre"', 'portal="ordé"', "ordé"),
        ('"month"', '"mounth"', "mounth"),
        ('Column("valeur", "int"', 'Column("Valeur", "int"', "Valeur"),
        ('id="signal-ecowatt"', 'id="signal_ecowatt"', "signal_ecowatt"),
        ('labels=("Valeur",)', 'labels=("Date",)', "date"),
        ('"valeur", "int"', '"valeur", "int", declared="text"', "cannot be summed"),
        ("DATASET =", "DATA_SET =", "no DATASET"),
    ],
)
def test_a_typo_fails_at_load_with_a_message_that_names_it(
    entries: tuple[Path, str], right: str, wrong: str, named: str
) -> None:
    assert right in ENTRY
    with pytest.raises(CatalogError, match=named) as caught:
        load_with(entries, ENTRY.replace(right, wrong))
    assert "signal_ecowatt.py" in str(caught.value)


def test_two_entries_may_not_have_the_same_id() -> None:
    dataset = load_catalog()["eco2mix-national-tr"]
    with pytest.raises(CatalogError, match="two entries"):
        Catalog([dataset, replace(dataset, title="again")])


def test_headers_are_compared_without_accents_case_or_spaces() -> None:
    assert slug("\ufeffConsommation Tertiaire  (MWh)") == "consommation_tertiaire_mwh"
    assert slug("Périmètre") == "perimetre"


def test_gas_is_found_under_the_old_and_the_new_name_of_its_network() -> None:
    column = load_catalog()["consommation-quotidienne-brute"].column("consommation_brute_gaz_grtgaz")
    assert slug("Consommation brute gaz (MW PCS 0°C) - NaTran") in column.header_slugs
    assert slug("Consommation brute gaz (MW PCS 0°C) - GRTgaz") in column.header_slugs


def test_a_date_format_belongs_to_dates_only() -> None:
    with pytest.raises(CatalogError, match="date_format"):
        Column("heure", "text", date_format="%H:%M")


def test_a_partition_needs_a_column_unless_there_is_none() -> None:
    with pytest.raises(CatalogError, match="'on'"):
        Partitioning("month")
    assert Partitioning("none").hive_key == "lot"


def test_every_column_has_a_description() -> None:
    silent = [(d.id, c.name) for d in load_catalog().values() for c in d.columns if not c.description]
    assert silent == []


def test_the_regions_of_the_warehouse_are_those_that_arrivals_are_checked_against() -> None:
    with (PROJECT_DIR / "seeds" / "dim_region.csv").open(encoding="utf-8") as stream:
        seeded = {row["code_region"]: row["nom_region"] for row in csv.DictReader(stream)}
    assert seeded == METROPOLITAN_REGIONS
