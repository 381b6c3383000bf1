"""Every activation function of the package, in teaching order."""

import difflib
import inspect
from collections.abc import Iterator
from types import ModuleType

from nonlinear.activations import (
    coupled,
    exponential,
    gated,
    periodic,
    rectified,
    self_gated,
    shrinking,
    sigmoidal,
    softened,
    steepening,
    zero_centred,
)
from nonlinear.activations.base import Activation
from nonlinear.activations.names import elsewhere

_MODULES = (
    *(sigmoidal, zero_centred, rectified, exponential, softened, steepening, self_gated, shrinking, periodic),
    *(coupled, gated),
)


def _own(module: ModuleType) -> Iterator[type[Activation]]:
    """Yield the functions of a module, in the order of their definitions."""
    for cls in vars(module).values():
        if inspect.isclass(cls) and cls.__module__ == module.__name__ and not inspect.isabstract(cls):
            yield cls


CATALOGUE: dict[str, type[Activation]] = {cls.name: cls for module in _MODULES for cls in _own(module)}
"""From the name of each function, such as ``"relu"``, to its class."""

FAMILIES: dict[str, tuple[type[Activation], ...]] = {
    family: tuple(cls for cls in CATALOGUE.values() if cls.family == family)
    for family in dict.fromkeys(cls.family for cls in CATALOGUE.values())
}
"""From the name of each family, such as ``"S-shaped"``, to its functions."""

SYNONYMS: dict[str, str] = {synonym: cls.name for cls in CATALOGUE.values() for synonym in cls.synonyms}
"""Names in books and papers, and what they are in the catalogue."""


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
