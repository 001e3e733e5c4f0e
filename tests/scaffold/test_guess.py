"""What a sample shows of a contract."""

from __future__ import annotations

from datetime import date

import pytest

from dataelec_assets.catalog import Column, Partitioning
from dataelec_assets.errors import SettingsError
from dataelec_assets.portals.client import PortalField
from dataelec_assets.scaffold.guess import guess
from dataelec_assets.scaffold.sample import Sample

PEAKS = Sample(
    ("Date", "Code INSEE région", "Région", "Pic journalier (MW)", "Heure du pic", "geo_point_2d", "contact_operateur"),
    (
        ("2024-01-01", "11", "Île-de-France", "8123", "19:00", "48.8,2.4", None),
        ("2024-01-01", "84", "Auvergne-Rhône-Alpes", "ND", "19:00", "45.1,4.2", None),
        ("2024-02-01", "11", "Île-de-France", "7423", "13:00", "48.8,2.4", None),
        ("2024-02-01", "84", "Auvergne-Rhône-Alpes", "9321.5", "19:00", "45.1,4.2", None),
    ),
)


def column(name: str, sample: Sample) -> Column:
    return next(each for each in guess(sample).columns if each.name == name)


def test_types_units_and_markers_come_from_the_values_and_the_header() -> None:
    peak = column("pic_journalier", PEAKS)
    assert (peak.type, peak.unit, peak.null_markers) == ("double", "MW", ("ND",))
    assert peak.declared == "text"  # the portal cannot sum a column that holds words
    assert peak.labels == ("Pic journalier (MW)",)
    region = column("code_insee_region", PEAKS)
    assert (region.type, region.width, region.nullable) == ("text", 2, False)
    assert column("heure_du_pic", PEAKS).type == "text"


def test_the_key_is_the_time_and_the_codes_without_names_that_go_with_them() -> None:
    assert guess(PEAKS).key == ("date", "code_insee_region")


def test_days_are_cut_by_month_and_the_history_begins_with_the_first() -> None:
    draft = guess(PEAKS)
    assert draft.partitioning == Partitioning("month", on="date")
    assert draft.history_start == date(2024, 1, 1)
    assert (draft.cadence, draft.lag_days) == ("monthly", 75)


def test_shapes_stay_in_raw_and_contacts_are_personal() -> None:
    draft = guess(PEAKS)
    assert draft.left_in_raw == ("geo_point_2d",)
    assert draft.personal == ("contact_operateur",)


def test_names_in_the_warehouse_are_those_of_other_data_sets_and_have_the_unit() -> None:
    draft = guess(PEAKS)
    assert draft.staged == (
        "date",
        "code_insee_region as code_region",
        "region",
        "pic_journalier as pic_journalier_mw",
        "heure_du_pic",
    )
    assert draft.territories == "code_insee_region"
    assert draft.fingerprint == ()


def test_years_are_not_cut_and_a_unit_may_stand_in_the_name() -> None:
    years = Sample(
        ("annee", "code_commune", "conso_mwh", "puissance_kva"),
        (("2022", "01001", "12.5", "36"), ("2023", "01001", "13", "36"), ("2023", "2A004", None, "36")),
    )
    draft = guess(years)
    assert draft.partitioning == Partitioning("none")
    assert draft.dated_by == "annee"
    assert draft.history_start == date(2022, 1, 1)
    assert draft.key == ("annee", "code_commune")
    assert column("code_commune", years).width is None  # 2A004 is not a number: nothing can have lost its zeros
    assert [each.unit for each in draft.columns] == [None, None, "MWh", "kVA"]
    assert draft.fingerprint == ("conso_mwh", "puissance_kva")
    assert draft.staged[2:] == ("conso_mwh", "puissance_kva")


def test_what_the_portal_declares_is_kept_where_the_values_say_otherwise() -> None:
    declared = {
        "date_heure": PortalField("date_heure", "Date - Heure", "datetime"),
        "eolien": PortalField("eolien", "Eolien (MW)", "text"),
        "carte": PortalField("carte", "Carte", "geo_shape"),
    }
    sample = Sample(
        ("date_heure", "eolien", "carte"),
        (("2024-01-01T00:00:00+00:00", "10", "{}"), ("2024-01-01T00:15:00+00:00", "ND", "{}")),
        declared,
    )
    draft = guess(sample)
    wind = column("eolien", sample)
    assert (wind.type, wind.declared, wind.labels) == ("double", "text", ("Eolien (MW)",))
    assert draft.fingerprint == ()  # a text cannot be summed on the portal
    assert draft.left_in_raw == ("carte",)
    assert draft.staged[0] == "date_heure as instant_utc"
    assert draft.partitioning == Partitioning("month", on="date_heure")


def test_french_days_and_rows_without_a_key_are_understood() -> None:
    draft = guess(Sample(("jour", "valeur"), (("31/12/2023", "1"), ("31/12/2023", "1"), ("01/01/2024", "2"))))
    assert draft.history_start == date(2023, 12, 31)
    assert draft.key == ()


def test_a_set_without_time_is_not_cut_and_a_column_without_values_is_text() -> None:
    draft = guess(Sample(("code_epci", "nom"), (("200000172", None), ("200000438", None))))
    assert draft.partitioning == Partitioning("none")
    assert draft.dated_by is None
    assert [each.type for each in draft.columns] == ["text", "text"]
    assert draft.columns[0].width == 9


def test_two_instants_keep_names_of_their_own() -> None:
    instants = ("2024-01-01T00:00:00Z", "2024-01-02T00:00:00Z")
    draft = guess(Sample(("debut", "fin"), (instants, ("2024-01-03T00:00:00Z", "2024-01-04T00:00:00Z"))))
    assert draft.staged == ("debut as instant_utc", "fin")


@pytest.mark.parametrize("header", [("Valeur (MW)", "Valeur (GW)"), ("2020", "2021")])
def test_headers_that_give_no_name_of_their_own_are_named(header: tuple[str, ...]) -> None:
    with pytest.raises(SettingsError, match="gives the name"):
        guess(Sample(header, (("1", "2"),)))


def test_a_sample_of_shapes_alone_is_refused() -> None:
    with pytest.raises(SettingsError, match="no column that could be loaded"):
        guess(Sample(("geo_shape",), (("{}",),)))
