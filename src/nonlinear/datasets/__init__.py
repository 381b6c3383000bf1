"""The data that the lessons train on: real digits, shipped with the package, and points in the plane, drawn afresh."""

from nonlinear.datasets.digits import SCALINGS, Digits, digits
from nonlinear.datasets.plane import rings, spirals, xor

__all__ = ["SCALINGS", "Digits", "digits", "rings", "spirals", "xor"]
