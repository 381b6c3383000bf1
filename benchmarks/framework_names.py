"""Check the names that PyTorch, JAX and Keras have for activation functions against what the book says of them.

``python benchmarks/framework_names.py`` compares `nonlinear.activations.names.FRAMEWORKS` with what the libraries
export, and each function there with ours: values and slopes in float64, on a grid that holds all kinks. It fails if a
name is missing or too many, or if two functions differ where the table does not say so, and prints which.
It takes an environment with torch, jax and keras (which the course does not install), and `nonlinear` on the path.

Keras runs on JAX here. Where a function of theirs has no default for a parameter, it gets the one of ours.
"""

import ast
import inspect
import os
import re
import sys
from collections.abc import Callable
from functools import partial
from types import ModuleType

os.environ["KERAS_BACKEND"] = "jax"

import jax
import jax.numpy as jnp
import keras
import numpy as np
import torch

from nonlinear.activations.names import CHECKED, FRAMEWORKS, Entry

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_platforms", "cpu")
keras.config.set_floatx("float64")
keras.config.set_dtype_policy("float64")

F = torch.nn.functional
Z = np.arange(-40.0, 40.0).reshape(20, 4) / 4
UPSTREAM = np.cos(np.arange(80.0)).reshape(20, 4)
# torch has the slope of its Hardsigmoid, 1/6, in float32, and Keras its tanh altogether.
OF_VALUES, OF_SLOPES, OF_SINGLES = 1e-12, 1e-8, 1e-6
DIFFERENT = {"keras.activations.sparsemax"}  # and the table says so

# torch.nn.functional has its activations among everything else, whose names these are.
OTHERS = re.compile(
    "pool|conv|loss|_norm$|normalize|dropout|embedding|pad|shuffle|sample|interpolate|bilinear|linear|fold|grad$|_mm$|"
    "distance|pdist|similarity|cross_entropy|kl_div|affine_grid|one_hot|_torch_function|boolean_dispatch|assert_"
)
# What they call with arguments that have no default there, or not the one that makes them a function of one array.
CALLS: dict[str, Callable] = {
    "torch.nn.RReLU": torch.nn.RReLU().eval(),
    "torch.nn.Threshold": torch.nn.Threshold(1, 0),
    "torch.nn.functional.prelu": lambda z: F.prelu(z, torch.tensor([0.25], dtype=z.dtype)),
    "torch.nn.functional.threshold": lambda z: F.threshold(z, 1, 0),
    "keras.activations.threshold": lambda z: keras.activations.threshold(z, 1.0, 0.0),
    **{f"torch.nn.{name}": getattr(torch.nn, name)(dim=-1) for name in ("LogSoftmax", "Softmax", "Softmin")},
    **{
        f"torch.nn.functional.{name}": partial(getattr(F, name), dim=-1)
        for name in ("log_softmax", "softmax", "softmin")
    },
}


def public(module: ModuleType) -> set[str]:
    """Return the names that a module exports, apart from other modules."""
    return {name for name, value in vars(module).items() if name[0] != "_" and not inspect.ismodule(value)}


def functions_of_torch() -> set[str]:
    """Return the functions of torch.nn.functional that are not about something else, in place or not."""
    names = {name for name in public(F) if inspect.isroutine(getattr(F, name))}
    return {name.removesuffix("_") for name in names if not OTHERS.search(name)}


def exported() -> dict[str, set[str]]:
    """Return what there is in each of the namespaces of the table."""
    layers = keras.src.layers.activations
    return {
        "torch.nn": {*torch.nn.modules.activation.__all__, "AdaptiveLogSoftmaxWithLoss", "Identity"},
        "torch.nn.functional": functions_of_torch(),
        "jax.nn": public(jax.nn),
        "keras.activations": public(keras.activations),
        "keras.layers": {*(name for name in public(layers) if name[0].isupper()), "Activation", "Identity"},
    }


def theirs(library: str, name: str, **settings) -> Callable:
    """Return a function of theirs, with its default settings but those given."""
    root, *path = library.split(".")
    f = {"torch": torch, "jax": jax, "keras": keras}[root]
    for part in (*path, name):
        f = getattr(f, part)
    if f"{library}.{name}" in CALLS:
        return CALLS[f"{library}.{name}"]
    if not inspect.isclass(f):
        return partial(f, **settings)
    return f(**settings).double() if root == "torch" else f(**settings)


def evaluated(library: str, f: Callable) -> tuple[np.ndarray, np.ndarray]:
    """Return the values of a function of theirs on the grid, and the gradient that comes back through it."""
    if library.startswith("torch"):
        z = torch.tensor(Z, requires_grad=True)
        a = f(z)
        (delta,) = torch.autograd.grad(a, z, torch.tensor(UPSTREAM[:, : a.shape[-1]]))
        return a.detach().numpy(), delta.numpy()
    a, back = jax.vjp(f, jnp.asarray(Z))
    (delta,) = back(jnp.asarray(UPSTREAM[:, : a.shape[-1]], a.dtype))
    return np.asarray(a), np.asarray(delta)


def complaints(library: str, name: str, entry: Entry, **settings) -> list[str]:
    """Return where a function of theirs is not what the table says."""
    value, delta = evaluated(library, theirs(library, name, **settings))
    a, upstream = entry.ours(Z), UPSTREAM[:, : value.shape[-1]]
    ours, _ = entry.ours.pullback(Z, upstream)
    difference, single = np.max(np.abs(value - a)), value.dtype == np.float32
    of_values, of_slopes = (OF_SINGLES, OF_SINGLES) if single else (OF_VALUES, OF_SLOPES)
    if f"{library}.{name}" in DIFFERENT:
        return [] if difference > of_values else [f"{library}.{name} no longer differs from ours"]
    for place, slope in entry.slopes.items():
        ours = np.where(Z == place, slope * UPSTREAM, ours)
    if difference > of_values:
        return [f"{library}.{name} is not {entry.ours}: values differ by {difference:.2g}"]
    found = []
    for row, column in zip(*np.nonzero(np.abs(delta - ours) > of_slopes), strict=True):
        slope = delta[row, column] / UPSTREAM[row, column]
        found.append(f"{library}.{name} has the slope {slope:.6g} at {Z[row, column]:g}")
    return found


def main() -> int:
    wrong = []
    for module in (torch, jax, keras):
        version = module.__version__.split("+")[0]
        if version != CHECKED[module.__name__]:
            wrong.append(f"{module.__name__} is {version} here, and the table says {CHECKED[module.__name__]}")
    for library, names in exported().items():
        listed = FRAMEWORKS[library]
        wrong += [f"{library}.{name} is not in the table" for name in sorted(names - set(listed))]
        wrong += [f"{library}.{name} does not exist" for name in sorted(set(listed) - names)]
        mapped = [name for name in sorted(names & set(listed)) if listed[name].ours]
        for name in mapped:
            wrong += complaints(library, name, listed[name])
            for setting, ours in listed[name].variants.items():
                key, value = setting.split("=")
                wrong += complaints(library, name, Entry(ours), **{key: ast.literal_eval(value)})
        print(f"{library}: {len(names)} names, {len(mapped)} of them compared with ours")
    print("\n".join(wrong) or "all is as the table says")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
