"""The identity, the ReLU, and its relatives of straight pieces."""

import math
from dataclasses import dataclass

import numpy as np

from nonlinear.activations.base import DOUBLE, Pointwise, Tail, Traits, parameter, plain_number
from nonlinear.arrays import REALS, Interval
from nonlinear.special import keep_nan, scaled

__all__ = ["Identity", "ReLU", "LeakyReLU", "RReLU", "ReLU6", "Threshold"]


@dataclass(frozen=True)
class Identity(Pointwise):
    """No activation at all: what an output layer for regression uses, and what makes a deep network linear.

    Identity(): limits -infinity and infinity, no kink, value 0 and slope 1 at 0.

    >>> print(Identity()(-2.5), Identity().derivative(-2.5))
    -2.5 1.0
    """

    name = "identity"
    title = "identity"
    family = "piecewise linear"
    look = "grey", "-"
    formula = "z"
    derivative_formula = "1"
    source = "goodfellow2016"

    def value(self, z):
        return z.copy()

    def derivative(self, z):
        return keep_nan(z, 1)

    @property
    def traits(self):
        line = Tail(1, 0, exact=True)
        return Traits(image=REALS, left=line, right=line, steepest=1, monotone=True, odd=True)


@dataclass(frozen=True)
class ReLU(Pointwise):
    """The rectified linear unit: positive inputs pass, the others are stopped.

    It has no derivative at 0; here, as in every large framework, ReLU'(0) = 0.

    ReLU(): limits 0 and infinity, a kink at 0 with slope 0, value 0 and slope 0 at 0.

    >>> print(ReLU()([-2.0, 0.0, 3.0]), ReLU().derivative([-2.0, 0.0, 3.0]))
    [0. 0. 3.] [0. 0. 1.]
    """

    name = "relu"
    synonyms = ("ramp", "rectifier")
    family = "piecewise linear"
    look = "blue", "-"
    formula = r"\max(0, z)"
    derivative_formula = r"\begin{cases} 1 & z > 0 \\ 0 & z \le 0 \end{cases}"
    source = "nair2010"

    def value(self, z):
        return np.maximum(z, 0)

    def derivative(self, z):
        return np.sign(np.maximum(z, 0))

    @property
    def traits(self):
        return Traits(
            image=Interval(0, math.inf),
            left=Tail(0, 0, exact=True),
            right=Tail(1, 0, exact=True),
            steepest=1,
            monotone=True,
            kinks=(0.0,),
            smoothness=0,
        )


@dataclass(frozen=True)
class LeakyReLU(Pointwise):
    """A ReLU whose negative side leaks: slope ``negative_slope`` instead of 0.

    Any finite slope is allowed, because a learned one (the PReLU of He et al.) may pass through 0 and 1. The
    derivative at 0 is ``negative_slope`` by convention.

    LeakyReLU(): limits -infinity and infinity, a kink at 0 with slope 0.01, value 0 and slope 0.01 at 0.

    >>> print(LeakyReLU()([-2.0, 2.0]), LeakyReLU(0.3).derivative([-2.0, 2.0]))
    [-0.02  2.  ] [0.3 1. ]
    """

    negative_slope: float = parameter(0.01, r"\alpha", typical=Interval(0, 1))

    name = "leaky_relu"
    title = "Leaky ReLU"
    synonyms = ("lrelu",)
    family = "piecewise linear"
    look = "teal", "-."
    formula = r"\begin{cases} z & z > 0 \\ \alpha z & z \le 0 \end{cases}"
    derivative_formula = r"\begin{cases} 1 & z > 0 \\ \alpha & z \le 0 \end{cases}"
    source = "maas2013"

    def value(self, z):
        return np.where(z > 0, z, scaled(self.negative_slope, z))

    def derivative(self, z):
        return keep_nan(z, np.where(z > 0, 1, self.negative_slope))

    def partials(self, z):
        return {"negative_slope": np.minimum(z, 0)}

    @property
    def traits(self):
        slope = plain_number("negative_slope", self.negative_slope)
        return Traits(
            image=Interval(0, math.inf) if slope <= 0 else REALS,
            left=Tail(slope, 0, exact=True),
            right=Tail(1, 0, exact=True),
            steepest=max(1, abs(slope)),
            monotone=slope >= 0,
            odd=slope == 1,
            kinks=() if slope == 1 else (0.0,),
            smoothness=math.inf if slope == 1 else 0,
        )


@dataclass(frozen=True)
class RReLU(Pointwise):
    """The randomised leaky ReLU: while it trains, each negative slope is drawn anew between ``lower`` and ``upper``.

    As a function it is the one used after training, a leaky ReLU with the mean slope, and so it is in a network even
    while that trains. For a step of training of your own, `draw` the slopes first, one a preactivation.

    RReLU(): limits -infinity and infinity, a kink at 0 with slope 0.2292, value 0 and slope 0.2292 at 0.

    >>> RReLU(0.1, 0.3).draw(np.random.default_rng(0), (2,))([-1.0, 2.0])
    array([-0.22739234,  2.        ])
    """

    lower: float = parameter(1 / 8, "l", typical=Interval(0, 0.3), learnable=False)
    upper: float = parameter(1 / 3, "u", typical=Interval(0.3, 1), learnable=False)

    name = "rrelu"
    family = "piecewise linear"
    look = "teal", (2, 1)
    formula = r"\begin{cases} z & z > 0 \\ \frac{l + u}{2} z & z \le 0 \end{cases}"
    derivative_formula = r"\begin{cases} 1 & z > 0 \\ \frac{l + u}{2} & z \le 0 \end{cases}"
    source = "xu2015"

    def __post_init__(self):
        super().__post_init__()
        if not np.all(np.asarray(self.lower) <= self.upper):
            raise ValueError(f"RReLU needs lower <= upper; got {self.lower!r} and {self.upper!r}.")

    @property
    def mean(self) -> LeakyReLU:
        """The leaky ReLU with the mean slope."""
        return LeakyReLU((self.lower + self.upper) / 2)

    def draw(self, generator: np.random.Generator, shape: tuple[int, ...]) -> LeakyReLU:
        """Return a leaky ReLU with random slopes of the given shape, that of the preactivations it will meet."""
        if not isinstance(generator, np.random.Generator):
            raise TypeError(f"generator must be a numpy Generator such as default_rng(seed); got {generator!r}.")
        return LeakyReLU(generator.uniform(self.lower, self.upper, shape))

    def value(self, z):
        return self.mean.value(z)

    def derivative(self, z):
        return self.mean.derivative(z)

    @property
    def traits(self):
        return self.mean.traits


@dataclass(frozen=True)
class ReLU6(Pointwise):
    """A ReLU that stops at 6, to make a network learn sparse features earlier. At 0 and 6 the derivative is 0.

    ReLU6(): limits 0 and 6, kinks at 0 and 6 with slopes 0 and 0, value 0 and slope 0 at 0.

    >>> print(ReLU6()([-2.0, 3.0, 9.0]), ReLU6().derivative([0.0, 3.0, 6.0]))
    [0. 3. 6.] [0. 1. 0.]
    """

    name = "relu6"
    family = "piecewise linear"
    look = "blue", "--"
    formula = r"\min(6, \max(0, z))"
    derivative_formula = r"\begin{cases} 1 & 0 < z < 6 \\ 0 & z \le 0 \\ 0 & z \ge 6 \end{cases}"
    source = "krizhevsky2010"

    def value(self, z):
        return np.clip(z, 0, 6)

    def derivative(self, z):
        return keep_nan(z, (z > 0) & (z < 6))

    @property
    def traits(self):
        return Traits(
            image=Interval(0, 6),
            left=Tail(0, 0, exact=True),
            right=Tail(0, 6, exact=True),
            steepest=1,
            monotone=True,
            kinks=(0.0, 6.0),
            smoothness=0,
        )


@dataclass(frozen=True)
class Threshold(Pointwise):
    """Pass what is above ``threshold``, replace the rest by the number ``otherwise``: in general with a jump.

    Threshold(1, 0) is the thresholded ReLU, Threshold(0, 0) the ReLU. At the threshold itself the value is
    ``otherwise`` and the derivative 0.

    Threshold(): limits 0 and infinity, a jump at 1 with slope 0, value 0 and slope 0 at 0.

    >>> print(Threshold(1, 0)([0.5, 1.0, 1.5]))
    [0.  0.  1.5]
    """

    threshold: float = parameter(1.0, r"\theta", typical=Interval(-1, 2), learnable=False)
    otherwise: float = parameter(0.0, "c", typical=Interval(-1, 1))

    name = "threshold"
    title = "threshold"
    family = "piecewise linear"
    look = "teal", (6, 2, 1, 2, 1, 2)
    formula = r"\begin{cases} z & z > \theta \\ c & z \le \theta \end{cases}"
    derivative_formula = r"\begin{cases} 1 & z > \theta \\ 0 & z \le \theta \end{cases}"
    source = "konda2015"
    precision = DOUBLE

    def value(self, z):
        return np.where(z <= self.threshold, self.otherwise, z)

    def derivative(self, z):
        return keep_nan(z, z > self.threshold)

    def partials(self, z):
        return {"otherwise": keep_nan(z, z <= self.threshold)}

    @property
    def traits(self):
        theta, other = plain_number("threshold", self.threshold), plain_number("otherwise", self.otherwise)
        return Traits(
            image=Interval(min(theta, other), math.inf, open_low=theta < other),
            left=Tail(0, other, exact=True),
            right=Tail(1, 0, exact=True),
            steepest=1,
            monotone=other <= theta,
            kinks=(theta,),
            smoothness=0 if other == theta else -1,
        )
