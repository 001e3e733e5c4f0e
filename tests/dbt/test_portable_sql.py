"""No model holds what only DuckDB understands: that belongs to a macro of ``dialect.sql``, with its form on Spark.

Most of these fail loudly on Spark; some give another answer without a word (docs/decisions/0067).
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dataelec_assets.warehouse.project import PROJECT_DIR

# Where an engine may be named.
OF_ONE_ENGINE = ("dialect.sql", "materialisations.sql", "materialisations_spark.sql")

# What is forbidden, a line that has it, and what to write.
CONSTRUCTS = {
    "the type varchar": (r"\bvarchar\b", "cast(x as varchar)", "string"),
    "the cast operator": (r"[\w)]::\w", "x::string", "cast(x as string)"),
    "a list literal": (r"(select|,|\w\(|=|from)\s*\[", "select [1, 2] as pas", "values (1), (2)"),
    "unnest": (r"\bunnest\s*\(", "select unnest(x)", "values, or a join"),
    "a list function": (r"\b(list|array_agg|list_\w+|array_\w+)\s*\(", "list_sort(x)", "a macro"),
    "an ordered sum": (r"\b(sum|avg)\([^()]*\border by\b", "sum(x order by x)", "somme()"),
    "a regular expression": (r"\bregexp_\w+\s*\(", "regexp_matches(x, '[.]')", "correspond_a, remplacer, extrait"),
    "DuckDB's numbers of days": (r"\b(dayofweek|isodow|weekday)\b", "dayofweek(date)", "jour_iso()"),
    "a part of a date in quotes": (r"\bextract\s*\(\s*'", "extract('year' from date)", "extract(year from date)"),
    "a format of DuckDB": (r"(?<!\| )\b(strftime|strptime|format|printf)\s*\(", "strftime(x, '%Y')", "mois_de()"),
    "a difference of dates": (r"\bdate_?diff\s*\(", "date_diff('hour', a, b)", "heures_entre, secondes_entre"),
    "a time zone": (r"\btimezone\s*\(|\bat time zone\b", "timezone('UTC', x)", "heure_de_paris, instant_de_paris"),
    "the type of instants": (
        r"\btimestamptz\b|\btimestamp with time zone\b",
        "cast(x as timestamptz)",
        "type_instant()",
    ),
    "an integer division": (r"[\w)] // [\w(]", "a // b", "floor(a / b)"),
    "a series": (r"\b(generate_series|range)\s*\(", "range(10)", "dbt.date_spine"),
    "a number of decimals that divides": (r"/ [0-9]+\.[0-9]+\b(?!e)", "x / 60.0", "60e0: Spark's quotient is cut"),
    "a product of decimals that is divided": (r"\b[0-9]+\.[0-9]+\s*/", "n * 1.0 / d", "1e0"),
    "a text in double quotes": (r'\s"[a-z_]+"(?=\s*(,|\n|$|as\b))', 'select "mois" as m', "unquoted names"),
    "DuckDB's select": (
        r"\bexclude\s*\(|\* replace\s*\(|\bcolumns\s*\(|\bselect\s+distinct\s+on\b",
        "select * replace (1 as x)",
        "each column by name",
    ),
    "arg_max": (r"\barg_(max|min)\s*\(", "arg_max(x, y)", "max_by, min_by"),
    "concat": (r"\bconcat\s*\(", "concat(a, b)", "||, where null gives null on both"),
    "a hash": (r"\b(hash|md5_number)\s*\(", "hash(x)", "md5, or empreinte_des_lignes()"),
    "strip_accents": (r"\bstrip_accents\s*\(", "strip_accents(x)", "sans_accents()"),
    "string_agg": (r"\b(string_agg|group_concat|listagg)\s*\(", "string_agg(x, ', ')", "liste_en_texte()"),
    "an aggregate that any order changes": (r"\b(first|last|any_value|mode)\s*\(", "any_value(x)", "min, max_by"),
    "a window that is extended": (
        r"\bover \(\w+ (order|rows|range)\b",
        "over (groupe order by x)",
        "a window of its own",
    ),
    "ASOF, PIVOT": (r"\basof\b|(?<!un)\bpivot\b|\bpositional join\b", "asof join b", "a window"),
    "a condition that may be a list of columns": (r"\bwhere\s*\(\s*\w+\s*\)", "where (est_ferie)", "where est_ferie"),
    "the name of an engine": (r"\b(duckdb|spark)\b|target\.(type|name)", "{% if target.type == 'spark' %}", "a macro"),
}


def texts() -> list[Path]:
    """Return the SQL of the project that any engine runs."""
    found = [path for name in ("models", "macros", "tests") for path in (PROJECT_DIR / name).rglob("*.sql")]
    return sorted(path for path in found if path.name not in OF_ONE_ENGINE)


def code(text: str, construct: str = "") -> str:
    """Return SQL without its comments; without Jinja too where that has lists of its own."""
    without = r"\{#.*?#\}|--[^\n]*" + (r"|\{%.*?%\}|\{\{.*?\}\}|'[^']*'" if "list literal" in construct else "")
    return re.sub(without, "", text, flags=re.DOTALL)


@pytest.mark.parametrize("name", CONSTRUCTS)
def test_no_model_holds_what_only_duckdb_understands(name: str) -> None:
    pattern, _, instead = CONSTRUCTS[name]
    found = [
        f"{path.relative_to(PROJECT_DIR)}: {match.group()!r}"
        for path in texts()
        for match in re.finditer(pattern, code(path.read_text(encoding="utf-8"), name), re.IGNORECASE)
    ]
    assert not found, f"{name} (write {instead}): {found}"


@pytest.mark.parametrize("name", CONSTRUCTS)
def test_each_construct_is_found_where_it_is(name: str) -> None:
    pattern, example, _ = CONSTRUCTS[name]
    assert re.search(pattern, code(f"select x,\n    {example} -- said\n"), re.IGNORECASE)
    assert not re.search(pattern, code(f"-- {example}\n{{#- {example} -#}}\n"), re.IGNORECASE)
