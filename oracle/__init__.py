"""What the activation functions should return, where they are compared with it, and the page that states the errors.

The tests and ``benchmarks/accuracy.py`` share it.
"""
