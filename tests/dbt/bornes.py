"""What is built for charging points, and a small Paris: four points that are seen, two that are declared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

LIVE = "belib-points-de-recharge-pour-vehicules-electriques-disponibilite-temps-reel"
FICHES = "belib-points-de-recharge-pour-vehicules-electriques-donnees-statiques"
NATIONAL = "bornes-de-recharge-irve"
WEATHER = "previsions-meteo-regions"

# Words in the paths of what is tested with them, in test_bornes_faults.py.
WORDS = ("staging/paris", "staging/irve", "borne", "dim_station", "dim_point_de_charge", "occupation", "stations_en")

SELECT = (
    *("dim_departement", "statuts_borne", "+dim_commune", "path:models/staging/paris", "path:models/staging/irve"),
    *("path:models/staging/open_meteo", "path:models/staging/open_meteo_archive"),
    *("path:models/staging/openweathermap", "path:models/staging/infoclimat"),
    *("path:models/staging/meteo_france", "dim_poste_meteo"),
    *("fct_meteo_horaire", "dim_point_de_charge", "dim_station"),
    *("path:models/intermediate/*/int_borne*", "path:models/intermediate/*/int_occupation*"),
    *("path:models/marts/*/fct_*borne*", "path:models/marts/*/mart_*borne*"),
    *("path:models/marts/*/mart_occupation*", "mart_stations_en_tension"),
)

# The facts that are renewed by month, and what follows them.
TABLES = ("fct_statut_borne", "fct_intervalle_borne", "mart_occupation_horaire", "mart_occupation_meteo")

A, B, C, D = (
    f"FR*V75*EPX{station}*{number}" for station, number in (("11*05", 1), ("11*05", 2), ("20*01", 1), ("20*01", 2))
)

LONG_AGO = datetime(2022, 6, 13, 2, 30, 1, tzinfo=UTC)


def at(hour: int, minute: int, day: int = 30, month: int = 1) -> datetime:
    """Return an instant of 2023, UTC."""
    return datetime(2023, month, day, hour, minute, tzinfo=UTC)


def state(
    when: datetime, statuses: Mapping[str, str], since: Mapping[str, datetime] | None = None
) -> list[dict[str, Any]]:
    """Return one state: what each point did at an instant; it has done so for an hour unless ``since`` says more."""
    return [
        {
            "releve_a": when,
            "id_pdc": point,
            "statut_pdc": status,
            "last_updated": (since or {}).get(point, when - timedelta(hours=1)),
            "coordonneesxy": "48.8737, 2.314663",
            "adresse_station": "37 Rue de l'Exemple 75011 Paris",
            "code_insee_commune": "75111",
            "arrondissement": "11e Arrondissement",
        }
        for point, status in statuses.items()
    ]


def fiche(point: str | None, **other: Any) -> dict[str, Any]:
    """Return a row of Belib's static set."""
    return {
        "id_pdc_local": point,
        "id_station_local": "FR*V75*PPX11*05",
        "id_station_itinerance": "FRV75PPX1105",
        "nom_station": "Paris | Rue de l'Exemple 37",
        "nbre_pdc": 6.0,
        "adresse_station": "37 Rue de l'Exemple 75011 Paris",
        "date_mise_en_service": "2021-03-01",
        "puissance_nominale": 7.0,
        "prise_type_2": "True",
        "prise_type_ef": "False",
        "coordonneesxy": "48.8737,2.314663",
        "code_insee_commune": "75111",
        "date_maj": "2022-11-22",
        **other,
    }


def declared(point: str, **other: Any) -> dict[str, Any]:
    """Return a row of the national file."""
    return {
        "id_pdc_itinerance": point,
        "id_station_itinerance": "FRA68P68021001",
        "nbre_pdc": 10.0,
        "puissance_nominale": 22.0,
        "prise_type_2": "1",
        "coordonneesxy": "[7.3585,48.0793]",
        "code_insee_commune": "68066",
        "date_maj": "2024-02-01",
        **other,
    }


def weather(issued: datetime, warmer: float = 0.0) -> Iterator[dict[str, Any]]:
    """Yield the readings of the two days before an issue, Paris."""
    hour = issued.replace(minute=0)
    for back in range(48):
        yield {
            "emise_a": issued,
            "code_region": "11",
            "instant": hour - timedelta(hours=back),
            "temperature_2m": 5.0 + warmer,
            "precipitation": 0.2,
            "wind_speed_10m": 3.0,
        }
