"""The macros of ``dialect.sql`` answer the same on both engines, where Spark by itself answers something else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.beyond.spark.engines import Engines, Rows

pytest.importorskip("pyspark", reason="Spark is in the environment of `make beyond`")

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = [pytest.mark.beyond, pytest.mark.filterwarnings("ignore:PySpark does not yet fully:FutureWarning")]

DAYS = "(values (cast('2026-11-29' as date)), (cast('2026-11-30' as date))) as jours (jour)"

# A text, and a regular expression as models write it.
MATCHES = [
    ("a.b", r"\\."),
    ("axb", r"\\."),
    ("75 001", r"[0-9][\\s\\x{00A0}]+[0-9]"),
    ("75s001", r"[0-9][\\s\\x{00A0}]+[0-9]"),
    ("01234\n", r"^[0-9]{5}$"),
    ("jean.dupont@example.org", r"[a-z]+@[a-z]+(\\.[a-z]+)*\\.[a-z]{2,}"),
    ("jean@exampleXorg", r"[a-z]+@[a-z]+(\\.[a-z]+)*\\.[a-z]{2,}"),
]


def same(answers: tuple[Rows, Rows]) -> Rows:
    """Return what both engines answer."""
    on_duckdb, on_spark = answers
    assert on_duckdb == on_spark
    return on_duckdb


def test_sunday_is_the_seventh_day_of_the_week(engines: Engines, spark: SparkSession) -> None:
    assert same(engines.answers(f"select {{{{ jour_iso('jour') }}}} as iso from {DAYS} order by jour")) == [(7,), (1,)]
    # Neither function of Spark's numbers days so.
    assert spark.sql(f"select dayofweek(jour), weekday(jour) from {DAYS} order by jour").collect() == [(1, 6), (2, 0)]


def test_backslashes_of_regular_expressions_are_kept(engines: Engines, spark: SparkSession) -> None:
    cases = ", ".join(f"{{{{ correspond_a('texte', '{pattern}') }}}}" for _, pattern in MATCHES)
    texts = ", ".join(f"('{text}')" for text, _ in MATCHES if "\n" not in text)
    found = same(engines.answers(f"select texte, {cases} from (values {texts}) as lus (texte) order by texte"))
    by_text = {text: row for text, *row in found}
    assert [by_text[text][0] for text in ("a.b", "axb")] == [True, False]
    assert [by_text[text][2] for text in ("75 001", "75s001")] == [True, False]
    assert [by_text[text][5] for text in ("jean.dupont@example.org", "jean@exampleXorg")] == [True, False]
    # Spark by itself drops the backslash, and any character is a dot.
    assert spark.sql(r"select 'axb' rlike '\.'").collect() == [(True,)]


def test_the_end_of_a_pattern_is_the_end_of_the_text(engines: Engines, spark: SparkSession) -> None:
    query = (
        "select {{ correspond_a(\"'01234' || chr(10)\", '^[0-9]{5}$') }}, {{ correspond_a(\"'01234'\", '^[0-9]{5}$') }}"
    )
    assert same(engines.answers(query)) == [(False, True)]
    assert spark.sql("select '01234' || chr(10) rlike '^[0-9]{5}$'").collect() == [(True,)]


def test_groups_and_replacements_are_those_of_the_other_engine(engines: Engines) -> None:
    query = (
        "select {{ extrait(\"'3 Rue X, 80330 Longueau'\", '^(.*[^0-9])?([0-9]{5})[ ,-]+[^0-9 ,-]', 2) }}, "
        "{{ remplacer(\"'1 234 567'\", '[\\\\s]', '') }}, {{ extrait(\"'nulle part'\", '([0-9])', 1) }}"
    )
    assert same(engines.answers(query)) == [("80330", "1234567", "")]


def test_an_ordered_sum_does_not_depend_on_the_order_of_rows(engines: Engines, spark: SparkSession) -> None:
    rows = "(values (1e16, 1), (1e0, 2), (-1e16, 3), (1e0, 4), (cast(null as double), 5)) as lus (x, n)"
    query = f"select {{{{ somme('x') }}}}, {{{{ somme('x', 'n') }}}}, {{{{ somme('x', si='n < 3') }}}} from {rows}"
    ((by_size, by_order, few),) = same(engines.answers(query))
    assert (by_size, by_order, few) == (0.0, 1.0, 1e16)
    assert same(engines.answers(f"select {{{{ somme('x') }}}} from {rows} where n = 5")) == [(None,)]
    # A sum of Spark's adds up as rows come: the same numbers give two sums.
    sums = [
        spark.sql(f"select sum(x) from (select /*+ coalesce(1) */ x from values {order} as lus (x))").collect()
        for order in ("(1e16), (1e0), (-1e16), (1e0)", "(1e16), (-1e16), (1e0), (1e0)")
    ]
    assert sums == [[(1.0,)], [(2.0,)]]


def test_text_keeps_its_apostrophes_and_backslashes(engines: Engines) -> None:
    query = "select {{ litteral(\"d'états \\\\\\\\ à l'eau\") }}, {{ sans_accents(\"'Évêché'\") }}"
    assert same(engines.answers(query)) == [("d'états \\\\ à l'eau", "Eveche")]


def test_civil_time_of_paris_is_the_same_at_both_changes_of_the_clock(engines: Engines) -> None:
    instants = ", ".join(
        f"(cast('{each}' as timestamp))"
        for each in ("2026-03-29 00:59:59", "2026-03-29 01:00:00", "2026-10-25 00:30:00", "2026-10-25 01:30:00")
    )
    query = (
        "select cast({{ heure_de_paris(instant_de_paris(heure_de_paris(instant_de_paris('lu')))) }} as string), "
        "{{ mois_de('lu') }}, {{ jour_plus('cast(lu as date)', 3) }} "
        f"from (values {instants}) as lus (lu) order by lu"
    )
    assert same(engines.answers(query))


def test_spans_count_the_hours_and_seconds_that_begin(engines: Engines, spark: SparkSession) -> None:
    spans = (
        ("2026-01-01 00:00:00", "2026-01-02 01:00:00"),
        ("2026-01-01 10:59:59.9", "2026-01-01 11:00:00.1"),
        ("2026-01-01 10:00:00.1", "2026-01-01 10:59:59.9"),
        ("2026-01-01 11:00:00.1", "2026-01-01 10:59:59.9"),
    )
    values = ", ".join(f"(timestamp '{start}', timestamp '{end}')" for start, end in spans)
    asked = "{{ heures_entre('a', 'b') }}, {{ secondes_entre('a', 'b') }}"
    query = f"select {asked} from (values {values}) as t (a, b)"
    assert same(engines.answers(query)) == [(25, 90_000), (1, 1), (0, 3599), (-1, -1)]
    # Spark by itself counts those that have passed.
    assert spark.sql(f"select timestampdiff(hour, a, b) from values {values} as t (a, b)").collect() == [
        (25,),
        (0,),
        (0,),
        (0,),
    ]


def test_a_list_of_texts_is_in_alphabetical_order(engines: Engines) -> None:
    query = "select {{ liste_en_texte('nom') }} from (values ('b'), ('a'), (cast(null as string)), ('c')) as t (nom)"
    assert same(engines.answers(query)) == [("a, b, c",)]


def test_a_digest_of_rows_tells_where_a_null_is_and_not_in_which_order_they_come(engines: Engines) -> None:
    def digest(*rows: str) -> Rows:
        values = ", ".join(rows)
        _, on_spark = engines.answers(
            f"select {{{{ empreinte_des_lignes(['a', 'b']) }}}} from (values {values}) as t (a, b)"
        )
        return on_spark

    one, other = "('x', cast(null as string))", "(cast(null as string), 'x')"
    assert digest(one, "('y', 'z')") == digest("('y', 'z')", one)
    assert digest(one, one) != digest(one)
    assert digest(one) != digest(other)
