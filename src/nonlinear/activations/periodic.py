"""Periodic functions: what a network needs to represent waves and fine detail, or to continue a rhythm."""

from dataclasses import dataclass

from nonlinear.activations.base import DOUBLE, OSCILLATING, Pointwise, Traits, parameter, plain_number
from nonlinear.arrays import POSITIVE, REALS, Interval
from nonlinear.special import sin_cos

__all__ = ["Sine", "Snake"]


@dataclass(frozen=True)
class Sine(Pointwise):
    """The sine, as in networks that represent images and sounds. It has no limits: at infinity the value is NaN.

    Sine(): no limits, no kink, value 0 and slope 1 at 0.

    >>> print(Sine(2)(0.5), Sine(2).derivative(0.0))
    0.8414709848078965 2.0
    """

    frequency: float = parameter(1.0, r"\omega", domain=POSITIVE, typical=Interval(0.3, 30))

    name = "sine"
    title = "sine"
    family = "shrinking or periodic"
    look = "grey", "--"
    formula = r"\sin(\omega z)"
    derivative_formula = r"\omega \cos(\omega z)"
    source = "sitzmann2020"
    precision = DOUBLE

    def value(self, z):
        s, _ = sin_cos(self.frequency, z)
        return s

    def derivative(self, z):
        _, c = sin_cos(self.frequency, z)
        return self.frequency * c

    def partials(self, z):
        return {"frequency": z * sin_cos(self.frequency, z)[1]}

    @property
    def traits(self):
        return Traits(
            image=Interval(-1, 1),
            left=OSCILLATING,
            right=OSCILLATING,
            steepest=plain_number("frequency", self.frequency),
            monotone=False,
            odd=True,
            transcendentals=1,
        )


@dataclass(frozen=True)
class Snake(Pointwise):
    """The identity plus a squared sine: it never falls, and a network of it continues a rhythm beyond its data.

    Its slope, 1 + sin(2 a z), lies between 0 and 2. There are no limits: at infinity value and derivative are NaN.

    Snake(): no limits, no kink, value 0 and slope 1 at 0.

    >>> print(Snake()([0.0, 0.5]), Snake(2).derivative(0.0))
    [0.         0.72984885] 1.0
    """

    frequency: float = parameter(1.0, "a", domain=POSITIVE, typical=Interval(0.3, 30))

    name = "snake"
    title = "snake"
    family = "shrinking or periodic"
    look = "grey", (8, 3)
    formula = r"z + \frac{\sin^2(a z)}{a}"
    derivative_formula = r"1 + \sin(2 a z)"
    source = "ziyin2020"
    precision = DOUBLE

    def value(self, z):
        s, _ = sin_cos(self.frequency, z)
        return z + s**2 / self.frequency

    def derivative(self, z):
        s, c = sin_cos(self.frequency, z)
        return (s + c) ** 2  # 1 + 2 s c, without its cancellation

    def partials(self, z):
        s, c = sin_cos(self.frequency, z)
        return {"frequency": 2 * s * c / self.frequency * z - (s / self.frequency) ** 2}

    @property
    def traits(self):
        plain_number("frequency", self.frequency)
        return Traits(
            image=REALS,
            left=OSCILLATING,
            right=OSCILLATING,
            steepest=2,
            monotone=True,
            transcendentals=1,
        )
