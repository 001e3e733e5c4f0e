"""Tests of the analysis: functions on plain tables, without dbt."""
