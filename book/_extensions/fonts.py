"""Have Matplotlib list the machine's fonts before any lesson is executed.

Where that takes long, Matplotlib says so on stderr, and the first lesson that draws would be refused for it. The list
is kept beside the site, together with Matplotlib's other settings: no home folder decides how a figure looks.
"""

import os
import subprocess
import sys
from pathlib import Path


def list_fonts(folder):
    """Write Matplotlib's list of fonts into a folder, where the kernels that are started from here will look for it."""
    os.environ.setdefault("MPLCONFIGDIR", str(folder))
    subprocess.run([sys.executable, "-c", "import matplotlib.font_manager"], check=True, capture_output=True)


def before_lessons(app):
    """List the fonts at the beginning of a build."""
    list_fonts(Path(app.outdir).parent / ".matplotlib")


def setup(app):
    """Connect the extension to Sphinx."""
    app.connect("builder-inited", before_lessons)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
