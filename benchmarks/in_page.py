"""How long a reader waits for Python in a page of the built site: ``python benchmarks/in_page.py`` prints two tables.

It needs Chromium and the packages of the extra ``test``, and the site in ``_build/html``, or in the folder that
``--site`` names, built with ``NONLINEAR_PYODIDE``. The server adds no delay.

First table: the seconds from a press of Run until the cell's whole result is there, with Python and the cells above
it, which the press runs first; the median of three. "Cold" is a new profile, "warm" the next visit of the same reader,
when the browser has kept Python and what it had compiled.

Second table: the seconds from the request for Python, in a new profile, until every cell of the lesson has run, as
"Run all" runs them, and which cells take more than 5 s of it. The first that needs Matplotlib loads it.
``python benchmarks/in_page.py lab remedies`` measures these lessons only, and skips the first table.

``--write`` puts those cells into ``book/_extensions/browser/seconds.json``, from which the pages say it beside their
buttons; what stands there stays if it is right within a fifth. Times depend on the machine and on what else it does:
the stored ones are for two processors that do nothing else. The load average stands beside each lesson.
"""

import argparse
import json
import os
import statistics
import sys
import time
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.conftest import FLAGS, chromium_path  # noqa: E402
from tests.serving import QuietHandler, address, serve  # noqa: E402
from tests.site.conftest import Visit  # noqa: E402
from tests.site.in_page import cells_of, drive, errors, folder, settle, wait_for_bytecode  # noqa: E402
from tests.site.pages import lessons  # noqa: E402

SECONDS = ROOT / "book" / "_extensions" / "browser" / "seconds.json"
LONG = 5  # s; what takes longer says so before it runs
NOISE = 0.2  # the share by which times differ that are the same
VISITS = 3
COLD, WARM, ALL = 12, 4, 90  # s, wanted
FIRST = {"numbers": ("book/the-catalogue", "code-ask"), "a figure": ("book/saturated-neurons", "code-cell-04")}


class Reader:
    """Opens pages of the served site, each time in a new profile."""

    def __init__(self, browser, served: str):
        self.browser, self.served = browser, served

    @contextmanager
    def profile(self, lesson: str):
        """Yield a function that opens a lesson in a new tab."""
        context = self.browser.new_context()
        yield partial(self.open, context, lesson)
        context.close()

    def open(self, context, lesson: str) -> Visit:
        """Open a lesson in a new tab of a profile."""
        visit = Visit(context.new_page())
        visit.page.goto(f"{self.served}/{lesson}.html")
        return visit


def pressed(visit: Visit, cell: str) -> float:
    """Return the seconds from a press of Run until the cell has run."""
    begin = time.monotonic()
    visit.page.evaluate(f"document.querySelector('[data-cell=\"{cell}\"] .run-button').click()")
    visit.until("document.querySelector('.run-bar')")
    words = settle(visit)
    seconds = time.monotonic() - begin
    if not words.endswith(" run."):
        sys.exit(f"{cell}: {words}")
    return seconds


def cold_and_warm(reader: Reader, lesson: str, cell: str) -> list[float]:
    """Return the seconds of the first visit and of the second."""
    with reader.profile(lesson) as open_page:
        visit = open_page()
        cold = pressed(visit, cell)
        wait_for_bytecode(visit)
        visit.page.close()
        return [cold, pressed(open_page(), cell)]


def run_all(reader: Reader, site: Path, lesson: str) -> tuple[float, dict[str, float]]:
    """Return the seconds until every cell has run, and those of each cell that takes long."""
    with reader.profile(lesson) as open_page:
        messages = drive(open_page(), site, cells_of(site, lesson))
    if errors(messages):
        sys.exit(f"{lesson}: {errors(messages)}")
    ends = [message for message in messages if message.keys() & {"ready", "done"}]
    seconds = {end["cell"]: end["after"] - start["after"] for start, end in zip(ends, ends[1:], strict=False)}
    return ends[-1]["after"], {cell: each for cell, each in seconds.items() if each > LONG}


def renewed(old: dict[str, int], measured: dict[str, float]) -> dict[str, int]:
    """Return the seconds to store: the old ones where they are right.

    >>> renewed({"a": 10, "b": 10, "c": 7}, {"a": 11.9, "b": 15.2})
    {'a': 10, 'b': 15}
    """
    same = {cell for cell, each in measured.items() if abs(each - old.get(cell, 0)) <= NOISE * old.get(cell, 0)}
    return {cell: old[cell] if cell in same else round(each) for cell, each in measured.items()}


def write(measured: dict[str, dict[str, float]]) -> None:
    """Store the cells that take long, by lesson in the book's order."""
    old = json.loads(SECONDS.read_text("utf-8"))
    now = old | {name: renewed(old.get(name, {}), cells) for name, cells in measured.items()}
    names = [Path(lesson).name for lesson in lessons()]
    SECONDS.write_text(json.dumps({name: now[name] for name in names if now.get(name)}, indent=2) + "\n", "utf-8")


def show_first(reader: Reader) -> None:
    """Print the first table."""
    print(f"{'press to first result, s':27}  cold (<= {COLD})  warm (<= {WARM})")
    for name, where in FIRST.items():
        visits = [cold_and_warm(reader, *where) for _ in range(VISITS)]
        cold, warm = (statistics.median(times) for times in zip(*visits, strict=True))
        print(f"{name:27}  {cold:12.1f}  {warm:11.1f}", flush=True)


def show_lessons(reader: Reader, site: Path, chosen: list[str]) -> dict[str, dict[str, float]]:
    """Print the second table, each line as soon as it is known; return the cells that take long."""
    found = {}
    print(f"{'run all, s':27}  {f'<= {ALL}':>6}  load  cells of more than {LONG} s")
    for lesson in chosen:
        name = Path(lesson).name
        total, found[name] = run_all(reader, site, lesson)
        cells = ", ".join(f"{cell} {seconds:.1f}" for cell, seconds in found[name].items())
        print(f"{name:27}  {total:6.0f}  {os.getloadavg()[0]:4.1f}  {cells}", flush=True)
    return found


def main() -> None:
    """Measure, and print each line as soon as it is known."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lessons", nargs="*", help="words in the names of lessons; all if none is given")
    parser.add_argument("--site", type=Path, default=ROOT / "_build" / "html")
    parser.add_argument("--write", action="store_true", help="store which cells take long")
    options = parser.parse_args()
    if not folder(options.site, "pyodide"):
        sys.exit(f"No Python in {options.site}: build the site with NONLINEAR_PYODIDE, see CONTRIBUTING.md.")
    chosen = [name for name in lessons() if not options.lessons or any(word in name for word in options.lessons)]
    with serve(partial(QuietHandler, directory=options.site)) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=FLAGS)
        reader = Reader(browser, address(server))
        if not options.lessons:
            show_first(reader)
        found = show_lessons(reader, options.site, chosen)
        browser.close()
    if options.write:
        write(found)


if __name__ == "__main__":
    main()
