"""The checks: of a gradient, an activation function, a pullback and a network."""

import reprlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from nonlinear import checks
from nonlinear.activations import Activation, Pointwise
from nonlinear.arrays import as_floats
from nonlinear.gradcheck import trees
from nonlinear.gradcheck.differences import Comparison, compare, reach
from nonlinear.gradcheck.report import Report, summarise
from nonlinear.gradcheck.search import Problem, index
from nonlinear.losses import Loss, checked
from nonlinear.network import MLP, Parameters, map_parameters
from nonlinear.special import Array, overflow_and_nan


@overflow_and_nan()
def check_gradient(
    function: Callable[[Any], float],
    gradient: Any,
    at: Any,
    tolerance: float = 1e-7,
    directions: int | None = None,
    seed: int = 0,
) -> Report:
    """Compare a gradient, however it was come by, with differences of the function.

    Parameters
    ----------
    function : callable
        Takes a copy of ``at`` in float64 and returns one number. That is taken to be rounded as its type says: a
        function that computes in float32 should return a float32, since differences of it can tell much less.
    gradient : like ``at``, or a callable that returns it
        A callable takes the same copy as ``function``.
    at : array, or dict, list, tuple or NamedTuple of arrays (which may hold others)
        Where to compare. A list or tuple of nothing but numbers is one array.
    directions : int, optional
        Left out, every entry is measured by itself, which takes some 12 to 36 calls of the function each. A number
        measures that many random directions instead, and searches for a wrong entry only if one of them disagrees.

    Returns
    -------
    Report

    Examples
    --------
    Somebody has forgotten a factor 2:

    >>> def loss(p):
    ...     return np.sum((p["w"] @ [1.0, 2.0] + p["b"] - 1) ** 2)
    >>> def gradient(p):
    ...     error = p["w"] @ [1.0, 2.0] + p["b"] - 1
    ...     return {"w": error * np.array([1.0, 2.0]), "b": 2 * error}
    >>> report = check_gradient(loss, gradient, {"w": np.array([3.0, 4.0]), "b": np.array(0.5)})
    >>> print(report)
    DISAGREES in 2 of 3: the worst at ['w'][0], derivative 10.5 but difference 21, an error of 0.5 (tolerance 1e-07);
    wrong in ['w']
    >>> report.where, report.blocks, report.passed
    ("at ['w'][0]", ("['w']",), False)

    What differences cannot tell is said:

    >>> print(check_gradient(lambda p: np.float32(np.sin(p)), np.cos, 0.5))
    agrees: none of 1 derivative off by more than differences leave in doubt, up to 1e-04 of its size
    >>> print(check_gradient(lambda p: np.sum(np.tanh(p)), lambda p: 1 - np.tanh(p) ** 2, [0.5, 20.0]))
    agrees: none of 1 derivative off by more than 1e-07 of its size; 1 too small for differences to judge, the first
    at [1]
    """
    checks.function(function, "function", "a function that returns one number")
    leaves = {
        path: checks.finite(leaf, f"at{path}").astype(np.float64, copy=False)
        for path, leaf in trees.arrays(at, "at").items()
    }
    claimed = trees.arrays(gradient(trees.rebuilt(at, leaves)) if callable(gradient) else gradient, "gradient")
    _check_alike(claimed, leaves, "gradient", "at", "a point")

    def value(point: Mapping[str, Array]) -> Array:
        result = np.asarray(function(trees.rebuilt(at, {path: array[0] for path, array in point.items()})))
        if result.size != 1 or result.dtype.kind not in "iuf":
            raise ValueError(f"function must return one real number; got {result!r}.")
        return result.reshape(1)  # in its own type, whose rounding it has

    problem = Problem(value, _with_cases(leaves), _with_cases(claimed), tolerance)
    if directions is None:
        return problem.entries(0, {path: np.arange(array.size) for path, array in leaves.items()})
    return problem.along_directions(checks.whole(directions, "directions"), _generator(seed))


@overflow_and_nan()
def check_activation(activation: Pointwise, z, tolerance: float = 1e-8) -> Report:
    """Compare f' and the derivatives by the parameters of f with differences, at the points ``z``.

    >>> from nonlinear.activations import ReLU, Tanh
    >>> check_activation(Tanh(), [-2.0, 0.0, 0.5]).passed
    True
    >>> report = check_activation(ReLU(), [-2.0, 0.0, 0.5])
    >>> report.passed, report.at_kinks
    (True, 1)
    """
    checks.instance(activation, Pointwise, "activation", "pointwise, such as Tanh() (others have check_pullback)")
    z = checks.finite(z, "z").astype(np.float64)
    if z.size == 0:
        raise ValueError("nothing to check: z is empty.")
    own = {
        name: np.array(np.broadcast_to(getattr(activation, name), z.shape), float).ravel()
        for name in activation.partials(z)
    }
    f, z = replace(activation, **own), z.ravel()
    stretch, labels = reach(z), [f"at z = {v:.6g}" for v in z]
    slopes = compare(f.derivative(z) * stretch, lambda t: f(z + t * stretch), tolerance, one_kink=True)
    found = [slopes.divided_by(stretch)]
    for name, partial in f.partials(z).items():

        def along(t: float, name: str = name) -> Array:
            return replace(f, **{name: own[name] + t})(z)

        found.append(compare(np.broadcast_to(partial, z.shape), along, tolerance))
        labels += [f"for {name}, {where}" for where in labels[: z.size]]
    return summarise(Comparison.joined(found), labels)


@overflow_and_nan()
def check_pullback(activation: Activation, z, directions: int = 5, seed: int = 0, tolerance: float = 1e-7) -> Report:
    """Compare the pullback of any activation function with the change of the function along random directions.

    For a random ``upstream``, the function to differentiate is the dot product of it with f(z). The samples are told
    apart, and so are the preactivations of a sample in which something is wrong.

    Parameters
    ----------
    activation : Activation
    z : array, (..., columns)
        As many columns as the function takes: an even number for a GLU, for example.
    directions : int
        How many random directions to try in each sample, each with an ``upstream`` of its own.

    Examples
    --------
    >>> from nonlinear.activations import Softmax
    >>> check_pullback(Softmax(), [[0.0, 1.0, 3.0], [2.0, 2.0, -40.0]]).passed
    True
    """
    directions, generator = checks.whole(directions, "directions"), _generator(seed)
    checks.instance(activation, Activation, "activation", "an Activation such as Softmax()")
    z = checks.finite(z, "z").astype(np.float64)
    if z.ndim == 0 or z.size == 0:
        raise ValueError(f"z must have shape (..., columns), and not be empty; got {z.shape}.")
    samples = [f" of sample {index(place).strip('[]')}" if place else "" for place in np.ndindex(z.shape[:-1])]
    rows = np.tile(z.reshape(-1, z.shape[-1]), (directions, 1))
    upstream = generator.normal(size=activation(rows).shape)
    names = activation.pullback(rows, upstream)[1]
    own = {name: np.array(getattr(activation, name), dtype=float, ndmin=1) for name in names}
    at = {"z": rows} | {name: np.tile(p, (len(rows), *[1] * p.ndim)) for name, p in own.items()}

    def bind(leaves: Mapping[str, Array]) -> Activation:
        return replace(activation, **{name: leaves[name] for name in names})

    def value(leaves: Mapping[str, Array]) -> Array:
        return (bind(leaves)(leaves["z"]) * upstream).sum(axis=-1)

    delta, partials = bind(at).pullback(rows, upstream)
    problem = Problem(value, at, {"z": delta, **partials}, tolerance, samples * directions)
    return problem.along_directions(1, generator)


@overflow_and_nan()
def check_network(
    network: MLP,
    parameters: Parameters,
    x,
    targets,
    loss: Loss,
    directions: int = 5,
    seed: int = 0,
    tolerance: float = 1e-7,
    gradients: Parameters | None = None,
) -> Report:
    """Compare back-propagation with the change of the loss along random directions of the parameters.

    If they disagree, a second pass names the blocks of parameters that do, and one entry to blame in the worst of them.
    Everything is computed in float64.

    Parameters
    ----------
    network, parameters, x, targets, loss
        As for `nonlinear.training.train`; every member is checked. ``network`` may be anything that has the methods
        ``forward`` and ``backward`` of an `MLP`.
    directions : int
        How many random directions of length 1 to try.
    gradients : Parameters, optional
        Gradients to check instead of those that ``network.backward`` computes: your own, for example.

    Examples
    --------
    >>> from nonlinear.activations import Tanh
    >>> from nonlinear.losses import MeanSquaredError
    >>> from nonlinear.network import Dense, spawn
    >>> network = MLP(2, [Dense(3, Tanh()), Dense(1)])
    >>> parameters = network.initialise(spawn(seed=0, members=10))
    >>> problem = network, parameters, [[1.0, 2.0], [0.0, 1.0]], [[1.0], [0.0]], MeanSquaredError()
    >>> check_network(*problem).passed
    True
    >>> wrong = map_parameters(np.zeros_like, parameters)
    >>> check_network(*problem, gradients=wrong).blocks
    ('layer 0, weights', 'layer 0, bias', 'layer 1, weights', 'layer 1, bias')
    """
    checks.function(loss, "loss", "a Loss such as MeanSquaredError()")
    at = {
        name: checks.finite(array, f"parameters of {name}").astype(np.float64)
        for name, array in _by_layer(parameters, "parameters")
    }

    def run(leaves: Mapping[str, Array]):
        arrays = iter(leaves.values())
        own = map_parameters(lambda _: next(arrays), parameters)
        tape = network.forward(own, x)
        outputs = tape[-1].outputs
        return own, tape, *checked(loss(outputs, targets), outputs)

    if gradients is None:
        own, tape, _, upstream = run(at)
        gradients, _ = network.backward(own, tape, upstream)
    claimed = {name: as_floats(array, f"gradients of {name}") for name, array in _by_layer(gradients, "gradients")}
    _check_alike(claimed, at, "gradients", "parameters", "parameters")
    members = [f" of member {m}" for m in range(len(next(iter(at.values()))))]
    problem = Problem(lambda leaves: run(leaves)[2], at, claimed, tolerance, members)
    return problem.along_directions(checks.whole(directions, "directions"), _generator(seed))


def _generator(seed: int) -> np.random.Generator:
    return np.random.default_rng(checks.whole(seed, "seed", at_least=0))


def _by_layer(parameters: Parameters, name: str) -> Iterator[tuple[str, Any]]:
    """Yield every array of parameters with the name that a report gives it."""
    if not isinstance(parameters, Sequence) or not all(isinstance(layer, Mapping) for layer in parameters):
        raise TypeError(f"{name} must be a tuple with a dict of arrays for each layer; got {reprlib.repr(parameters)}.")
    return ((f"layer {k}, {key}", array) for k, layer in enumerate(parameters) for key, array in layer.items())


def _check_alike(claimed: Mapping[str, Array], at: Mapping[str, Array], name: str, like: str, what: str) -> None:
    if {k: v.shape for k, v in claimed.items()} != {k: v.shape for k, v in at.items()}:
        raise ValueError(
            f"{name} must have the arrays of {like}, of the same shapes; "
            f"got {_shapes(claimed)} for {what} with {_shapes(at)}."
        )


def _shapes(arrays: Mapping[str, Array]) -> str:
    return ", ".join(f"{name or 'one array'} {array.shape}" for name, array in arrays.items()) or "nothing"


def _with_cases(arrays: Mapping[str, Array]) -> dict[str, Array]:
    return {name: array[None] for name, array in arrays.items()}
