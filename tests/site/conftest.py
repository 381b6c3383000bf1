"""The built site, served to a headless browser.

The site in ``_build/html`` is used if it is newer than everything it is made from; otherwise it is built, strictly, and
a failing build fails the tests.
"""

import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.serving import QuietHandler, address, serve

ROOT = Path(__file__).resolve().parents[2]
BUILT = ROOT / "_build" / "html"
BUILD = [Path(sys.executable).with_name("jupyter-book"), "build", ".", "--all", "-n", "-W", "--keep-going"]
BUILD_TIME = 1800  # s, for a busy machine; on two idle processors it takes two minutes


def sources():
    """Yield every file that the site is made from."""
    yield from (ROOT / "_config.yml", ROOT / "_toc.yml", ROOT / "CHANGELOG.md")
    for folder in ("book", "src"):
        yield from (path for path in (ROOT / folder).rglob("*") if path.is_file() and path.suffix != ".pyc")


def is_fresh():
    """Tell whether the built site is newer than its sources."""
    page = BUILT / "index.html"
    return page.is_file() and page.stat().st_mtime >= max(path.stat().st_mtime for path in sources())


def build():
    """Build the site; return the end of the log if that fails, and leave no half-made site behind."""
    for folder in (BUILT, ROOT / "_build" / ".doctrees"):
        shutil.rmtree(folder, ignore_errors=True)
    run = subprocess.run(BUILD, cwd=ROOT, capture_output=True, text=True, timeout=BUILD_TIME)
    if run.returncode:
        shutil.rmtree(BUILT, ignore_errors=True)
        return "\n".join((run.stdout + run.stderr).splitlines()[-40:])
    (BUILT / "index.html").touch()
    return ""


def build_once(folder):
    """Build the site in one of several test processes, which share a folder; the others wait and learn the outcome."""
    outcome = folder / "build.log"
    try:
        (folder / "build.started").open("x").close()
    except FileExistsError:
        deadline = time.monotonic() + BUILD_TIME
        while not outcome.is_file() and time.monotonic() < deadline:
            time.sleep(0.5)
        return outcome.read_text()
    log = "" if is_fresh() else build()
    (folder / "build.unfinished").write_text(log)
    (folder / "build.unfinished").rename(outcome)
    return log


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The folder of the built site."""
    parallel = "PYTEST_XDIST_WORKER" in os.environ
    base = tmp_path_factory.getbasetemp()
    log = build_once(base.parent if parallel else base)
    if log:
        pytest.fail(f"The strict build of the site failed:\n{log}", pytrace=False)
    return BUILT


@pytest.fixture(scope="session")
def served(site):
    """The address of the site, served on this machine."""
    with serve(partial(QuietHandler, directory=site)) as server:
        yield address(server)


@dataclass
class Visit:
    """An open page and everything that went wrong on it."""

    page: object
    foreign: list = field(default_factory=list)
    complaints: list = field(default_factory=list)
    missing: list = field(default_factory=list)

    def watch(self, host):
        """Note foreign requests, console errors and warnings, uncaught exceptions and answers of 400 and above."""
        self.page.on("request", lambda request: self.note_request(request.url, host))
        self.page.on("console", lambda message: self.note_message(message.type, message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("requestfailed", self.note_failure)
        self.page.on("response", lambda answer: self.missing.append(answer.url) if answer.status >= 400 else None)

    def note_request(self, url, host):
        """Keep the address of a request that leaves the site."""
        parts = urlsplit(url)
        if parts.scheme not in ("data", "blob") and parts.netloc != host:
            self.foreign.append(url)

    def note_failure(self, request):
        """Keep the address of a request that failed, unless the reader went on before the answer was there."""
        if request.failure != "net::ERR_ABORTED":
            self.missing.append(request.url)

    def note_message(self, kind, text):
        """Keep errors and warnings."""
        if kind in ("error", "warning"):
            self.complaints.append(f"{kind}: {text}")

    @property
    def problems(self):
        """Everything noted, by kind; empty if all was well."""
        found = {"foreign": self.foreign, "console": self.complaints, "missing": self.missing}
        return {kind: entries for kind, entries in found.items() if entries}

    def until(self, expression, seconds=10):
        """Wait until a JavaScript expression is true (by asking: the page's policy forbids evaluating in the page)."""
        deadline = time.monotonic() + seconds
        while not self.page.evaluate(expression):
            assert time.monotonic() < deadline, f"still not true after {seconds} s: {expression}"
            self.page.wait_for_timeout(20)

    def wake_widgets(self):
        """Scroll each widget into view and wait until it is live or has failed; return the boxes."""
        boxes = self.page.locator(".nl-widget")
        for box in boxes.all():
            box.scroll_into_view_if_needed()
        self.until("[...document.querySelectorAll('.nl-widget')].every(box => box.dataset.state)")
        return boxes.all()


@pytest.fixture
def open_page(browser, request):
    """Open an address in a fresh browser profile, and watch it; keywords are Playwright's for a new context."""
    contexts = []

    def visit(url, before=None, wait="load", **options):
        context = browser.new_context(**({"viewport": {"width": 1280, "height": 900}} | options))
        contexts.append(context)
        opened = Visit(context.new_page())
        opened.watch(urlsplit(url).netloc)
        if before:
            before(opened.page)
        opened.page.goto(url, wait_until=wait)
        return opened

    yield visit
    for context in contexts:
        context.close()
