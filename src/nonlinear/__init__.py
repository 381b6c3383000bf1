"""Nonlinear: activation functions, and the small networks that show what they do.

The modules build on one another in one direction:

``special`` <- ``arrays`` <- ``activations`` <- ``checks`` <- ``initialisers``, ``losses``, ``normalisation``,
``parameters``, ``workspace``, ``network`` <- ``schedules``, ``optimisers``, ``clipping``, ``lstm``, ``training`` <-
``diagnostics``, ``recording``, ``gradcheck`` <- ``storage``, ``sweeps`` <- ``datasets`` <- ``course`` <- ``widgets`` <-
``lessons``

Importing ``nonlinear`` loads NumPy and nothing else; Matplotlib and ipywidgets load with the modules that need them.
"""

__version__ = "0.1.0"
