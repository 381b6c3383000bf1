"""Figures to play with: they run in a notebook and, without Python, on the pages of the book.

Python computes and packs the data; a small script next to each module draws them. What the scripts compute, the
geometry of what is drawn, is in ``geometry/`` and is compared with Python in tests. Importing this module loads
anywidget and ipywidgets.
"""

from nonlinear.widgets._grid import Axis
from nonlinear.widgets.backpropagation import Backpropagation
from nonlinear.widgets.chooser import Advice, Chooser, Evidence, Option, Question
from nonlinear.widgets.clinic import Chart, Clinic, Tool, Words
from nonlinear.widgets.curves import Curves, Panel
from nonlinear.widgets.descent import Descent
from nonlinear.widgets.explorer import Explorer
from nonlinear.widgets.forest import Forest
from nonlinear.widgets.grid_map import GridMap, Measure
from nonlinear.widgets.maps import Maps
from nonlinear.widgets.memory import Memory
from nonlinear.widgets.microscope import Microscope
from nonlinear.widgets.moments import Moments
from nonlinear.widgets.neuron import Neuron
from nonlinear.widgets.number_line import NumberLine
from nonlinear.widgets.paths import Paths, Reading
from nonlinear.widgets.phase_portrait import PhasePortrait
from nonlinear.widgets.stall import Stall
from nonlinear.widgets.trainer import Trainer

__all__ = [
    "Advice",
    "Axis",
    "Backpropagation",
    "Chart",
    "Chooser",
    "Clinic",
    "Curves",
    "Descent",
    "Evidence",
    "Explorer",
    "Forest",
    "GridMap",
    "Maps",
    "Measure",
    "Memory",
    "Microscope",
    "Moments",
    "Neuron",
    "NumberLine",
    "Option",
    "Panel",
    "Paths",
    "PhasePortrait",
    "Question",
    "Reading",
    "Stall",
    "Tool",
    "Trainer",
    "Words",
]
