"""Weight and speed of every page of the built site: ``python benchmarks/pages.py`` prints a table.

It needs Chromium and the packages of the extra ``test``, and the site in ``_build/html`` (``make site``), or in the
folder that ``--site`` names; ``python benchmarks/pages.py index zero-centring`` measures these pages only. The pages
come compressed from a server of its own, and each is opened with an empty cache. "Slow" is 4G of 1.6 Mbit/s down and
150 ms there and back, with the processor slowed down four times. From a key to the painted frame is what the page
takes for it, for keys that come 30 times a second: what listens to the key, and the frame, without the wait between
them for the screen's next refresh, which is up to 17 ms on any page (a widget draws in the next frame, see
``tests/widgets``); the last line has the same for a page that holds one slider. Times depend on the machine and on what
else it does; the rest is exact.
"""

import argparse
import gzip
import math
import re
import statistics
import sys
from contextlib import contextmanager
from functools import cache, partial
from http.server import ThreadingHTTPServer
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.conftest import FLAGS, chromium_path  # noqa: E402
from tests.serving import QuietHandler, address, serve  # noqa: E402
from tests.site.pages import PAGES  # noqa: E402

SCREEN = {"width": 1280, "height": 900}
SLOW_4G = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 93_750}  # ms, bytes/s
SLOW_CPU = 4
PLAIN = {".woff", ".woff2", ".png", ".jpg", ".npz"}  # compressed already
PATIENCE = 60  # s
BARE = "<!doctype html><p class='nl-widget'><input type='range' max='20'></p>"
STEPS = 40  # of a slider, to and fro
REPEAT = 33  # ms: between the keys, as from a key that is held down

COLUMNS = {
    "first visit, gzip kB": "<= 300",
    "first paint, slow, s": "<= 2",
    "formulas readable, slow, s": "at paint",
    "without JavaScript": "yes",
    "widget alive, slow, s": "<= 3",
    "layout shift": "< 0.02",
    "key to paint, ms": "<= 16",
    "slow CPU": "<= 33",
    "first live, screens": "< 1",
    "printed pages": "<= 16",
}

# In the page: when the first widget is alive, from which frame on all have their formulas and the font for them, and
# how far things have moved.
WATCH = """
const watched = {alive: null, set: null, shift: 0};
globalThis.watched = watched;
const bare = () => {
  const formulas = [...document.querySelectorAll('main .math')], waiting = ({status}) => status !== 'loaded';
  if (formulas.some(formula => !formula.querySelector('math'))) return true;
  return formulas.length > 0 && [...document.fonts].some(waiting);
};
const look = () => {
  if (document.querySelector('.nl-widget[data-state="live"]')) watched.alive ??= performance.now();
  watched.set = bare() ? null : watched.set ?? performance.now();
  if (watched.alive === null || watched.set === null || document.readyState !== 'complete') requestAnimationFrame(look);
};
requestAnimationFrame(look);
new PerformanceObserver((list) => {
  for (const {value} of list.getEntries()) watched.shift += value;
}).observe({type: 'layout-shift', buffered: true});
"""
GO_TO_WIDGET = (
    "addEventListener('DOMContentLoaded', () => document.querySelectorAll('.nl-widget')[%d]?.scrollIntoView());"
)
PAINT_TIMES = """
globalThis.paintTimes = [];
let begun, handled;
addEventListener('input', ({timeStamp}) => {
  begun = timeStamp;
  requestAnimationFrame(() => {
    const started = performance.now(), channel = new MessageChannel();
    channel.port1.onmessage = () => paintTimes.push(handled - begun + performance.now() - started);
    channel.port2.postMessage(0);
  });
}, {capture: true});
addEventListener('input', () => { handled = performance.now(); });
"""
TO_THE_END = """(async () => {
  for (let top = 0; top < document.documentElement.scrollHeight; top += innerHeight) {
    scrollTo(0, top);
    for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
  }
})()"""
FIRST_PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
READABLE = "[...document.querySelectorAll('main .math')].every(formula => formula.querySelector('math'))"


@cache
def packed(path: Path) -> bytes:
    """Return a file as it is sent."""
    content = path.read_bytes()
    return content if path.suffix in PLAIN else gzip.compress(content)


class Handler(QuietHandler):
    """Serves a folder, compressed, on connections that stay open; the server counts the bytes."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))
        if not path.is_file():
            return self.send_error(404)
        body = packed(path)
        self.server.sent += len(body)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(path))
        self.send_header("Content-Length", str(len(body)))
        if path.suffix not in PLAIN:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        self.wfile.write(body)


class Server(ThreadingHTTPServer):
    """A server that counts what it sends, and says nothing when a browser closes a connection."""

    sent = 0

    def handle_error(self, *args) -> None:
        pass


def counting(folder: Path):
    """Serve a folder; a context manager."""
    return serve(partial(Handler, directory=folder), Server)


class Reader:
    """Opens a page of the served site, each time in a new profile."""

    def __init__(self, browser, server, name: str):
        self._browser, self.server = browser, server
        self.address = f"{address(server)}/{name}"

    @contextmanager
    def visit(self, script: str = "", slow: bool = False, **options):
        """Open the page, and wait until it has loaded."""
        context = self._browser.new_context(viewport=SCREEN, **options)
        page = context.new_page()
        page.set_default_timeout(1000 * PATIENCE)
        page.add_init_script(WATCH + script)
        if slow:
            slow_down(page, SLOW_CPU, SLOW_4G)
        page.goto(self.address, wait_until="load")
        yield page
        context.close()


def slow_down(page, times: int, network=None) -> None:
    """Slow the processor down for a page, and its network."""
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": times})
    if network:
        session.send("Network.enable")
        session.send("Network.emulateNetworkConditions", network)


def until(page, expression: str) -> bool:
    """Wait for an expression to become true in a page; tell whether it did."""
    for _ in range(20 * PATIENCE):
        if page.evaluate(expression):
            return True
        page.wait_for_timeout(50)
    return False


def weight(reader: Reader) -> str:
    """Return what a reader loads who opens the page and reads to its end."""
    before = reader.server.sent
    with reader.visit() as page:
        page.evaluate(TO_THE_END)
        page.wait_for_load_state("networkidle")
    return f"{(reader.server.sent - before) / 1000:.0f}"


def slow_times(reader: Reader) -> list[str]:
    """Return when a slow reader sees the page, its formulas, and its first widget move."""
    with reader.visit(slow=True) as page:
        until(page, f"{FIRST_PAINT} && watched.set !== null")
        paint, formulas = page.evaluate(f"[{FIRST_PAINT}, watched.set]")
    with reader.visit(java_script_enabled=False) as page:
        readable = page.evaluate(READABLE)
    with reader.visit(GO_TO_WIDGET % 0, slow=True) as page:
        found = page.locator(".nl-widget").count() and until(page, "watched.alive !== null")
        alive = seconds(page.evaluate("watched.alive")) if found else "-"
    return [seconds(paint), seconds(max(paint, formulas)), "yes" if readable else "no", alive]


def seconds(milliseconds: float | None) -> str:
    return "never" if milliseconds is None else f"{milliseconds / 1000:.1f}"


def shift(reader: Reader) -> str:
    """Return the most that a page moves under a slow reader who goes to one of its widgets at once."""
    worst = 0
    with reader.visit() as page:
        number = page.locator(".nl-widget").count()
    for which in range(number):
        with reader.visit(GO_TO_WIDGET % which, slow=True) as page:
            until(page, f"document.querySelectorAll('.nl-widget')[{which}].dataset.state === 'live'")
            until(page, "watched.set !== null")
            page.wait_for_timeout(500)
            worst = max(worst, page.evaluate("watched.shift"))
    return f"{worst:.3f}" if number else "-"


def key_to_paint(reader: Reader, times: int) -> str:
    """Return the 95th percentile of the milliseconds from a key to the painted frame, for the slowest slider."""
    with reader.visit(PAINT_TIMES) as page:
        for which, box in enumerate(page.locator(".nl-widget").all()):
            box.scroll_into_view_if_needed()
            until(page, f"document.querySelectorAll('.nl-widget')[{which}].dataset.state === 'live'")
        return slowest_slider(page, times)


def bare_key_to_paint(browser, times: int) -> str:
    """Return the same for a page that holds one slider and nothing else."""
    page = browser.new_page()
    page.set_content(BARE)
    page.evaluate(PAINT_TIMES)
    found = slowest_slider(page, times)
    page.close()
    return found


def slowest_slider(page, times: int) -> str:
    """Return the largest 95th percentile of the page's sliders, on a processor that is slowed down `times` times.

    A machine that others use too stops for a moment now and then; so each slider is moved three times, and the middle
    of the three percentiles counts.
    """
    slow_down(page, times)
    sliders = page.locator(".nl-widget input[type=range]").all()
    sliders = [slider for slider in sliders if slider.is_visible()]
    found = [statistics.median(percentile(page, slider) for _ in range(3)) for slider in sliders]
    return f"{max(found):.0f}" if found else "-"


def percentile(page, slider) -> float:
    """Return the 95th percentile for one slider, over its first 20 places and back, more than once if it has fewer."""
    places = slider.evaluate("({min, max, step}) => Math.round((max - min) / (Number(step) || 1))")
    there = min(STEPS // 2, places)
    page.evaluate("paintTimes.length = 0")
    slider.focus()
    for key in ["Home", *[*["ArrowRight"] * there, *["ArrowLeft"] * there] * math.ceil(STEPS / 2 / there)]:
        page.keyboard.press(key)  # `slider.press` would look for it in the page, each time
        page.wait_for_timeout(REPEAT)
    page.wait_for_timeout(200)
    return statistics.quantiles(page.evaluate("paintTimes"), n=20, method="inclusive")[-1]


def first_live(reader: Reader) -> str:
    """Return how many screens lie above the first widget."""
    with reader.visit() as page:
        tops = page.evaluate("[...document.querySelectorAll('.nl-widget')].map(box => box.getBoundingClientRect().top)")
    return "-" if not tops else f"{min(tops) / SCREEN['height']:.1f}"


def printed(reader: Reader) -> str:
    """Return the number of A4 pages."""
    with reader.visit() as page:
        until(page, "watched.set !== null")
        return str(len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4"))))


def row(reader: Reader) -> list[str]:
    """Return the entries of one page, in the order of the columns."""
    keys = [key_to_paint(reader, times) for times in (1, SLOW_CPU)]
    return [weight(reader), *slow_times(reader), shift(reader), *keys, first_live(reader), printed(reader)]


def show(name: str, entries) -> None:
    """Print a line of the table."""
    cells = (str(entry).rjust(len(title)) for entry, title in zip(entries, COLUMNS, strict=True))
    print(f"{name:27}", *cells, sep="  ", flush=True)


def main() -> None:
    """Measure every page, and print each as soon as it is done."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", nargs="*", help="words in the names of pages; all pages if none is given")
    parser.add_argument("--site", type=Path, default=ROOT / "_build" / "html")
    options = parser.parse_args()
    chosen = [name for name in PAGES if not options.pages or any(word in name for word in options.pages)]
    show("", COLUMNS)
    show("wanted in a lesson", COLUMNS.values())
    with counting(options.site) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=FLAGS)
        for name in chosen:
            show(Path(name).stem, row(Reader(browser, server, name)))
        bare = [bare_key_to_paint(browser, times) for times in (1, SLOW_CPU)]
        show("one slider alone", [bare.pop(0) if "key" in title or "CPU" in title else "-" for title in COLUMNS])
        browser.close()


if __name__ == "__main__":
    main()
