"""One export is cut into partitions: whole lines, byte by byte, each to the partition of its day in Paris."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dataelec_assets.catalog import Partitioning, load_catalog
from dataelec_assets.errors import ContractViolation
from dataelec_assets.limits import LONGEST_LINE
from dataelec_assets.portals import cutting
from dataelec_assets.portals.cutting import Cut
from dataelec_assets.portals.partition_filters import partition_of, place_in_span
from dataelec_assets.portals.streams import BrokenBody, NotData, TooLarge, store_csv
from tests.portals.support import plain

INSTANTS = load_catalog()["eco2mix-national-cons-def"]
DAYS = load_catalog()["temperature-quotidienne-regionale"]
YEARS = replace(DAYS, partitioning=Partitioning("year", on="date"))
YEAR = [f"2019-{month:02d}" for month in range(1, 13)]
HEADER = "nature;date_heure;consommation"


def pieces(body: bytes, size: int = 7) -> Iterator[bytes]:
    for start in range(0, len(body), size):
        yield body[start : start + size]


class Cutting:
    """A cut into a folder; what it has stored."""

    def __init__(self, folder: Path, keys: list[str] = YEAR, column: str = "date_heure") -> None:
        dataset = INSTANTS if column == "date_heure" else DAYS
        self.drafts = {key: folder / key for key in keys}
        self.counted: list[int] = []
        self.cut = Cut("x", column, place_in_span(dataset, keys), self.drafts)

    def read(self, text: str | bytes, size: int = 7) -> dict[str, str]:
        body = text if isinstance(text, bytes) else text.encode()
        self.cut.read(pieces(body, size), "text/csv", self.counted.append)
        return self.found

    @property
    def found(self) -> dict[str, str]:
        return {key: plain(self.drafts[key]).decode() for key in self.cut.stored}


def rows(*instants: str) -> str:
    return "".join(f"x;{instant};{number}\r\n" for number, instant in enumerate(instants))


def test_each_partition_is_what_an_export_of_it_alone_would_be(tmp_path: Path) -> None:
    lines = [f"x;{when};{number}.50\r\n" for number, when in enumerate(["2019-03-02T10:00:00+00:00",
             "2019-01-05T10:00:00+00:00", "2019-03-01T10:00:00+00:00"])]  # fmt: skip
    cutting = Cutting(tmp_path)
    cutting.read(f"{HEADER}\r\n{''.join(lines)}")
    march = f"{HEADER}\r\n{lines[0]}{lines[2]}".encode()
    alone = tmp_path / "alone"
    stored = store_csv(pieces(march), "text/csv", alone, lambda _: None)
    assert cutting.cut.stored["2019-03"] == stored
    assert (tmp_path / "2019-03").read_bytes() == alone.read_bytes()
    assert stored.sha256 == hashlib.sha256(march).hexdigest()
    assert sorted(cutting.cut.stored) == ["2019-01", "2019-03"]
    assert not (tmp_path / "2019-02").exists()
    assert cutting.cut.strays == 0


def test_months_begin_at_midnight_in_paris_in_winter_in_summer_and_at_the_ends_of_the_year(tmp_path: Path) -> None:
    edges = {
        "2018-12-31T22:45:00+00:00": None,
        "2018-12-31T23:00:00+00:00": "2019-01",
        "2019-03-31T21:45:00+00:00": "2019-03",
        "2019-03-31T22:00:00+00:00": "2019-04",
        "2019-10-31T22:45:00+00:00": "2019-10",
        "2019-10-31T23:00:00+00:00": "2019-11",
        "2019-12-31T22:45:00+00:00": "2019-12",
        "2019-12-31T23:00:00+00:00": None,
    }
    cutting = Cutting(tmp_path)
    found = cutting.read(f"{HEADER}\r\n{rows(*edges)}")
    where = {line.split(";")[1]: key for key, text in found.items() for line in text.splitlines()[1:]}
    assert where == {edge: key for edge, key in edges.items() if key}
    assert cutting.cut.strays == 2


def test_days_and_years_are_cut_by_their_own_rule(tmp_path: Path) -> None:
    found = Cutting(tmp_path, ["2018-12", "2019-01"], "date").read(
        "date;tmin\n2018-12-31;1\n2019-01-01;2\n2019-01-31;3\n"
    )
    assert found == {"2018-12": "date;tmin\n2018-12-31;1\n", "2019-01": "date;tmin\n2019-01-01;2\n2019-01-31;3\n"}
    place = place_in_span(YEARS, ["2018", "2020"])
    assert [place(day) for day in ("2018-12-31", "2019-06-01", "2020-01-01", "2021-01-01")] == [
        "2018",
        "",
        "2020",
        None,
    ]
    ore = load_catalog()["consommation-annuelle-d-electricite-et-gaz-par-region"]
    place = place_in_span(ore, ["2021", "2022"])
    assert [place(year) for year in ("2020", "2021", "2022", "2023", "2021.5")] == [None, "2021", "2022", None, None]


@given(st.datetimes(datetime(2018, 11, 1), datetime(2020, 3, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - bounds
def test_a_row_is_put_where_the_filter_of_its_month_finds_it(instant: datetime) -> None:
    known = partition_of(INSTANTS, instant)
    place = place_in_span(INSTANTS, YEAR)
    assert place(instant.isoformat()) == (known if known in YEAR else None)
    without_june = [key for key in YEAR if key != "2019-06"]
    if known == "2019-06":
        assert place_in_span(INSTANTS, without_june)(instant.isoformat()) == ""


def test_a_partition_between_that_is_not_wanted_is_no_stray(tmp_path: Path) -> None:
    cutting = Cutting(tmp_path, ["2019-01", "2019-03"])
    found = cutting.read(f"{HEADER}\n{rows('2019-01-05T00:00:00+00:00', '2019-02-05T00:00:00+00:00')}")
    assert (list(found), cutting.cut.strays) == (["2019-01"], 0)


@pytest.mark.parametrize("when", ["", "never", "2035-01-01T00:00:00+00:00", "2019-03-05T00:00:00"])
def test_a_row_without_a_time_or_outside_is_counted_and_goes_nowhere(tmp_path: Path, when: str) -> None:
    cutting = Cutting(tmp_path)
    found = cutting.read(f"{HEADER}\r\n{rows('2019-01-05T00:00:00+00:00', when)}")
    assert found == {"2019-01": f"{HEADER}\r\n{rows('2019-01-05T00:00:00+00:00')}"}
    assert cutting.cut.strays == 1
    cutting = Cutting(tmp_path)
    cutting.read(f"{HEADER}\r\nx\r\n\r\n")
    assert (cutting.cut.stored, cutting.cut.strays) == ({}, 2)


TEXTS = st.sampled_from(
    ["x", "", '"a;b"', '"a\nb"', '"a\r\n;2019-05-01;b"', '"say ""no"""', '""""', "é", '"2019-01\n"']
)
ROWS = st.lists(st.tuples(TEXTS, st.integers(0, 9), TEXTS), min_size=1, max_size=30)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(table=ROWS, size=st.integers(1, 40), block=st.integers(1, 60), held=st.integers(0, 60))
def test_texts_with_line_feeds_quotes_and_semicolons_stay_whole_however_the_body_arrives(
    tmp_path: Path, table: list[tuple[str, int, str]], size: int, block: int, held: int
) -> None:
    header = "région;date_heure;note\r\n"
    lines: dict[str, list[str]] = {}
    body = [header]
    for before, month, after in table:
        line = f"{before};2019-0{month + 1}-15T00:00:00+00:00;{after}\r\n" if month < 9 else f"{before};;{after}\r\n"
        body.append(line)
        if month < 9:
            lines.setdefault(f"2019-0{month + 1}", []).append(line)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cutting, "BLOCK", block)
        patch.setattr(cutting, "HELD", held)
        patch.setattr(cutting, "_REMEMBERED", 2)
        found = Cutting(tmp_path).read("".join(body), size)
    assert found == {key: header + "".join(each) for key, each in lines.items()}


def test_a_body_that_breaks_off_leaves_the_whole_lines_that_had_come(tmp_path: Path) -> None:
    january = [f"2019-01-{day:02d}T00:00:00+00:00" for day in range(1, 31)]
    text = f"{HEADER}\r\n{rows(*january, '2019-02-05T00:00:00+00:00')}"

    def torn() -> Iterator[bytes]:
        yield text[:600].encode()
        yield text[600:-4].encode()
        raise BrokenBody("torn")

    cutting = Cutting(tmp_path)
    with pytest.raises(BrokenBody, match="torn"):
        cutting.cut.read(torn(), "text/csv", cutting.counted.append)
    assert cutting.found == {"2019-01": f"{HEADER}\r\n{rows(*january)}"}
    assert sum(cutting.counted) == 0
    for end, opened in ((-1, ""), (len(text), '"a text that does not end\r\n')):
        cutting = Cutting(tmp_path)
        with pytest.raises(BrokenBody, match="after the end of a line"):
            cutting.read(text[:end] + opened)
        assert "2019-01" in cutting.found


@pytest.mark.parametrize(
    ("body", "fault", "words"),
    [
        ("date;consommation\n2019-01-01;1\n", ContractViolation, "column 'date_heure' is missing; the export has date"),
        ("<html>en maintenance</html>", NotData, "HTML"),
        ("", BrokenBody, "empty"),
        (f'{HEADER}\nx;2019-01-05T00:00:00+00:00;"{"a" * (LONGEST_LINE + 2)}', TooLarge, "a line is longer than 2,097"),
    ],
)
def test_what_cannot_be_cut_is_refused(tmp_path: Path, body: str, fault: type[Exception], words: str) -> None:
    cutting = Cutting(tmp_path)
    with pytest.raises(fault, match=words):
        cutting.read(body, 100_000)
    assert cutting.cut.stored == {}


def test_a_byte_order_mark_and_quoted_names_do_not_hide_the_column(tmp_path: Path) -> None:
    head = '\ufeff"nature";"date_heure"'
    found = Cutting(tmp_path).read(f"{head}\nx;2019-01-05T00:00:00+00:00\n")
    assert found == {"2019-01": f"{head}\nx;2019-01-05T00:00:00+00:00\n"}


def test_other_texts_of_another_encoding_keep_their_bytes(tmp_path: Path) -> None:
    body = HEADER.encode() + b'\n"caf\xe9;";2019-01-05T00:00:00+00:00;1\nd\xe9f;2019-01-05T00:15:00+00:00;2\n'
    cutting = Cutting(tmp_path)
    cutting.cut.read(pieces(body), "text/csv", cutting.counted.append)
    assert plain(tmp_path / "2019-01") == body


def test_a_large_partition_is_written_while_it_arrives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cutting, "BLOCK", 1_000)
    monkeypatch.setattr(cutting, "HELD", 1_000)
    begin = datetime(2019, 1, 1, tzinfo=UTC)
    text = HEADER + "\n" + rows(*((begin + timedelta(minutes=each)).isoformat() for each in range(1_000)))
    seen: list[bool] = []

    def chunks() -> Iterator[bytes]:
        for piece in pieces(text.encode(), 500):
            seen.append((tmp_path / "2019-01").exists())
            yield piece

    reading = Cutting(tmp_path)
    reading.cut.read(chunks(), "text/csv", reading.counted.append)
    assert seen.index(True) < 10
    assert reading.found == {"2019-01": text}
    assert sum(reading.counted) == len(text)
