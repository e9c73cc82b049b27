"""The machine's Chromium, headless, driven by Playwright; no browser is ever fetched.

Belongs here: starting it, opening a report, what a page logged and asked for. Does not belong here: what a page must
show; whether there is a Chromium (tests/needs.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from tests.needs import chromium

# A start on a busy machine with two cores took up to 12 s.
PATIENCE_MILLISECONDS = 60_000
OPTIONS = ("--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync")


class Report:
    """One page of the browser, whatever file it shows."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._problems: list[str] = []
        self._requests: list[str] = []
        page.set_default_timeout(PATIENCE_MILLISECONDS)
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self._problems.append(str(error)))
        page.on("request", lambda request: self._requests.append(request.url))

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning", "assert"):
            self._problems.append(message.text)

    def open(self, file: Path, fragment: str = "", width: int = 1280) -> float:
        """Load a file anew and wait until it says it is drawn; returns the seconds from navigation start to then."""
        self.resize(width)
        self.page.goto("about:blank")
        self._problems.clear()
        self._requests.clear()
        self.page.goto(f"{file.resolve().as_uri()}{fragment}")
        self.wait_for("document.documentElement.dataset.ready !== undefined")
        return float(self.run("performance.now()")) / 1000

    def resize(self, width: int, height: int = 900) -> None:
        self.page.set_viewport_size({"width": width, "height": height})

    def run(self, expression: str) -> Any:
        """The value of a JavaScript expression."""
        return self.page.evaluate(expression)

    def wait_for(self, condition: str) -> None:
        self.page.wait_for_function(condition)

    def is_quiet(self) -> bool:
        """Whether the file logged no error and no warning and asked the network for nothing; else AssertionError."""
        assert self._problems == []
        assert [url for url in self._requests if not url.startswith(("file:", "about:"))] == []
        return True


@contextmanager
def headless_chromium() -> Iterator[Browser]:
    """A running browser, gone afterwards. As long, Playwright's event loop keeps the thread from running another."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium(), args=OPTIONS, chromium_sandbox=False, timeout=PATIENCE_MILLISECONDS
        )
        yield browser
        browser.close()


@contextmanager
def opened(browser: Browser, **options: Any) -> Iterator[Report]:
    """A page with a profile of its own; `options` are those of a browser's context."""
    with browser.new_context(**options) as context:
        yield Report(context.new_page())
