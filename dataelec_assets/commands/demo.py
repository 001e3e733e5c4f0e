"""The demonstration: a synthetic France as files of a folder, the main job, a few answers. Offline."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

import duckdb

from dataelec_assets.commands.refresh import run_refresh
from dataelec_assets.database import connect
from dataelec_assets.lake.atomic_files import temporary_path
from dataelec_assets.lake.paths import LakePaths
from dataelec_assets.run_context import RunContext
from dataelec_assets.sample import generate
from dataelec_assets.sample.marker import is_current
from dataelec_assets.serving.report import make_report
from dataelec_assets.settings import Settings
from dataelec_assets.warehouse.holds import describe_holds, in_force

# Question, SQL: each gives one row of a text and the period it stands for: first and last day, days expected, days
# present. Synthetic figures, real structure.
ANSWERS: tuple[tuple[str, str], ...] = (
    (
        "Electricity used in each full year",
        """
        select string_agg(periode || ': ' || round(twh, 1) || ' TWh', ', ' order by periode), min(debut), max(fin),
            sum(jours_attendus), sum(jours_presents)
        from (
            select p.periode, p.debut, p.fin, p.jours_attendus, p.jours_presents,
                sum(c.energie_electricite_mwh) / 1e6 as twh
            from mart_periode as p
            inner join fct_consommation_nationale as c on c.date_locale between p.debut and p.fin
            where p.mesure = 'consommation_electricite' and p.code_territoire = 'FR' and p.type_periode = 'annee'
                and p.est_complete
            group by all
        )
        """,
    ),
    (
        "Highest half-hour",
        """
        select max(consommation_electricite_mw)::integer || ' MW on '
            || max_by(date_locale || ' at ' || heure_locale, consommation_electricite_mw),
            min(date_locale), max(date_locale), max(date_locale) - min(date_locale) + 1, count(distinct date_locale)
        from fct_consommation_nationale where consommation_electricite_mw is not null
        """,
    ),
    (
        "Share of each filière in the last 30 days",
        """
        select string_agg(filiere || ' ' || part_pct::integer || ' %', ', ' order by part_pct desc),
            min(debut), max(fin), max(jours_attendus), max(jours_presents)
        from mart_mix_periode
        where code_territoire = 'FR' and type_periode = '30_jours' and part_pct > 0.5
        """,
    ),
    (
        "Electricity of homes per inhabitant, least and most",
        """
        select min_by(nom_region, valeur) || ' ' || min(valeur)::integer || ' kWh, '
            || max_by(nom_region, valeur) || ' ' || max(valeur)::integer || ' kWh',
            make_date(max(annee), 1, 1), make_date(max(annee), 12, 31),
            dayofyear(make_date(max(annee), 12, 31)), dayofyear(make_date(max(annee), 12, 31))
        from (
            select r.nom_region, i.valeur, i.annee
            from fct_indicateur as i
            inner join dim_region as r on i.code_territoire = r.code_region
            where i.code_indicateur = 'conso_electricite_par_hab' and i.sous_champ = 'residentiel'
                and i.maille = 'region'
            qualify i.annee = max(i.annee) over ()
        )
        """,
    ),
    (
        "Gas in storage on the last complete day",
        """
        select round(max_by(stock_gwh, date) / 1000, 1) || ' TWh', max(date), max(date), 1, 1
        from mart_stock_gaz_national where est_complet
        """,
    ),
)

# The same, from the analyses: what the report opens with. Estimates allow for days that lack.
FINDINGS: tuple[tuple[str, str], ...] = (
    (
        "A degree less of cold weather adds",
        """
        select round(gradient_chauffage_mw_par_c)::integer || ' MW of electricity below ' || seuil_chauffage_c
            || ' °C (95 % interval ' || round(gradient_chauffage_ic95_bas_mw_par_c)::integer || ' to '
            || round(gradient_chauffage_ic95_haut_mw_par_c)::integer || ')',
            debut, fin, fin - debut + 1, nombre_jours
        from mart_thermosensibilite
        where maille = 'nation' and energie = 'electricite' and periode = 'ensemble' and est_fiable
        """,
    ),
    (
        "Low-carbon share of the production",
        """
        select round(part_bas_carbone_pct, 1) || ' %'
            || coalesce(', ' || round(taux_co2_g_par_kwh)::integer || ' g of CO2 per kWh', ''),
            debut, fin, jours_attendus, jours_presents
        from mart_mix_bilan_periode where maille = 'nation' and type_periode = 'annee'
        order by est_complete desc, debut desc limit 1
        """,
    ),
    (
        "Error of the forecast for the next day",
        """
        select round(s.mape_pct, 1) || ' % of the daily load, ' || round(s.gain_contre_naif_pct)::integer
            || ' % better than the same day a week before'
            || coalesce('; ' || round(s.mae_mw)::integer || ' MW beside ' || round(s.mae_rte_mw)::integer
                || ' MW of RTE on the same days', '')
            || coalesce('; ' || round(s.couverture_90_pct)::integer || ' % fell in its 90 % interval', ''),
            s.debut, s.fin, s.fin - s.debut + 1, s.nombre_jours
        from mart_prevision_scores as s
        inner join mart_prevision_modele as m using (maille, code_territoire, pas, modele, meteo)
        where s.maille = 'nation' and s.pas = 'jour' and s.decoupe = 'ensemble' and s.horizon_jours = 1 and m.est_publie
        order by s.mape_pct, s.meteo limit 1
        """,
    ),
    (
        "Charging points of Paris in use",
        """
        select round(100 * sum(taux_occupation) filter (where decoupe = 'ensemble'))::integer
            || ' % of the observed time, most at ' || max_by(classe, taux_occupation) filter (where decoupe = 'heure')
            || ' (' || round(100 * max(taux_occupation) filter (where decoupe = 'heure'))::integer || ' %)',
            any_value(debut), any_value(fin), any_value(fin) - any_value(debut) + 1,
            max(nombre_jours) filter (where decoupe = 'ensemble')
        from mart_occupation_meteo cross join (
            select cast(min(timezone('Europe/Paris', heure_utc)) as date) as debut,
                cast(max(timezone('Europe/Paris', heure_utc)) as date) as fin
            from mart_occupation_horaire
        ) where taux_occupation is not null
        """,
    ),
)


def answer(connection: duckdb.DuckDBPyConnection, query: str) -> str:
    """Return what a query answers, with its days and, when some of them lack, how many are there.

    Args:
        connection: to the served file.
        query: gives a text, the first and the last day, the days expected and those present.

    Raises:
        ValueError: an answer has no period.
    """
    row = connection.execute(query).fetchone()
    if row is None or row[0] is None:
        return "no answer"
    text, first, last, expected, present = row
    if None in (first, last, expected, present):
        raise ValueError(f"an answer without a period: {text}")
    days = f"on {first}" if first == last else f"from {first} to {last}"
    return f"{text}, {days}{'' if present >= expected else f' ({present} of {expected} days)'}"


def run_demo(folder: Path | None, say: Callable[[str], None]) -> None:
    """Generate, refresh twice, answer.

    Args:
        folder: where to work (default ``lake/demo``); a lake that is there is refreshed, not made again.
        say: prints one line.

    Raises:
        DataElecError: a step failed.
    """
    root = (folder or Path("lake") / "demo").resolve()
    data = root / "sample"
    if not is_current(data):
        say("Writing a synthetic France (invented data, real structure) …")
        draft = temporary_path(LakePaths(root), "")
        generate(draft)
        shutil.rmtree(data, ignore_errors=True)
        draft.rename(data)
    ctx = RunContext(Settings(lake=root / "lake", folder=data))
    for left in data.glob(f"*/{_GAS}/{_GAS}_broken_*.csv"):  # by a demonstration that was killed
        left.unlink()
    say(f"The files of the portals are read from {data}; nothing is asked over the network.")
    _refresh(ctx, say)
    _refresh(ctx, say)
    _quarantine(ctx, data, say)
    say("")
    with connect(ctx.paths.served_file, read_only=True) as connection:
        for question, query in ANSWERS:
            say(f"{question}: {answer(connection, query)}")
        say("")
        say("Four findings (synthetic data, as everything here):")
        for finding, query in FINDINGS:
            say(f"  {finding}: {answer(connection, query)}")
    say("")
    say(f"The report, in French: {make_report(ctx).index}")
    say(f"The DuckDB file: {ctx.paths.served_file}")
    say(f"As an API: DATAELEC_LAKE={ctx.paths.root} dataelec api, then")
    say("curl 'http://127.0.0.1:8000/indicateurs?departement=33'; http://127.0.0.1:8000/docs describes it.")


# What the demonstration breaks: a month of stocks below nought, which no storage can hold.
_GAS, _BROKEN = "stock-quotidien-stockages-gaz", "stock_fin_de_journee"


def _quarantine(ctx: RunContext, data: Path, say: Callable[[str], None]) -> None:
    """Let the publisher break a month and mend it: the month alone is held back, and comes back by itself."""
    dataset = ctx.catalog[_GAS]
    month = ctx.raw.partitions(dataset)[-3]
    # A file of a month is newer than one without a date: its rows replace the others.
    broken = data / dataset.portal / _GAS / f"{_GAS}_broken_{month}.csv"
    try:
        with connect() as connection:
            rows = f"SELECT * REPLACE (-1 AS {_BROKEN}) FROM read_parquet('{ctx.parquet.file(dataset, month)}')"
            connection.execute(f"COPY ({rows}) TO '{broken}' (FORMAT csv, DELIMITER ';', HEADER)")
        say(f"The publisher of the gas in storage breaks {month}: every stock is -1 GWh …")
        _refresh_gas(ctx, say)
    finally:
        broken.unlink(missing_ok=True)
    say("The publisher mends it …")
    _refresh_gas(ctx, say)


def _refresh_gas(ctx: RunContext, say: Callable[[str], None]) -> None:
    outcome = run_refresh([_GAS], ctx=ctx, quiet=True)
    held = describe_holds(ctx, in_force(ctx))
    words = f"all the same. {' '.join(held)}" if held else "the month as it is now; nothing is in quarantine."
    say(f"  Published {words} (exit code {outcome.exit_code})")


def _refresh(ctx: RunContext, say: Callable[[str], None]) -> None:
    start = time.perf_counter()
    outcome = run_refresh(ctx=ctx, quiet=not sys.stderr.isatty())
    fetched = sum(row["fetched"] for row in outcome.sources)
    rows = sum(row["rows"] for row in outcome.sources)
    seconds = time.perf_counter() - start
    if fetched or outcome.build is not None:
        moved = [row for row in outcome.sources if row["changed"]]
        say(f"Refreshed in {seconds:.1f} s: {fetched} partitions of {len(moved)} data sets, {rows:,} rows.")
        for row in moved:
            count = row["changed"]
            say(f"  {row['dataset_id']}: {count} partition{'s' if count != 1 else ''}, {row['rows']:,} rows")
    else:
        say(f"Refreshed again in {seconds:.1f} s: nothing has changed, so nothing was downloaded or rebuilt.")
