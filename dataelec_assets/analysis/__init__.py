"""What SQL should not do: robust errors, correlations, decompositions, forecasts.

Functions from Arrow tables to Arrow tables, without Dagster and without dbt. The Python models of dbt
(``dbt/models/intermediate/*.py``) call them with the tables of the warehouse; a mart in SQL, with its contract and its
tests, stands over each (docs/decisions/0014).
"""
