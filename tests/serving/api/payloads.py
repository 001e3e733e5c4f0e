"""Requests that are valid, odd or hostile, made from a seed: ``python -m tests.serving.api.payloads 10000 [SEED]``."""

from __future__ import annotations

import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import httpx

from dataelec_assets.serving.api.app import Options, create_app
from tests.serving.api.office import FRANCE
from tests.serving.api.served import make_served, running

_TABLES = ("mart_essai", "fct_temperature_regionale", "dim_region", "dim_station", "meta_publication", "absente")
_PATHS = (
    *("/indicateurs", "/v1/indicateurs", "/v1/valeurs", "/v1/territoires", "/v1/consommation", "/v1/temperatures"),
    *("/v1/mix", "/v1/periodes", "/v1/gaz", "/v1/echanges", "/v1/thermosensibilite", "/v1/previsions", "/v1/bornes"),
    *("/v1/meta", "/v1/tables", *(f"/v1/tables/{name}" for name in _TABLES), "/v1/tables/dim_region/colonnes"),
    *("/v1/territoires/departement/33", "/v1/territoires/commune/zz", "/docs", "/openapi.json", "/rien"),
)
_NAMES = (
    *("departement", "region", "epci", "commune", "territoire", "maille", "annee", "annee_min", "annee_max"),
    *("indicateur", "sous_champ", "comparaison", "voisins", "q", "code", "pas", "vue", "debut", "fin", "energie"),
    *("format", "limite", "curseur", "ordre", "colonnes", "noms", "code_region", "entier", "jour__min", "texte__nul"),
    *("mesure_mw__max", "instant_utc", "drapeau", "code_region__sauf", "zz", "", "__egal", "texte__"),
)
_GOOD = (
    *("33", "24", "75", "2A", "243300316", "33063", "FR", "departement", "commune", "region", "2022", "conso_hab"),
    *("total", "true", "false", "jour", "annee", "2024-01-01", "json", "csv", "csv-fr", "parquet", "arrow", "xlsx"),
    *("geojson", "1", "10", "desc", "bordeaux", "electricite", "bornes", "code_region,nom_region", "53"),
)
_ODD = (
    *("", " ", "0", "-1", "1e3", "00", "9" * 30, "1.5", "nan", "inf", "vrai", "NULL", "2024-13-45", "0001-01-01"),
    *(
        "9999-12-31",
        "33 ",
        "３３",
        "é" * 50,
        "\u0000",
        "\u202e",
        "\U0001f600",
        "a" * 300,
        "%",
        "%%",
        "+",
        "&",
        "=",
        "#",
    ),
)
_HOSTILE = (
    *("' OR 1=1 --", '"; DROP TABLE dim_region', "$1", "?", "{0}", "%s", "\\", "../../etc/passwd", "(SELECT 1)"),
    *(
        "\r\nSet-Cookie: a=b",
        "=cmd|' /C calc'!A0",
        "<script>",
        "WyJ4IiwgIngiLCAtMV0",
        "read_text('/etc/passwd')",
        "[" * 200,
    ),
)
_RANGES = (
    "bytes=0-9",
    "bytes=-5",
    "bytes=5-2",
    "bytes=999999999-",
    "bytes=0-0,4-5",
    "bytes=a",
    "bytes=" + "1-2," * 200,
)


def payloads(seed: int) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Yield method, address and headers, always the same for a seed."""
    chance = random.Random(seed)  # noqa: S311 - not a secret
    while True:
        pairs = []
        for _ in range(chance.choice((0, 1, 1, 2, 2, 3, 4, 6))):
            kind = chance.choices((_GOOD, _ODD, _HOSTILE), (6, 2, 2))[0]
            pairs.append(f"{quote(chance.choice(_NAMES))}={quote(chance.choice(kind))}")
        headers = {}
        if chance.random() < 0.15:
            headers["Range"] = chance.choice(_RANGES)
        if chance.random() < 0.1:
            headers[chance.choice(("If-None-Match", "If-Match", "If-Range"))] = chance.choice(("*", '"x"', "W/", ","))
        if chance.random() < 0.1:
            headers["Accept"] = chance.choice(("text/csv", "image/png", "*/*;q=x", ";;", "application/geo+json"))
        path = chance.choice(_PATHS)
        method = chance.choices(("GET", "HEAD", "POST"), (8, 2, 0.2))[0]
        yield method, f"{path}?{'&'.join(pairs)}" if pairs else path, headers


def send(client: httpx.Client, count: int, seed: int) -> Counter[int]:
    """Send as many as asked for and return how often each status came.

    Raises:
        AssertionError: an answer is a fault of the service, or holds what it must not.
    """
    statuses: Counter[int] = Counter()
    for number, (method, url, headers) in enumerate(payloads(seed)):
        if number == count:
            break
        response = client.request(method, url, headers=headers)
        statuses[response.status_code] += 1
        assert response.status_code < 500, (method, url, headers, response.text[:300])
        assert "Set-Cookie" not in response.headers, url
        assert "root:" not in response.text, url
    return statuses


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        file = make_served(Path(folder) / "dataelec.duckdb", extra=FRANCE)
        with running(create_app(file, Options(rate=0, log=False))) as api:
            found = send(api, int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    sys.stdout.write(f"{dict(sorted(found.items()))}\n")
