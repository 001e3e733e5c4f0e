"""Consumption, mix, exchanges, gas."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from dataelec_assets.serving.api.answers import reply
from dataelec_assets.serving.api.json_schemas import list_responses, row_schema
from dataelec_assets.serving.api.page_parameters import Page
from dataelec_assets.serving.api.places import with_neighbours
from dataelec_assets.serving.api.v1.parameters import (
    Annees,
    Code,
    DansDepartement,
    DansEpci,
    DansRegion,
    Debut,
    Filieres,
    Fin,
    Grain,
    RegionOuNation,
    Territoires,
    Voisins,
    grain_of,
)
from dataelec_assets.serving.api.v1.subjects import Variant, ask

router = APIRouter(prefix="/v1", tags=["énergie"])

_PLACE = {"territoire": "code_territoire"}

_CONSUMPTION = {
    ("demi_heure", "region"): Variant("fct_consommation_regionale", {"territoire": "code_region"}, ("date_locale",)),
    ("demi_heure", "nation"): Variant("fct_consommation_nationale", {}, ("date_locale",)),
    ("jour", "region"): Variant("mart_conso_quotidienne_region", {"territoire": "code_region"}, ("date",)),
    ("jour", "nation"): Variant("mart_quotidien_national", {}, ("date",)),
}
_CONSUMPTION_YEARLY = Variant(
    "fct_consommation_annuelle",
    {
        "territoire": "code_territoire",
        "maille": "maille",
        "annee": "annee",
        "energie": "energie",
        "secteur": "code_secteur",
    },
)
_MIX = {
    ("filieres", "jour"): Variant("mart_mix_jour", {**_PLACE, "filiere": "filiere", "maille": "maille"}, ("date",)),
    ("bilan", "jour"): Variant("mart_mix_bilan_jour", {**_PLACE, "maille": "maille"}, ("date",)),
    ("filieres", "periode"): Variant(
        "mart_mix_periode",
        {**_PLACE, "filiere": "filiere", "maille": "maille", "type_periode": "type_periode"},
        ("debut", "fin"),
    ),
    ("bilan", "periode"): Variant(
        "mart_mix_bilan_periode", {**_PLACE, "maille": "maille", "type_periode": "type_periode"}, ("debut", "fin")
    ),
    ("filieres", "demi_heure"): Variant(
        "fct_production_filiere", {"territoire": "territoire", "filiere": "filiere"}, ("date_locale",)
    ),
    ("bilan", "demi_heure"): Variant("fct_eco2mix_national", {}, ("date_locale",)),
}
_PERIODS = Variant(
    "mart_periode",
    {**_PLACE, "mesure": "mesure", "maille": "maille", "type_periode": "type_periode"},
    ("debut", "fin"),
)
_EXCHANGES = Variant("fct_echanges_commerciaux", {"frontiere": "frontiere"}, ("date",))
_GAS = {
    "nation": Variant("mart_stock_gaz_national", {}, ("date",)),
    "pits": Variant("fct_stock_gaz", {"pits": "pits"}, ("date",)),
}


@router.get(
    "/consommation",
    summary="Consommation d'électricité et de gaz",
    response_class=Response,
    responses=list_responses(
        *(row_schema(variant.table) for variant in (*_CONSUMPTION.values(), _CONSUMPTION_YEARLY)),
        example=[{"code_region": "53", "date": "2024-01-01", "consommation_electricite_mwh": 71234.5}],
    ),
)
async def consumption(
    request: Request,
    *,
    how: Page,
    pas: Annotated[
        Literal["demi_heure", "jour", "annee"], Query(description="Pas de temps ; annee : par secteur et énergie.")
    ] = "jour",
    maille: Annotated[
        Grain | None,
        Query(description="Maille ; à défaut, région ou nation selon territoire, et toutes pour les années."),
    ] = None,
    territoire: Territoires = None,
    region: DansRegion = None,
    departement: DansDepartement = None,
    epci: DansEpci = None,
    voisins: Voisins = False,
    debut: Debut = None,
    fin: Fin = None,
    annee: Annees = None,
    energie: Annotated[Literal["electricite", "gaz"] | None, Query(description="Pour les années.")] = None,
    secteur: Annotated[list[Code] | None, Query(max_length=50, description="Code du secteur, pour les années.")] = None,
) -> Response:
    """Demi-heures et jours : régions et nation ; années : toutes les mailles, par secteur et par énergie."""
    within = {"region": region, "departement": departement, "epci": epci}
    given = {"annee": annee, "energie": energie, "secteur": secteur, **within}
    if voisins:
        territoire, maille = await with_neighbours(territoire, maille)
    if pas == "annee":
        yearly = {**given, "territoire": territoire, "maille": maille}
        return await reply(request, how, lambda served: ask(served, _CONSUMPTION_YEARLY, yearly, debut, fin))
    grain = maille or grain_of(territoire)
    codes = None if grain == "nation" and set(territoire or ["FR"]) == {"FR"} else territoire
    variant = _CONSUMPTION.get((pas, grain), _CONSUMPTION[pas, "region"])
    asked = {**given, "territoire": codes, **({} if grain in {"region", "nation"} else {"maille": maille})}
    return await reply(request, how, lambda served: ask(served, variant, asked, debut, fin))


@router.get(
    "/mix",
    summary="Mix de production",
    response_class=Response,
    responses=list_responses(
        *(row_schema(variant.table) for variant in _MIX.values()),
        example=[
            {
                "maille": "nation",
                "code_territoire": "FR",
                "date": "2024-01-01",
                "filiere": "nucleaire",
                "part_pct": 65.1,
            }
        ],
    ),
)
async def mix(
    request: Request,
    *,
    how: Page,
    pas: Annotated[Literal["demi_heure", "jour", "periode"], Query(description="Pas de temps.")] = "jour",
    vue: Annotated[
        Literal["filieres", "bilan"], Query(description="Par filière, ou le bilan : bas carbone, CO₂, couverture.")
    ] = "filieres",
    maille: RegionOuNation = None,
    territoire: Territoires = None,
    filiere: Filieres = None,
    type_periode: Annotated[
        Code | None, Query(description="mois, saison, annee ou 30_jours ; pour les périodes.")
    ] = None,
    debut: Debut = None,
    fin: Fin = None,
) -> Response:
    """Énergie et part de chaque filière, ou bilan, par demi-heure, jour ou période."""
    given = {"maille": maille, "territoire": territoire, "filiere": filiere, "type_periode": type_periode}
    return await reply(request, how, lambda served: ask(served, _MIX[vue, pas], given, debut, fin))


@router.get(
    "/periodes",
    summary="Jours présents sur les jours attendus",
    response_class=Response,
    responses=list_responses(
        row_schema(_PERIODS.table),
        example=[
            {
                "mesure": "production",
                "code_territoire": "FR",
                "type_periode": "30_jours",
                "jours_attendus": 30,
                "jours_presents": 10,
                "est_complete": False,
            }
        ],
    ),
)
async def periods(
    request: Request,
    *,
    how: Page,
    mesure: Annotated[
        list[Annotated[str, Query(max_length=40)]] | None,
        Query(max_length=10, description="Mesure, comme consommation_electricite ; peut être répétée."),
    ] = None,
    maille: RegionOuNation = None,
    territoire: Territoires = None,
    type_periode: Annotated[Code | None, Query(description="mois, saison, annee, 30_jours ou 365_jours.")] = None,
    debut: Debut = None,
    fin: Fin = None,
) -> Response:
    """Deux périodes ne se comparent que si toutes deux sont complètes."""
    given = {"mesure": mesure, "maille": maille, "territoire": territoire, "type_periode": type_periode}
    return await reply(request, how, lambda served: ask(served, _PERIODS, given, debut, fin))


@router.get(
    "/echanges",
    summary="Échanges commerciaux aux frontières",
    response_class=Response,
    responses=list_responses(
        row_schema(_EXCHANGES.table),
        example=[{"date": "2024-01-01", "tranche_horaire": 0, "frontiere": "ch", "solde_mw": -1200.0}],
    ),
)
async def exchanges(
    request: Request,
    *,
    how: Page,
    frontiere: Annotated[list[Code] | None, Query(max_length=50, description="Frontière ; peut être répétée.")] = None,
    debut: Debut = None,
    fin: Fin = None,
) -> Response:
    """Exportations, importations et solde par frontière et par heure."""
    return await reply(request, how, lambda served: ask(served, _EXCHANGES, {"frontiere": frontiere}, debut, fin))


@router.get(
    "/gaz",
    summary="Stocks de gaz",
    response_class=Response,
    responses=list_responses(
        *(row_schema(variant.table) for variant in _GAS.values()),
        example=[{"date": "2024-01-01", "stock_gwh": 98765.4, "nombre_pits": 6, "est_complet": True}],
    ),
)
async def gas(
    request: Request,
    *,
    how: Page,
    vue: Annotated[Literal["nation", "pits"], Query(description="Total de la France, ou par groupement.")] = "nation",
    pits: Annotated[
        list[Annotated[str, Query(max_length=80)]] | None, Query(max_length=50, description="Groupement (PITS).")
    ] = None,
    debut: Debut = None,
    fin: Fin = None,
) -> Response:
    """Gaz en stock chaque jour ; le total n'est donné que si les six groupements y sont."""
    return await reply(request, how, lambda served: ask(served, _GAS[vue], {"pits": pits}, debut, fin))
