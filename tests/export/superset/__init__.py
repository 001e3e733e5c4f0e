"""Superset: the bundle by itself, its server, and a real one."""
