"""The report in a real browser: accessible, quiet, usable by keyboard and without JavaScript, clean on paper."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from trialconformance.core import Record
from trialconformance.engine import judge_submission
from trialconformance.evidence.report import render
from trialconformance.packaged import packaged

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
)
AXE = os.environ.get("TRIALCONFORMANCE_AXE", "")

if importlib.util.find_spec("playwright") is None:
    pytest.skip("needs the extra: pip install 'trialconformance[browser]'", allow_module_level=True)
if CHROMIUM is None:
    pytest.skip("needs Chromium on the path", allow_module_level=True)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Headless Chromium, the one of the machine."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - an extra

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield started
        started.close()


@pytest.fixture(scope="module")
def demo() -> str:
    """The report of the packaged submission."""
    judged = judge_submission(packaged("fixtures") / "demo" / "submission.toml")
    return render(judged.record, inputs=judged.inputs)


@pytest.fixture
def address(record: Record, tmp_path: Path) -> str:
    """A report in which every part has something to show."""
    path = tmp_path / "report.html"
    path.write_text(render(record, inputs={}), encoding="utf-8")
    return path.as_uri()


def opened(browser: Browser, address: str, **context: Any) -> Page:
    """The page in a context of its own."""
    page = browser.new_context(**context).new_page()
    page.goto(address)
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("which", ["made-up", "demo"])
def test_axe_finds_nothing(
    browser: Browser, address: str, demo: str, tmp_path: Path, *, scheme: str, which: str
) -> None:
    """axe-core finds no violation of any impact, in light and in dark."""
    if not AXE:
        pytest.skip("needs axe-core: npm install axe-core, then TRIALCONFORMANCE_AXE=node_modules/axe-core/axe.min.js")
    if which == "demo":
        (tmp_path / "demo.html").write_text(demo, encoding="utf-8")
        address = (tmp_path / "demo.html").as_uri()
    # The content security policy of the report admits no script but its own: for axe it is set aside.
    page = opened(browser, address, color_scheme=scheme, bypass_csp=True)
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")
    page.evaluate(Path(AXE).read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    told = [
        (each["id"], each["impact"], [node["html"][:120] for node in each["nodes"]][:3]) for each in found["violations"]
    ]
    assert told == []


def test_page_is_quiet(browser: Browser, address: str) -> None:
    """Nothing is requested but the page itself and no error reaches the console."""
    page = browser.new_page()
    requests: list[str] = []
    errors: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda message: errors.append(message.text))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(address)
    assert requests == [address]
    assert errors == []


def test_search_and_filter(browser: Browser, address: str, record: Record) -> None:
    """Words narrow the table, a verdict can be hidden, the count is announced."""
    page = opened(browser, address)
    shown = "table.cases tbody tr:not([hidden])"
    assert page.locator(shown).count() == len(record.cases)
    page.fill("#q", "mac valid")
    assert page.locator(shown).evaluate_all("rows => rows.map(row => row.id)") == ["GBCS-SEC-004"]
    assert page.inner_text(".hits") == f"1 of {len(record.cases)} cases shown"
    page.fill("#q", "")
    page.uncheck("input[value=pass]")
    assert page.locator(shown).count() == len(record.cases) - record.accounting["pass"]


def test_link_reveals_a_filtered_case(browser: Browser, address: str) -> None:
    """Following a link to a case that the filter hides shows it."""
    page = opened(browser, address)
    page.fill("#q", "nothing fits this")
    page.click("#accounting a[href='#GBCS-SEC-004']")
    page.wait_for_function("document.getElementById('GBCS-SEC-004').hidden === false")


def test_everything_is_reached_by_keyboard(browser: Browser, address: str) -> None:
    """The first stop skips to the verdict; the dumps and tables that scroll can be focused."""
    page = opened(browser, address)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    assert page.locator("pre.hex[tabindex='0']").count() > 0


def test_readable_without_javascript(browser: Browser, address: str, record: Record) -> None:
    """Without scripts every case is there and no control promises what cannot work."""
    page = opened(browser, address, java_script_enabled=False)
    assert page.locator("table.cases tbody tr").count() == len(record.cases)
    assert not page.locator("form.filter").is_visible()


@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_is_wider_than_the_window(browser: Browser, address: str, width: int) -> None:
    """The page itself never scrolls sideways; wide tables scroll on their own."""
    page = opened(browser, address, viewport={"width": width, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_prints(browser: Browser, demo: str, tmp_path: Path) -> None:
    """On paper the demo is a PDF of several pages, controls left out and details open."""
    path = tmp_path / "demo.html"
    path.write_text(demo, encoding="utf-8")
    page = opened(browser, path.as_uri())
    printed = page.pdf(format="A4", print_background=True)
    assert printed.startswith(b"%PDF-")
    assert printed.count(b"/Type /Page\n") > 5
    page.emulate_media(media="print")
    assert not page.locator("form.filter").is_visible()
    assert not page.locator("nav").is_visible()
