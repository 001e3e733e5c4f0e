"""What a worker runs: ``celery -A dataelec_assets.defs.worker worker -Q ingest`` (deploy/README.md)."""

from __future__ import annotations

from dataelec_assets.collector import collect_rarely
from dataelec_assets.defs.workers import celery_app
from dataelec_assets.errors import SettingsError
from dataelec_assets.settings import load_settings

collect_rarely()

_BROKER = load_settings().broker
if _BROKER is None:
    raise SettingsError("A worker needs a broker.", advice="Set DATAELEC_BROKER to the address of the Redis server.")

app = celery_app(_BROKER)
