"""The built site in Firefox and in WebKit: `make browsers`. An engine that is missing is skipped, with a sentence."""

import time
from functools import partial
from urllib.parse import parse_qs, urlsplit

import pytest

from tests import serving
from tests.browsers.webdriver import ENGINES, Missing
from tests.site.pages import ROOT

BUILT = ROOT / "_build" / "html"

# Notes what goes wrong on a page, before anything else of the page runs.
WATCH = b"""
globalThis.problems = [];
const missed = ({message, target}) => problems.push(message || `no ${target.src || target.href}`);
addEventListener("error", missed, true);
addEventListener("unhandledrejection", (event) => problems.push(`${event.reason}`));
addEventListener("securitypolicyviolation", (event) => problems.push(`refused: ${event.blockedURI}`));
for (const kind of ["error", "warn"]) {
  const before = console[kind];
  console[kind] = (...words) => { problems.push(words.join(" ")); before(...words); };
}
"""
POLICY_END = b"form-action 'self'\" />"
FRAME = '<!DOCTYPE html><title>A small window</title><iframe src="/{page}" width="{width}" height="700"></iframe>'


class Handler(serving.QuietHandler):
    """Serves the site with the script that watches it, and each page in a small window as well."""

    def do_GET(self):
        """Answer: the script, a small window, a page, or any other file."""
        parts = urlsplit(self.path)
        if parts.path == "/watch.js":
            self.answer(WATCH, "text/javascript")
        elif parts.path == "/window.html":
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            self.answer(FRAME.format(**query).encode(), "text/html")
        elif parts.path.endswith(".html") and (BUILT / parts.path[1:]).is_file():
            page = (BUILT / parts.path[1:]).read_bytes()
            self.answer(page.replace(POLICY_END, POLICY_END + b'<script src="/watch.js"></script>', 1), "text/html")
        else:
            super().do_GET()

    def answer(self, body, kind):
        """Send a text."""
        self.send_response(200)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture(scope="session")
def address():
    """Where the site is served."""
    if not (BUILT / "index.html").is_file():
        pytest.skip("needs the built site: run `make site`")
    with serving.serve(partial(Handler, directory=BUILT)) as server:
        yield serving.address(server)


@pytest.fixture(scope="session", params=ENGINES)
def engine(request, tmp_path_factory):
    """One browser for all tests."""
    try:
        browser = ENGINES[request.param](tmp_path_factory.mktemp(request.param))
    except Missing as missing:
        pytest.skip(str(missing))
    yield browser
    browser.close()


class Visit:
    """A page in a browser."""

    def __init__(self, engine, address):
        self.engine, self.address, self.host = engine, address, urlsplit(address).netloc

    def open(self, page):
        """Go to a page of the site, or to any address."""
        self.engine.open("about:blank")  # an address with another end only would not load the page again
        self.engine.open(page if ":" in page.split("?")[0].split("#")[0] else f"{self.address}/{page}")

    def run(self, script, *arguments):
        """Return the result of a function's body."""
        return self.engine.run(script, *arguments)

    def act(self, *devices):
        """Let input devices act."""
        self.engine.act(*devices)

    def until(self, expression, seconds=15):
        """Wait until an expression is true."""
        deadline = time.monotonic() + seconds
        while not self.run(f"return Boolean({expression})"):
            assert time.monotonic() < deadline, f"still not true after {seconds} s: {expression}"
            time.sleep(0.05)

    def wake_widgets(self):
        """Scroll through the widgets, and wait until each is live."""
        number = self.run("return document.querySelectorAll('.nl-widget').length")
        for each in range(number):
            box = f"document.querySelectorAll('.nl-widget')[{each}]"
            self.run(f"{box}.scrollIntoView({{block: 'center'}})")
            self.until(f"{box}.dataset.state")
            assert self.run(f"return {box}.dataset.state") == "live", self.run(f"return {box}.innerText")
        return number

    def problems(self):
        """Return what went wrong on the page, and the requests that left the site."""
        noted = self.run("return globalThis.problems || []")
        addresses = self.run("return performance.getEntriesByType('resource').map(each => each.name)")
        foreign = [each for each in addresses if urlsplit(each).netloc not in ("", self.host)]
        return noted + foreign


@pytest.fixture
def visit(engine, address):
    """A page in each of the browsers."""
    return Visit(engine, address)
