"""What SQL should not do: regressions and their errors, correlations, decompositions, forecasts, clustering.

Functions from Arrow tables to Arrow tables, without Dagster and without dbt. The Python models of dbt
(``dbt/models/intermediate/*/*.py``) call them with tables of the warehouse; a mart in SQL, with its contract and its
tests, reads each of them (docs/decisions/0014).
"""
