"""Nonlinear: activation functions, and the small networks that show what they do.

The modules build on one another in one direction:

``special`` <- ``activations`` <- ``checks`` <- ``initialisers``, ``losses``, ``normalisation``, ``parameters``,
``workspace``, ``network`` <- ``schedules``, ``optimisers``, ``clipping``, ``lstm``, ``training`` <- ``diagnostics``,
``recording``, ``gradcheck`` <- ``storage``, ``sweeps`` <- ``datasets``, ``experiments`` <- ``plotting``, ``figures``,
``widgets``, ``lesson``

Importing ``nonlinear`` loads NumPy and nothing else; Matplotlib and ipywidgets load with the modules that need them.
"""

__version__ = "0.1.0"
