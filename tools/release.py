"""Cut a release: ``make release VERSION=0.2.0``. It commits and tags on this machine, and pushes nothing.

The version's one home is ``src/nonlinear/__init__.py``. The tree must be clean, the version newer than the last, and
its entry in ``CHANGELOG.md``; then the version and the date are written, also into ``CITATION.cff``.
"""

import argparse
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

HOME, CITATION, CHANGES = Path("src/nonlinear/__init__.py"), Path("CITATION.cff"), Path("CHANGELOG.md")
VERSION = re.compile(r'__version__ = "(.*)"\n')
CITED = re.compile(r"(?<=\n)version: .*\n(date-released: .*\n)?")
NUMBERS = re.compile(r"\d+\.\d+\.\d+")


def git(*arguments):
    """Return what git prints."""
    return subprocess.run(["git", *arguments], check=True, capture_output=True, text=True).stdout.strip()


def parts(version):
    """Return the numbers of a version.

    >>> parts("0.10.0") > parts("0.9.3")
    True
    """
    return tuple(map(int, version.split(".")))


def trouble(version):
    """Return what stands in the way of a release, in one sentence; an empty text if nothing does."""
    last = VERSION.search(HOME.read_text("utf-8"))[1]
    if not NUMBERS.fullmatch(version):
        return f"VERSION is {version!r}: write three numbers, as in make release VERSION=1.2.0."
    if parts(version) <= parts(last):
        return f"VERSION is {version}, which is not newer than {last}."
    if not re.search(rf"^## {re.escape(version)}$", CHANGES.read_text("utf-8"), re.MULTILINE):
        return f"{CHANGES} has no entry: write what is new below the heading ## {version}."
    if git("status", "--porcelain"):
        return "There are changes that are not committed: commit them first, the entry of the release too."
    return ""


def write(version, date):
    """Write the version of a release, and its date, where they stand."""
    replace(HOME, VERSION, f'__version__ = "{version}"\n')
    replace(CITATION, CITED, f"version: {version}\ndate-released: {date}\n")


def replace(path, pattern, line):
    """Replace what a pattern finds in a file."""
    path.write_text(pattern.sub(line, path.read_text("utf-8")), "utf-8")


def main():
    """Release, or say why not."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("version")
    version = parser.parse_args().version
    if words := trouble(version):
        sys.exit(words)
    write(version, datetime.now(UTC).date())
    git("commit", "--quiet", "--all", "--message", f"Release {version}")
    git("tag", "--annotate", f"v{version}", "--message", f"Release {version}")
    print(f"Tagged v{version}. To publish it: git push origin HEAD v{version}")


if __name__ == "__main__":
    main()
