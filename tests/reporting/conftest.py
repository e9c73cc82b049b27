"""The browser that the tests of a process share, and the page that they reuse."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.reporting.browser import Report, headless_chromium, opened


# Of this folder alone: Playwright's event loop must have ended before tests elsewhere run one.
@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """One browser per process."""
    with headless_chromium() as browser:
        yield browser


@pytest.fixture(scope="package")
def report(chromium: Browser) -> Iterator[Report]:
    """One page, reused: opening a file clears what it logged."""
    with opened(chromium) as page:
        yield page
