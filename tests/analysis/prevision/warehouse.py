"""Tables of the forecasts in a small database: what the models of dbt read, and what they keep."""

from __future__ import annotations

import duckdb
import pyarrow as pa

from dataelec_assets.analysis.prevision.backtest import backtest
from dataelec_assets.analysis.prevision.inputs import Territory
from dataelec_assets.analysis.prevision.rows import rows
from dataelec_assets.analysis.prevision.scores import scores
from dataelec_assets.analysis.prevision.source import Source
from dataelec_assets.analysis.prevision.sums import sums
from tests.analysis.prevision.worlds import World

# As int_prevision_lectures_mois and int_prevision_mois.
_MONTHS = """
    SELECT maille, code_territoire, mois, coalesce(nombre_lectures, 0) AS nombre_lectures,
        concat_ws(' ', lectures.empreinte, jours.empreinte, revisions.empreinte, meteo.empreinte) AS empreinte
    FROM (
        SELECT maille, code_territoire, strftime(date, '%Y-%m') AS mois, CAST(sum(hash(j)) AS VARCHAR) AS empreinte
        FROM jours AS j GROUP BY ALL
    ) AS jours
    LEFT JOIN (
        SELECT code_territoire, strftime(date, '%Y-%m') AS mois, count(consommation_mw) AS nombre_lectures,
            CAST(sum(hash(l)) AS VARCHAR) AS empreinte
        FROM lectures AS l GROUP BY ALL
    ) AS lectures USING (code_territoire, mois)
    LEFT JOIN (
        SELECT code_territoire, strftime(date, '%Y-%m') AS mois, CAST(sum(hash(r)) AS VARCHAR) AS empreinte
        FROM revisions AS r GROUP BY ALL
    ) AS revisions USING (code_territoire, mois)
    LEFT JOIN (
        SELECT code_territoire, strftime(emission, '%Y-%m') AS mois, CAST(sum(hash(m)) AS VARCHAR) AS empreinte
        FROM meteo AS m GROUP BY ALL
    ) AS meteo USING (code_territoire, mois)
"""

_NO_WEATHER = """
    SELECT '' AS code_territoire, DATE '2000-01-01' AS emission, DATE '2000-01-01' AS date, 0.0 AS temperature_min_c,
        0.0 AS temperature_moyenne_c, 0.0 AS temperature_max_c
    LIMIT 0
"""


def _connected() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    return connection


class Warehouse:
    """What the models read, and the tables that they have made, kept from one build to the next."""

    def __init__(self, *worlds: World, forecasts: pa.Table | None = None) -> None:
        self._connection = _connected()
        self.replace(*worlds, forecasts=forecasts)

    def replace(self, *worlds: World, forecasts: pa.Table | None = None) -> None:
        """Put other inputs in the place of those that were there."""
        tables = zip(*(each.tables() for each in worlds), strict=True)
        for name, parts in zip(("lectures", "jours", "revisions"), tables, strict=True):
            self._put(name, pa.concat_tables(parts))
        if forecasts is None:
            self._connection.execute(f"CREATE OR REPLACE TABLE meteo AS {_NO_WEATHER}")
        else:
            self._put("meteo", forecasts)

    def _put(self, name: str, table: pa.Table) -> None:
        self._connection.register("given", table)
        self._connection.execute(f"CREATE OR REPLACE TABLE {name} AS FROM given")
        self._connection.unregister("given")

    def source(self) -> Source:
        """Return the inputs, as the models are given them."""
        read = self._connection.sql
        names = ("lectures", "jours", "revisions", "meteo")
        return Source(read(_MONTHS), *(read(f"FROM {name}") for name in names))

    def territories(self) -> list[Territory]:
        """Return every territory that has a reading."""
        source = self.source()
        found = [source.territory(each) for each in source.histories()]
        return [each for each in found if each is not None]

    def backtest(self, stored: dict[str, str] | None = None) -> pa.Table:
        """Return the back-test, of all months or of those that differ from ``stored``."""
        return backtest(self.source(), stored)

    def build(self) -> dict[str, pa.Table]:
        """Build what has changed since the last build, and return what each model computed."""
        made = {}
        stored = self.backtest(self._marks("retrotest"))
        made["retrotest"] = self._merge("retrotest", stored, "cle", "date")
        forecasts = self._connection.sql("FROM retrotest")
        made["sommes"] = self._merge("sommes", sums(self.source(), forecasts, self._marks("sommes")), "cle", "pas")
        kept = self._connection.sql("FROM sommes")
        for name, model in (("scores", scores), ("lignes", rows)):
            before = self._connection.sql(f"FROM {name}") if self._has(name) else None
            found = model(self.source(), forecasts, kept, before)
            made[name] = self._merge(name, found, "code_territoire", "pas")
        return made

    def table(self, name: str) -> pa.Table:
        """Return a table that was built, in an order that does not depend on how."""
        return self._connection.sql(f"FROM {name} ORDER BY ALL").to_arrow_table()

    def differences(self, other: Warehouse, name: str) -> int:
        """Return how many rows of a table only one of the two has."""
        with duckdb.connect() as connection:
            connection.register("one", self.table(name))
            connection.register("two", other.table(name))
            both = "FROM ((FROM one EXCEPT ALL FROM two) UNION ALL (FROM two EXCEPT ALL FROM one))"
            assert connection.execute("SELECT count(*) FROM two").fetchall() != [(0,)]
            return int(connection.execute(f"SELECT count(*) {both}").fetchall()[0][0])

    def copy(self) -> Warehouse:
        """Return another one that holds the same."""
        made = Warehouse.__new__(Warehouse)
        made._connection = _connected()
        for (name,) in self._connection.execute("SELECT table_name FROM duckdb_tables()").fetchall():
            made._put(name, self._connection.sql(f"FROM {name}").to_arrow_table())
        return made

    def _has(self, name: str) -> bool:
        query = f"SELECT count(*) FROM duckdb_tables() WHERE table_name = '{name}'"
        return bool(self._connection.execute(query).fetchall()[0][0])

    def _marks(self, name: str) -> dict[str, str]:
        if not self._has(name):
            return {}
        return dict(self._connection.execute(f"SELECT cle, min(empreinte) FROM {name} GROUP BY cle").fetchall())

    def _merge(self, name: str, found: pa.Table, key: str, present: str) -> pa.Table:
        """Do what dbt does: delete what comes back, insert it, and forget what came back without a value."""
        self._connection.register("found", found)
        if not self._has(name):
            self._connection.execute(f"CREATE TABLE {name} AS FROM found LIMIT 0")
        self._connection.execute(f"DELETE FROM {name} WHERE {key} IN (SELECT {key} FROM found)")
        self._connection.execute(f"INSERT INTO {name} FROM found WHERE {present} IS NOT NULL")
        self._connection.unregister("found")
        return found
