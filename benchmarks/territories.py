"""The pages of a France of full size: 101 départements, some 1,250 EPCI, 35,000 communes, all of them invented.

`python -m benchmarks.territories FOLDER` writes a served file and its pages there, then the pages again after one value
has moved, and prints CPU seconds, files and size of both.
"""

from __future__ import annotations

import shutil
import sys
import time
from pathlib import Path

import duckdb

from dataelec_assets.serving.report.build import write_territory_pages
from dataelec_assets.warehouse.dictionary import table_docs
from dataelec_assets.warehouse.publication import read_publication

COMMUNES, YEARS = 35_000, range(2011, 2025)

_RATES = ("conso_electricite_par_hab", "conso_gaz_par_hab", "conso_residentielle_par_logement")
_OTHERS = (
    "population", "conso_electricite", "conso_gaz", "part_residentiel_electricite", "part_chauffage_electrique",
    "thermosensibilite_residentielle", "logements", "part_appartements", "points_de_recharge",
    "points_de_recharge_par_10000_hab",
)  # fmt: skip

_FRANCE = f"""
create table meta_publication (
    publication_id varchar, publiee_a timestamptz, version_code varchar, est_synthetique boolean
);
insert into meta_publication by name
select '0123456789abcdef' as publication_id, timestamptz '2026-11-26 05:04:00+00' as publiee_a,
    'banc' as version_code, true as est_synthetique;
insert into dim_region by name
select lpad(cast(r as varchar), 2, '0') as code_region, 'Région numéro ' || r as nom_region,
    r > 5 as est_metropolitaine, true as est_dans_perimetre_rte
from range(1, 19) as t (r);
insert into dim_departement by name
select code as code_departement, 'Département de ' || code as nom_departement,
    lpad(cast(1 + row_number() over (order by code) % 18 as varchar), 2, '0') as code_region, true as est_metropolitain
from (
    select lpad(cast(d as varchar), 2, '0') as code from range(1, 96) as t (d) where d <> 20
    union all select unnest(['2A', '2B', '971', '972', '973', '974', '976'])
);
create temp table communes as
select d.code_departement || lpad(cast(n as varchar), cast(5 - length(d.code_departement) as integer), '0') as code,
    d.code_departement as departement, d.code_region as region,
    -- Twelve or thirteen EPCI in each département, as in France.
    cast(200000000 + 100 * d.rang + n % (12 + if(d.rang % 5 < 2, 1, 0)) as varchar) as epci
from (select *, row_number() over (order by code_departement) as rang from dim_departement) as d
cross join range(1, {COMMUNES} // 101 + 2) as t (n)
where d.code_departement not in ('971', '972', '973', '974', '976') or n < 99;
insert into dim_commune by name
select code as code_commune, 'Commune-sur-Rivière ' || code as nom_commune, departement as code_departement,
    region as code_region, epci as code_epci, true as est_active from communes;
insert into dim_epci by name
select distinct epci as code_epci, 'Communauté de communes ' || epci as nom_epci from communes;
insert into dim_secteur by name
select * from (values ('residentiel', 'Résidentiel', 1), ('tertiaire', 'Tertiaire', 2), ('industrie', 'Industrie', 3),
    ('agriculture', 'Agriculture', 4), ('inconnu', 'Secteur inconnu', 5)) as t (code_secteur, nom_secteur, ordre);
insert into dim_indicateur by name
select code as code_indicateur, 'Libellé de ' || code as libelle, 'kWh/hab' as unite, 'ratio' as type_variable,
    'Agence ORE, INSEE' as source from unnest({[*_RATES, *_OTHERS]}) as t (code);
insert into meta_ruptures by name
select 'fct_indicateur' as nom_table, code_indicateur as mesure, date '2022-01-01' as date_rupture,
    'methode' as nature, false as est_comparable, 'Autre méthode.' as motif, 'banc' as source from dim_indicateur;
create temp table lieux as
select 'nation' as maille, 'FR' as code
union all select 'region', code_region from dim_region
union all select 'departement', code_departement from dim_departement
union all select 'epci', code_epci from dim_epci
union all select 'commune', code from communes;
create temp table parties as
select code_indicateur, cast(null as varchar) as sous_champ from dim_indicateur
union all select 'conso_electricite', code_secteur from dim_secteur;
insert into fct_indicateur by name
select p.code_indicateur, l.maille, l.code as code_territoire, a as annee, p.sous_champ,
    case when h % 29 <> 0 then round(h % 90000 / 7.0, 3) end as valeur,
    'kWh/hab' as unite, h % 29 = 0 as secret, h % 11 = 0 as est_incomplet,
    case when h % 29 = 0 then 'secret statistique' end as motif
from lieux as l cross join parties as p cross join range({YEARS.start}, {YEARS.stop}) as r (a)
cross join lateral (select hash(l.code, p.code_indicateur, p.sous_champ, a) as h)
order by l.maille, l.code, p.code_indicateur, a;
insert into mart_indicateur_compare by name
select code_indicateur, maille, code_territoire, annee, sous_champ, valeur,
    case when valeur is not null then rank() over (groupe order by valeur desc nulls last) end as rang,
    count(valeur) over (groupe) as nombre_pairs, annee - 1 as annee_precedente, 1.5 as evolution_pct
from fct_indicateur where maille <> 'commune' or annee = {YEARS.stop - 1}
window groupe as (partition by code_indicateur, sous_champ, maille, annee)
order by maille, code_territoire, code_indicateur, annee;
insert into mart_typologie_territoires by name
select maille, code as code_territoire, hash(code) % 6 + 1 as groupe, 'un type parmi six' as libelle_groupe
from lieux where maille = 'epci' or (maille = 'commune' and hash(code) % 7 = 0);
"""


def make_served(path: Path) -> None:
    """Write the served file: the columns are those of dbt's contracts."""
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as connection:
        for table in table_docs():
            columns = ", ".join(f'"{column.name}" {column.type}' for column in table.columns)
            connection.execute(f"create table {table.name} ({columns})")
        connection.execute(_FRANCE)


def main(root: Path) -> None:
    """Write, measure, move one value, measure again."""
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    path, former = root / "dataelec.duckdb", root / "none"
    make_served(path)
    for name in ("first", "moved"):
        if name == "moved":
            with duckdb.connect(str(path)) as connection:
                connection.execute(
                    "update fct_indicateur set valeur = 1 where code_territoire = '33001' and annee = 2024"
                )
        publication = read_publication(path)
        if publication is None:
            sys.exit(f"{path} has no publication.")
        cpu, wall = time.process_time(), time.perf_counter()
        done = write_territory_pages(path, publication, root / name, former)
        spent = time.process_time() - cpu, time.perf_counter() - wall
        size = sum(each.stat().st_size for each in (root / name).rglob("*") if each.is_file())
        print(
            f"{name}: {len(done.written):,} files written, {done.kept:,} kept, {size / 1e6:.1f} MB, "
            f"{spent[0]:.1f} CPU s, {spent[1]:.1f} s",
            flush=True,
        )
        former = root / name


if __name__ == "__main__":
    main(Path(sys.argv[1]))
