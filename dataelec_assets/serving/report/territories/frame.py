"""The frame around the territories' pages: a style sheet and a script beside them, a search in each head."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from dataelec_assets.serving.report.french import typographic

_PACKAGE = "dataelec_assets.serving.report"
STYLE, SCRIPT, COMMUNES_SCRIPT = "territoires.css", "territoires.js", "communes.js"


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around the content.

    Attributes:
        template: of a page.
        written: the publication that the pages are written at, and when that was.
        synthetic: whether the figures are invented.
    """

    template: Template
    written: str
    synthetic: bool

    def page(self, key: str, title: str, main: Markup, *, scripts: tuple[str, ...] = (), current: str = "") -> str:
        """Return a page.

        Args:
            key: what it is known by at the next writing.
            title: of the window.
            main: its content.
            scripts: names of files beside it, after the script of all pages.
            current: name of the page in the navigation.
        """
        made = self.template.render(
            key=key,
            title=title,
            main=main,
            style=STYLE,
            scripts=(SCRIPT, *scripts),
            current=current,
            written=self.written,
            synthetic=self.synthetic,
        )
        return f"{made}\n"


def read_template() -> Template:
    """Return the template of the pages."""
    environment = Environment(
        loader=PackageLoader(_PACKAGE), autoescape=True, undefined=StrictUndefined, finalize=typographic
    )
    return environment.get_template("territoire.html.j2")


def asset(name: str) -> str:
    """Return a file of the templates, as it is put beside the pages."""
    return files(_PACKAGE).joinpath(f"templates/{name}").read_text(encoding="utf-8")
