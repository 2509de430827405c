"""The `browse` fixture: Debian's Chromium, driven by Playwright, opens a page and fails on any request or message."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

Open = Callable[..., Any]


@pytest.fixture(scope="module")  # not longer: while it runs, Playwright's event loop keeps asyncio from other tests
def chromium() -> Iterator[Any]:
    """Yield the browser. Skips where Playwright or Chromium is missing."""
    playwright = pytest.importorskip("playwright.sync_api", reason="`playwright` is not installed")
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("no `chromium` on the PATH: apt-get install chromium")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def browse(chromium: Any, tmp_path: Path) -> Iterator[Open]:
    """Yield what opens HTML in a tab; in the end no page may have asked for anything or logged anything."""
    noise: list[str] = []
    contexts: list[Any] = []

    def open_page(html: str, **options: Any) -> Any:
        contexts.append(chromium.new_context(**{"viewport": {"width": 1200, "height": 700}, **options}))
        tab = contexts[-1].new_page()
        path = tmp_path / f"{len(contexts)}.html"
        path.write_text(html, encoding="utf-8")
        ours = (path.as_uri(), "about:srcdoc")
        tab.on("request", lambda request: request.url in ours or noise.append(f"asked for {request.url}"))
        tab.on("console", lambda message: noise.append(message.text))
        tab.on("pageerror", lambda error: noise.append(str(error)))
        tab.on("dialog", lambda dialog: noise.append(f"said {dialog.message}"))
        tab.goto(path.as_uri())
        return tab

    yield open_page
    for context in contexts:
        context.close()
    assert noise == []
