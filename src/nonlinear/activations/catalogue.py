"""Every activation function of the package, in teaching order."""

import difflib

from nonlinear.activations.base import Activation
from nonlinear.activations.coupled import LogSoftmax, Maxout, Softmax, Softmin, Sparsemax
from nonlinear.activations.exponential import CELU, ELU, SELU, Exponential
from nonlinear.activations.gated import GEGLU, GLU, SwiGLU
from nonlinear.activations.names import SYNONYMS, elsewhere
from nonlinear.activations.periodic import Sine, Snake
from nonlinear.activations.rectified import Identity, LeakyReLU, ReLU, ReLU6, RReLU, SquaredReLU, Threshold
from nonlinear.activations.self_gated import GELU, GELUTanh, HardSwish, Mish, SiLU, Swish
from nonlinear.activations.shrinking import HardShrink, SoftShrink, TanhShrink
from nonlinear.activations.sigmoidal import HardSigmoid, LogSigmoid, Sigmoid, Step, TwoReLU
from nonlinear.activations.softened import Softplus, SparsePlus, Squareplus
from nonlinear.activations.zero_centred import ArcTan, HardTanh, Softsign, Tanh

_FAMILIES: tuple[tuple[type[Activation], ...], ...] = (
    (Identity, Step, Sigmoid, LogSigmoid, HardSigmoid, TwoReLU),
    (Tanh, HardTanh, ArcTan, Softsign),
    (ReLU, LeakyReLU, RReLU, ReLU6, SquaredReLU, Threshold),
    (ELU, CELU, SELU, Exponential),
    (Softplus, Squareplus, SparsePlus),
    (SiLU, Swish, HardSwish, GELU, GELUTanh, Mish),
    (TanhShrink, SoftShrink, HardShrink),
    (Sine, Snake),
    (Softmax, LogSoftmax, Softmin, Sparsemax),
    (Maxout, GLU, SwiGLU, GEGLU),
)

CATALOGUE: dict[str, type[Activation]] = {f.name: f for family in _FAMILIES for f in family}
"""From the name of each function, such as ``"relu"``, to its class."""


class UnknownName(KeyError):
    """A name that no activation function has."""

    def __str__(self) -> str:
        return self.args[0]  # as it is, where any other KeyError shows its text in quotes and with escapes


def get(name: str, **parameters) -> Activation:
    """Return the activation function called ``name``.

    >>> get("leaky_relu", negative_slope=0.2)
    LeakyReLU(negative_slope=0.2)

    Raises
    ------
    UnknownName
        A KeyError, for an unknown name; the message says what the function is called here, if another library calls it
        that, or suggests the nearest known names.
    """
    if not isinstance(name, str):
        raise TypeError(f"name must be a string such as 'leaky_relu'; got {name!r}.")
    if name in CATALOGUE:
        return CATALOGUE[name](**parameters)
    raise UnknownName(f"no activation function is called {name!r}; {_hint(name)}")


def _hint(name: str) -> str:
    plain = name.lower().strip().removesuffix("()").rpartition(".")[2].replace("-", "_").replace(" ", "_")
    plain = SYNONYMS.get(plain.removesuffix("_function"), plain.removesuffix("_function"))
    same = [known for known in CATALOGUE if known.replace("_", "") == plain.replace("_", "")]
    if not same and (translation := elsewhere(plain)):
        return translation
    near = same or difflib.get_close_matches(plain, CATALOGUE, n=3, cutoff=0.5)
    return f"did you mean {' or '.join(map(repr, near))}?" if near else f"known names: {', '.join(CATALOGUE)}."
