"""``dataelec mcp``: the API's answers as tools of the Model Context Protocol, for assistants.

Read-only. Each tool asks the API inside this process, so that an assistant gets what a program gets: the same rows, the
same refusals, the same publication. The package ``mcp`` is an extra (``dataelec-assets[mcp]``), imported here only.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import httpx
from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import ToolAnnotations
from pydantic import Field

from dataelec_assets import __version__
from dataelec_assets.catalog import load_catalog
from dataelec_assets.serving.api.app import Options, create_app

# An assistant reads every row that it gets.
MOST_ROWS = 100

ABSENT = (
    "Une valeur nulle ou une ligne absente veut dire inconnue, secrète ou sans objet, jamais zéro. Citez la source, la "
    "période et l’unité avec chaque chiffre."
)

INSTRUCTIONS = f"""\
Électricité et gaz en France, et territoires qui les utilisent, d’après les données publiées. Lecture seule.
Cherchez d’abord le code du territoire et celui de l’indicateur, puis leurs valeurs. {ABSENT}
Une corrélation n’est pas une cause ; les mailles se recouvrent et ne se somment pas entre elles."""

# What is behind tables whose rows do not name their source.
_CONSUMPTION = (
    "consommation-quotidienne-brute",
    "consommation-quotidienne-brute-regionale",
    "temperature-quotidienne-regionale",
)
_MIX = ("eco2mix-national-tr", "eco2mix-regional-tr")

Grain = Literal["nation", "region", "departement", "epci", "commune"]
Words = Annotated[str, Field(min_length=1, max_length=100)]
Codes = Annotated[
    list[str], Field(min_length=1, max_length=50, description="Codes INSEE (« 33 »), SIREN d’un EPCI, ou FR.")
]
Day = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$", description="Jour de Paris, AAAA-MM-JJ.")]


class Answers:
    """Asks the API in this process and says of each answer where it comes from."""

    def __init__(self, served_file: Path) -> None:
        app = create_app(served_file, Options(rate=0, log=False))
        self._client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://dataelec")

    async def rows(self, path: str, published_by: str, **given: Any) -> dict[str, Any]:
        """Return the rows of a list with their units, sources, period and limits.

        Args:
            path: of the API.
            published_by: the source of rows that name none.
            given: parameters; None: left out.

        Raises:
            ToolError: the API refuses; its reason, in French.
        """
        body = await self.body(path, limite=MOST_ROWS, **given)
        rows, meta = body["donnees"], body["meta"]
        return {
            "donnees": rows,
            "constat": _finding(rows, is_cut=body["liens"]["suivant"] is not None),
            "unites": meta["unites"],
            "sources": sorted({row["source"] for row in rows if row.get("source")}) or [published_by],
            "table": meta["sujet"],
            "periode": _period(rows),
            "avertissements": meta["avertissements"],
            "publication": meta["publication"],
            "a_savoir": ABSENT,
        }

    async def body(self, path: str, **given: Any) -> dict[str, Any]:
        """Return an answer as the API gives it.

        Raises:
            ToolError: the API refuses; its reason, in French.
        """
        answer = await self._client.get(
            path, params={name: value for name, value in given.items() if value is not None}
        )
        body: dict[str, Any] = answer.json()
        if answer.is_error:
            raise ToolError(body["detail"])
        return body


def _finding(rows: Sequence[dict[str, Any]], *, is_cut: bool) -> str:
    if not rows:
        return (
            "Aucune ligne ne répond à cette demande (code, maille, période ou année sans donnée) : ce n’est pas zéro."
        )
    return f"{len(rows)} lignes" + (" ; d’autres existent, restreindre la demande." if is_cut else ", au complet.")


def _period(rows: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """Return the first and the last day, or year, of the rows; None when they have neither."""
    for name in ("date", "date_locale", "annee"):
        times = [row[name] for row in rows if row.get(name) is not None]
        if times:
            return {"de": min(times), "a": max(times)}
    return None


def _producers(ids: Sequence[str]) -> str:
    """Return the producers of data sets of the catalogue, each once."""
    catalog = load_catalog()
    return " ; ".join(dict.fromkeys(catalog[each].publisher for each in ids))


class Tools:
    """What an assistant may ask: each public method is a tool, described in French by its docstring."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers

    async def chercher_territoires(self, texte: Words, maille: Grain | None = None) -> dict[str, Any]:
        """Cherche des territoires par nom ou par code ; donne leur maille, leur code et ce qui les contient."""
        return await self._answers.rows("/v1/territoires", "INSEE", q=texte, maille=maille)

    async def chercher_indicateurs(self, texte: Words) -> dict[str, Any]:
        """Cherche des indicateurs par leur libellé ; donne leur code, unité, méthode, source et limites."""
        return await self._answers.rows("/v1/indicateurs", "DataElec", q=texte)

    async def valeurs(
        self,
        indicateur: Words,
        territoires: Codes,
        maille: Grain | None = None,
        annees: Annotated[list[int] | None, Field(max_length=50)] = None,
        sous_champ: Words | None = None,
    ) -> dict[str, Any]:
        """Donne les valeurs d’un indicateur pour des territoires ; une série si aucune année n’est donnée."""
        return await self._answers.rows(
            "/v1/valeurs",
            "DataElec",
            indicateur=indicateur,
            territoire=territoires,
            maille=maille,
            annee=annees,
            sous_champ=sous_champ,
        )

    async def comparer(
        self,
        indicateur: Words,
        territoires: Codes,
        maille: Grain,
        annee: int | None = None,
        sous_champ: Words | None = None,
    ) -> dict[str, Any]:
        """Compare des territoires d’une maille : valeur, rang parmi leurs pairs, écart au parent, évolution."""
        return await self._answers.rows(
            "/v1/valeurs",
            "DataElec",
            indicateur=indicateur,
            territoire=territoires,
            maille=maille,
            annee=annee,
            sous_champ=sous_champ,
            comparaison="true",
        )

    async def consommation(self, territoire: Words, debut: Day, fin: Day) -> dict[str, Any]:
        """Donne l’électricité et le gaz consommés jour par jour, pour une région (code INSEE) ou la France (FR)."""
        return await self._answers.rows(
            "/v1/consommation", _producers(_CONSUMPTION), territoire=territoire, debut=debut, fin=fin, pas="jour"
        )

    async def mix(self, territoire: Words, debut: Day, fin: Day) -> dict[str, Any]:
        """Donne la production par filière jour par jour, pour une région (code INSEE) ou la France (FR)."""
        return await self._answers.rows(
            "/v1/mix", _producers(_MIX), territoire=territoire, debut=debut, fin=fin, pas="jour"
        )

    async def expliquer_colonne(self, table: Words, colonne: Words | None = None) -> dict[str, Any]:
        """Dit ce que sont les colonnes d’une table servie : sens, unité, limites, et comment agréger une mesure."""
        body = await self._answers.body(f"/v1/tables/{table}/colonnes")
        known = await self._answers.body("/v1/tables/meta_colonnes", nom_table=table, limite=1000)
        rules = {row["nom_colonne"]: row for row in known["donnees"]}
        columns = [
            {**each, **{key: rules.get(each["nom"], {}).get(key) for key in ("role", "regle_agregation", "libelle")}}
            for each in body["colonnes"]
            if colonne in (None, each["nom"])
        ]
        if not columns:
            names = ", ".join(each["nom"] for each in body["colonnes"])
            raise ToolError(f"{table} n’a pas de colonne {colonne} ; elle a : {names}.")
        limits = [each for each in body["avertissements"] if colonne in (None, each["colonne"])]
        return {**body, "colonnes": columns, "avertissements": limits, "a_savoir": ABSENT}

    async def sources(self) -> dict[str, Any]:
        """Dit quelles sources sont servies, de quand, sous quelle licence, et dans quel état."""
        return await self._answers.body("/v1/meta")


def create_server(served_file: Path) -> MCPServer[Any]:
    """Return the server that answers from this file, which need not exist yet."""
    server: MCPServer[Any] = MCPServer(
        "dataelec", title="DataElec", version=__version__, instructions=INSTRUCTIONS, log_level="WARNING"
    )
    tools = Tools(Answers(served_file))
    read = ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)
    for name in (each for each in vars(Tools) if not each.startswith("_")):
        server.add_tool(getattr(tools, name), annotations=read)
    return server
