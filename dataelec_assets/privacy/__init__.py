"""Persons in the data: pseudonyms under a secret key, small cells, and what must never be served."""
