"""Bad input from portals of plain files and of data-fair: a clear error, and nothing that was kept is touched."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from dataelec_assets.ingest.copies import refresh_copies
from dataelec_assets.ingest.fetch import SourceReport, refresh_source
from dataelec_assets.portals.progress import SilentProgress
from dataelec_assets.portals.retries import RetryPolicy
from dataelec_assets.run_context import RunContext
from dataelec_assets.sample import generate
from dataelec_assets.sample.portal import RunningPortal, serve
from dataelec_assets.settings import Settings
from tests.faults.france import _sha256, copies_of

pytestmark = pytest.mark.slow

COG = "code-officiel-geographique-communes"
POPULATIONS = "populations-legales-communes"
DWELLINGS = "recensement-logement"
YEARLY = "consommation-annuelle-d-electricite-et-gaz-par-commune"
IN_ARCHIVES = (POPULATIONS, "populations-legales-departements", "populations-legales-regions")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a year of the synthetic France."""
    return generate(tmp_path_factory.mktemp("bad-files") / "whole", years=1).destination


@dataclass(frozen=True)
class Files:
    """A lake, the portals it is refreshed from, and the folder that they serve."""

    ctx: RunContext
    portal: RunningPortal
    folder: Path

    def file(self, dataset_id: str) -> Path:
        """Return the newest file of a data set."""
        return max((self.folder / self.ctx.catalog[dataset_id].portal / dataset_id).iterdir())

    def take_up(self, dataset_id: str) -> SourceReport:
        """Fetch and copy."""
        dataset = self.ctx.catalog[dataset_id]
        report = refresh_source(self.ctx, dataset, SilentProgress())
        if report.error is None:
            refresh_copies(self.ctx, dataset)
        return report

    def kept(self) -> dict[str, str]:
        """Return a digest of every file of raw and of the Parquet copies."""
        paths = self.ctx.paths
        files = [
            file
            for folder in (paths.objects, paths.manifests, paths.parquet)
            for file in sorted(folder.rglob("*"))
            if file.is_file()
        ]
        return {str(file.relative_to(paths.root)): _sha256(file) for file in files}


@pytest.fixture
def files(whole: Path, tmp_path: Path) -> Iterator[Files]:
    """Return a lake that holds what the portals have."""
    folder = tmp_path / "data"
    for dataset_id in (COG, DWELLINGS, *IN_ARCHIVES):
        shutil.copytree(whole / "insee" / dataset_id, folder / "insee" / dataset_id)
    shutil.copytree(whole / "ore" / YEARLY, folder / "ore" / YEARLY)
    with serve(folder) as portal:
        settings = Settings.model_validate({"lake": tmp_path / "lake", **portal.addresses})
        found = Files(RunContext(settings, retries=RetryPolicy(attempts=2, first_wait=0.01)), portal, folder)
        for dataset_id in (COG, POPULATIONS, DWELLINGS, YEARLY):
            report = found.take_up(dataset_id)
            assert (report.outcome, report.error) == ("refreshed", None)
        yield found


def _take_out_the_member(files: Files) -> str:
    edition = files.ctx.catalog[POPULATIONS].editions[-1].key
    files.portal.control("file", {"dataset": POPULATIONS, "edition": edition, "delete": True})
    return POPULATIONS


def _put_back_the_member(files: Files) -> None:
    edition = files.ctx.catalog[POPULATIONS].editions[-1].key
    content = files.file(POPULATIONS).read_text(encoding="utf-8-sig")
    files.portal.control("file", {"dataset": POPULATIONS, "edition": edition, "content": content})


def _rewrite(dataset_id: str, change: Callable[[bytes], bytes]) -> Callable[[Files], str]:
    def breaking(files: Files) -> str:
        file = files.file(dataset_id)
        file.write_bytes(change(file.read_bytes()))
        return dataset_id

    return breaking


def _fault(fault: str, dataset_id: str) -> Callable[[Files], str]:
    def breaking(files: Files) -> str:
        file = files.file(dataset_id)
        file.write_bytes(file.read_bytes().replace(b"1543", b"1544"))
        files.portal.control("faults", [{"fault": fault, "dataset": dataset_id, "times": None}])
        return dataset_id

    return breaking


CASES: dict[str, tuple[Callable[[Files], str], tuple[str, ...]]] = {
    "an archive without its member": (_take_out_the_member, (POPULATIONS, "donnees_communes")),
    "a header that has changed": (
        _rewrite(COG, lambda text: text.replace(b"TYPECOM,COM,", b"TYPECOM,CODE_INSEE,")),
        (COG, "com"),
    ),
    "a dwelling file with another weight column": (
        _rewrite(DWELLINGS, lambda text: text.replace(b"IPONDL", b"POIDS")),
        (DWELLINGS, "ipondl"),
    ),
    "an HTML page instead of a file": (_fault("html_200", COG), (COG, "HTML")),
    "data-fair says 410": (_fault("status:410", YEARLY), (YEARLY, "410")),
    "data-fair fails in plain text": (_fault("status:500", YEARLY), (YEARLY, "500")),
}


@pytest.mark.parametrize(("breaking", "words"), CASES.values(), ids=CASES.keys())
def test_bad_input_of_a_file_or_of_data_fair_ends_in_a_clear_error_and_touches_nothing(
    files: Files, breaking: Callable[[Files], str], words: tuple[str, ...]
) -> None:
    before, copies = files.kept(), copies_of(files.ctx.paths)
    sound = {file: file.read_bytes() for file in files.folder.rglob("*.csv")}
    dataset_id = breaking(files)
    report = files.take_up(dataset_id)
    for word in words:
        assert word in str(report.error)
    assert files.kept() == before

    files.portal.control("faults", [])
    for file, content in sound.items():
        file.write_bytes(content)
    if dataset_id == POPULATIONS:
        _put_back_the_member(files)
    assert files.take_up(dataset_id).error is None
    assert copies_of(files.ctx.paths) == copies


def test_a_copy_in_cp1252_whose_codes_have_lost_their_zeros_gives_the_same_rows(files: Files) -> None:
    before = copies_of(files.ctx.paths)
    file = files.file(COG)
    text = file.read_text(encoding="utf-8").replace("Exemple-", "Éxemple-")
    file.write_text(text, encoding="utf-8")
    assert files.take_up(COG).outcome == "refreshed"
    accented = copies_of(files.ctx.paths)
    assert accented != before
    file.write_bytes(re.sub(r"(?m)^COM,0", "COM,", text).encode("cp1252"))
    assert b"COM,1" in file.read_bytes()
    assert files.take_up(COG).outcome == "refreshed"
    assert copies_of(files.ctx.paths) == accented
