"""The data that the lessons train on, shipped with the package."""

from nonlinear.datasets.digits import Digits, digits

__all__ = ["Digits", "digits"]
