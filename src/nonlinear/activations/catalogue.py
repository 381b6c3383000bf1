"""Every activation function of the package, in teaching order."""

import difflib

from nonlinear.activations.base import Activation
from nonlinear.activations.coupled import Softmax
from nonlinear.activations.rectified import ELU, Identity, LeakyReLU, ReLU
from nonlinear.activations.self_gated import SiLU
from nonlinear.activations.sigmoidal import Sigmoid, Tanh

CATALOGUE: dict[str, type[Activation]] = {
    f.name: f for f in (Identity, Sigmoid, Tanh, ReLU, LeakyReLU, ELU, SiLU, Softmax)
}


def get(name: str, **parameters) -> Activation:
    """Return the activation function called ``name``.

    >>> get("leaky_relu", negative_slope=0.2)
    LeakyReLU(negative_slope=0.2)

    Raises
    ------
    KeyError
        For an unknown name; the message suggests the nearest known ones.
    """
    if name in CATALOGUE:
        return CATALOGUE[name](**parameters)
    plain = str(name).lower().replace("-", "_").replace(" ", "_")
    near = difflib.get_close_matches(plain, CATALOGUE, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(map(repr, near))}?" if near else f"known names: {', '.join(CATALOGUE)}."
    raise KeyError(f"no activation function is called {name!r}; {hint}")
