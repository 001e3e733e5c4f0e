"""Weather sensitivity: each check finds its own fault, and what says nothing has no figure."""

from __future__ import annotations

from datetime import date

import pytest

from tests.dbt.consumption import NATIONAL, REGIONAL, TEMPERATURE, national_day, regional_day, temperature_day
from tests.dbt.lakes import TinyLake, days
from tests.dbt.thermosensibilite import MODELS, WORDS

_FRANCE = "maille = 'nation' AND energie = 'electricite' AND periode = 'ensemble'"
_BRITTANY = "code_territoire = '53' AND energie = 'electricite' AND periode = 'ensemble'"
_LOCAL = (
    "INSERT INTO mart_thermosensibilite_locale BY NAME "
    "SELECT 'commune' AS maille, '01001' AS code_territoire, 2019 AS annee, {part} AS part_thermosensible_region_pct"
)

BLOCKING = {
    "mart_degres_jours_cle_unique": "INSERT INTO mart_degres_jours "
    "SELECT * FROM mart_degres_jours WHERE code_territoire = '11'",
    "mart_degres_jours_bornes": "UPDATE mart_degres_jours SET degres_jours_c = -1 WHERE code_territoire = '94'",
    "mart_thermosensibilite_cle_unique": "INSERT INTO mart_thermosensibilite "
    "SELECT * FROM mart_thermosensibilite WHERE code_territoire = '11'",
    "mart_thermosensibilite_deux_calculs": "UPDATE mart_thermosensibilite SET gradient_chauffage_mw_par_c = 120, "
    f"gradient_chauffage_ic95_bas_mw_par_c = 95, gradient_chauffage_ic95_haut_mw_par_c = 105 WHERE {_BRITTANY}",
    "mart_thermosensibilite_jamais_de_chiffre_sans_motif": "UPDATE mart_thermosensibilite "
    "SET est_fiable = true, motif = NULL WHERE code_territoire = '44'",
    "mart_priorite_isolation_cle_unique": "INSERT INTO mart_priorite_isolation "
    "SELECT * FROM mart_priorite_isolation WHERE code_region = '11'",
    "mart_priorite_isolation_rang_dans_son_intervalle": "UPDATE mart_priorite_isolation "
    "SET rang = 5, rang_ic95_meilleur = 2, rang_ic95_pire = 4, est_fiable = true WHERE code_region = '53'",
    "mart_thermosensibilite_locale_cle_unique": f"{_LOCAL.format(part=15)} FROM range(2)",
    "mart_thermosensibilite_locale_part_plausible": _LOCAL.format(part=170).replace("01001", "01002"),
}
LISTED = {
    "mart_thermosensibilite_france_plausible": "UPDATE mart_thermosensibilite SET gradient_chauffage_mw_par_c = 9000, "
    f"est_fiable = true, motif = NULL WHERE {_FRANCE}",
}


@pytest.fixture
def constant(tiny_lake: TinyLake) -> TinyLake:
    """Return the warehouse of forty days without any change; Bretagne has one of them, most régions none."""
    whole = days(date(2019, 1, 3), date(2019, 2, 11))
    tiny_lake.write(TEMPERATURE, [row for day in days(date(2019, 1, 1), whole[-1]) for row in temperature_day(day)])
    tiny_lake.write(NATIONAL, [row for day in whole for row in national_day(day)])
    regional = [row for day in whole for row in regional_day(day, regions=("11",))]
    tiny_lake.write(REGIONAL, [*regional, *regional_day(whole[0], regions=("53",))])
    tiny_lake.make(*(f"+{name}" for name in MODELS))
    return tiny_lake


def test_constant_days_have_no_figure_but_a_reason_and_every_fault_is_found(constant: TinyLake) -> None:
    reasons = constant.query(
        "SELECT motif, nombre_jours, est_fiable, count(*), "
        "count(gradient_chauffage_mw_par_c) + count(seuil_chauffage_c) + count(gradient_climatisation_mw_par_c) "
        "+ count(gradient_chauffage_ic95_bas_mw_par_c) + count(gradient_chauffage_pct_par_c) + count(r2) "
        "FROM mart_thermosensibilite WHERE periode = 'ensemble' GROUP BY ALL ORDER BY ALL"
    )
    assert reasons == [
        ("aucun jour complet avec sa température", 0, False, 20, 0),
        ("consommation constante", 40, False, 4, 0),
        ("moins de 30 jours", 1, False, 2, 0),
    ]
    assert constant.query("SELECT count(*), count(rang), count(gradient_mw_par_c) FROM mart_priorite_isolation") == [
        (12, 0, 0)
    ]
    assert constant.query("SELECT count(*) FROM mart_thermosensibilite_locale") == [(0,)]
    assert constant.check(*MODELS, run=False) == {}
    constant.execute(*BLOCKING.values(), *LISTED.values())
    found = constant.check(*MODELS, run=False)
    assert {name for name, status in found.items() if status == "fail"} == set(BLOCKING)
    assert {name for name, status in found.items() if status == "warn"} == set(LISTED)


def test_every_check_of_our_own_has_its_fault(tiny_lake: TinyLake) -> None:
    names = tiny_lake.checks_of_our_own(WORDS)
    assert names - set(BLOCKING) - set(LISTED) == set()
