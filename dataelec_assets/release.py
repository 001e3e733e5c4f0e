"""Builds what a release attaches: wheel, sdist, sample publications to read without installing anything, checksums.

``python -m dataelec_assets.release DIST [FOLDER]``, as ``make release`` does; FOLDER holds published files, read as
``refresh --from`` reads them. Sources whose terms exclude commercial use are left out: they may not be passed on.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Container, Iterable, Mapping
from importlib.metadata import version
from pathlib import Path

from dataelec_assets.database import connect
from dataelec_assets.errors import DataElecError
from dataelec_assets.lake.paths import LakePaths
from dataelec_assets.packaged import repository
from dataelec_assets.sample import generate

# A licence that begins with one of these lets anybody pass the data on, with the name of the source.
OPEN_LICENCES = ("Licence Ouverte", "ODbL", "CC BY")

# What a reader needs of `serving/`; locks and the folder of the publication before stay.
PARTS = ("dataelec.duckdb", "publication.json", "sources.lock", "parquet", "rapport")

# Exit codes of a refresh that has published: whole, without some data sets, without some rows.
SERVED = {0, 3, 4}

# The least that a zip can hold, so that the same publication is the same archive.
_EPOCH = (1980, 1, 1, 0, 0, 0)


def main(arguments: Iterable[str]) -> None:
    """Write every file of the release into a folder, which is emptied first."""
    name, *published = arguments
    dist = Path(name)
    shutil.rmtree(dist, ignore_errors=True)
    dist.mkdir(parents=True)
    made = list(distributions(dist))
    with tempfile.TemporaryDirectory() as work:
        made.append(sample(dist, "synthetic", generate(Path(work) / "data").destination, Path(work) / "lake"))
        if published:
            made.append(sample(dist, "published", Path(published[0]), Path(work) / "published"))
    made.append(Path(shutil.copy(repository("release") / "CHANGELOG.md", dist)))
    made.append(checksums(dist, made))
    for path in made:
        print(f"{path} ({path.stat().st_size / 1e6:,.1f} MB)")  # noqa: T201 - the answer of a program


def distributions(dist: Path) -> Iterable[Path]:
    """Build the sdist and, from it, the wheel; yield both."""
    uv = Path(sys.executable).with_name("uv")
    command = [uv, "build", "--quiet", "--no-build-isolation", "--python", sys.executable, "--out-dir", dist]
    _run([*map(str, command), str(repository("release"))], {}, {0})
    (dist / ".gitignore").unlink(missing_ok=True)
    yield from sorted(dist.glob("dataelec_assets-*"))


def sample(dist: Path, kind: str, folder: Path, lake: Path) -> Path:
    """Refresh a lake from a folder of files, write its report, and return the archive of its publication."""
    environment = {"DATAELEC_LAKE": str(lake), "DATAELEC_FROM": str(folder), "DATAELEC_COMMERCIAL": "1"}
    for command, good in ((["refresh", "--quiet"], SERVED), (["report"], {0})):
        _run([sys.executable, "-m", "dataelec_assets", *command], environment, good)
    return archive(LakePaths(lake), dist / f"dataelec-{kind}-{version('dataelec-assets')}.zip")


def archive(paths: LakePaths, target: Path) -> Path:
    """Write the publication of a lake into one zip: file, Parquet, report, and whose data they are.

    Raises:
        DataElecError: a source that has rows may not be passed on.
    """
    folder = target.stem
    notice = terms(paths)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as written:
        _add(written, f"{folder}/LISEZMOI.md", notice.encode())
        for part in PARTS:
            found = paths.serving / part
            files = [found] if found.is_file() else sorted(each for each in found.rglob("*") if each.is_file())
            for file in files:
                _add(written, f"{folder}/{file.relative_to(paths.serving)}", file.read_bytes())
    return target


def _add(written: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED
    written.writestr(entry, content)


def terms(paths: LakePaths) -> str:
    """Return the notice of a publication, in French: what it is, how it opens, and the licence of each source.

    Raises:
        DataElecError: a source that has rows may not be passed on.
    """
    with connect(paths.served_file, read_only=True) as served:
        identifier, published, is_synthetic = served.execute(
            "SELECT publication_id, publiee_a::DATE, est_synthetique FROM meta_publication"
        ).fetchall()[0]
        sources = served.execute(
            "SELECT titre, producteur, licence, conditions FROM meta_sources WHERE lignes > 0 ORDER BY titre"
        ).fetchall()
    closed = [title for title, _, licence, terms in sources if terms or not licence.startswith(OPEN_LICENCES)]
    if closed and not is_synthetic:
        raise DataElecError(f"These sources may not be passed on: {', '.join(closed)}. Nothing was archived.")
    data = (
        "Données **synthétiques** : structure réelle, chiffres inventés. N’en tirez aucune conclusion sur la France."
        if is_synthetic
        else "Données publiées, telles que les a lues DataElec ; citez leurs sources."
    )
    lines = [f"| {title} | {producer} | {licence} |" for title, producer, licence, _ in sources]
    return "\n".join((
        f"# DataElec, publication {identifier} du {published:%d/%m/%Y}",
        "",
        data,
        "",
        "- `rapport/index.html` : le rapport, à ouvrir dans un navigateur, sans réseau.",
        "- `dataelec.duckdb` : toutes les tables, pour DuckDB 1.2 ou plus récent, en lecture seule.",
        "- `parquet/` : les mêmes tables en Parquet, décrites par `datapackage.json`.",
        "",
        "| source | producteur | licence |",
        "|---|---|---|",
        *lines,
        "",
    ))  # fmt: skip


def checksums(dist: Path, files: Iterable[Path]) -> Path:
    """Write the SHA-256 of each file, as ``sha256sum --check`` reads them."""
    target = dist / "SHA256SUMS"
    lines = (f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in sorted(files))
    target.write_text("".join(lines), encoding="utf-8")
    return target


def _run(command: list[str], environment: Mapping[str, str], good: Container[int]) -> None:
    done = subprocess.run(command, env={**os.environ, **environment}, check=False)  # noqa: S603 - our own arguments
    if done.returncode not in good:
        raise DataElecError(f"`{' '.join(command)}` ended with exit code {done.returncode}; nothing was released.")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except DataElecError as error:
        sys.exit(str(error))
