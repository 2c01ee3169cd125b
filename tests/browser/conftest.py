"""A browser for the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright
from tests.browser.visitor import Visitor, launched


@pytest.fixture(scope="module")  # no longer: its event loop would be in the way of tests that have their own
def chromium() -> Iterator[Browser]:
    """Chromium, or a skipped test."""
    with sync_playwright() as playwright:
        browser = launched(playwright)
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Browser, tmp_path: Path) -> Iterator[Visitor]:
    """Opens pages, and checks after the test that none had an error or used the network."""
    visitor = Visitor(chromium, tmp_path)
    yield visitor
    visitor.close()
