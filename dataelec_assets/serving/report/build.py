"""Makes the pages and puts them in place with one rename, like the served file."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from dataelec_assets.errors import LakeError
from dataelec_assets.lake.atomic_files import point_to
from dataelec_assets.lake.locks import exclusive
from dataelec_assets.run_context import RunContext
from dataelec_assets.serving.report import theme
from dataelec_assets.serving.report.components import Page
from dataelec_assets.serving.report.drawing import SCRIPT, drawn, png_of, scripts, vega_bundle, vega_name
from dataelec_assets.serving.report.figures import markup, plain
from dataelec_assets.serving.report.footer import ages, linked, sources
from dataelec_assets.serving.report.french import moment, typographic
from dataelec_assets.serving.report.pages import (
    charging,
    consumption,
    forecast,
    gas,
    indicators,
    mix,
    overview,
    quality,
    regions,
    sensitivity,
    typology,
)
from dataelec_assets.serving.report.reading import served_file
from dataelec_assets.serving.report.tables import table_markup
from dataelec_assets.serving.report.territories import FOLDER, Folder, Frame, Written, read_template, write_territories
from dataelec_assets.warehouse.publication import Publication, read_publication

_PAGES = (overview, mix, consumption, sensitivity, gas, forecast, charging, indicators, typology, quality)
_MARK = re.compile(r'<meta name="dataelec-rapport" content="([0-9a-f]+-[0-9a-f]+)">')

# The mark stands in the first lines of a page.
_HEAD = 1000
_PACKAGE = "dataelec_assets.serving.report"


@dataclass(frozen=True, slots=True)
class Report:
    """The pages that are in place.

    Attributes:
        version: their publication and the code that made them: ``<publication id>-<digest of the makers>``.
        path: their folder.
        pages: names of the files.
        is_new: whether this call made them.
        synthetic: whether they are marked as made from synthetic data.
        territories: files of the territories that this call wrote and took over.
    """

    version: str
    path: Path
    pages: tuple[str, ...]
    is_new: bool
    synthetic: bool
    territories: Written

    @property
    def publication_id(self) -> str:
        """What they show."""
        return self.version.partition("-")[0]

    @property
    def index(self) -> Path:
        """The page to open first."""
        return self.path / "index.html"


def report_folder(ctx: RunContext) -> Path:
    """Return the folder of the pages: a link to the folder of the present publication."""
    return ctx.paths.serving / "rapport"


def read_report(ctx: RunContext) -> str | None:
    """Return the version of the pages in place; None without pages."""
    index = report_folder(ctx) / "index.html"
    if not index.exists():
        return None
    with index.open(encoding="utf-8") as stream:
        found = _MARK.search(stream.read(_HEAD))
    return found[1] if found else None


def wanted(ctx: RunContext) -> str | None:
    """Return the version of pages made now; None when nothing is served."""
    served = read_publication(ctx.paths.served_file)
    return None if served is None else _version(served)


def is_current(ctx: RunContext) -> bool:
    """Return whether the pages in place show what is served, and come from this code; true when nothing is served."""
    version = wanted(ctx)
    return version is None or read_report(ctx) == version


def _version(served: Publication) -> str:
    return f"{served.publication_id}-{makers_digest()}"


@cache
def makers_digest() -> str:
    """Return a digest of the code, templates and outlines that make the pages."""
    digest = hashlib.sha256()
    root = Path(str(files(_PACKAGE)))
    makers = (each for each in root.rglob("*") if each.suffix in {".py", ".j2", ".js", ".css", ".geojson"})
    for path in sorted([*makers, root.parent / "outlines.py"]):
        digest.update(path.relative_to(root.parent).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def make_report(ctx: RunContext) -> Report:
    """Make the pages of what is served, unless they are there.

    Args:
        ctx: settings and folders.

    Raises:
        LakeError: nothing is served.
        BusyError: another process writes to the lake for too long.
    """
    with exclusive(ctx.paths, wait_seconds=ctx.lock_wait_seconds):
        served = read_publication(ctx.paths.served_file)
        if served is None:
            raise LakeError(
                "Nothing is served, so there is nothing to report on.", advice="Run `dataelec refresh` first."
            )
        link = report_folder(ctx)
        if read_report(ctx) == _version(served) and _is_on_bucket(ctx, _version(served)):
            return _report(served, link, Written(), is_new=False)
        folder = link.with_name(f"{link.name}-{served.publication_id}-{uuid4().hex[:8]}")
        folder.mkdir(parents=True)
        for name, content in render(ctx.paths.served_file, served):
            (folder / name).write_text(content, encoding="utf-8")
        _write_scripts(folder, link)
        written = write_territory_pages(ctx.paths.served_file, served, folder / FOLDER, link / FOLDER)
        point_to(link, folder)
        if ctx.settings.bucket is not None:
            from dataelec_assets.lake.served_copy import serve_report

            serve_report(ctx.paths, _version(served))
        return _report(served, link, written, is_new=True)


def _is_on_bucket(ctx: RunContext, version: str) -> bool:
    if ctx.settings.bucket is None:
        return True
    from dataelec_assets.lake.served_copy import REPORT, is_served

    return is_served(ctx.paths, version, REPORT)


def _write_scripts(folder: Path, before: Path) -> None:
    """Write the scripts of the pages; the bundle of an unchanged package is that of the pages ``before``."""
    for name, content in scripts().items():
        (folder / name).write_text(content, encoding="utf-8")
    known = before / vega_name()
    bundle = known.read_text(encoding="utf-8") if known.exists() else vega_bundle()
    (folder / vega_name()).write_text(bundle, encoding="utf-8")


def _report(served: Publication, link: Path, written: Written, *, is_new: bool) -> Report:
    pages = tuple(sorted(path.name for path in link.glob("*.html")))
    return Report(_version(served), link, pages, is_new, served.synthetic, written)


def write_territory_pages(path: Path, publication: Publication, target: Path, former: Path) -> Written:
    """Write the pages of the territories to ``target``; those of ``former`` that show the same are taken over."""
    published = moment(publication.published_at.astimezone(ZoneInfo("Europe/Paris")))
    frame = Frame(read_template(), f"{publication.publication_id} du {published}", publication.synthetic)
    with served_file(path) as served:
        return write_territories(served, Folder(target, former, makers_digest()), frame, _style())


def render(path: Path, publication: Publication) -> Iterator[tuple[str, str]]:
    """Yield the name and the content of each page.

    Args:
        path: the served file.
        publication: what it says of itself.
    """
    with served_file(path) as served:
        names = regions.region_names(served)
        made = [module.page(served) for module in _PAGES]
        made += [regions.page(served, code, name) for code, name in names.items()]
        frame = {
            "identifier": _version(publication),
            "publication": publication.publication_id,
            "published": moment(publication.published_at.astimezone(ZoneInfo("Europe/Paris"))),
            "synthetic": publication.synthetic,
            "pages": [(page.slug, _SHORT[page.slug]) for page in made if page.slug in _SHORT],
            "regions": names,
            "departements": regions.departement_links(served),
            "ages": ages(served),
            "scripts": (vega_name(), SCRIPT),
            **sources(served),
        }
        template, style = _template(), _style()
        for page in made:
            yield f"{page.slug}.html", _rendered(template, page, {**frame, "style": style})


_SHORT = {
    "index": "Vue d’ensemble",
    "mix": "Mix",
    "consommation": "Consommation",
    "sensibilite": "Sensibilité",
    "gaz": "Gaz et échanges",
    "prevision": "Prévision",
    "bornes": "Bornes de recharge",
    "indicateurs": "Indicateurs",
    "typologie": "Typologie",
    "qualite": "Qualité des données",
}


def _rendered(template: Template, page: Page, frame: dict[str, object]) -> str:
    charts = [chart for section in page.sections for chart in section.charts]
    return template.render(page=page, drawings={chart.key: drawn(chart) for chart in charts}, **frame) + "\n"


def previews(path: Path) -> dict[str, tuple[str, bytes]]:
    """Return, for each general page with a chart, the title of the first one and a small picture of it.

    Args:
        path: the served file.
    """
    with served_file(path) as served:
        pages = [module.page(served) for module in _PAGES]
    found = {}
    for page in pages:
        for chart in (chart for section in page.sections for chart in section.charts):
            if chart.draw is not None:
                found[page.slug] = (plain(chart.title), png_of(chart.draw()))
                break
    return found


def _template() -> Template:
    environment = Environment(
        loader=PackageLoader(_PACKAGE), autoescape=True, undefined=StrictUndefined, finalize=typographic
    )
    environment.filters.update(prose=markup, plain=plain, table=table_markup, linked=linked)
    return environment.get_template("page.html.j2")


def _style() -> str:
    text = files(_PACKAGE).joinpath("templates/style.css").read_text(encoding="utf-8")
    return f"{text}@media screen and (prefers-color-scheme: dark) {{\n{theme.dark_rules()}\n}}"
