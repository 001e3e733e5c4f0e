"""Charging points: what a state says until the next one, and each check finds its own fault."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.dbt.bornes import (
    FICHES,
    LIVE,
    LONG_AGO,
    NATIONAL,
    SELECT,
    TABLES,
    WEATHER,
    WORDS,
    A,
    B,
    C,
    D,
    at,
    declared,
    fiche,
    state,
    weather,
)
from tests.dbt.lakes import TinyLake

# A quarter of an hour, one state missing, a gap of an hour and three quarters.
STATES = [at(8, 0), at(8, 15), at(8, 30), at(9, 0), at(9, 15), at(11, 0), at(11, 15)]
STATUSES = {A: "Occupé (en charge)", B: "Disponible", C: "En maintenance", D: "Occupé (en charge)"}


def live() -> Iterator[dict[str, Any]]:
    """Yield states in which nothing changes; the last point has said that it is in use for seven months."""
    for when in STATES:
        yield from state(when, STATUSES, {D: LONG_AGO})


@pytest.fixture
def built(tiny_lake: TinyLake) -> TinyLake:
    tiny_lake.write(LIVE, live())
    tiny_lake.write(
        FICHES,
        [
            fiche(A),
            fiche(B, id_pdc_itinerance=B.replace("*", ""), puissance_nominale=22.0),
            # Two fiches of one point, the older one with another power; one that nobody sees; one without a point.
            fiche(B, date_maj="2021-01-01", puissance_nominale=50.0),
            fiche("FR*V75*EPX11*05*9"),
            fiche(None, id_station_local="FR*V75*PPX99*01", id_station_itinerance=None, nbre_pdc=0.0),
        ],
    )
    tiny_lake.write(
        NATIONAL,
        [
            declared("FRA68E680210015", code_insee_commune="75001", puissance_nominale=22000.0),
            declared("FRA68E680210016", code_insee_commune=None, prise_type_2="false"),
            # What Belib' declares too: Paris knows its own better.
            declared(A.replace("*", ""), puissance_nominale=3.0),
        ],
    )
    tiny_lake.write(WEATHER, weather(at(15, 30)))
    tiny_lake.make(*SELECT)
    return tiny_lake


FAULTS = {
    "dim_point_de_charge_provenance_connue": "UPDATE dim_point_de_charge SET source = 'irve' "
    "WHERE id_pdc = 'FRV75EPX11052'",
    "dim_station_au_moins_un_point": "UPDATE dim_station SET puissance_max_kw = 22000 "
    "WHERE id_station = 'FRV75PPX1105'",
    "fct_statut_borne_cle_unique": "INSERT INTO fct_statut_borne SELECT * FROM fct_statut_borne LIMIT 1",
    "fct_intervalle_borne_cle_unique": "INSERT INTO fct_intervalle_borne SELECT * FROM fct_intervalle_borne LIMIT 1",
    "fct_intervalle_borne_duree_du_debut_a_la_fin": "UPDATE fct_intervalle_borne SET duree_min = 75 "
    "WHERE statut = 'libre' AND duree_min = 105",
    "mart_occupation_horaire_cle_unique": "INSERT INTO mart_occupation_horaire "
    "SELECT * FROM mart_occupation_horaire WHERE maille = 'station' LIMIT 1",
    "mart_occupation_horaire_taux_entre_zero_et_un": "UPDATE mart_occupation_horaire SET taux_occupation = 1.2 "
    "WHERE maille = 'commune' AND heure_locale = 9",
    "mart_occupation_meteo_cle_unique": "INSERT INTO mart_occupation_meteo FROM mart_occupation_meteo LIMIT 1",
    "mart_occupation_meteo_intervalles_emboites": "UPDATE mart_occupation_meteo SET est_fiable = true "
    "WHERE classe = 'dimanche'",
    "mart_stations_en_tension_parts_entre_zero_et_un": "UPDATE mart_stations_en_tension SET part_sans_place = 0.5 "
    "WHERE id_station = 'FRV75PPX1105'",
    "mart_bornes_a_verifier_motif_dit": "UPDATE mart_bornes_a_verifier SET motif = '' WHERE statut_publie LIKE 'En%'",
    "mart_bornes_rapprochement_cle_unique": "INSERT INTO mart_bornes_rapprochement "
    "FROM mart_bornes_rapprochement LIMIT 1",
}
LISTED = {
    "fct_statut_borne_statut_traduit": "UPDATE fct_statut_borne SET est_statut_reconnu = false WHERE statut = 'libre'",
    "fct_statut_borne_change_avant_l_etat": "UPDATE fct_statut_borne SET depuis = releve_a + INTERVAL 2 HOUR "
    "WHERE statut = 'libre'",
}
# The portal shows each point once: only a file that was changed by hand, or an accident of the publisher, repeats one.
IN_THE_LAKE = "stg_paris__belib_temps_reel_cle_unique"


def test_what_is_known_of_points_stations_and_hours_and_every_fault_is_found(built: TinyLake) -> None:
    assert built.check(*SELECT, run=False) == {}
    points_are_one_each(built)
    a_status_holds_until_the_next_state_and_at_most_thirty_minutes(built)
    hours_have_the_minutes_that_were_seen(built)
    what_is_wrong_is_listed(built)
    built.execute(*FAULTS.values(), *LISTED.values())
    assert built.check(*SELECT, run=False) == dict.fromkeys(FAULTS, "fail") | dict.fromkeys(LISTED, "warn")


def points_are_one_each(lake: TinyLake) -> None:
    rows = lake.query(
        "SELECT id_pdc, source, id_station, est_station_deduite, puissance_nominale_kw, code_commune, "
        "code_arrondissement, code_region, est_dans_statique, est_dans_temps_reel, est_dans_irve, "
        "nombre_lignes_publiees FROM dim_point_de_charge ORDER BY id_pdc"
    )
    paris = ("75056", "75111", "11")
    assert rows == [
        ("FRA68E680210015", "irve", "FRA68P68021001", False, 22.0, "75056", "75101", "11", False, False, True, 1),
        ("FRA68E680210016", "irve", "FRA68P68021001", False, 22.0, None, None, None, False, False, True, 1),
        ("FRV75EPX11051", "belib", "FRV75PPX1105", False, 7.0, *paris, True, True, True, 1),
        ("FRV75EPX11052", "belib", "FRV75PPX1105", False, 22.0, *paris, True, True, False, 2),
        ("FRV75EPX11059", "belib", "FRV75PPX1105", False, 7.0, *paris, True, False, False, 1),
        ("FRV75EPX20011", "belib", "FRV75PPX2001", True, None, *paris, False, True, False, 0),
        ("FRV75EPX20012", "belib", "FRV75PPX2001", True, None, *paris, False, True, False, 0),
    ]
    # Points are counted; the six or ten of the published count are on every row.
    assert lake.query(
        "SELECT id_station, nombre_points_de_charge, puissance_max_kw, longitude FROM dim_station ORDER BY id_station"
    ) == [
        ("FRA68P68021001", 2, 22.0, 7.3585),
        ("FRV75PPX1105", 3, 22.0, 2.314663),
        ("FRV75PPX2001", 2, None, 2.314663),
    ]


def a_status_holds_until_the_next_state_and_at_most_thirty_minutes(lake: TinyLake) -> None:
    assert lake.query(
        "SELECT debut, fin, statut, duree_min, est_connu, nombre_releves FROM fct_intervalle_borne "
        "WHERE id_pdc = 'FRV75EPX11051' ORDER BY debut"
    ) == [
        (at(8, 0), at(9, 45), "occupe", 105.0, True, 5),
        (at(9, 45), at(11, 0), None, 75.0, False, 1),
        (at(11, 0), at(11, 15), "occupe", 15.0, True, 1),
    ]
    # Said to be in use for seven months: nothing is known of it.
    assert lake.query("SELECT DISTINCT statut, est_fige FROM fct_statut_borne WHERE id_pdc = 'FRV75EPX20012'") == [
        ("occupe", True)
    ]
    assert lake.query(
        "SELECT DISTINCT statut FROM fct_intervalle_borne WHERE id_pdc = 'FRV75EPX20012' AND est_connu"
    ) == [("inconnu",)]


def hours_have_the_minutes_that_were_seen(lake: TinyLake) -> None:
    hours = "strftime(heure_utc, '%H')"
    # In use or free all the time: one or zero, whether states are missing or not.
    assert lake.query(
        f"SELECT {hours}, code, minutes_observees, taux_occupation FROM mart_occupation_horaire "
        "WHERE maille = 'point' AND id_station = 'FRV75PPX1105' ORDER BY ALL"
    ) == [
        (hour, code, minutes, rate)
        for hour, minutes in (("08", 60.0), ("09", 45.0), ("11", 15.0))
        for code, rate in (("FRV75EPX11051", 1.0), ("FRV75EPX11052", 0.0))
    ]
    assert lake.query(
        f"SELECT {hours}, maille, nombre_points, minutes_occupees, minutes_observees, minutes_hors_service, "
        "minutes_inconnues, taux_occupation, disponibilite, temperature_c, precipitation_mm "
        "FROM mart_occupation_horaire WHERE maille <> 'point' AND hour(heure_utc) = 8 ORDER BY ALL"
    ) == [
        ("08", "arrondissement", 4, 60.0, 120.0, 60.0, 60.0, 0.5, 0.5, 5.0, 0.2),
        ("08", "commune", 4, 60.0, 120.0, 60.0, 60.0, 0.5, 0.5, 5.0, 0.2),
        ("08", "station", 2, 0.0, 0.0, 60.0, 60.0, None, 0.0, 5.0, 0.2),
        ("08", "station", 2, 60.0, 120.0, 0.0, 0.0, 0.5, 1.0, 5.0, 0.2),
    ]
    assert lake.query(
        "SELECT classe, taux_occupation, est_fiable FROM mart_occupation_meteo WHERE decoupe = 'pluie' ORDER BY ordre"
    ) == [("sans pluie", None, False), ("pluie", 0.5, False)]


def what_is_wrong_is_listed(lake: TinyLake) -> None:
    assert lake.query("SELECT code, anomalie, nombre_lignes FROM mart_bornes_rapprochement ORDER BY ALL") == [
        ("FRA68E680210015", "puissance publiée en watts", 1),
        ("FRA68E680210016", "commune inconnue : ni code ni adresse lisible", 1),
        ("FRV75EPX11052", "point déclaré plusieurs fois (belib)", 2),
        ("FRV75EPX11059", "fiche de Belib' sans temps réel", 1),
        ("FRV75EPX20011", "temps réel sans fiche de Belib'", 1),
        ("FRV75EPX20012", "temps réel sans fiche de Belib'", 1),
        ("station FRV75PPX9901", "fiche sans identifiant de point (belib)", 1),
    ]
    assert lake.query("SELECT id_pdc, motif, duree_h FROM mart_bornes_a_verifier ORDER BY id_pdc") == [
        ("FRV75EPX20011", "hors service", 1),
        ("FRV75EPX20012", "statut figé", 5553),
    ]
    assert lake.query(
        "SELECT id_station, nombre_releves, nombre_releves_sans_place, part_sans_place, part_occupee, motif "
        "FROM mart_stations_en_tension ORDER BY id_station"
    ) == [
        ("FRV75PPX1105", 7, 0, None, 0.5, "moins de sept jours d'états"),
        ("FRV75PPX2001", 7, 0, None, None, "aucun point en service"),
    ]


def test_a_month_that_comes_and_the_weather_of_its_eve_give_what_a_full_build_gives(built: TinyLake) -> None:
    # In Paris the 31st of January ends at 23:00. A point that a state has twice, a status without a name, two that go.
    february = [
        *state(at(23, 0, 31), STATUSES),
        *state(at(23, 15, 31), STATUSES),
        *state(at(23, 15, 31), {A: "Disponible"}, {A: LONG_AGO}),
        *state(at(23, 30, 31), {A: "Mystère", B: "Occupé (en charge)"}),
    ]
    built.write(LIVE, february)
    built.write(WEATHER, weather(at(5, 30, 1, 2), warmer=4))
    tables = (*TABLES, "mart_stations_en_tension", "mart_bornes_a_verifier", "dim_point_de_charge")
    before = built.contents(tables)
    built.make(*SELECT, months=["2023-02"])
    renewed = built.contents(tables)
    found = built.check(*SELECT, run=False)
    # Kept, reported, and not in the way.
    assert found == {IN_THE_LAKE: "warn", "fct_statut_borne_statut_traduit": "warn"}
    assert built.query("SELECT statut, statut_publie FROM fct_statut_borne WHERE NOT est_statut_reconnu") == [
        ("inconnu", "Mystère")
    ]
    assert built.query("SELECT id_pdc, motif FROM mart_bornes_a_verifier ORDER BY id_pdc") == [
        ("FRV75EPX11051", "statut sans traduction"),
        ("FRV75EPX20011", "disparu du temps réel"),
        ("FRV75EPX20012", "disparu du temps réel"),
    ]
    # The morning of the 1st has read the hours of the 31st again, and those of the 30th after seven.
    assert built.query(
        "SELECT strftime(heure_utc, '%d %H'), mois, temperature_c FROM mart_occupation_horaire "
        "WHERE maille = 'commune' AND temperature_c = 9 ORDER BY heure_utc"
    ) == [
        *((f"30 {hour}", "2023-01", 9.0) for hour in ("08", "09", "11")),
        ("31 23", "2023-02", 9.0),
    ]
    built.paths.warehouse.unlink()
    built.make(*SELECT)
    assert renewed == built.contents(tables)
    assert renewed != before


def test_every_check_of_charging_points_has_its_fault(tiny_lake: TinyLake) -> None:
    assert tiny_lake.checks_of_our_own(WORDS) == {*FAULTS, *LISTED, IN_THE_LAKE}
