"""Persons whom a published file names are in no table, view, Parquet file or served file."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import duckdb
import pytest

from dataelec_assets.catalog import load_catalog
from dataelec_assets.database import connect
from dataelec_assets.errors import WarehouseError
from dataelec_assets.lake.file_formats import inspect
from dataelec_assets.portals.partition_filters import ALL
from dataelec_assets.run_context import RunContext
from dataelec_assets.settings import Settings
from dataelec_assets.warehouse import build, publish
from tests.dbt.lakes import TinyLake
from tests.privacy.attack import Dictionary, attack_bytes, attack_file
from tests.reading import read_table

IRVE = "bornes-de-recharge-irve"
BELIB = "belib-points-de-recharge-pour-vehicules-electriques-donnees-statiques"

PERSONAL = {
    "contact_amenageur": "claire.martin@exemple-energie.fr",
    "contact_operateur": "Éloïse Dupré-Lefèvre",
    "telephone_operateur": "06 12 34 56 78",
    "observations": "Demander Mme Roux-Delcourt, 1er étage",
    "num_pdl": "19876543210987",
}
# Typed where it does not belong.
TYPED = {"nom_station": "Parking Rivoli, M. Albaret-Nonin 07 11 22 33 44", "nom_operateur": "j.albaret@exemple.fr"}
STATION = {
    "nom_enseigne": "Réseau d'exemple",
    "id_station_itinerance": "FRV75P0001",
    "adresse_station": "1 rue de l'Exemple 75001 Paris",
    "code_insee_commune": "75101",
    "coordonneesxy": "[2.35, 48.85]",
    "nbre_pdc": "2",
    "puissance_nominale": "22",
    "prise_type_2": "true",
    "condition_acces": "Accès libre",
    "date_maj": "2025-01-02",
}
PERSONS = (*PERSONAL.values(), "Roux-Delcourt", "Albaret-Nonin", "07 11 22 33 44", TYPED["nom_operateur"])


def published() -> str:
    """Return a national file of two points, one of a station whose name holds a contact."""
    rows = [
        {**PERSONAL, **STATION, "nom_station": "Rivoli", "nom_operateur": "Réseau", "id_pdc_itinerance": "FRV75E00011"},
        {**PERSONAL, **STATION, **TYPED, "id_station_itinerance": "FRV75P0002", "id_pdc_itinerance": "FRV75E00021"},
    ]
    text = io.StringIO()
    writer = csv.DictWriter(text, [*load_catalog()[IRVE].column_names, *PERSONAL], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def test_an_attacker_with_a_dictionary_finds_nobody(
    tiny_lake: TinyLake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "irve-statique.csv"
    file.write_text(published(), encoding="utf-8")
    assert set(attack_bytes(file, PERSONS)) == set(PERSONS)
    tiny_lake.read_whole(IRVE, ALL, file)
    tiny_lake.make("+dim_station", "+dim_point_de_charge")
    assert tiny_lake.query("SELECT nom_station, nom_operateur FROM dim_station ORDER BY id_station") == [
        ("Rivoli", "Réseau"),
        ("[masqué]", "[masqué]"),
    ]
    # A publication of these tables alone.
    monkeypatch.setattr(publish, "table_docs", tuple)
    monkeypatch.setattr(publish, "create_views", lambda _: None)
    monkeypatch.setattr(publish, "warehouse_signatures", lambda ctx: (build.lake_signatures(ctx), "p"))
    monkeypatch.setattr(publish, "project_digest", lambda: "p")
    served = publish.publish(RunContext(Settings(lake=tiny_lake.paths.root)))
    assert served.tables["dim_point_de_charge"] == 2
    dictionary = Dictionary(PERSONS)
    assert attack_file(served.path, dictionary) == []
    for folder, persons in (
        (tiny_lake.paths.serving, PERSONS),
        (tiny_lake.paths.warehouse.parent, PERSONS),
        # What was typed into another column is still in the lake's own copy.
        (tiny_lake.paths.parquet, tuple(PERSONAL.values())),
    ):
        files = [path for path in folder.rglob("*") if path.is_file()]
        assert files
        assert [name for path in files for name in attack_bytes(path, persons)] == []
    # The last door is in the way of every publication: a contact that came as far as a table is not served.
    with duckdb.connect(str(tiny_lake.paths.warehouse)) as warehouse:
        warehouse.execute("UPDATE dim_station SET nom_station = 'Rivoli, 06 12 34 56 78'")
    monkeypatch.setattr(publish, "warehouse_signatures", lambda ctx: (build.lake_signatures(ctx), "q"))
    monkeypatch.setattr(publish, "project_digest", lambda: "q")
    before = tiny_lake.paths.served_file.read_bytes()
    with pytest.raises(WarehouseError, match=r"dim_station\.nom_station holds .* in 2 row"):
        publish.publish(RunContext(Settings(lake=tiny_lake.paths.root)))
    assert tiny_lake.paths.served_file.read_bytes() == before


@pytest.mark.real
def test_nobody_of_the_real_file_of_belib_is_loaded(real_data: Path) -> None:
    (file,) = (real_data / "paris" / BELIB).glob("*.csv")
    dataset = load_catalog()[BELIB]
    with file.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter=";"))
    named = [name for name in rows[0] if name in dataset.personal or name == "Observations"]
    persons = {row[name] for row in rows for name in named} - {""}
    assert len(named) == 5
    dictionary = Dictionary(persons, mobile_numbers=())
    assert dictionary.knows("01 85 16 94 02")
    table = read_table(connect(), dataset, inspect(dataset.id, file))
    texts = {str(value) for column in table.columns for value in column.unique().to_pylist()}
    assert [text for text in texts if dictionary.knows(text)] == []
