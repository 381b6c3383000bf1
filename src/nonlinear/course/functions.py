"""What there is to say about an activation function before any training: its traits in words, and its variants."""

import math
from dataclasses import fields, replace

import numpy as np

from nonlinear.activations import CATALOGUE, Pointwise, SiLU, Swish, Tail, Traits
from nonlinear.course.text import minus
from nonlinear.initialisers import normal_mean


def pointwise() -> list[Pointwise]:
    """Return every function of the lessons that treats its inputs one by one, with the parameters of its defaults."""
    return [f() for f in CATALOGUE.values() if issubclass(f, Pointwise) and f.taught]


def same(f: Pointwise) -> list[Pointwise]:
    """Return a function, and after it those that are another name for it: Swish, for the SiLU, as its default makes it.

    >>> from nonlinear.activations import SiLU, Tanh
    >>> same(SiLU()), same(Tanh())
    ([SiLU(), Swish(beta=1.0)], [Tanh()])
    """
    return [f, Swish()] if f == SiLU() else [f]


def distinct() -> list[Pointwise]:
    """Return the functions of `pointwise`, but for those that are another name of one among them."""
    return [f for f in pointwise() if f != Swish()]


def mean_output(f: Pointwise) -> float:
    """Return E[f(Z)] for a standard normal preactivation Z: 0 for a function that is centred there.

    >>> from nonlinear.activations import LeakyReLU, ReLU
    >>> round(mean_output(ReLU()), 3), round(mean_output(LeakyReLU(0.01)), 3)
    (0.399, 0.395)
    """
    return normal_mean(f, f.traits.kinks)


def number(value: float, digits: int = 4) -> str:
    """Return a number as text, with a true minus sign.

    >>> number(-0.27846)
    '−0.2785'
    """
    return minus(f"{value:.{digits}g}").replace("inf", "∞")


def tail_words(tail: Tail) -> str:
    """Return what a function does far out.

    >>> tail_words(Tail(0, -1)), tail_words(Tail(1, 0, exact=True))
    ('→ −1', '= z')
    """
    if math.isnan(tail.slope):
        return "no limit"
    if math.isinf(tail.slope):
        return "steeper and steeper"
    slope = {0: "", 1: "z"}.get(tail.slope, f"{number(tail.slope)} z")
    level = number(tail.intercept) if tail.intercept or not slope else ""
    line = f"{slope} {'+' if tail.intercept > 0 else '−'} {level.strip('−')}" if slope and level else slope or level
    return f"{'=' if tail.exact else '→'} {line}"


def saturation_words(traits: Traits) -> str:
    """Return on which sides a function flattens out."""
    return {
        (True, True): "on both sides",
        (True, False): "on the left",
        (False, True): "on the right",
        (False, False): "nowhere",
    }[traits.left.saturates, traits.right.saturates]


def kink_words(traits: Traits) -> str:
    """Return where a function has no derivative, and whether it jumps there."""
    places = " and ".join(number(kink) for kink in sorted(traits.kinks))
    return f"{'jumps ' if traits.smoothness < 0 else ''}at {places}" if places else "none"


def words(f: Pointwise) -> dict[str, str]:
    """Return the traits of a function in words, by what they are about.

    >>> from nonlinear.activations import ELU
    >>> words(ELU())["far left"], words(ELU())["saturates"]
    ('→ −1', 'on the left')
    """
    traits = f.traits
    return {
        "range": str(traits.image),
        "far left": tail_words(traits.left),
        "far right": tail_words(traits.right),
        "saturates": saturation_words(traits),
        "kinks": kink_words(traits),
        "steepest slope": number(traits.steepest),
        "ever falls": "no" if traits.monotone else "yes",
        "mean for N(0, 1)": minus(f"{mean_output(f):.3f}").replace("−0.000", "0.000"),
        "exponentials": f"{traits.transcendentals}",
    }


def symbol(parameter: str) -> str:
    """Return a parameter's name as it is written in formulas.

    >>> symbol("alpha"), symbol("negative_slope")
    ('α', 'negative slope')
    """
    return {"alpha": "α", "beta": "β"}.get(parameter, parameter.replace("_", " "))


def variants(f: Pointwise, most: int = 8, smooth_at: float = 0.1) -> tuple[str, list[Pointwise]]:
    """Return the name of the first parameter that has a typical range, and the function at round values along it.

    A function without such a parameter comes back alone, with an empty name. The range ends where the function would
    wiggle too fast to be drawn.

    Parameters
    ----------
    f : Pointwise
    most : int
        About how many values; the default is always among them.
    smooth_at : float
        The spacing of points through which a line must still look like the function.

    Examples
    --------
    >>> from nonlinear.activations import LeakyReLU, ReLU
    >>> variants(ReLU())
    ('', [ReLU()])
    >>> name, leaky = variants(LeakyReLU(), most=4)
    >>> name, [f.negative_slope for f in leaky]
    ('negative_slope', [0.0, 0.01, 0.25, 0.5, 0.75, 1.0])
    """
    for field in fields(f):
        typical = field.metadata.get("typical")
        if typical is not None and math.isfinite(typical.low) and math.isfinite(typical.high):
            high = typical.high
            while not _is_smooth(replace(f, **{field.name: high}), smooth_at):
                high = (typical.low + high) / 2
            ends = {typical.low, typical.high} if high == typical.high else {typical.low}
            values = ends | {float(getattr(f, field.name)), *_round_values(typical.low, high, most)}
            return field.name, [replace(f, **{field.name: value}) for value in sorted(values)]
    return "", [f]


def _is_smooth(f: Pointwise, spacing: float) -> bool:
    """Tell whether a line through points of f stays within 0.03 of f, where f has no kink in between."""
    z = np.arange(-2, 2, spacing)
    near = np.any([np.abs(z + spacing / 2 - kink) <= spacing for kink in (*f.traits.kinks, np.inf)], axis=0)
    bend = np.abs(f(z + spacing / 2) - (f(z) + f(z + spacing)) / 2)
    return bool(np.all(bend[~near] < 0.03))


def _round_values(low: float, high: float, most: int) -> list[float]:
    """Return about ``most`` multiples of 1, 2, 2.5 or 5 times a power of ten between two ends."""
    rough = (high - low) / most
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(k * power for k in (1, 2, 2.5, 5, 10) if k * power >= rough * (1 - 1e-9))
    inside = np.arange(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1) * step
    return [float(f"{value:.6g}") for value in inside.tolist()]
