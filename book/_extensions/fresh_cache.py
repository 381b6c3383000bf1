"""Forget stored notebook outputs when the code that produced them has changed.

The notebook cache knows a notebook by its cells alone, so after an edit in ``src/`` it would go on showing the old
results. This extension keeps a fingerprint of the package, of what is installed, of how lessons are run and of the
Python version beside the cache; when the fingerprint differs, the cache is dropped and every page is read again.
"""

import hashlib
import shutil
import sys
from pathlib import Path

from sphinx.util import logging

logger = logging.getLogger(__name__)

SOURCES = ("src/**/*", "requirements*.txt", "constraints*.txt", "pyproject.toml", "book/_extensions/execution.py")


def source_files(root):
    """Return the files on which stored outputs depend, in a fixed order."""
    found = {path for pattern in SOURCES for path in Path(root).glob(pattern)}
    return sorted(path for path in found if path.is_file() and not is_generated(path))


def is_generated(path):
    """Tell whether a file is written by Python or pip rather than by a person."""
    return path.suffix == ".pyc" or any(part.endswith((".egg-info", "__pycache__")) for part in path.parts)


def fingerprint(root):
    """Return a digest of the Python version and of the name and content of every source file."""
    digest = hashlib.sha256(sys.version.encode())
    for path in source_files(root):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0")
        digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()


def refresh(cache, current):
    """Empty the cache unless it carries the current fingerprint; return whether it had to be emptied."""
    mark = Path(cache) / "source.sha256"
    if mark.is_file() and mark.read_text() == current:
        return False
    shutil.rmtree(cache, ignore_errors=True)
    mark.parent.mkdir(parents=True)
    mark.write_text(current)
    return True


def drop_stale_outputs(app, config):
    """Refresh the cache before any page is read; if it was stale, have all pages read again."""
    cache = Path(config.nb_execution_cache_path or Path(app.outdir).parent / ".jupyter_cache")
    if refresh(cache, fingerprint(Path(app.confdir))):
        logger.info("fresh_cache: the sources changed; notebooks will be executed again")
        app.connect("env-get-outdated", lambda app, env, added, changed, removed: env.found_docs)


def setup(app):
    """Connect the extension to Sphinx."""
    app.connect("config-inited", drop_stale_outputs)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
