"""The national file of charging points (IRVE), consolidated from what every operator publishes.

Columns are those of etalab/schema-irve 2.3 and five of those that the consolidation adds, checked on the schema, on six
rows of the file of 2024 and 2026 and on one point in sixty of an operators' platform; the whole file was never seen by
this project. data.gouv.fr hands the consolidation over to transport.data.gouv.fr, which is asked where the former has
it no longer. A point outside roaming writes ``Non concerné`` for its identifiers, the code of the commune is optional
and absent for whole operators, and some write latitude first: ``int_bornes_irve`` says what it made of each.
"""

from __future__ import annotations

from datetime import date, timedelta

from dataelec_assets.catalog import Column, Dataset, Edition, Partitioning, of_code, of_file
from dataelec_assets.catalog.entries._bornes import PERSONAL, point, station

# What the consolidation found itself, from the coordinates or the address; absent from an operator's own file.
_CONSOLIDATED = tuple(
    Column(f"consolidated_{name}", "text", required=False, description=f"{words}, d'après la consolidation")
    for name, words in (
        ("longitude", "Longitude"),
        ("latitude", "Latitude"),
        ("code_postal", "Code postal"),
        ("commune", "Nom de la commune"),
        ("is_lon_lat_correct", "Si le point tombe dans la commune déclarée"),
    )
)

DATASET = Dataset(
    portal="irve",
    id="bornes-de-recharge-irve",
    title="Base nationale des infrastructures de recharge pour véhicules électriques (IRVE), données statiques",
    publisher="data.gouv.fr, d'après les aménageurs",
    licence="Licence Ouverte v2.0 (Etalab)",
    cadence="daily",
    expected_lag=timedelta(days=7),
    history_start=date(2022, 1, 1),
    partitioning=Partitioning("none"),
    editions=(
        Edition(
            "all",
            "api/1/datasets/r/eb76d20a-8501-400e-b336-d85724de5435",
            labels=("consolidation-etalab-schema-irve-statique", "irve-statique", "consolidation_transport_irve"),
            # transport.data.gouv.fr takes the consolidation over, with three of the columns that it adds.
            elsewhere=("transport:resource/consolidation-nationale-irve-statique",),
        ),
    ),
    key=("id_pdc_itinerance",),
    fingerprint=(),
    # Operators add columns of their own.
    left_in_raw=("*",),
    personal=PERSONAL,
    page_path="fr/datasets/fichier-consolide-des-bornes-de-recharge-pour-vehicules-electriques/",
    warning=(
        "Déclaré par les exploitants : des points manquent, sont en double ou ont disparu sans être retirés. "
        "Celui dont rien ne dit la commune compte en France, et rend incomplètes les mailles plus fines."
    ),
    known=(
        of_code("2026-07-29", "programmes qui lisent la consolidation nationale", "address", "cadence"),
        of_file("2026-08", "en-tête et quatre lignes de la consolidation", "columns", "units"),
    ),
    unverified=("history",),
    columns=(
        Column(
            "id_pdc_itinerance",
            "text",
            description="Identifiant du point (AFIREV), ou Non concerné ; répété si déclaré deux fois",
        ),
        Column("id_pdc_local", "text", description="Identifiant local du point"),
        *station(),
        *point(),
        Column(
            "coordonneesxy",
            "text",
            labels=("coordonneesXY",),
            description="[longitude, latitude] (WGS 84), dans l'autre ordre chez certains",
        ),
        Column("code_insee_commune", "text", description="Code INSEE de la commune, facultatif"),
        Column("date_maj", "text", description="Jour de mise à jour de la fiche"),
        *_CONSOLIDATED,
    ),
)
