"""INSEE's files are read by contract: two generations of headers, codes that lost their zeros, markers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dataelec_assets.catalog import CatalogError, Dataset, load_catalog
from dataelec_assets.database import connect
from dataelec_assets.errors import ContractViolation
from dataelec_assets.lake.file_formats import inspect, unknown_headers
from tests.reading import read_table

CATALOG = load_catalog()
COMMUNES = CATALOG["populations-legales-communes"]
DEPARTEMENTS = CATALOG["populations-legales-departements"]
REGIONS = CATALOG["populations-legales-regions"]
COG = CATALOG["code-officiel-geographique-communes"]
MOVEMENTS = CATALOG["code-officiel-geographique-mouvements"]

# As published: the old generation until the population of 2020 at least, the new one in January 2026.
OLD = {
    COMMUNES: (
        "CODREG;REG;CODDEP;CODARR;CODCAN;CODCOM;COM;PMUN;PCAP;PTOT",
        "84;Auvergne-Rhône-Alpes;01;1;01;004;Ambérieu-en-Bugey;14134;380;14514",
    ),
    DEPARTEMENTS: (
        "CODREG;REG;CODDEP;DEP;NBARR;NBCAN;NBCOM;PMUN;PTOT",
        "03;Guyane;973;Guyane;2;NA;22;285133;287355",
    ),
    REGIONS: ("CODREG;REG;NBARR;NBCAN;NBCOM;PMUN;PTOT", "02;Martinique;4;NA;34;364508;369406"),
}
NEW = {
    COMMUNES: (
        "REG;Région;DEP;CODARR;CODCAN;CODCOM;COM;Commune;PMUN;PCAP;PTOT",
        "84;Auvergne-Rhône-Alpes;01;1;01;004;01004;Ambérieu-en-Bugey;15934;405;16339",
    ),
    DEPARTEMENTS: (
        "REG;Région;DEP;Département;NBARR;NBCAN;NBCOM;PMUN;PTOT",
        "03;Guyane;973;Guyane;3;;22;293996;296053",
    ),
    REGIONS: ("REG;Région;NBARR;NBCAN;NBCOM;PMUN;PTOT", "02;Martinique;4;;34;360630;364348"),
}
COG_CSV = "TYPECOM,COM,REG,DEP,CTCD,ARR,TNCC,NCC,NCCENR,LIBELLE,CAN,COMPARENT\r\n"

each_level = pytest.mark.parametrize("dataset", [COMMUNES, DEPARTEMENTS, REGIONS], ids=lambda dataset: str(dataset.id))


def read(dataset: Dataset, folder: Path, text: str, encoding: str = "utf-8") -> list[dict[str, object]]:
    path = folder / "file.csv"
    path.write_bytes(text.encode(encoding))
    rows: list[dict[str, object]] = read_table(connect(), dataset, inspect(dataset.id, path)).to_pylist()
    return rows


@each_level
@pytest.mark.parametrize("generation", [OLD, NEW], ids=["old", "new"])
def test_both_generations_of_headers_are_read_whole(
    tmp_path: Path, dataset: Dataset, generation: dict[Dataset, tuple[str, str]]
) -> None:
    (row,) = read(dataset, tmp_path, "\n".join(generation[dataset]) + "\n")
    assert (row["codreg"] is not None) == (generation is OLD)
    assert row["reg"] is not None
    assert row.get("nbcan") is None
    assert unknown_headers(dataset, inspect(dataset.id, tmp_path / "file.csv")) == ()


def test_what_reg_and_com_mean_depends_on_the_generation(tmp_path: Path) -> None:
    (old,) = read(COMMUNES, tmp_path, "\n".join(OLD[COMMUNES]) + "\n")
    (new,) = read(COMMUNES, tmp_path, "\n".join(NEW[COMMUNES]) + "\n")
    assert (old["codreg"], old["reg"], old["com"], old["commune"]) == (
        "84",
        "Auvergne-Rhône-Alpes",
        "Ambérieu-en-Bugey",
        None,
    )
    assert (new["codreg"], new["reg"], new["com"], new["commune"]) == (None, "84", "01004", "Ambérieu-en-Bugey")
    assert (old["dep"], old["codcom"]) == (new["dep"], new["codcom"]) == ("01", "004")


@each_level
@pytest.mark.parametrize(("generation", "left"), [(NEW, "Région"), (OLD, "CODREG")], ids=["new", "old"])
def test_an_arrival_that_lacks_a_column_of_its_generation_is_refused(
    tmp_path: Path, dataset: Dataset, generation: dict[Dataset, tuple[str, str]], left: str
) -> None:
    header, row = generation[dataset]
    with pytest.raises(
        ContractViolation, match=r"none of 2 known generations \(missing: .*\); the file has "
    ) as caught:
        read(dataset, tmp_path, f"{header.replace(left, 'X')}\n{row}\n")
    assert "'codreg'" in str(caught.value)
    assert "'region'" in str(caught.value)


@each_level
@pytest.mark.parametrize("generation", [OLD, NEW], ids=["old", "new"])
def test_an_arrival_without_a_column_that_both_generations_have_is_refused(
    tmp_path: Path, dataset: Dataset, generation: dict[Dataset, tuple[str, str]]
) -> None:
    header, row = generation[dataset]
    with pytest.raises(ContractViolation, match="'pmun' is missing"):
        read(dataset, tmp_path, f"{header.replace('PMUN', 'X')}\n{row}\n")


@each_level
def test_a_mixture_of_both_generations_is_refused(tmp_path: Path, dataset: Dataset) -> None:
    headers = OLD[dataset][0].split(";") + [name for name in NEW[dataset][0].split(";") if name not in OLD[dataset][0]]
    names = list(dict.fromkeys([*headers, "Région", "Commune", "Département"]))
    with pytest.raises(ContractViolation, match="two generations of headers are mixed"):
        read(dataset, tmp_path, ";".join(names) + "\n" + ";".join("1" for _ in names) + "\n")


def test_codes_that_a_spreadsheet_has_shortened_get_their_zeros_back(tmp_path: Path) -> None:
    header, row = OLD[COMMUNES]
    (old,) = read(COMMUNES, tmp_path, f"{header}\n{row.replace(';01;1;01;004;', ';1;1;1;4;')}\n")
    assert (old["dep"], old["codcan"], old["codcom"]) == ("01", "01", "004")
    rows = "COM,1004,84,1,01D,12,1,X,X,Ambérieu,101,\r\nCOM,97423,4,974,974D,9741,1,X,X,Les Trois-Bassins,97414,\r\n"
    first, second = read(COG, tmp_path, COG_CSV + rows)
    assert [first[name] for name in ("com", "reg", "dep", "arr", "can")] == ["01004", "84", "01", "012", "0101"]
    assert [second[name] for name in ("com", "reg", "dep", "arr", "can")] == ["97423", "04", "974", "9741", "97414"]


def test_a_name_shorter_than_a_code_gets_no_zeros(tmp_path: Path) -> None:
    header, row = OLD[COMMUNES]
    (commune,) = read(COMMUNES, tmp_path, f"{header}\n{row.replace('Ambérieu-en-Bugey', 'Y')}\n")
    assert commune["com"] == "Y"


def test_a_code_that_is_too_long_is_never_cut(tmp_path: Path) -> None:
    """Codes of six characters (971101) exist in old copies: cut to five they would be those of other communes."""
    (commune,) = read(COG, tmp_path, COG_CSV + "COM,971101,01,971,971D,9711,1,X,X,Les Abymes,97101,\r\n")
    assert commune["com"] == "971101"


def test_codes_that_became_numbers_in_parquet_get_their_zeros_back(tmp_path: Path) -> None:
    names = COG_CSV.strip().split(",")
    row = ["COM", 1004, 84, 1, "01D", 12, 1, "X", "X", "Ambérieu", 101, None]
    pq.write_table(pa.table({name: [value] for name, value in zip(names, row, strict=True)}), tmp_path / "c.parquet")
    (commune,) = read_table(connect(), COG, inspect(COG.id, tmp_path / "c.parquet")).to_pylist()
    assert (commune["com"], commune["dep"], commune["comparent"]) == ("01004", "01", None)


def test_an_event_may_have_no_commune_before_or_after(tmp_path: Path) -> None:
    """A creation out of nothing known, and communes that have become collectivities of their own."""
    sides = [
        f"{name}_{side}" for side in ("AV", "AP") for name in ("TYPECOM", "COM", "TNCC", "NCC", "NCCENR", "LIBELLE")
    ]
    lines = [
        ",".join(("MOD", "DATE_EFF", *sides)),
        "20,1947-09-17,,,,,,,COM,06163,0,TENDE,Tende,Tende",
        "30,2007-07-15,COM,97127,0,SAINT MARTIN,Saint-Martin,Saint-Martin,,,,,,",
    ]
    created, gone = read(MOVEMENTS, tmp_path, "\r\n".join(lines) + "\r\n")
    assert (created["com_av"], created["com_ap"]) == (None, "06163")
    assert (gone["com_av"], gone["typecom_ap"]) == ("97127", None)


def test_a_copy_in_cp1252_is_read(tmp_path: Path) -> None:
    (commune,) = read(COMMUNES, tmp_path, "\r\n".join(NEW[COMMUNES]) + "\r\n", encoding="cp1252")
    assert commune["commune"] == "Ambérieu-en-Bugey"


def test_a_required_column_must_be_in_every_generation() -> None:
    with pytest.raises(CatalogError, match="'codcom' is required and absent from one of header_sets"):
        replace(COMMUNES, header_sets=(("codreg", "codcom"), ("commune",)))
    with pytest.raises(CatalogError, match="header_sets names unknown column 'regoin'"):
        replace(COMMUNES, header_sets=(("codreg",), ("regoin",)))
