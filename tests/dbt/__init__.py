"""Tests of the dbt project: tables, data tests and increments, on tiny lakes and on the real files."""
