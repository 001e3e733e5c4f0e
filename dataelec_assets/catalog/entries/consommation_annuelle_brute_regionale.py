"""Gross consumption of gas and electricity by region and year, Corsica included: GWh here, MW in the daily sets."""

from __future__ import annotations

from datetime import date, timedelta

from dataelec_assets.catalog import Column, Dataset, Partitioning, of_code, of_file
from dataelec_assets.catalog.entries._shared import ANNEE, CODE_REGION, REGION, REGION_SHAPES


def _gas(name: str, *operators: str) -> Column:
    return Column(
        name,
        "double",
        labels=tuple(f"Consommation brute gaz (GWh PCS 0°C) - {operator}" for operator in operators),
        unit="GWh PCS 0 °C",
        declared="int",
        description=f"Consommation brute de gaz de l'année, réseau {operators[0]}",
    )


def _status(name: str, *operators: str) -> Column:
    return Column(
        name,
        "text",
        labels=tuple(f"Statut - {operator}" for operator in operators),
        description=f"Statut de la donnée de {operators[0]}",
    )


DATASET = Dataset(
    portal="odre",
    id="consommation-annuelle-brute-regionale",
    title="Consommation annuelle brute régionale",
    publisher="RTE, NaTran (ex-GRTgaz), Teréga",
    cadence="yearly",
    # A year is published in the autumn that follows.
    expected_lag=timedelta(days=700),
    history_start=date(2013, 1, 1),
    partitioning=Partitioning("none"),
    dated_by="annee",
    key=("annee", "code_insee_region"),
    fingerprint=("consommation_brute_electricite_rte", "consommation_brute_gaz_totale"),
    territories="code_insee_region",
    left_in_raw=REGION_SHAPES,
    warning="Copie de 2022 : la Corse de 2019 y est dix fois trop forte (23 262 GWh pour 2 300 attendus).",
    known=(
        of_file("2022-03", "export de 2013 à 2020", "address", "columns", "units", "history"),
        of_code("2025-12", "programme qui lit l'export de 2013 à 2024, publié chaque automne", "cadence"),
    ),
    columns=(
        ANNEE,
        CODE_REGION,
        REGION,
        _gas("consommation_brute_gaz_grtgaz", "NaTran", "GRTgaz"),
        _status("statut_grtgaz", "NaTran", "GRTgaz"),
        _gas("consommation_brute_gaz_terega", "Teréga"),
        _status("statut_terega", "Teréga"),
        Column(
            "consommation_brute_electricite_rte",
            "double",
            labels=("Consommation brute électricité (GWh) - RTE",),
            unit="GWh",
            declared="int",
            description="Consommation brute d'électricité de l'année, Corse comprise",
        ),
        Column(
            "consommation_brute_gaz_totale",
            "double",
            labels=("Consommation brute gaz totale (GWh PCS 0°C)",),
            unit="GWh PCS 0 °C",
            declared="int",
            description="Consommation brute de gaz de l'année, deux réseaux ; nulle en Corse, sans gaz naturel",
        ),
        _status("statut_rte", "RTE"),
        Column(
            "consommation_brute_totale",
            "double",
            labels=("Consommation brute totale (GWh)",),
            unit="GWh",
            declared="int",
            description="Somme gaz et électricité ; nulle où le gaz l'est",
        ),
    ),
)
