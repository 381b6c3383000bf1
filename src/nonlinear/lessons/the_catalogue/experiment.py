"""The catalogue: what there is to say about every activation function before any training."""

import math

from nonlinear.activations import FAMILIES, Pointwise, Swish
from nonlinear.initialisers import normal_mean


def family(name: str) -> list[Pointwise]:
    """Return what lessons show of one of the `nonlinear.activations.FAMILIES`, with the parameters of its defaults.

    Swish, which with these is the SiLU, is left out.

    >>> [f.name for f in family("self-gated")][:2]
    ['silu', 'hard_swish']
    """
    if name not in FAMILIES:
        raise ValueError(f"name must be one of {', '.join(map(repr, FAMILIES))}; got {name!r}.")
    return [f() for f in FAMILIES[name] if f.taught and f is not Swish]


# Zero-centring


def centred_alpha() -> float:
    """Return the alpha for which ELU's mean output over N(0, 1) is 0: with it, and a scale, ELU becomes SELU.

    The positive half contributes 1 / sqrt(2 pi), the negative one alpha (sqrt(e) P(Z < -1) - 1 / 2).

    >>> from nonlinear.activations import ELU
    >>> from nonlinear.course.functions import mean_output, number, words
    >>> abs(mean_output(ELU(centred_alpha()))) < 1e-14
    True
    """
    beyond_minus_one = math.erfc(1 / math.sqrt(2)) / 2
    return 1 / (math.sqrt(2 * math.pi) * (0.5 - math.sqrt(math.e) * beyond_minus_one))


def settled(f: Pointwise, scale: float = 1.0, layers: int = 300) -> float:
    """Return the root mean square at which the signal settles behind many very wide layers that all compute scale * f.

    With weights of mean 0 and variance 1 / fan_in, the variance of the next preactivations is the mean square of the
    activations before them; here the mean squares follow each other, as integrals, from 1 on.

    >>> from nonlinear.activations import Identity
    >>> settled(Identity())
    1.0
    """
    square = 1.0
    for _ in range(layers):
        spread = math.sqrt(square)
        square = normal_mean(lambda z, spread=spread: (scale * f(spread * z)) ** 2, f.traits.kinks)
    return math.sqrt(square)
