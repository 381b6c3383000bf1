"""Have Matplotlib list the machine's fonts before any lesson is executed.

Where that takes long, Matplotlib says so on stderr, and the first lesson that draws would be refused for it. The list
is kept beside the site, together with Matplotlib's other settings: no home folder decides how a figure looks.
"""

import os
import subprocess
import sys
from pathlib import Path


def list_fonts(app):
    """Write Matplotlib's list of fonts, where the kernels that this build starts will look for it."""
    os.environ.setdefault("MPLCONFIGDIR", str(Path(app.outdir).parent / ".matplotlib"))
    subprocess.run([sys.executable, "-c", "import matplotlib.font_manager"], check=True, capture_output=True)


def setup(app):
    """Connect the extension to Sphinx."""
    app.connect("builder-inited", list_fonts)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
