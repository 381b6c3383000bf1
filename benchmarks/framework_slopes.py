"""Measure what PyTorch, JAX and Keras return for slopes and for values far out, and at kinks.

``python benchmarks/framework_slopes.py`` writes ``frameworks.npz`` and ``frameworks.json``, which two lessons read with
`nonlinear.course.frameworks` and compare with `nonlinear`; they need no framework themselves. It takes an environment
with torch, jax and keras (which the course does not install), and `nonlinear` on the path.

Keras runs on JAX here, because the three backends of Keras inherit their slopes from the library below.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path

os.environ["KERAS_BACKEND"] = "jax"

import jax
import jax.numpy as jnp
import keras
import numpy as np
import torch

from nonlinear.course import frameworks, grids

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_platforms", "cpu")

X = np.arange(-60.0, 61.0)
F, N, K = torch.nn.functional, jax.nn, keras.ops

FAR: dict[str, tuple[Callable, Callable, bool]] = {  # torch, jax, whether the slope is meant and not the value
    "sigmoid'": (torch.sigmoid, N.sigmoid, True),
    "tanh'": (torch.tanh, jnp.tanh, True),
    "elu'": (F.elu, N.elu, True),
    "log_sigmoid": (F.logsigmoid, N.log_sigmoid, False),
    "softplus": (F.softplus, N.softplus, False),
    "log_softmax": (
        lambda x: F.log_softmax(torch.stack([x, torch.zeros_like(x)]), dim=0)[0],
        lambda x: N.log_softmax(jnp.stack([x, jnp.zeros_like(x)]), axis=0)[0],
        False,
    ),
}

KINKS: dict[tuple[str, float], tuple[Callable, Callable, Callable]] = {  # torch, jax, keras
    ("relu", 0): (torch.relu, N.relu, K.relu),
    ("maximum(z, 0)", 0): (
        lambda z: torch.maximum(z, torch.zeros_like(z)),
        lambda z: jnp.maximum(z, 0),
        lambda z: K.maximum(z, 0.0),
    ),
    ("clip(z, 0, 9)", 0): (lambda z: torch.clamp(z, 0, 9), lambda z: jnp.clip(z, 0, 9), lambda z: K.clip(z, 0.0, 9.0)),
    ("abs", 0): (torch.abs, jnp.abs, K.abs),
    ("leaky_relu(0.1)", 0): (
        lambda z: F.leaky_relu(z, 0.1),
        lambda z: N.leaky_relu(z, 0.1),
        lambda z: K.leaky_relu(z, 0.1),
    ),
    ("elu(0.5)", 0): (lambda z: F.elu(z, 0.5), lambda z: N.elu(z, 0.5), lambda z: K.elu(z, 0.5)),
    ("selu", 0): (F.selu, N.selu, K.selu),
    ("relu6", 0): (F.relu6, N.relu6, K.relu6),
    ("relu6", 6): (F.relu6, N.relu6, K.relu6),
    ("hard_tanh", -1): (F.hardtanh, N.hard_tanh, K.hard_tanh),
    ("hard_tanh", 1): (F.hardtanh, N.hard_tanh, K.hard_tanh),
    ("hard_sigmoid", -3): (F.hardsigmoid, N.hard_sigmoid, K.hard_sigmoid),
    ("hard_sigmoid", 3): (F.hardsigmoid, N.hard_sigmoid, K.hard_sigmoid),
    ("hard_swish", -3): (F.hardswish, N.hard_silu, K.hard_silu),
    ("hard_swish", 3): (F.hardswish, N.hard_silu, K.hard_silu),
}


def torch_result(f: Callable, x: np.ndarray, slope: bool) -> np.ndarray:
    z = torch.tensor(x, requires_grad=slope)
    y = f(z)
    if slope:
        (y,) = torch.autograd.grad(y.sum(), z)
    return y.detach().numpy()


def jax_result(f: Callable, x: np.ndarray, slope: bool) -> np.ndarray:
    return np.asarray((jax.grad(lambda z: jnp.sum(f(z))) if slope else f)(jnp.asarray(x)))


def measured() -> dict[str, np.ndarray]:
    arrays = {"x": X, "far_names": np.array(list(FAR))}
    for dtype in (np.float32, np.float64):
        x = X.astype(dtype)
        for k, (name, run) in enumerate((("torch", torch_result), ("jax", jax_result))):
            results = [run(functions[k], x, functions[2]) for functions in FAR.values()]
            assert all(r.dtype == dtype for r in results)
            arrays[f"{name}_{dtype.__name__}"] = np.stack(results)
    runs = (torch_result, jax_result, jax_result)
    slopes = [
        [run(f, np.array([float(z)]), True)[0] for f, run in zip(functions, runs, strict=True)]
        for (_, z), functions in KINKS.items()
    ]
    return {
        **arrays,
        "kink_names": np.array([name for name, _ in KINKS]),
        "kink_places": np.array([z for _, z in KINKS], dtype=float),
        "kink_slopes": np.array(slopes),
    }


def main() -> None:
    versions = {
        "python": sys.version.split()[0],
        **{m.__name__: m.__version__.split("+")[0] for m in (np, torch, jax, keras)},
    }
    settings = {"versions": versions, "kink_columns": ["torch", "jax", "keras on jax"]}
    grids.write(Path(frameworks.__file__).parent, "frameworks", measured(), {"settings": settings}, frameworks.COMMAND)


if __name__ == "__main__":
    main()
