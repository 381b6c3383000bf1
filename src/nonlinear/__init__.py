"""Nonlinear: activation functions, and the small networks that show what they do.

The modules build on one another in one direction: down the table at the end of ``book/library.md``, which a test holds.

Importing ``nonlinear`` loads NumPy and nothing else; Matplotlib and ipywidgets load with the modules that need them.
"""

__version__ = "0.1.0"
