"""What a served file says of its sources."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from dataelec_assets.database import connect
from dataelec_assets.run_context import RunContext
from dataelec_assets.settings import Settings
from dataelec_assets.warehouse.meta_tables import source_rows, write_meta_tables


def test_each_source_says_its_quota_its_conditions_and_how_its_claims_are_known(tmp_path: Path) -> None:
    connection = connect()
    rows = source_rows(RunContext(Settings(lake=tmp_path)))
    write_meta_tables(connection, rows, ("x", datetime(2026, 11, 30, tzinfo=UTC), "1", False))
    said = {
        str(name): values
        for name, *values in connection.execute(
            "SELECT jeu_de_donnees, quota, conditions, verifie, non_verifie FROM meta_sources"
        ).fetchall()
    }
    quota, conditions, verified, unverified = said["archives-meteo-regions"]
    assert quota.startswith("600 appels pondérés par minute")
    assert conditions.startswith("Usage non commercial seulement")
    assert "licence, quota (page du publieur, 2026-11 : conditions d'Open-Meteo)" in verified
    assert unverified is None
    quota, conditions, verified, unverified = said["populations-legales-communes"]
    assert (quota, conditions, unverified) == (None, None, "cadence, quota")
    assert verified.startswith("adresse (programme public, 2026 : ")
