"""A file that its publisher replaces where it lies: the national file of charging points."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from dataelec_assets.catalog import load_catalog
from dataelec_assets.ingest.copies import refresh_copies
from dataelec_assets.ingest.fetch import refresh_source
from dataelec_assets.ingest.reports import SourceReport
from dataelec_assets.portals.progress import SilentProgress
from dataelec_assets.portals.retries import RetryPolicy
from dataelec_assets.run_context import RunContext
from dataelec_assets.settings import Settings
from tests.published import publish_edition, stub
from tests.stubs import Stub

NATIONAL = "bornes-de-recharge-irve"
HEADER = (
    "telephone_operateur,nom_operateur,nom_enseigne,id_station_itinerance,id_station_local,nom_station,adresse_station,"
    "code_insee_commune,coordonneesXY,nbre_pdc,id_pdc_itinerance,id_pdc_local,puissance_nominale,prise_type_ef,"
    "prise_type_2,prise_type_combo_ccs,prise_type_chademo,prise_type_autre,condition_acces,date_mise_en_service,"
    "date_maj,une_colonne_de_plus"
)


def content(*points: str) -> str:
    rows = [
        f'0612345678,Nom,"Enseigne, et cie",FRAAAP1,,Nom,"1 rue, ici",01004,"[5.3,45.9]",2,{point},,22,true,true,'
        "false,false,false,Accès libre,2022-01-01,2024-01-01,x"
        for point in points
    ]
    return "\n".join([HEADER, *rows]) + "\n"


@pytest.fixture
def portal() -> Iterator[Stub]:
    with stub() as running:
        publish_edition(running, load_catalog()[NATIONAL], "all", content("FRAAAE11"))
        yield running


def refreshed(ctx: RunContext) -> SourceReport:
    dataset = ctx.catalog[NATIONAL]
    report = refresh_source(ctx, dataset, SilentProgress())
    refresh_copies(ctx, dataset)
    return report


def test_each_content_is_a_vintage_of_the_one_partition(portal: Stub, tmp_path: Path) -> None:
    settings = Settings(lake=tmp_path / "lake", **portal.addresses)  # type: ignore[arg-type]  # all are addresses
    ctx = RunContext(settings, retries=RetryPolicy(attempts=1))
    dataset = ctx.catalog[NATIONAL]
    first = refreshed(ctx)
    assert (first.error, first.changed, first.rows, first.warnings) == (None, ["all"], 1, [])
    assert refreshed(ctx).outcome == "unchanged"
    publish_edition(portal, dataset, "all", content("FRAAAE11", "FRAAAE12"))
    assert (refreshed(ctx).changed, len(ctx.raw.names(dataset, "all"))) == (["all"], 2)
    table = pq.read_table(ctx.parquet.file(dataset, "all"))
    assert table.column("id_pdc_itinerance").to_pylist() == ["FRAAAE11", "FRAAAE12"]
    assert table.column("nom_enseigne").to_pylist() == ["Enseigne, et cie"] * 2
    # Whatever a publisher adds, and what is personal, is in raw alone.
    assert not {"telephone_operateur", "une_colonne_de_plus"} & set(table.column_names)
