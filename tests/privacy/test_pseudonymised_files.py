"""A file of persons is rewritten whole, deterministically, in bounded memory, and nothing shows what it held."""

from __future__ import annotations

import stat
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dataelec_assets.errors import FileRefused
from dataelec_assets.privacy import person_files, pseudonymised_files
from dataelec_assets.privacy.pseudonymised_files import FileReport, SuspectColumn, TreatedColumn, pseudonymise_file
from dataelec_assets.privacy.pseudonyms import Keyring, Pseudonymiser
from tests.privacy.attack import MOBILE_NUMBERS, Dictionary, attack, attack_bytes

KEY = "k1:" + bytes(range(1, 33)).hex()
OTHER_KEY = "k1:" + bytes(range(101, 133)).hex()
PERSONS = ("Claire Martin-Dupré", "06 12 34 00 42", "claire@exemple.fr", "Renée Noël", "06 12 34 99 99")
ROWS = (
    ("Claire Martin-Dupré", "06 12 34 00 42", "claire@exemple.fr", "33063", "12.5"),
    ("Renée Noël", "06 12 34 99 99", "", "33063", "7"),
    ("Claire Martin-Dupré", "06 12 34 00 42", "claire@exemple.fr", "75056", ""),
)
HEADER = ("nom", "tel", "courriel", "code_commune", "conso_mwh")
FIELDS = {"nom": "nom", "tel": "telephone", "courriel": "courriel"}


def make(key: str = KEY) -> Pseudonymiser:
    return Pseudonymiser(Keyring.parse(key))


def as_csv(path: Path, *, delimiter: str = ";", encoding: str = "utf-8") -> Path:
    lines = [delimiter.join(each) for each in (HEADER, *ROWS)]
    path.write_bytes(("\r\n".join(lines) + "\r\n").encode(encoding))
    return path


def as_parquet(path: Path) -> Path:
    columns = [[each or None for each in column] for column in zip(*ROWS, strict=True)]
    table = pa.table(dict(zip(HEADER, columns, strict=True)))
    table = table.set_column(4, "conso_mwh", pa.array([12.5, 7.0, None]))
    table = table.set_column(0, "nom", table.column("nom").dictionary_encode())
    pq.write_table(table.replace_schema_metadata({"author": "Claire Martin-Dupré"}), path)
    return path


def rows_of(path: Path) -> list[dict[str, object]]:
    if path.suffix == ".parquet":
        found: list[dict[str, object]] = pq.read_table(path).to_pylist()
        return found
    with person_files.open_rows(path) as rows:
        return [row for batch in rows.batches for row in batch.to_pylist()]


@pytest.mark.parametrize(
    ("suffix", "options"),
    [
        (".csv", {}),
        (".csv", {"delimiter": ","}),
        (".csv", {"delimiter": "\t", "encoding": "utf-8-sig"}),
        (".csv", {"encoding": "cp1252"}),
        (".parquet", None),
    ],
)
def test_the_columns_are_replaced_and_the_rest_stays(
    tmp_path: Path, suffix: str, options: dict[str, str] | None
) -> None:
    source = tmp_path / f"abonnes{suffix}"
    source = as_parquet(source) if options is None else as_csv(source, **options)
    report = pseudonymise_file(source, tmp_path / f"out{suffix}", FIELDS, make())
    found = rows_of(tmp_path / f"out{suffix}")
    for row, (name, telephone, email, commune, energy) in zip(found, ROWS, strict=True):
        assert row["nom"] == make().pseudonym(name, "nom")
        assert row["tel"] == make().pseudonym(telephone, "telephone")
        assert row["courriel"] == (make().pseudonym(email, "courriel") if email else None)
        assert row["code_commune"] == commune
        assert row["conso_mwh"] == ((float(energy) if options is None else energy) if energy else None)
    assert report == FileReport(
        3,
        "k1",
        (
            TreatedColumn("nom", "nom", 3, 2, is_estimated=False),
            TreatedColumn("tel", "telephone", 3, 2, is_estimated=False),
            TreatedColumn("courriel", "courriel", 2, 1, is_estimated=False),
        ),
        (),
        (),
    )


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_an_attacker_with_a_dictionary_finds_nobody_without_the_key(tmp_path: Path, suffix: str) -> None:
    source = (as_csv if suffix == ".csv" else as_parquet)(tmp_path / f"abonnes{suffix}")
    target = tmp_path / f"out{suffix}"
    pseudonymise_file(source, target, FIELDS, make())
    # He knows every person, every number of the block, how pseudonyms are made, and not the key: he tries one of his.
    guesses = [make(OTHER_KEY).pseudonym(each, field) for each in PERSONS for field in ("nom", "telephone", "courriel")]
    guesses += [make(OTHER_KEY).pseudonym(each, "telephone") for each in MOBILE_NUMBERS]
    dictionary = Dictionary([*PERSONS, *guesses])
    reader = "read_parquet" if suffix == ".parquet" else "read_csv"
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE before AS FROM {reader}('{source}')")
        assert set(attack(connection, dictionary)) == {"before.nom", "before.tel", "before.courriel"}
        connection.execute(f"DROP TABLE before; CREATE TABLE after AS FROM {reader}('{target}')")
        assert attack(connection, dictionary) == []
    assert attack_bytes(target, PERSONS) == []


def test_the_same_file_gives_the_same_bytes_and_another_key_other_pseudonyms(tmp_path: Path) -> None:
    for source in (as_csv(tmp_path / "a.csv"), as_parquet(tmp_path / "a.parquet")):
        found = []
        for number, key in enumerate((KEY, KEY, OTHER_KEY)):
            target = tmp_path / f"{number}{source.suffix}"
            pseudonymise_file(source, target, FIELDS, make(key))
            found.append(target.read_bytes())
        assert found[0] == found[1] != found[2]


def test_files_are_joined_on_a_field_whatever_their_columns_are_called(tmp_path: Path) -> None:
    other = tmp_path / "other.csv"
    other.write_text("telephone_client,montant\n06 12 34 99 99,3\n", encoding="utf-8")
    pseudonymise_file(as_csv(tmp_path / "a.csv"), tmp_path / "a.out", FIELDS, make())
    pseudonymise_file(other, tmp_path / "b.out", {"telephone_client": "telephone"}, make())
    assert rows_of(tmp_path / "b.out")[0]["telephone_client"] == rows_of(tmp_path / "a.out")[1]["tel"]


def test_what_looks_personal_and_is_not_treated_is_reported_by_name(tmp_path: Path) -> None:
    source = tmp_path / "a.csv"
    source.write_text(
        "nom;Contact client;remarque;num_pdl;ville\n"
        "a;;appeler 06 12 34 00 42;1;Pau\n"
        "b;x;claire@exemple.fr;2;Pau\n"
        "c;y;rien;3;Dax\n",
        encoding="utf-8",
    )
    report = pseudonymise_file(source, tmp_path / "out.csv", {"nom": "nom"}, make(), ["num_pdl"])
    assert report.suspects == (
        SuspectColumn("Contact client", has_personal_name=True, personal_values=0),
        SuspectColumn("remarque", has_personal_name=False, personal_values=2),
        SuspectColumn("num_pdl", has_personal_name=True, personal_values=0),
    )


def test_a_column_that_cannot_be_examined_is_reported(tmp_path: Path) -> None:
    source = tmp_path / "a.parquet"
    pq.write_table(pa.table({"nom": ["a"], "notes": [["06 12 34 00 42"]], "photo": [b"x"], "kw": [1.5]}), source)
    report = pseudonymise_file(source, tmp_path / "out.parquet", {"nom": "nom"}, make())
    assert report.unexamined == ("notes", "photo")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"prenom;tel\nx;06 12 34 00 42\n", "has no column 'nom' among its 2"),
        (b"nom;nom\nx;y\n", "has 2 columns 'nom'"),
        (b"", "no first line"),
        (b"nom;Claire Martin <claire@exemple.fr>\n", "does not hold the names"),
        (b"nom;\nx;y\n", "does not hold the names"),
        # A value too many would carry the telephone number into a column that is copied as it is.
        (b"tel;nom;ville\nClaire;Martin;06 12 34 00 42;Pau\n", "record 2 has 4 fields"),
        (b'nom;tel\nx;"06 12 34 00 42\n', "record 2 is not CSV"),
        (b"nom;tel\n\x81\xff;06 12 34 00 42\n", "neither UTF-8 nor cp1252"),
        (b"PAR1 06 12 34 00 42", "damaged Parquet"),
        (None, "cannot be read"),
    ],
)
def test_what_cannot_be_treated_safely_is_refused_and_nothing_is_written_or_shown(
    tmp_path: Path, content: bytes | None, message: str
) -> None:
    source = tmp_path / "a.csv"
    if content is not None:
        source.write_bytes(content)
    with pytest.raises(FileRefused, match=message) as caught:
        pseudonymise_file(source, tmp_path / "out.csv", {"nom": "nom"}, make())
    for secret in ("06 12", "Claire", "claire@", "prenom"):
        assert secret not in str(caught.value)
    assert [each.name for each in tmp_path.iterdir()] == ([] if content is None else ["a.csv"])


def test_pseudonyms_are_not_pseudonymised_again(tmp_path: Path) -> None:
    pseudonymise_file(as_csv(tmp_path / "a.csv"), tmp_path / "once.csv", FIELDS, make())
    with pytest.raises(FileRefused, match="'nom' holds pseudonyms already"):
        pseudonymise_file(tmp_path / "once.csv", tmp_path / "twice.csv", FIELDS, make())
    assert not (tmp_path / "twice.csv").exists()


def test_numbers_are_refused(tmp_path: Path) -> None:
    pq.write_table(pa.table({"tel": [612340042]}), tmp_path / "a.parquet")
    with pytest.raises(FileRefused, match="'tel' is int64, not text"):
        pseudonymise_file(tmp_path / "a.parquet", tmp_path / "out.parquet", {"tel": "tel"}, make())


def test_an_existing_file_is_never_overwritten(tmp_path: Path) -> None:
    source = as_csv(tmp_path / "a.csv")
    with pytest.raises(FileRefused, match="exists already"):
        pseudonymise_file(source, source, FIELDS, make())
    assert "Claire" in source.read_text(encoding="utf-8")


def test_only_the_owner_can_read_the_result(tmp_path: Path) -> None:
    pseudonymise_file(as_csv(tmp_path / "a.csv"), tmp_path / "out.csv", FIELDS, make())
    assert stat.S_IMODE((tmp_path / "out.csv").stat().st_mode) == 0o600


def test_many_distinct_values_are_estimated_within_one_in_a_hundred(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pseudonymised_files, "EXACT_DISTINCT", 20_000)
    names = [f"personne {number}" for number in range(60_000)]
    pq.write_table(pa.table({"nom": [*names, *names[:10_000]]}), tmp_path / "a.parquet")
    report = pseudonymise_file(tmp_path / "a.parquet", tmp_path / "out.parquet", {"nom": "nom"}, make())
    (column,) = report.treated
    assert (report.rows, column.values, column.is_estimated) == (70_000, 70_000, True)
    assert column.distinct == pytest.approx(60_000, rel=0.02)


def test_a_file_is_never_held_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(person_files, "BATCH_ROWS", 1_000)
    (tmp_path / "a.csv").write_text("nom\n" + "x\n" * 5_500, encoding="utf-8")
    pq.write_table(pa.table({"nom": ["x"] * 5_500}), tmp_path / "a.parquet")
    for name in ("a.csv", "a.parquet"):
        with person_files.open_rows(tmp_path / name) as rows:
            assert [batch.num_rows for batch in rows.batches] == [1_000] * 5 + [500]
