"""The data that the lessons train on, shipped with the package."""

from nonlinear.datasets.digits import SCALINGS, Digits, digits

__all__ = ["SCALINGS", "Digits", "digits"]
