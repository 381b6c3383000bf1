"""Build one page of the book alone, for a look after an edit: ``make preview PAGE=relu``.

Links to the pages that are left out lead nowhere, and what only the whole book can tell is not checked.
"""

import argparse
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OUT = Path("_build") / "preview"
ALWAYS = ("book/accessibility", "book/notation", "book/references")  # a first page, the terms, what is cited


def page_named(name, root=ROOT):
    """Return a page of the book by its name.

    Raises
    ------
    SystemExit
        If there is none: the message lists them.

    >>> page_named("relu"), page_named("book/relu.ipynb")
    ('book/relu', 'book/relu')
    """
    pages = sorted(path.stem for kind in ("*.ipynb", "*.md") for path in (root / "book").glob(kind))
    stem = Path(name).stem
    if stem not in pages:
        raise SystemExit(f"There is no page {name!r}: PAGE must be one of {', '.join(pages)}.")
    return f"book/{stem}"


def contents(page):
    """Return a table of contents with one page, and those that pages need.

    >>> print(contents("book/relu"))
    format: jb-book
    root: book/accessibility
    chapters:
      - file: book/notation
      - file: book/references
      - file: book/relu
    """
    root, *others = ALWAYS
    files = [f"  - file: {name}" for name in dict.fromkeys([*others, page]) if name != root]
    return "\n".join(["format: jb-book", f"root: {root}", "chapters:", *files])


def main():
    """Build the page, and print where it is and how long that took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("page", help="such as relu")
    page, begun = page_named(parser.parse_args().page), time.monotonic()
    (ROOT / OUT).mkdir(parents=True, exist_ok=True)
    for folder in ("html", ".doctrees"):  # finished pages cannot be finished again; what the cells gave is kept
        shutil.rmtree(ROOT / OUT / "_build" / folder, ignore_errors=True)
    (ROOT / OUT / "_toc.yml").write_text(contents(page) + "\n", encoding="utf-8")
    command = [Path(sys.executable).with_name("jupyter-book"), "build", ".", "-q", "--path-output", OUT]
    run = subprocess.run([*command, "--toc", OUT / "_toc.yml"], cwd=ROOT, capture_output=True, text=True)
    if run.returncode:
        raise SystemExit(run.stdout + run.stderr)
    print(f"{(ROOT / OUT / '_build' / 'html' / page).with_suffix('.html').as_uri()}")
    print(f"Built in {time.monotonic() - begun:.1f} s; the first time, or after a change of code, its cells ran, too.")


if __name__ == "__main__":
    main()
