"""Temperatures, weather sensitivity, forecasts, charging points."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from dataelec_assets.serving.api.answers import reply
from dataelec_assets.serving.api.json_schemas import list_responses, row_schema
from dataelec_assets.serving.api.page_parameters import Page
from dataelec_assets.serving.api.v1.parameters import (
    Code,
    DansDepartement,
    DansEpci,
    DansRegion,
    Debut,
    Fin,
    RegionOuNation,
    Territoires,
)
from dataelec_assets.serving.api.v1.subjects import Given, Variant, ask

router = APIRouter(prefix="/v1")

_PLACE = {"territoire": "code_territoire", "maille": "maille"}
_MODEL = {**_PLACE, "pas": "pas", "modele": "modele", "meteo": "meteo", "horizon": "horizon_jours"}
_COMING = {**_MODEL, "a_venir": "est_a_venir"}

_TEMPERATURES = Variant("fct_temperature_regionale", {"territoire": "code_region"}, ("date",))
_SENSITIVITY = {
    "gradient": Variant("mart_thermosensibilite", {**_PLACE, "energie": "energie", "periode": "periode"}),
    "isolation": Variant("mart_priorite_isolation", {"territoire": "code_region"}),
    "locale": Variant("mart_thermosensibilite_locale", _PLACE),
    "degres_jours": Variant("mart_degres_jours", _PLACE),
}
_FORECASTS = {
    "prevision": Variant("mart_prevision", _COMING, ("date",), {"est_publiee": True}),
    "toutes": Variant("mart_prevision", _COMING, ("date",)),
    "scores": Variant("mart_prevision_scores", {**_MODEL, "decoupe": "decoupe"}),
    "modeles": Variant("mart_prevision_modele", _MODEL),
}
_CHARGING = {
    "stations": Variant(
        "dim_station",
        {"commune": "code_commune", "arrondissement": "code_arrondissement", "station": "id_station"},
    ),
    "occupation": Variant(
        "mart_occupation_horaire",
        {"maille": "maille", "station": "id_station", "arrondissement": "code_arrondissement"},
        ("heure_utc",),
    ),
    "meteo": Variant("mart_occupation_meteo"),
    "tension": Variant("mart_stations_en_tension", {"station": "id_station", "arrondissement": "code_arrondissement"}),
    "a_verifier": Variant("mart_bornes_a_verifier", {"station": "id_station", "arrondissement": "code_arrondissement"}),
}


@router.get(
    "/temperatures",
    tags=["climat"],
    summary="Températures des régions",
    response_class=Response,
    responses=list_responses(
        row_schema(_TEMPERATURES.table),
        example=[{"code_region": "53", "date": "2024-01-01", "temperature_moyenne_c": 9.4}],
    ),
)
async def temperatures(
    request: Request, how: Page, territoire: Territoires = None, debut: Debut = None, fin: Fin = None
) -> Response:
    """Température minimale, moyenne et maximale par région et par jour."""
    return await reply(request, how, lambda served: ask(served, _TEMPERATURES, {"territoire": territoire}, debut, fin))


@router.get(
    "/thermosensibilite",
    tags=["climat"],
    summary="Thermosensibilité de la consommation",
    response_class=Response,
    responses=list_responses(
        *(row_schema(variant.table) for variant in _SENSITIVITY.values()),
        example=[{"maille": "nation", "code_territoire": "FR", "energie": "electricite", "est_fiable": True}],
    ),
)
async def sensitivity(
    request: Request,
    *,
    how: Page,
    vue: Annotated[
        Literal["gradient", "isolation", "locale", "degres_jours"],
        Query(description="Gradients ; régions où isoler d'abord ; communes, EPCI et départements ; degrés-jours."),
    ] = "gradient",
    maille: Annotated[
        Literal["nation", "region", "departement", "epci", "commune"] | None, Query(description="Maille.")
    ] = None,
    territoire: Territoires = None,
    region: DansRegion = None,
    departement: DansDepartement = None,
    epci: DansEpci = None,
    energie: Annotated[Literal["electricite", "gaz"] | None, Query(description="Énergie, pour les gradients.")] = None,
    periode: Annotated[
        Code | None, Query(description="ensemble, ou une année de chauffe comme 2018-2019 ; pour les gradients.")
    ] = None,
) -> Response:
    """Ce qu'un degré de moins ajoute à la consommation, avec son intervalle et sa fiabilité."""
    given = {"maille": maille, "territoire": territoire, "energie": energie, "periode": periode}
    given |= {"region": region, "departement": departement, "epci": epci}
    return await reply(request, how, lambda served: ask(served, _SENSITIVITY[vue], given))


@router.get(
    "/previsions",
    tags=["climat"],
    summary="Prévisions de consommation",
    response_class=Response,
    responses=list_responses(
        *(row_schema(variant.table) for variant in _FORECASTS.values()),
        example=[{"maille": "nation", "code_territoire": "FR", "pas": "jour", "prevision_mw": 61234.0}],
    ),
)
async def forecasts(
    request: Request,
    *,
    how: Page,
    vue: Annotated[
        Literal["prevision", "toutes", "scores", "modeles"],
        Query(description="Prévisions publiées ; toutes, avec les modèles de référence ; scores ; modèles."),
    ] = "prevision",
    maille: RegionOuNation = None,
    territoire: Territoires = None,
    pas: Annotated[Literal["jour", "demi_heure"] | None, Query(description="Pas de temps.")] = None,
    modele: Annotated[Code | None, Query(description="Modèle.")] = None,
    meteo: Annotated[Code | None, Query(description="observee, prevue ou climatologie.")] = None,
    horizon: Annotated[int | None, Query(ge=0, le=30, description="Jours d'avance.")] = None,
    a_venir: Annotated[
        bool | None, Query(description="true : jours à venir seulement ; false : jours déjà mesurés.")
    ] = None,
    decoupe: Annotated[Code | None, Query(description="Découpe des scores, comme ensemble ou saison.")] = None,
    debut: Debut = None,
    fin: Fin = None,
) -> Response:
    """Sept jours à venir, et prévisions passées face au réalisé, avec intervalles à 50 et 90 %."""
    given = {
        "maille": maille,
        "territoire": territoire,
        "pas": pas,
        "modele": modele,
        "meteo": meteo,
        "horizon": horizon,
        "a_venir": a_venir,
        "decoupe": decoupe,
    }
    return await reply(request, how, lambda served: ask(served, _FORECASTS[vue], given, debut, fin))


@router.get(
    "/bornes",
    tags=["bornes de recharge"],
    summary="Bornes de recharge",
    response_class=Response,
    responses=list_responses(*(row_schema(variant.table) for variant in _CHARGING.values())),
)
async def charging_points(
    request: Request,
    *,
    how: Page,
    vue: Annotated[
        Literal["stations", "occupation", "meteo", "tension", "a_verifier"],
        Query(
            description=(
                "Les stations ; l'occupation heure par heure ; l'occupation selon la météo, l'heure et le jour ; les "
                "stations où des points manquent ; les points à vérifier."
            )
        ),
    ] = "stations",
    maille: Annotated[
        Literal["point", "station", "arrondissement", "commune"] | None,
        Query(description="De l'occupation ; par défaut station."),
    ] = None,
    station: Annotated[
        list[Annotated[str, Query(max_length=80)]] | None, Query(max_length=200, description="Station.")
    ] = None,
    commune: Annotated[list[Code] | None, Query(max_length=200, description="Code INSEE, pour les stations.")] = None,
    region: DansRegion = None,
    departement: DansDepartement = None,
    epci: DansEpci = None,
    arrondissement: Annotated[
        list[Code] | None, Query(max_length=20, description="Arrondissement, comme 75111.")
    ] = None,
    debut: Debut = None,
    fin: Fin = None,
) -> Response:
    """Stations de recharge, et occupation horaire des points suivis."""
    # The same hours exist at four grains, which must never be mixed in one answer.
    grain = maille or ("station" if vue == "occupation" else None)
    given: dict[str, Given] = {
        "maille": grain,
        "station": station,
        "commune": commune,
        "arrondissement": arrondissement,
        "region": region,
        "departement": departement,
        "epci": epci,
    }
    return await reply(request, how, lambda served: ask(served, _CHARGING[vue], given, debut, fin))
