"""Dagster on several machines: PostgreSQL, Redis, a launcher and two workers, all on loopback."""
