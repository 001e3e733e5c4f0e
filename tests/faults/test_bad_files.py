"""Bad input from portals of plain files and of data-fair: a clear error, and nothing that was kept is touched."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from dataelec_assets.ingest.copies import refresh_copies
from dataelec_assets.ingest.fetch import refresh_source
from dataelec_assets.ingest.reports import SourceReport
from dataelec_assets.lake.paths import LakePaths
from dataelec_assets.portals.progress import SilentProgress
from dataelec_assets.portals.retries import RetryPolicy
from dataelec_assets.run_context import RunContext
from dataelec_assets.sample import generate
from dataelec_assets.settings import Settings
from tests.faults.france import _sha256, copies_of
from tests.published import publish, publish_edition, stub, withdraw_edition
from tests.stubs import Stub

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
    """A lake, and the portals it is refreshed from.

    Attributes:
        ctx: the lake.
        portal: the portals.
        newest: newest edition of each data set of plain files, as the publisher made it.
    """

    ctx: RunContext
    portal: Stub
    newest: Mapping[str, tuple[str, bytes]]

    def put(self, dataset_id: str, content: bytes) -> None:
        """Publish other content as the newest edition of a data set."""
        publish_edition(self.portal, self.ctx.catalog[dataset_id], self.newest[dataset_id][0], content)

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
    with stub() as portal:
        settings = Settings(lake=tmp_path / "lake", **portal.addresses)  # type: ignore[arg-type]  # all are addresses
        ctx = RunContext(settings, retries=RetryPolicy(attempts=2, first_wait=0.01))
        newest = {}
        for dataset in map(ctx.catalog.__getitem__, (COG, DWELLINGS, *IN_ARCHIVES)):
            for file in sorted((whole / "insee" / dataset.id).iterdir()):
                (key,) = [each.key for each in dataset.editions if f"_{each.key}_" in file.name]
                newest[dataset.id] = (key, file.read_bytes())
                publish_edition(portal, dataset, *newest[dataset.id])
        (file,) = (whole / "ore" / YEARLY).iterdir()
        publish(portal, ctx.catalog[YEARLY], file.read_text("utf-8-sig"))
        found = Files(ctx, portal, newest)
        for dataset_id in (COG, POPULATIONS, DWELLINGS, YEARLY):
            report = found.take_up(dataset_id)
            assert (report.outcome, report.error) == ("refreshed", None)
        yield found


def _take_out_the_member(files: Files) -> str:
    withdraw_edition(files.portal, files.ctx.catalog[POPULATIONS], files.newest[POPULATIONS][0])
    return POPULATIONS


def _rewrite(dataset_id: str, change: Callable[[bytes], bytes]) -> Callable[[Files], str]:
    def breaking(files: Files) -> str:
        sound = files.newest[dataset_id][1]
        assert change(sound) != sound
        files.put(dataset_id, change(sound))
        return dataset_id

    return breaking


def _fault(fault: str, dataset_id: str) -> Callable[[Files], str]:
    def breaking(files: Files) -> str:
        if dataset_id in files.newest:
            files.put(dataset_id, files.newest[dataset_id][1].replace(b"Exemple", b"Modele"))
        files.portal.fail(fault, dataset=dataset_id)
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
    dataset_id = breaking(files)
    report = files.take_up(dataset_id)
    for word in words:
        assert word in str(report.error)
    assert files.kept() == before

    files.portal.heal()
    if dataset_id in files.newest:
        files.put(dataset_id, files.newest[dataset_id][1])
    assert files.take_up(dataset_id).error is None
    assert copies_of(files.ctx.paths) == copies


def rows_of(paths: LakePaths) -> dict[Path, str]:
    """Return a digest of the copy of each partition: its name tells of the published bytes, which differ here."""
    return {Path(name).parent: digest for name, digest in copies_of(paths).items()}


def test_a_copy_in_cp1252_whose_codes_have_lost_their_zeros_gives_the_same_rows(files: Files) -> None:
    before = rows_of(files.ctx.paths)
    text = files.newest[COG][1].decode().replace("Exemple-", "Éxemple-")
    files.put(COG, text.encode())
    assert files.take_up(COG).outcome == "refreshed"
    accented = rows_of(files.ctx.paths)
    assert accented != before
    shortened = re.sub(r"(?m)^COM,0", "COM,", text).encode("cp1252")
    assert b"COM,1" in shortened
    files.put(COG, shortened)
    assert files.take_up(COG).outcome == "refreshed"
    assert rows_of(files.ctx.paths) == accented
