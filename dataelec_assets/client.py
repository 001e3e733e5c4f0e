"""A client of the API of ``dataelec api``: typed, small, for programs and notebooks.

    from dataelec_assets.client import Client

    with Client("http://127.0.0.1:8000") as dataelec:
        for row in dataelec.values("conso_electricite_par_hab", departement="33", maille="commune", annee=2023):
            print(row["nom_territoire"], row["valeur"], row["unite"])

It needs httpx only, and pyarrow or pandas for what returns their tables. Rows are dictionaries as the API names them;
codes are text, a value that is missing is None, days are ISO text (Paris), instants ISO text (UTC).
"""

from __future__ import annotations

import io
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

import httpx

Row = dict[str, Any]
Grain = Literal["nation", "region", "departement", "epci", "commune"]
Format = Literal["csv", "csv-fr", "xlsx", "geojson", "parquet", "arrow"]
Parameter = str | int | float | bool | Sequence[str | int] | None

# Answers that say when to come back.
_BUSY = frozenset({429, 503})
_LONGEST_WAIT = 30.0
_PUBLICATION_REPLACED = 410


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Something that an unknown code was perhaps meant to be."""

    code: str
    name: str


class ApiError(Exception):
    """The API refused, in French; ``str()`` says what is wrong.

    Attributes:
        status: HTTP status.
        title, detail: of the refusal.
        parameters: reason by parameter.
        suggestions: the three codes nearest to one that nobody knows.
    """

    def __init__(self, status: int, body: Mapping[str, Any]) -> None:
        self.status = status
        self.title, self.detail = str(body.get("title", status)), str(body.get("detail", ""))
        self.parameters = {each["parametre"]: each["raison"] for each in body.get("erreurs", ())}
        self.suggestions = [Suggestion(each["code"], each["nom"]) for each in body.get("proches", ())]
        super().__init__(f"{self.title} ({status}) : {self.detail}")


class PublicationReplaced(ApiError):
    """A new publication came between two pages: begin again, as pages of two do not fit together."""


@dataclass(frozen=True, slots=True)
class Publication:
    """What is served.

    Attributes:
        identifier: changes with the data.
        published_at: ISO text, UTC.
        is_synthetic: whether a source at least is invented.
    """

    identifier: str
    published_at: str
    is_synthetic: bool

    @classmethod
    def of(cls, summary: Mapping[str, Any]) -> Self:
        """Return the publication that an answer names."""
        return cls(summary["publication_id"], summary["publiee_a"], summary["est_synthetique"])


@dataclass(frozen=True, slots=True)
class Territory:
    """A territory.

    Attributes:
        grain: nation, region, departement, epci or commune.
        code: of INSEE, SIREN for an EPCI, FR for the nation.
        name: as published.
        population: inhabitants of the newest year; None when unknown.
        row: everything that the API says of it.
    """

    grain: str
    code: str
    name: str
    population: int | None
    row: Row = field(repr=False, compare=False)

    @classmethod
    def of(cls, row: Row) -> Self:
        """Return the territory of a row."""
        return cls(row["maille"], row["code_territoire"], row["nom"], row["population_hab"], row)


class Client:
    """Asks an API; a context manager that keeps its connections open.

    Args:
        url: of the API.
        timeout: seconds without a byte before a request fails.
        attempts: how often a busy API is asked, each time when it says.
        transport: of httpx, for tests or to ask an application in the same process.

    Every method raises :class:`ApiError` when the API refuses and ``httpx.HTTPError`` when it cannot be reached.
    """

    def __init__(
        self,
        url: str = "http://127.0.0.1:8000",
        *,
        timeout: float = 60.0,
        attempts: int = 4,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._http = httpx.Client(base_url=url, timeout=timeout, transport=transport)
        self._attempts = attempts

    def __enter__(self) -> Self:
        """Return the client."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close its connections."""
        self.close()

    def close(self) -> None:
        """Close its connections."""
        self._http.close()

    def publication(self) -> Publication:
        """Return what is served now."""
        return Publication.of(self._json("/v1/meta", {})["publication"])

    def territories(self, text: str | None = None, **filters: Parameter) -> Iterator[Territory]:
        """Find territories by name or code, the likeliest first.

        Args:
            text: a name, or its beginning, with or without accents; or a code.
            filters: ``maille``, ``code``, ``region``, ``departement``, ``epci``.
        """
        return map(Territory.of, self.rows("/v1/territoires", q=text, **filters))

    def territory(self, grain: Grain, code: str) -> Row:
        """Return a territory, what contains it, how many it contains and what borders it."""
        return self._json(f"/v1/territoires/{grain}/{code}", {})

    def indicators(self, text: str | None = None) -> Iterator[Row]:
        """Find indicators by their label: code, unit, definition, source, limits."""
        return self.rows("/v1/indicateurs", q=text)

    def values(self, indicator: str | Sequence[str], **filters: Parameter) -> Iterator[Row]:
        """Return values of indicators, one row per territory, year and part.

        Args:
            indicator: code, or several.
            filters: ``territoire``, ``maille``, ``departement``, ``region``, ``epci``, ``voisins``, ``annee``,
                ``annee_min``, ``annee_max``, ``sous_champ`` (``total``: the whole), ``comparaison``.
        """
        return self.rows("/v1/valeurs", indicateur=indicator, **filters)

    def table(self, name: str, **filters: Parameter) -> Iterator[Row]:
        """Return rows of a served table.

        Args:
            name: of the table.
            filters: ``column=value``, ``column__min``, ``column__max``, ``column__sauf``, ``column__nul``.
        """
        return self.rows(f"/v1/tables/{name}", **filters)

    def rows(self, path: str, **parameters: Parameter) -> Iterator[Row]:
        """Return all rows of a list, page after page, as they are asked for.

        Raises:
            PublicationReplaced: the data changed between two pages.
        """
        page = self._json(path, parameters)
        while True:
            yield from page["donnees"]
            following = page["liens"]["suivant"]
            if following is None:
                return
            page = self._json(following, {})

    def why_empty(self, path: str, **parameters: Parameter) -> str | None:
        """Return why a list has no rows, in French; None when it has some."""
        reason = self._json(path, {**parameters, "limite": 1})["meta"]["vide"]
        return None if reason is None else str(reason["raison"])

    def arrow(self, path: str, **parameters: Parameter) -> Any:
        """Return all rows of a list as a ``pyarrow.Table`` with types; units and meanings are in its schema."""
        import pyarrow as pa

        return pa.ipc.open_stream(self._get(path, {**parameters, "format": "arrow"}).content).read_all()

    def pandas(self, path: str, **parameters: Parameter) -> Any:
        """Return all rows of a list as a ``pandas.DataFrame`` with types."""
        import pandas as pd

        return pd.read_parquet(io.BytesIO(self._get(path, {**parameters, "format": "parquet"}).content))

    def download(self, path: str, target: str | Path, form: Format, **parameters: Parameter) -> Path:
        """Write all rows of a list to a file, part by part; an unfinished file is removed.

        Args:
            path: of the list.
            target: file to write.
            form: its format.
            parameters: of the list.

        Raises:
            OSError: the file cannot be written.
        """
        target = Path(target)
        try:
            with self._http.stream("GET", path, params=_given({**parameters, "format": form})) as response:
                _raise_refusal(response)
                with target.open("wb") as file:
                    for part in response.iter_bytes():
                        file.write(part)
        except BaseException:
            target.unlink(missing_ok=True)
            raise
        return target

    def publications(self, known: str | None = None) -> Iterator[Publication]:
        """Wait for publications: the one that is served, unless it is ``known``, then each new one as it comes.

        It ends when the API does; a loop around it, with the last identifier, waits on.
        """
        headers = {"Last-Event-ID": known} if known else {}
        with self._http.stream("GET", "/v1/evenements", headers=headers, timeout=httpx.Timeout(60.0)) as response:
            _raise_refusal(response)
            for line in response.iter_lines():
                if line.startswith("data:"):
                    yield Publication.of(json.loads(line.removeprefix("data:")))

    def _json(self, path: str, parameters: Mapping[str, Parameter]) -> Row:
        body: Row = self._get(path, parameters).json()
        return body

    def _get(self, path: str, parameters: Mapping[str, Parameter]) -> httpx.Response:
        for attempt in range(1, self._attempts + 1):
            # httpx would drop the query of a following page for an empty mapping.
            response = self._http.get(path, params=_given(parameters) or None)
            if response.status_code not in _BUSY or "retry-after" not in response.headers or attempt == self._attempts:
                break
            time.sleep(min(float(response.headers["retry-after"]), _LONGEST_WAIT))
        _raise_refusal(response)
        return response


def _given(parameters: Mapping[str, Parameter]) -> dict[str, Any]:
    return {name: value for name, value in parameters.items() if value is not None}


def _raise_refusal(response: httpx.Response) -> None:
    if not response.is_error:
        return
    response.read()
    try:
        body = response.json()
    except ValueError:  # a proxy's page
        body = {"title": response.reason_phrase, "detail": response.text[:200]}
    kind = PublicationReplaced if response.status_code == _PUBLICATION_REPLACED else ApiError
    raise kind(response.status_code, body if isinstance(body, dict) else {})
