"""Dead links of the built site: ``python tools/links.py _build/html``; with ``--online``, those that lead elsewhere.

The online check is polite: one question at a time to a host, a pause between two, the head alone where the host answers
that, and it waits when it is told to. A host that refuses machines has not said that a page is gone: such a link is
listed, and is no failure.
"""

import argparse
import re
import sys
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import unquote, urldefrag, urlsplit
from urllib.request import Request, urlopen

AGENT = "nonlinear-course link check (weekly)"
PAUSE, PATIENCE, TIMEOUT = 1.0, 60.0, 20.0  # s: between questions to a host, at most when told to wait, for an answer
HOSTS = 4  # asked at the same time
GONE = {400, 404, 410}
STATE = re.compile(r"[\w-]+:\w+=")  # of a widget, after `#`; tests/site/test_back_matter.py follows those
ADDRESSES = {"a": "href", "link": "href", "img": "src", "script": "src", "source": "srcset"}


class Page(HTMLParser):
    """The addresses and the anchors of a page."""

    def __init__(self, text):
        super().__init__()
        self.links, self.anchors = [], set()
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        """Keep what an element names."""
        attributes = dict(attributes)
        self.anchors.add(attributes.get("id"))
        if ADDRESSES.get(tag) in attributes:
            self.links.append(attributes[ADDRESSES[tag]])


@cache
def read(path):
    """Return a page, read once."""
    return Page(path.read_text("utf-8"))


def pages(folder):
    """Return the pages of a site, without the parts of pages that the theme keeps beside its files."""
    return [path for path in sorted(folder.rglob("*.html")) if "_static" not in path.relative_to(folder).parts]


# ---- within the site


def broken(folder, path):
    """Return the links of a page that reach no file of the site, or no anchor there."""
    return [link for link in read(path).links if not re.match(r"[a-z]+:", link) and not reaches(folder, path, link)]


def reaches(folder, path, link):
    """Tell whether a link of a page leads to a file of the site, and to an anchor of it if it names one."""
    address, anchor = urldefrag(link)
    target = path.parent / unquote(urlsplit(address).path) if address else path
    if address.startswith("/"):  # on the page for what is not found, which stands below the prefix of the site
        target = next(filter(Path.is_file, from_top(folder, unquote(urlsplit(address).path))), folder)
    if not target.is_file():
        return False
    names_a_place = anchor and target.suffix == ".html" and not STATE.match(anchor)
    return not names_a_place or unquote(anchor) in read(target).anchors


def from_top(folder, address):
    """Yield the files that an absolute address may mean, on a site at the top of its host or one folder below.

    >>> [path.as_posix() for path in from_top(Path("site"), "/course/logo.svg")]
    ['site/course/logo.svg', 'site/logo.svg']
    """
    for parts in (address.split("/")[1:], address.split("/")[2:]):
        yield folder.joinpath(*parts)


# ---- elsewhere


def links_out(folder):
    """Return the addresses elsewhere that the site leads to, without their anchors, by host."""
    found = {urldefrag(link)[0] for path in pages(folder) for link in read(path).links if link.startswith("http")}
    hosts = defaultdict(list)
    for link in sorted(found):
        hosts[urlsplit(link).netloc].append(link)
    return hosts


def answer(link, method="HEAD"):
    """Return what a host says to a question: the number of its answer and how long it asks to wait, in seconds."""
    try:
        with urlopen(Request(link, method=method, headers={"User-Agent": AGENT}), timeout=TIMEOUT) as given:
            return given.status, 0.0
    except HTTPError as error:
        wait = error.headers.get("Retry-After", "")
        return error.code, min(float(wait), PATIENCE) if wait.isdigit() else PAUSE


def ask(link):
    """Return what became of a link: an empty text if it is alive, ``refused`` or ``dead`` with the reason if not."""
    try:
        status, wait = answer(link)
        if status >= 400:
            time.sleep(wait)
            status, _ = answer(link, "GET")
    except (URLError, OSError) as error:
        return f"dead: {getattr(error, 'reason', error)}"
    return "" if status < 400 else f"{'dead' if status in GONE else 'refused'}: {status}"


def ask_host(links):
    """Ask for each link of one host, with a pause between them; return what became of them."""
    found = []
    for link in links:
        found.append((link, ask(link)))
        time.sleep(PAUSE)
    return found


def ask_all(hosts):
    """Return what became of all links."""
    with ThreadPoolExecutor(HOSTS) as pool:
        return [each for found in pool.map(ask_host, hosts.values()) for each in found]


def main(arguments=None):
    """Print what does not answer; return 1 if a link is dead."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("site", type=Path)
    parser.add_argument("--online", action="store_true", help="ask for the links that lead elsewhere")
    options = parser.parse_args(arguments)
    if options.online:
        found = ask_all(links_out(options.site))
        lines = [f"{link} {words}" for link, words in found if words]
    else:
        found = [(path, link) for path in pages(options.site) for link in read(path).links]
        lines = [f"{path}: {link} dead" for path in pages(options.site) for link in broken(options.site, path)]
    print(*lines, f"{len(found)} links, {len(lines)} without an answer", sep="\n")
    return int(any(" dead" in line for line in lines))


if __name__ == "__main__":
    sys.exit(main())
