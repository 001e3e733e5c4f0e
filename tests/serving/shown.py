"""A page of the report in a window of Chromium, with what it asked for and complained of."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Browser, Page

PHONE, DESK = 360, 1280


class Shown:
    """A page in a window.

    Args:
        browser: an open one.
        path: of the page.
        width: of the window, in CSS pixels.
        scheme: light or dark.
        options: of the window, as Playwright names them.
    """

    def __init__(
        self,
        browser: Browser,
        path: Path,
        width: int = DESK,
        scheme: Literal["light", "dark"] = "light",
        **options: Any,
    ) -> None:
        context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme, **options)
        self.page: Page = context.new_page()
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(path.as_uri())

    def draw(self) -> Page:
        """Return the page with every chart drawn, as it is once a reader has scrolled through it."""
        self.page.evaluate("window.dataelec.drawAll()")
        return self.page

    def drawings(self) -> dict[str, str]:
        """Return what the browser has drawn, as SVG, by figure."""
        found: dict[str, str] = self.draw().evaluate(
            "Object.fromEntries([...document.querySelectorAll('figure:has(.dessin svg)')]"
            ".map(each => [each.id, each.querySelector('.dessin svg').outerHTML]))"
        )
        return found

    def close(self) -> None:
        """Close the window."""
        self.page.context.close()


Show = Callable[..., Shown]
