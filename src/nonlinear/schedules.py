"""Learning-rate schedules: pure functions from the number of a step, 0 for the first, to a factor of the rate.

Any function of that kind will do. Those here can be multiplied with one another and put one after another:

>>> schedule = Warmup(steps=2) * Cosine(steps=8)
>>> [round(schedule(step), 3) for step in range(9)]
[0.5, 0.962, 0.854, 0.691, 0.5, 0.309, 0.146, 0.038, 0.0]
>>> schedule = Constant().until(3, then=ExponentialDecay(half_life=1))
>>> [schedule(step) for step in range(6)]
[1.0, 1.0, 1.0, 1.0, 0.5, 0.25]
"""

import functools
import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

from nonlinear import checks
from nonlinear.arrays import POSITIVE, Interval

WANTED = "a function of the step, such as Cosine(1000)"


@dataclass(frozen=True)
class Schedule(ABC):
    """A function from the number of a step to the factor by which its learning rate is multiplied."""

    @abstractmethod
    def __call__(self, step: int) -> float:
        """Return the factor for step 0, 1, ..."""

    def __mul__(self, other: Callable[[int], float]) -> "Product":
        return Product(self, other)

    def __rmul__(self, other: Callable[[int], float]) -> "Product":
        return Product(other, self)

    def until(self, steps: int, then: Callable[[int], float]) -> "Sequel":
        """Return this schedule for ``steps`` steps and then another one, which counts from 0 again."""
        return Sequel(self, steps, then)


@dataclass(frozen=True)
class Constant(Schedule):
    """The same rate throughout.

    >>> Constant()(1000)
    1.0
    """

    def __call__(self, step):
        return 1.0


@dataclass(frozen=True)
class StepDecay(Schedule):
    """A rate that drops to ``factor`` of itself, a number in (0, 1], each ``every`` steps.

    >>> [StepDecay(every=2, factor=0.5)(step) for step in range(6)]
    [1.0, 1.0, 0.5, 0.5, 0.25, 0.25]
    """

    every: int
    factor: float = 0.1

    def __post_init__(self):
        factor = functools.partial(checks.within, domain=Interval(0, 1, open_low=True))
        checks.convert(self, every=checks.whole, factor=factor)

    def __call__(self, step):
        return self.factor ** (step // self.every)


@dataclass(frozen=True)
class ExponentialDecay(Schedule):
    """A rate that halves within each ``half_life`` steps, a little at every one.

    >>> [ExponentialDecay(half_life=2)(step) for step in (0, 2, 4)]
    [1.0, 0.5, 0.25]
    """

    half_life: float

    def __post_init__(self):
        checks.convert(self, half_life=functools.partial(checks.within, domain=POSITIVE))

    def __call__(self, step):
        return 0.5 ** (step / self.half_life)


@dataclass(frozen=True)
class Cosine(Schedule):
    """Half a period of a cosine: from 1 at the start down to ``end`` after ``steps`` steps, and ``end`` from there on.

    ``end`` is a share of the first rate, in [0, 1]. Source: Loshchilov and Hutter (2017), without the restarts.

    >>> [round(Cosine(steps=4)(step), 3) for step in range(6)]
    [1.0, 0.854, 0.5, 0.146, 0.0, 0.0]
    """

    steps: int
    end: float = 0.0

    def __post_init__(self):
        checks.convert(self, steps=checks.whole, end=functools.partial(checks.within, domain=Interval(0, 1)))

    def __call__(self, step):
        done = min(step / self.steps, 1)
        return self.end + (1 - self.end) * (1 + math.cos(math.pi * done)) / 2


@dataclass(frozen=True)
class Warmup(Schedule):
    """A rate that rises in equal steps and is whole from step number ``steps - 1`` on.

    >>> [Warmup(steps=4)(step) for step in range(6)]
    [0.25, 0.5, 0.75, 1.0, 1.0, 1.0]
    """

    steps: int

    def __post_init__(self):
        checks.convert(self, steps=checks.whole)

    def __call__(self, step):
        return min((int(step) + 1) / self.steps, 1.0)


@dataclass(frozen=True)
class Product(Schedule):
    """Two schedules multiplied; written ``first * second``."""

    first: Callable[[int], float]
    second: Callable[[int], float]

    def __post_init__(self):
        checks.function(self.first, "first", WANTED)
        checks.function(self.second, "second", WANTED)

    def __call__(self, step):
        return self.first(step) * self.second(step)


@dataclass(frozen=True)
class Sequel(Schedule):
    """One schedule and then another; written ``first.until(steps, then)``."""

    first: Callable[[int], float]
    steps: int
    then: Callable[[int], float]

    def __post_init__(self):
        checks.function(self.first, "first", WANTED)
        checks.function(self.then, "then", WANTED)
        checks.convert(self, steps=checks.whole)

    def __call__(self, step):
        return self.first(step) if step < self.steps else self.then(step - self.steps)
