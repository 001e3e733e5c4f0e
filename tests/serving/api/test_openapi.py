"""What the description promises, the API keeps."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from requests import Session
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from dataelec_assets.serving.api.app import Options, create_app
from tests.serving.api.served import make_served, running

pytestmark = pytest.mark.slow

EXAMPLES = 12

# It never ends.
STREAM = "/v1/evenements"

# Each subject answers, so that its successful answers are compared with the description too.
SUBJECTS = """
    create table mart_stock_gaz_national as select date '2024-01-01' as date, 1.5::double as stock_gwh,
        6 as nombre_pits, true as est_complet;
    create table fct_stock_gaz as select date '2024-01-01' as date, 'Centre' as pits, 'Storengy' as operateur,
        1.5::double as stock_gwh, true as est_pits_connu;
    create table mart_quotidien_national as select date '2024-01-01' as date, 1.5::double as consommation_mwh;
    create table fct_consommation_annuelle as select 'nation' as maille, 'FR' as code_territoire, 2022 as annee,
        'residentiel' as code_secteur, 'gaz' as energie, 1.5::double as energie_mwh;
    create table fct_echanges_commerciaux as select date '2024-01-01' as date, 0 as tranche_horaire, 'ch' as frontiere,
        1.5::double as export_mw, null::double as import_mw, null::double as solde_mw;
"""


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    served = make_served(tmp_path_factory.mktemp("described") / "dataelec.duckdb", extra=SUBJECTS)
    with running(create_app(served, Options(rate=0, log=False))) as client:
        yield client


def conforms(operation: APIOperation[Any, Any, Any, Any], mode: GenerationMode, session: Session) -> Counter[int]:
    """Send requests that the description allows, or that it does not; compare each answer with it."""
    statuses: Counter[int] = Counter()

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def ask(case: schemathesis.Case[Any]) -> None:
        # Refused although of the right shape: a made-up cursor, filters that do not go together. Accepted although of
        # another shape: a number where text is expected, since all is text in an address.
        excluded: list[Any] = [positive_data_acceptance, negative_data_rejection]
        statuses[case.call_and_validate(session=session, excluded_checks=excluded).status_code] += 1

    ask()
    return statuses


def test_every_answer_conforms_to_the_description(described: httpx.Client) -> None:
    base = str(described.base_url).rstrip("/")
    schema = schemathesis.openapi.from_dict(described.get("/openapi.json").json())
    schema.config.update(base_url=base)
    seen = {}
    with Session() as session:
        session.trust_env = False
        for found in schema.get_all_operations():
            assert isinstance(found, Ok)
            operation = found.ok()
            if operation.path == STREAM:
                continue
            seen[operation.path] = conforms(operation, GenerationMode.POSITIVE, session)
            if operation.path not in {"/v1/meta", "/v1/tables"}:  # nothing can be wrong with them
                seen[operation.path] += conforms(operation, GenerationMode.NEGATIVE, session)
    assert len(seen) >= 16
    assert not [path for path, statuses in seen.items() if any(status >= 500 for status in statuses)]
    answered = {path for path, statuses in seen.items() if statuses[200]}
    assert {
        "/v1/tables",
        "/v1/temperatures",
        "/v1/valeurs",
        "/v1/gaz",
        "/v1/territoires",
        "/v1/consommation",
    } <= answered


def test_the_description_is_openapi_3_1_with_an_example_or_a_schema_for_every_answer(client: httpx.Client) -> None:
    found = client.get("/openapi.json").json()
    assert found["openapi"].startswith("3.1")
    assert len(found["paths"]) >= 16
    for path, methods in found["paths"].items():
        operation = methods["get"]
        assert operation["summary"], path
        assert {"200", "422", "429", "503"} <= set(operation["responses"]), path
        assert ("304" in operation["responses"]) == (path != STREAM), path
        assert operation["responses"]["422"]["content"].keys() == {"application/problem+json"}, path
        for parameter in operation.get("parameters", ()):
            assert parameter.get("description"), f"{path}: {parameter['name']}"
    assert "HTTPValidationError" not in found["components"]["schemas"]


class _Links(HTMLParser):
    """Collects what a browser would fetch, and links."""

    def __init__(self) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in {"src", "srcset", "data"} or (tag == "link" and name == "href"):
                self.fetched.append(value or "")
            elif name == "href":
                self.links.append(value or "")


def test_the_documentation_is_one_french_page_that_fetches_nothing_from_elsewhere(client: httpx.Client) -> None:
    home = client.get("/", follow_redirects=True)
    assert home.url.path == "/docs"
    page = home.text
    assert '<html lang="fr">' in page
    links = _Links()
    links.feed(page)
    assert links.fetched == ["docs.css"]
    assert "<script" not in page
    style = client.get("/docs.css")
    assert style.headers["content-type"].startswith("text/css")
    assert "url(" not in style.text
    assert "@import" not in style.text
    for path in client.get("/openapi.json").json()["paths"]:
        assert f"<code>GET {path}</code>" in page


def test_every_example_of_the_documentation_answers(described: httpx.Client) -> None:
    links = _Links()
    links.feed(described.get("/docs").text)
    tried = [link for link in links.links if link.startswith("/")]
    assert len(tried) >= 14
    absent = re.compile(r"n'est pas dans cette publication")
    for link in tried:
        response = described.get(link)
        assert response.status_code == 200 or absent.search(response.text), (link, response.text)


def test_the_description_names_every_table_column_with_its_unit(client: httpx.Client) -> None:
    path = client.get("/openapi.json").json()["paths"]["/v1/temperatures"]["get"]
    rows = path["responses"]["200"]["content"]["application/json"]["schema"]["properties"]["donnees"]["items"]
    assert "Unité : °C." in rows["properties"]["temperature_moyenne_c"]["description"]
