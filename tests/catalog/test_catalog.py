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
from typing import Any

import pytest

import dataelec_assets.catalog.entries as entries_of_ours
from dataelec_assets.catalog import Catalog, CatalogError, Column, Partitioning, load_catalog, slug
from dataelec_assets.catalog.chief_towns import CHIEF_TOWNS
from dataelec_assets.catalog.regions import METROPOLITAN_REGIONS
from dataelec_assets.warehouse.project import PROJECT_DIR
from dataelec_assets.warehouse.staging import staging_path

ENTRY = """
from datetime import date, timedelta

from dataelec_assets.catalog import Column, Dataset, Partitioning

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


def test_every_entry_is_the_data_set_that_its_file_is_named_after() -> None:
    files = {path.stem for path in Path(entries_of_ours.__path__[0]).glob("[a-z]*.py")}
    assert files == {dataset.table for dataset in load_catalog().values()}
    assert len(load_catalog().of_portal("odre")) >= 13


def test_every_data_set_has_a_staging_model_with_its_checks() -> None:
    for dataset in load_catalog().values():
        model = PROJECT_DIR / staging_path(dataset)
        assert model.exists(), model.name
        assert model.with_suffix(".yml").exists(), model.name


def test_the_data_sets_of_agence_ore_are_there_and_two_are_withdrawn() -> None:
    yearly = "consommation-annuelle-d-electricite-et-gaz-par"
    withdrawn = {
        "conso-elec-gaz-annuelle-par-naf-agregee-region",
        "conso-elec-gaz-annuelle-par-secteur-dactivite-agregee-departement",
    }
    served = {f"{yearly}-{grain}" for grain in ("commune", "departement", "region")}
    assert {each.id for each in load_catalog().of_portal("ore")} == served | withdrawn
    assert {each.id for each in load_catalog().values() if each.withdrawn} == withdrawn


def test_a_history_does_not_end_before_it_starts() -> None:
    stopped = load_catalog()["imports-exports-commerciaux"]
    assert {each.id for each in load_catalog().values() if each.history_end} == {stopped.id}
    assert "Arrêté en 2021" in str(stopped.warning)
    with pytest.raises(CatalogError, match="history_end is before history_start"):
        replace(stopped, history_end=stopped.history_start.replace(year=2004))


def test_what_is_left_in_raw_is_not_loaded_as_well() -> None:
    dataset = load_catalog()["consommation-annuelle-brute-regionale"]
    with pytest.raises(CatalogError, match="Région"):
        replace(dataset, left_in_raw=("Région",))


def test_what_is_personal_is_loaded_by_no_data_set() -> None:
    dataset = load_catalog()["consommation-annuelle-brute-regionale"]
    with pytest.raises(CatalogError, match=r"'Région'.* personal"):
        replace(dataset, personal=("Région",))
    with pytest.raises(CatalogError, match="personal names no column"):
        replace(dataset, personal=("?",))
    other = load_catalog()["stock-quotidien-stockages-gaz"]
    with pytest.raises(CatalogError, match=f"{other.id}.*'pits'.*personal in another"):
        Catalog([replace(dataset, personal=("PITS",)), other])
    assert Catalog([replace(dataset, personal=("Contact opérateur",)), other]).personal_names == {"contact_operateur"}


def test_the_data_sets_of_insee_are_files_by_edition() -> None:
    datasets = load_catalog().of_portal("insee")
    assert len(datasets) >= 10
    assert all(each.partitioning.grain == "edition" and each.editions for each in datasets)


def test_the_forecasts_of_open_meteo_keep_every_issue() -> None:
    (forecasts,) = load_catalog().of_portal("open_meteo")
    assert forecasts.id == "previsions-meteo-regions"
    assert forecasts.keep_vanished
    assert "emise_a" in forecasts.key


def test_every_metropolitan_region_has_a_chief_town_inside_france() -> None:
    assert sorted(CHIEF_TOWNS) == sorted(METROPOLITAN_REGIONS)
    assert all(41 < latitude < 51.5 and -5 < longitude < 9.6 for _, latitude, longitude in CHIEF_TOWNS.values())


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


def test_what_dates_a_row_is_a_day_an_instant_or_a_year() -> None:
    dataset = load_catalog()["temperature-quotidienne-regionale"]
    uncut = replace(dataset, partitioning=Partitioning("none"), dated_by="date")
    assert uncut.time_column == "date"
    with pytest.raises(CatalogError, match="dated_by must be"):
        replace(uncut, dated_by="region")


def test_every_column_has_a_description() -> None:
    silent = [(d.id, c.name) for d in load_catalog().values() for c in d.columns if not c.description]
    assert silent == []


def test_the_regions_of_the_warehouse_are_those_that_arrivals_are_checked_against() -> None:
    with (PROJECT_DIR / "seeds" / "dim_region.csv").open(encoding="utf-8") as stream:
        rows = [row for row in csv.DictReader(stream) if row["est_metropolitaine"] == "true"]
    seeded = {row["code_region"]: row["nom_region"] for row in rows}
    assert seeded == METROPOLITAN_REGIONS


def test_contacts_telephones_and_free_texts_of_charging_points_are_personal() -> None:
    catalog = load_catalog()
    charging = [*catalog.of_portal("paris"), *catalog.of_portal("irve")]
    assert len(charging) == 3
    for dataset in charging:
        loaded = {header for column in dataset.columns for header in column.header_slugs}
        for name in ("contact_amenageur", "contact_operateur", "telephone_operateur", "observations", "num_pdl"):
            assert name not in loaded, dataset.id
            assert name in dataset.personal or dataset.stamped_by, dataset.id
    assert {dataset.licence for dataset in catalog.of_portal("paris")} == {"ODbL 1.0"}


@pytest.mark.parametrize(
    "changes",
    [
        {"stamped_by": "inconnue"},
        {"keep_vanished": False},
        {"key": ("id_pdc",)},
        {"partitioning": Partitioning("month", on="releve_a")},
        {"partitioning": Partitioning("day", on="last_updated")},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_a_stamp_is_in_the_key_cuts_the_days_and_keeps_every_state(changes: dict[str, Any]) -> None:
    live = next(each for each in load_catalog().of_portal("paris") if each.stamped_by)
    with pytest.raises(CatalogError, match="stamp"):
        replace(live, **changes)


def test_a_file_that_is_replaced_where_it_lies_is_the_one_edition_of_a_set_that_is_not_cut() -> None:
    (national,) = load_catalog().of_portal("irve")
    assert ([each.key for each in national.editions], national.partitioning.grain) == (["all"], "none")
    with pytest.raises(CatalogError, match="partitioning must be 'none'"):
        replace(national, partitioning=Partitioning("edition"))
    year = replace(national.editions[0], key="2024")
    with pytest.raises(CatalogError, match="the only one"):
        replace(national, editions=(*national.editions, year), partitioning=Partitioning("edition"))


@pytest.mark.parametrize(
    ("staged", "message"),
    [
        (("tmin as",), "must be `name` or `name as new_name`"),
        (("trim(region)",), "must be `name` or `name as new_name`"),
        (("tempe",), "staged names unknown column 'tempe'"),
        (("tmin as t", "tmax as t"), "staged has a name twice"),
        ("tmin", "staged must be a tuple"),
    ],
)
def test_what_is_staged_are_columns_under_names_of_their_own(staged: Any, message: str) -> None:
    with pytest.raises(CatalogError, match=message):
        replace(load_catalog()["temperature-quotidienne-regionale"], staged=staged)
