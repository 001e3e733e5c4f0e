"""What each column of a served table is and how it may be aggregated, as ``dbt/semantic.yml`` says.

``meta_colonnes``, ``meta_relations`` and the keys of the data package derive from it.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

from dataelec_assets.errors import WarehouseError
from dataelec_assets.warehouse.dictionary import ColumnDoc, TableDoc
from dataelec_assets.warehouse.project import PROJECT_DIR
from dataelec_assets.warehouse.yaml_files import read_yaml

Role = Literal["identifiant", "temps", "dimension", "drapeau", "texte", "mesure"]
Aggregation = Literal[
    "somme", "somme_territoires", "somme_temps", "moyenne", "ponderee", "maximum", "minimum", "aucune"
]

# Ends of names that say the unit, longest first: a label says it in brackets.
_UNIT_IN_NAME = re.compile(
    r"_(kwh_jour_c_logement|kwh_par_logement|kwh_par_hab|g_par_kwh|mw_par_c|pct_par_c|mwh|gwh|twh|kwh|mw|kw|pct|hab|"
    r"min|mm|m_s|h|c)$"
)


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a column is.

    Attributes:
        table, column: where it is.
        role: what it serves for.
        unit: of a measure; None for what is none.
        rule: of aggregation, of a measure.
        weight: column of the same table by which a rate is averaged.
        label: in French, with the unit.
        synonyms: other words that people search for.
        description: as the dictionary has it.
    """

    table: str
    column: str
    role: Role
    unit: str | None
    rule: Aggregation | None
    weight: str | None
    label: str
    synonyms: tuple[str, ...]
    description: str


@dataclass(frozen=True, slots=True)
class Relation:
    """A column that holds the key of another table."""

    table: str
    column: str
    to_table: str
    to_column: str


@cache
def rules(project: Path = PROJECT_DIR) -> dict[str, Any]:
    """Return the content of ``semantic.yml``."""
    content: dict[str, Any] = read_yaml(project / "semantic.yml")
    return content


def meanings(tables: Iterable[TableDoc], said: Mapping[str, Any]) -> tuple[Meaning, ...]:
    """Return what every column of the tables is, in their order.

    Args:
        tables: as :func:`.dictionary.table_docs` returns them.
        said: as :func:`rules` returns it.

    Raises:
        WarehouseError: columns have no role, no unit or no rule, a weight is no measure of the same table that adds
            up, or a table that is named is not served; all of them are in the message.
    """
    tables = list(tables)
    found = [_meaning(table, column, said) for table in tables for column in table.columns]
    faults = [*_undecided(found), *_wrong_weights(found), *_unknown_names(tables, said)]
    if faults:
        raise WarehouseError(
            f"dbt/semantic.yml does not say what these are: {'; '.join(faults)}.",
            advice="Add a rule, or give the column its unit (`config: {meta: {unit: …}}`).",
        )
    return tuple(found)


def _meaning(table: TableDoc, column: ColumnDoc, said: Mapping[str, Any]) -> Meaning:
    role: Any = next((each["role"] for each in said["roles"] if _fits(each, column)), None)
    rule = _rule(table, column, said) if role == "mesure" else {}
    unit = (column.unit or rule.get("unite")) if role == "mesure" else None
    return Meaning(
        table.name,
        column.name,
        role,
        unit,
        rule.get("regle"),
        rule.get("poids"),
        said["libelles"].get(column.name) or label_of(column.name, unit, said["mots"]),
        tuple(said["synonymes"].get(column.name, ())),
        column.description,
    )


def _rule(table: TableDoc, column: ColumnDoc, said: Mapping[str, Any]) -> Mapping[str, Any]:
    own: Mapping[str, Any] = said["tables"].get(table.name, {}).get(column.name, {})
    return own or next((each for each in said["mesures"] if _fits(each, column)), {})


def _fits(rule: Mapping[str, Any], column: ColumnDoc) -> bool:
    """Return whether a rule speaks of a column: its type, its name and its unit, as far as it names them."""
    if "types" in rule and column.type.partition("(")[0] not in rule["types"]:
        return False
    if "noms" in rule and not re.fullmatch(rule["noms"], column.name):
        return False
    return "unites" not in rule or column.unit in rule["unites"]


def _undecided(found: Iterable[Meaning]) -> Iterator[str]:
    for each in found:
        name = f"{each.table}.{each.column}"
        if each.role not in get_args(Role):
            yield f"{name} (role)"
        elif each.role == "mesure" and each.rule not in get_args(Aggregation):
            yield f"{name} (rule of aggregation)"
        elif each.role == "mesure" and not each.unit:
            yield f"{name} (unit)"


def _wrong_weights(found: Sequence[Meaning]) -> Iterator[str]:
    additive = {(each.table, each.column) for each in found if each.rule == "somme"}
    for each in found:
        if (each.rule == "ponderee") != (each.weight is not None) or (
            each.weight is not None and (each.table, each.weight) not in additive
        ):
            yield f"{each.table}.{each.column} (its weight {each.weight} is no column of the table that adds up)"


def _unknown_names(tables: Sequence[TableDoc], said: Mapping[str, Any]) -> Iterator[str]:
    columns = {table.name: {column.name for column in table.columns} for table in tables}
    for table, own in said["tables"].items():
        yield from (f"{table}.{name} (not served)" for name in own if name not in columns.get(table, ()))
    for target in said["relations"].values():
        table, _, column = target.partition(".")
        if column not in columns.get(table, ()):
            yield f"{target} (not served)"


def label_of(name: str, unit: str | None, words: Mapping[str, str]) -> str:
    """Return the label of a column: the words of its name as they are written in French, the unit in brackets.

    Example:
        ``consommation_electricite_mwh`` in MWh is ``Consommation électricité (MWh)``.
    """
    parts = _UNIT_IN_NAME.sub("", name).split("_") if unit else name.split("_")
    text = " ".join(words.get(part, part) for part in parts)
    text = text[:1].upper() + text[1:]
    return f"{text} ({unit})" if unit and unit != "1" else text


def relations(tables: Iterable[TableDoc], said: Mapping[str, Any]) -> tuple[Relation, ...]:
    """Return the columns of the tables that hold the key of another one."""
    found = []
    for table in tables:
        for column in table.columns:
            to_table, _, to_column = said["relations"].get(column.name, "").partition(".")
            is_other = column.name in said["sans_relation"].get(table.name, ())
            if to_table and to_table != table.name and not is_other:
                found.append(Relation(table.name, column.name, to_table, to_column))
    return tuple(found)


_SHORT = {"somme_territoires": "territoires", "somme_temps": "temps"}


def measures(found: Iterable[Meaning]) -> dict[tuple[str, str], tuple[str, str]]:
    """Return the unit of each measure and, in a word, how it is aggregated, by table and column, for the dictionary."""
    return {
        (each.table, each.column): (
            each.unit or "",
            f"÷ `{each.weight}`" if each.weight else _SHORT.get(each.rule, each.rule),
        )
        for each in found
        if each.rule is not None
    }


def columns_csv(found: Iterable[Meaning]) -> str:
    """Return the seed ``meta_colonnes``."""
    header = "nom_table,nom_colonne,role,unite,regle_agregation,colonne_de_poids,libelle,synonymes"
    rows = (
        (e.table, e.column, e.role, e.unit, e.rule, e.weight, e.label, ", ".join(e.synonyms) or None) for e in found
    )
    return _csv(header, rows)


def relations_csv(found: Iterable[Relation]) -> str:
    """Return the seed ``meta_relations``."""
    rows = ((e.table, e.column, e.to_table, e.to_column) for e in found)
    return _csv("nom_table,nom_colonne,vers_table,vers_colonne", rows)


def _csv(header: str, rows: Iterable[Sequence[str | None]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header.split(","))
    writer.writerows(rows)
    return text.getvalue()
