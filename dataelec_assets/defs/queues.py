"""Where steps go when workers take them: ingestion to any, the rest to the one machine that has the warehouse."""

from __future__ import annotations

# The name is dagster-celery's. What one process does takes no notice of it.
QUEUE = "dagster-celery/queue"
INGEST, BUILD = "ingest", "build"
