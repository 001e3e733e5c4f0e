"""How Superset runs: read by Superset itself, in its own environment. Nothing of the package is imported here.

Its folder (``SUPERSET_HOME``) holds its database and the key of its sessions.
"""

from __future__ import annotations

import os
from pathlib import Path

_HOME = Path(os.environ["SUPERSET_HOME"])

SECRET_KEY = (_HOME / "secret_key").read_text(encoding="utf-8").strip()
SQLALCHEMY_DATABASE_URI = f"sqlite:///{_HOME / 'superset.db'}"

# Superset counts duckdb:// among what only its administrators may connect to; here nobody adds connections.
PREVENT_UNSAFE_DB_CONNECTIONS = False

# One language: pages ask for none other.
LANGUAGES = {"fr": {"flag": "fr", "name": "Français"}}
BABEL_DEFAULT_LOCALE = "fr"
# Narrow no-break space between thousands, as French typography has it.
D3_FORMAT = {"decimal": ",", "thousands": "\u202f", "grouping": [3], "currency": ["", "\u00a0€"]}
D3_TIME_FORMAT = {
    "dateTime": "%A %e %B %Y à %X",
    "date": "%d/%m/%Y",
    "time": "%H:%M:%S",
    "periods": ["AM", "PM"],
    "days": ["dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"],
    "shortDays": ["dim.", "lun.", "mar.", "mer.", "jeu.", "ven.", "sam."],
    "months": [
        *("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août"),
        *("septembre", "octobre", "novembre", "décembre"),
    ],
    "shortMonths": [
        *("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."),
    ],
}

# Pages ask this server only: Superset's own list allows maps and a counter of visits from elsewhere.
TALISMAN_CONFIG = {
    "content_security_policy": {
        "base-uri": ["'self'"],
        "default-src": ["'self'"],
        "img-src": ["'self'", "blob:", "data:"],
        "worker-src": ["'self'", "blob:"],
        "connect-src": ["'self'"],
        "object-src": "'none'",
        "style-src": ["'self'", "'unsafe-inline'"],
        "script-src": ["'self'", "'strict-dynamic'"],
    },
    "content_security_policy_nonce_in": ["script-src"],
    "force_https": False,
    "session_cookie_secure": False,
}

# Nothing is kept of an answer: the next question sees the next publication.
DATA_CACHE_CONFIG = {"CACHE_TYPE": "NullCache"}
# A table shows as many rows as it says.
ROW_LIMIT = SAMPLES_ROW_LIMIT = 10_000
