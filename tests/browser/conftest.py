"""A browser and a served program for each module, a window for each test.

Between modules no browser is open: playwright keeps an event loop running for as long as one is.

A module that needs other councils than the first says so: `COUNCILS = ("gravesham",)`.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from services.councils import open_councils
from services.identity.messages import FileOutbox
from tests.browser.harness import DESKTOP, FLAGS, Running, chromium, served
from tests.databases import SCHEMAS, Databases


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = chromium()
    if not program:
        pytest.skip("no chromium is installed (apt-get install chromium)")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def running(
    request: pytest.FixtureRequest,
    databases: Databases,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Running]:
    """The program, served; what its councils are told here, its pages show."""
    names: tuple[str, ...] = getattr(request.module, "COUNCILS", SCHEMAS[:1])
    folder = tmp_path_factory.mktemp("served")
    with (
        databases.clone() as dsn,
        served(dsn, folder, names) as (address, outbox, log),
        open_councils(dsn, names, commands_max=2, checks_max=1) as councils,
    ):
        ordered = {name: councils[name] for name in names}
        yield Running(address, ordered, FileOutbox(outbox), log)


@pytest.fixture
def browser_page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    """A window of its own: 1280 wide with JavaScript, or as `EVERY_WAY` says."""
    width, script = getattr(request, "param", (DESKTOP, True))
    context = browser.new_context(
        viewport={"width": width, "height": 800},
        java_script_enabled=script,
        locale="en-GB",
        timezone_id="Europe/London",
    )
    context.set_default_timeout(10_000)
    page = context.new_page()
    page.permit_script = script  # type: ignore[attr-defined]
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "console",
        lambda said: faults.append(said.text) if "Content Security Policy" in said.text else None,
    )
    yield page
    context.close()
    assert not faults, faults
