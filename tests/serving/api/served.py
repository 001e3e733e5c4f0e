"""A small served file made by hand, and the API on loopback that answers from it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import httpx
import uvicorn
from fastapi import FastAPI

from dataelec_assets.serving.api.server import server_config

META = """
    create table meta_publication (
        publication_id varchar, publiee_a timestamptz, version_code varchar, est_synthetique boolean
    );
    insert into meta_publication values ('{identifier}', '2026-11-20 06:00:00+00', '0.1.0+test', true);
    create table meta_sources (portail varchar, jeu_de_donnees varchar, lignes bigint, statut varchar);
    insert into meta_sources values ('odre', 'eco2mix', 3, 'à jour');
    create table meta_avertissements (nom_table varchar, nom_colonne varchar, avertissement varchar);
    insert into meta_avertissements values ('dim_region', 'nom_region', 'Noms de 2016.');
"""

TERRITORIES = """
    create table dim_region (
        code_region varchar, nom_region varchar, est_metropolitaine boolean, est_dans_perimetre_rte boolean
    );
    insert into dim_region values
        ('01', 'Guadeloupe', false, false), ('11', 'Île-de-France', true, true), ('53', 'Bretagne', true, true),
        ('75', 'Nouvelle-Aquitaine', true, true), ('94', 'Corse', true, false);
    create table dim_departement (
        code_departement varchar, nom_departement varchar, code_region varchar, est_metropolitain boolean
    );
    insert into dim_departement values
        ('01', 'Ain', '84', true), ('33', 'Gironde', '75', true), ('24', 'Dordogne', '75', true),
        ('35', 'Ille-et-Vilaine', '53', true), ('29', 'Finistère', '53', true), ('2A', 'Corse-du-Sud', '94', true);
    create table dim_epci (code_epci varchar, nom_epci varchar);
    insert into dim_epci values ('243300316', 'Bordeaux Métropole');
    create table dim_commune (
        code_commune varchar, nom_commune varchar, type_commune varchar, est_active boolean, code_departement varchar,
        code_region varchar, code_epci varchar
    );
    insert into dim_commune values
        ('33063', 'Bordeaux', 'COM', true, '33', '75', '243300316'),
        ('33281', 'Mérignac', 'COM', true, '33', '75', '243300316'),
        ('24322', 'Périgueux', 'COM', true, '24', '75', null),
        ('33999', 'Ancienne-Commune', 'COMD', false, '33', '75', '243300316'),
        ('35238', 'Rennes', 'COM', true, '35', '53', null);
    create table fct_population (
        maille varchar, code_territoire varchar, annee integer, population_municipale_hab bigint
    );
    insert into fct_population values
        ('commune', '33063', 2020, 250000), ('commune', '33063', 2022, 260000), ('commune', '33281', 2022, 75000),
        ('departement', '33', 2022, 1690000), ('departement', '24', 2022, 413000), ('nation', 'FR', 2022, 68000000);
"""

INDICATORS = """
    create table dim_indicateur (code_indicateur varchar, libelle varchar, unite varchar);
    insert into dim_indicateur values
        ('conso_hab', 'Consommation par habitant', 'kWh/hab'), ('bornes', 'Points de charge', 'points');
    create table fct_indicateur (
        code_indicateur varchar, maille varchar, code_territoire varchar, annee integer, sous_champ varchar,
        valeur double, unite varchar, type_variable varchar, source varchar, secret boolean,
        annee_denominateur integer, motif varchar
    );
    insert into fct_indicateur by position
    select *, if(code_indicateur = 'conso_hab', 2020, null), if(secret, 'secret statistique', null) from (values
        ('conso_hab', 'departement', '33', 2021, null, 2000.0, 'kWh/hab', 'ratio', 'calcul', false),
        ('conso_hab', 'departement', '33', 2022, null, 2500.5, 'kWh/hab', 'ratio', 'calcul', false),
        ('conso_hab', 'departement', '33', 2022, 'résidentiel', null, 'kWh/hab', 'ratio', 'calcul', true),
        ('conso_hab', 'departement', '24', 2022, null, 3000.0, 'kWh/hab', 'ratio', 'calcul', false),
        ('conso_hab', 'departement', '35', 2022, null, 1000.0, 'kWh/hab', 'ratio', 'calcul', false),
        ('conso_hab', 'departement', '2A', 2022, null, 1500.0, 'kWh/hab', 'ratio', 'calcul', false),
        ('conso_hab', 'departement', '01', 2022, null, 1600.0, 'kWh/hab', 'ratio', 'calcul', false),
        ('conso_hab', 'region', '75', 2022, null, 2000.4, 'kWh/hab', 'ratio', 'calcul', false),
        ('conso_hab', 'commune', '33063', 2022, null, 2100.0, 'kWh/hab', 'ratio', 'calcul', false),
        ('conso_hab', 'epci', '243300316', 2022, null, 2200.0, 'kWh/hab', 'ratio', 'calcul', false),
        ('bornes', 'departement', '33', 2021, null, 1234.0, 'points', 'effectif', 'irve', false)
    ) as t(code_indicateur, maille, code, annee, sous_champ, valeur, unite, type_variable, source, secret);
"""

# Days of two régions at half-hours, with what makes formats differ: nulls, accents, quotes, fractions, an infinity.
FACTS = """
    create table fct_consommation_regionale as
    select strftime(d, '%Y-%m') as mois, r as code_region, d::date as date_locale,
        strftime(d + to_minutes(30 * h), '%H:%M') as heure_locale,
        (d + to_minutes(30 * h))::timestamp at time zone 'Europe/Paris' as instant_utc, false as est_heure_fictive,
        case when h % 7 = 3 then null else 4000 + h / 3.0 + r::integer end::double as consommation_electricite_mw,
        'consolidé' as statut_electricite
    from (values ('53'), ('11')) as regions(r), range(date '2024-01-01', date '2024-02-03', interval 1 day) as jours(d),
        range(48) as etiquettes(h)
    order by h, r, d;
    create table fct_temperature_regionale as
    select r as code_region, d::date as date, 1.5::double as temperature_min_c, 9.25::double as temperature_max_c,
        5.0::double as temperature_moyenne_c
    from (values ('53'), ('11')) as regions(r), range(date '2024-01-01', date '2024-01-11', interval 1 day) as jours(d);
    create table mart_essai as select * from (values
        ('é; "x"', 1, 0.1::double, true, date '2024-01-31', timestamptz '2024-03-31 01:00:00+00'),
        (null, 2, 'inf'::double, false, null, null),
        ('=1+1', null, null, null, date '1999-12-31', timestamptz '2024-10-27 00:30:00.25+00'),
        ('a', 3, -1e-7::double, true, date '2024-01-01', timestamptz '1999-12-31 23:59:59+00'),
        ('a', null, 1e22::double, null, null, timestamptz '2024-01-01 00:00:00+00'),
        ('', 3, 2.0::double, false, date '2024-01-01', null)
    ) as t(texte, entier, mesure_mw, drapeau, jour, instant_utc);
"""


def make_served(path: Path, identifier: str = "publication-1", *, extra: str = "", indicators: bool = True) -> Path:
    """Write a served file and put it in place by a rename, as a publication does."""
    draft = path.with_name(f"{path.name}.draft")
    draft.unlink(missing_ok=True)
    with duckdb.connect() as connection:
        connection.execute(f"attach '{draft}' as served (storage_version 'v1.2.0'); use served")
        connection.execute("set timezone = 'UTC'")
        for sql in (
            META.replace("{identifier}", identifier),
            TERRITORIES,
            INDICATORS if indicators else "",
            FACTS,
            extra,
        ):
            if sql:
                connection.execute(sql)
        connection.execute("use memory; detach served")
    draft.replace(path)
    return path


@contextmanager
def running(app: FastAPI) -> Iterator[httpx.Client]:
    """Run the API on a free port of loopback; give a client of it."""
    server = uvicorn.Server(server_config(app, "127.0.0.1", 0, behind_proxy=False))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the API did not start"
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=30) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join(timeout=15)


def pages(client: httpx.Client, url: str) -> Iterator[httpx.Response]:
    """Follow ``Link`` to the end."""
    following: str | None = url
    while following:
        response = client.get(following)
        assert response.status_code == 200, response.text
        yield response
        following = response.links.get("next", {}).get("url")
