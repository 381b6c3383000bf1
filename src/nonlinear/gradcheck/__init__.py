"""Checking a derivative against the function it claims to belong to.

Four checks, which all end in a `Report` of where the largest error is and how large it is:

==================== ===============================================================================================
`check_gradient`     a gradient of your own, entry by entry or along random directions
`check_activation`   f' of a pointwise activation function and its derivatives by its parameters, point by point
`check_pullback`     the pullback of any activation function: its dot product with a direction against the change of
                     the function along it
`check_network`      back-propagation through a network, by the same test: one direction sees every weight at once;
                     where one disagrees, the block of parameters and the entry to blame are searched for
==================== ===============================================================================================

The derivative is compared with differences of the function, which are computed at several step sizes. Those cannot be
exact either: what they leave in doubt (they change with the step, and they amplify rounding) is not held against the
derivative, and everything beyond it is, relative to the size of the derivative. Where they leave more in doubt than the
tolerance, or so much that they hide a small derivative altogether, the report says so.

At a kink, and closer to it than 1e-6, there is no one slope: there a derivative passes if it lies between the slopes on
the two sides. Where it does not, the derivative of an activation function is wrong; in a network, where many kinks may
meet, the place is skipped.
"""

from nonlinear.gradcheck.functions import check_activation, check_gradient, check_network, check_pullback
from nonlinear.gradcheck.report import Report

__all__ = ["Report", "check_activation", "check_gradient", "check_network", "check_pullback"]
