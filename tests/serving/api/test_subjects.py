"""The subjects of /v1: territories, values compared, and which table answers which question."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from dataelec_assets.serving.api.app import Options, create_app
from tests.serving.api.served import make_served, running


def rows(client: httpx.Client, url: str) -> list[dict[str, Any]]:
    response = client.get(url)
    assert response.status_code == 200, response.text
    found: list[dict[str, Any]] = response.json()["donnees"]
    return found


def names(client: httpx.Client, url: str) -> list[str]:
    return [row["nom"] for row in rows(client, url)]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("q=merignac", ["Mérignac"]),
        ("q=MÉRIGNAC", ["Mérignac"]),
        ("q=ile de france", ["Île-de-France"]),
        ("q=ille et", ["Ille-et-Vilaine"]),
        ("q=33063", ["Bordeaux"]),
        ("q=2a", ["Corse-du-Sud"]),
        ("q=corse", ["Corse", "Corse-du-Sud"]),
        ("q=bordeaux", ["Bordeaux", "Bordeaux Métropole"]),
        ("q=bordeaux&maille=epci", ["Bordeaux Métropole"]),
        ("q=-", []),
        ("epci=243300316&maille=commune", ["Bordeaux", "Mérignac"]),
        ("departement=24&maille=commune", ["Périgueux"]),
        ("region=53&maille=departement", ["Finistère", "Ille-et-Vilaine"]),
        ("code=33&code=75", ["Nouvelle-Aquitaine", "Gironde"]),
        ("q=ancienne", []),
    ],
)
def test_territories_are_found_by_name_code_and_parent(client: httpx.Client, query: str, expected: list[str]) -> None:
    assert names(client, f"/v1/territoires?{query}") == expected


def test_a_territory_has_its_chain_and_its_children(client: httpx.Client) -> None:
    found = client.get("/v1/territoires/commune/33063").json()
    assert [each["nom"] for each in found["ascendants"]] == ["Gironde", "Nouvelle-Aquitaine", "France"]
    assert found["territoire"]["population_hab"] == 260_000
    assert client.get("/v1/territoires/departement/33").json()["enfants"] == {"commune": 2, "epci": 1}
    assert client.get("/v1/territoires/epci/243300316").json()["enfants"] == {"commune": 2}
    assert client.get("/v1/territoires/nation/FR").json()["ascendants"] == []
    assert client.get("/v1/territoires/commune/33999").status_code == 404


def test_a_value_is_compared_with_parent_peers_and_before(client: httpx.Client) -> None:
    url = "/v1/valeurs?indicateur=conso_hab&comparaison=true&territoire=33&annee=2022&maille=departement"
    whole, part = rows(client, url)[1], rows(client, url)[0]
    assert (part["sous_champ"], part["valeur"], part["rang"], part["secret"]) == ("résidentiel", None, None, True)
    assert part["nombre_pairs"] == 0
    # Peers of 2022: 1000, 1500, 1600, 2500.5, 3000.
    assert (whole["rang"], whole["nombre_pairs"], whole["centile"]) == (2, 5, 75.0)
    assert (whole["maille_parent"], whole["code_parent"], whole["valeur_parent"]) == ("region", "75", 2000.4)
    assert whole["ecart_parent_pct"] == pytest.approx(25.0)
    assert (whole["annee_precedente"], whole["evolution_pct"]) == (2021, pytest.approx(25.025))


def test_a_comparison_needs_an_indicator(client: httpx.Client) -> None:
    assert client.get("/v1/valeurs?comparaison=true").status_code == 422


def test_values_are_a_series_when_no_year_is_given(client: httpx.Client) -> None:
    found = rows(client, "/v1/valeurs?indicateur=conso_hab&territoire=33&annee_min=2021&annee_max=2022")
    assert [row["annee"] for row in found if row["sous_champ"] is None] == [2021, 2022]
    assert [row["valeur"] for row in rows(client, "/v1/valeurs?sous_champ=résidentiel")] == [None]
    assert [row["libelle"] for row in rows(client, "/v1/indicateurs?q=PAR HABITANT")] == ["Consommation par habitant"]


def test_columns_are_filtered_by_equality_bounds_difference_and_null(client: httpx.Client) -> None:
    def entiers(query: str) -> list[Any]:
        return [row["entier"] for row in rows(client, f"/v1/tables/mart_essai?{query}")]

    assert entiers("entier=1&entier=2") == [1, 2]
    assert entiers("entier__egal=1") == [1]
    assert entiers("entier__sauf=3") == [1, 2]
    assert entiers("entier__min=2&entier__max=2") == [2]
    assert entiers("entier__nul=true") == [None, None]
    assert entiers("texte=") == [3]
    assert entiers("drapeau=vrai&entier__nul=false") == [1, 3]
    assert entiers("instant_utc=2024-03-31T03:00:00%2B02:00") == [1]
    assert entiers("jour__max=1999-12-31") == [None]
    assert list(rows(client, "/v1/tables/mart_essai?colonnes=jour,texte&limite=1")[0]) == ["jour", "texte"]


def test_days_are_bounded_on_both_sides(client: httpx.Client) -> None:
    days = [row["date"] for row in rows(client, "/v1/temperatures?territoire=53&debut=2024-01-03&fin=2024-01-05")]
    assert days == ["2024-01-03", "2024-01-04", "2024-01-05"]


def test_a_period_is_there_when_it_touches_the_days_asked_for(tmp_path: Path) -> None:
    extra = """
        create table mart_mix_periode as select * from (values
            ('nation', 'FR', 'mois', date '2024-01-01', date '2024-01-31', 'eolien', 10.0),
            ('nation', 'FR', 'mois', date '2024-02-01', date '2024-02-29', 'eolien', 20.0),
            ('nation', 'FR', 'mois', date '2024-03-01', date '2024-03-31', 'eolien', 30.0)
        ) as t(maille, code_territoire, type_periode, debut, fin, filiere, part_pct)
    """
    with running(create_app(make_served(tmp_path / "dataelec.duckdb", extra=extra), Options(rate=0))) as client:
        found = rows(client, "/v1/mix?pas=periode&type_periode=mois&debut=2024-02-10&fin=2024-02-20")
        assert [row["part_pct"] for row in found] == [20.0]
        assert client.get("/v1/mix?pas=periode").json()["meta"]["unites"] == {"part_pct": "%"}


def test_forecasts_are_those_that_are_published_to_come_or_measured(tmp_path: Path) -> None:
    extra = """
        create table mart_prevision as select * from (values
            ('nation', 'FR', 'jour', date '2024-01-01', 1, 50000.0, false, true),
            ('nation', 'FR', 'jour', date '2024-01-02', 1, 60000.0, true, true),
            ('nation', 'FR', 'jour', date '2024-01-02', 1, 70000.0, true, false)
        ) as t(maille, code_territoire, pas, date, horizon_jours, prevision_mw, est_a_venir, est_publiee)
    """
    with running(create_app(make_served(tmp_path / "dataelec.duckdb", extra=extra), Options(rate=0))) as client:
        for query, expected in (("true", [60000.0]), ("false", [50000.0])):
            found = rows(client, f"/v1/previsions?a_venir={query}&horizon=1&territoire=FR")
            assert [row["prevision_mw"] for row in found] == expected
        assert len(rows(client, "/v1/previsions?debut=2024-01-01")) == 2
        assert len(rows(client, "/v1/previsions?debut=2024-01-01&vue=toutes")) == 3


def test_the_hours_of_charging_points_come_at_one_grain(tmp_path: Path) -> None:
    extra = """
        create table mart_occupation_horaire as
        select maille, code, id_station, arrondissement as code_arrondissement, rang / 10.0 as taux_occupation,
            timestamptz '2023-01-30 23:00:00+00' as heure_utc
        from (values ('point', 'FRV75EPX11051', 'FRV75PPX1105', '75111', 1), ('commune', '75056', null, null, 4),
            ('station', 'FRV75PPX1105', 'FRV75PPX1105', '75111', 2), ('arrondissement', '75111', null, '75111', 3),
            ('station', 'FRV75PPX0805', 'FRV75PPX0805', '75108', 5)) as t(
                maille, code, id_station, arrondissement, rang
            );
        create table dim_station as select 'FRV75PPX1105' as id_station, '75056' as code_commune,
            '75111' as code_arrondissement, 6 as nombre_points_de_charge;
    """
    served = make_served(tmp_path / "dataelec.duckdb", extra=extra)
    with running(create_app(served, Options(rate=0))) as client:
        hours = "/v1/bornes?vue=occupation"
        assert {row["code"] for row in rows(client, hours)} == {"FRV75PPX1105", "FRV75PPX0805"}
        assert [row["code"] for row in rows(client, f"{hours}&arrondissement=75111")] == ["FRV75PPX1105"]
        assert [row["code"] for row in rows(client, f"{hours}&maille=commune")] == ["75056"]
        assert [row["code"] for row in rows(client, f"{hours}&maille=point&station=FRV75PPX1105")] == ["FRV75EPX11051"]
        # Eleven in the evening of London is the next day in Paris.
        assert len(rows(client, f"{hours}&debut=2023-01-31")) == 2
        assert rows(client, f"{hours}&fin=2023-01-30") == []
        assert [row["id_station"] for row in rows(client, "/v1/bornes?arrondissement=75111")] == ["FRV75PPX1105"]
        assert rows(client, "/v1/bornes?commune=33063") == []
        assert client.get("/v1/bornes?maille=point").status_code == 422


@pytest.mark.parametrize(
    ("url", "table"),
    [
        ("/v1/mix", "mart_mix_jour"),
        ("/v1/mix?vue=bilan&pas=periode", "mart_mix_bilan_periode"),
        ("/v1/thermosensibilite", "mart_thermosensibilite"),
        ("/v1/thermosensibilite?vue=isolation", "mart_priorite_isolation"),
        ("/v1/previsions", "mart_prevision"),
        ("/v1/previsions?vue=scores", "mart_prevision_scores"),
        ("/v1/gaz", "mart_stock_gaz_national"),
        ("/v1/echanges", "fct_echanges_commerciaux"),
        ("/v1/bornes", "dim_station"),
        ("/v1/bornes?vue=occupation", "mart_occupation_horaire"),
        ("/v1/bornes?vue=meteo", "mart_occupation_meteo"),
        ("/v1/bornes?vue=tension", "mart_stations_en_tension"),
        ("/v1/bornes?vue=a_verifier", "mart_bornes_a_verifier"),
        ("/v1/consommation?territoire=53", "mart_conso_quotidienne_region"),
        ("/v1/consommation?territoire=FR", "mart_quotidien_national"),
        ("/v1/consommation?pas=annee", "fct_consommation_annuelle"),
    ],
)
def test_a_table_that_is_not_in_the_publication_is_named(client: httpx.Client, url: str, table: str) -> None:
    response = client.get(url)
    assert response.status_code == 404
    assert response.json()["detail"].startswith(f"La table {table} n'est pas dans cette publication")


@pytest.mark.parametrize(
    "url",
    [
        "/v1/consommation?pas=demi_heure&territoire=53&annee=2024",
        "/v1/consommation?pas=demi_heure&maille=commune",
        "/v1/temperatures?maille=region",
    ],
)
def test_a_filter_that_the_table_cannot_apply_is_refused(client: httpx.Client, url: str) -> None:
    assert client.get(url).status_code == 422


def test_meta_tells_sources_and_known_limits(client: httpx.Client) -> None:
    found = client.get("/v1/meta").json()
    assert found["sources"] == [{"portail": "odre", "jeu_de_donnees": "eco2mix", "lignes": 3, "statut": "à jour"}]
    assert found["avertissements"][0]["avertissement"] == "Noms de 2016."
    columns = client.get("/v1/tables/dim_region/colonnes").json()
    assert columns["avertissements"] == [{"colonne": "nom_region", "texte": "Noms de 2016."}]
    assert "dim_region" in [table["nom"] for table in client.get("/v1/tables").json()["tables"]]
