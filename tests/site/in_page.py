"""Python in a page of the built site: what its tests share with ``benchmarks/in_page.py``."""

import json

LOAD = 300  # s; a machine that does other things as well takes its time
BAR = "(document.querySelector('.run-bar > span')?.textContent ?? '')"
KEPT = """(async () => [
  (await navigator.serviceWorker.getRegistrations()).length, await caches.keys(),
])()"""
HAS_BYTECODE = "async (kept) => (await kept.keys()).some(({url}) => url.endsWith('.library'))"

# A worker like the page's, driven without the page: every message is kept, with the seconds since the start.
DRIVE = """async ([release, pyodide, cells]) => {
  const here = document.querySelector(`script[src*="${release}"]`).src;
  const worker = new Worker(new URL("worker.js", here), {type: "module"});
  const messages = globalThis.runMessages = [], start = performance.now();
  const note = (message) => messages.push({...message, after: (performance.now() - start) / 1000});
  worker.onerror = (event) => note({failed: event.message});
  worker.onmessage = ({data}) => note(data);
  worker.postMessage({
    task: "start", pyodide: new URL(`../${pyodide}/`, here).href, course: new URL("course.zip", here).href,
  });
  for (const {id, source} of cells) worker.postMessage({task: "run", cell: id, source});
}"""
ENDED = "runMessages.filter(message => 'done' in message).length === {} || runMessages.some(message => message.failed)"


def folder(site, kind):
    """Return the folder of the site with our own files, "run", or with the distribution, "pyodide"; or `None`."""
    return next(site.glob(f"_static/{kind}-*"), None)


def cells_of(site, lesson):
    """Return the cells that "Run all" runs: the id and the source of each."""
    return json.loads((folder(site, "run") / f"{lesson.rpartition('/')[2]}.json").read_text("utf-8"))["cells"]


def drive(visit, site, cells):
    """Run cells in a Python of their own, and return its messages."""
    visit.page.evaluate(DRIVE, [folder(site, "run").name, folder(site, "pyodide").name, cells])
    visit.until(ENDED.format(len(cells)), 3 * LOAD)
    return visit.page.evaluate("runMessages")


def errors(messages):
    """Return what went wrong."""
    return [message.get("failed") or message["error"] for message in messages if message.keys() & {"failed", "error"}]


def settle(visit, seconds=LOAD):
    """Wait until Python does nothing; return what the page says then."""
    visit.until(f"/[^…]$/.test({BAR})", seconds)
    return visit.page.evaluate(BAR)


def wait_for_bytecode(visit):
    """Wait until what Python has compiled is kept for the next visit."""
    visit.until(f"({KEPT}).then(([, [name]]) => caches.open(name)).then({HAS_BYTECODE})", LOAD)
