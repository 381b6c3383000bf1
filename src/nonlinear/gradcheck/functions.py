"""The checks: of a gradient, an activation function, a pullback and a network."""

import reprlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from nonlinear import checks
from nonlinear.activations import Activation, Pointwise
from nonlinear.arrays import as_floats
from nonlinear.gradcheck.differences import compare, reach
from nonlinear.gradcheck.report import Report, merged, summarise
from nonlinear.gradcheck.search import Problem, index
from nonlinear.losses import Loss
from nonlinear.network import MLP, Parameters, map_parameters
from nonlinear.special import Array, overflow_and_nan


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
        Takes what ``at`` is, in float64, and returns one number. That is taken to be rounded as its type says: a
        function that computes in float32 should return a float32, since differences of it can tell much less.
    gradient : like ``at``, or a callable that returns it from ``at``
    at : array, or dict, list or tuple of arrays (which may hold others)
        Where to compare.
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
    if not callable(function):
        raise TypeError(f"function must be a function that returns one number; got {function!r}.")
    rebuild, leaves = _flatten(at, "at")
    for path, leaf in leaves.items():
        checks.finite(leaf, f"at{path}")
    _, claimed = _flatten(gradient(at) if callable(gradient) else gradient, "gradient")
    if {k: v.shape for k, v in claimed.items()} != {k: v.shape for k, v in leaves.items()}:
        raise ValueError(
            "gradient must have the arrays of at, of the same shapes; "
            f"got {_shapes(claimed)} for a point with {_shapes(leaves)}."
        )

    def value(point: Mapping[str, Array]) -> Array:
        result = np.asarray(function(rebuild({name: array[0] for name, array in point.items()})))
        if result.size != 1 or result.dtype.kind not in "iuf":
            raise ValueError(f"function must return one real number; got {result!r}.")
        return result.reshape(1)  # in its own type, whose rounding it has

    problem = Problem(value, _with_cases(leaves), _with_cases(claimed), tolerance)
    if directions is None:
        return problem.entries(0, [(name, np.arange(array.size)) for name, array in leaves.items()])
    return problem.along_directions(directions, _generator(seed))


def check_activation(activation: Pointwise, z, tolerance: float = 1e-8) -> Report:
    """Compare f' and the derivatives by the parameters of f with differences, at the points ``z``.

    >>> from nonlinear.activations import ReLU, Tanh
    >>> check_activation(Tanh(), [-2.0, 0.0, 0.5]).passed
    True
    >>> report = check_activation(ReLU(), [-2.0, 0.0, 0.5])
    >>> report.passed, report.at_kinks
    (True, 1)
    """
    if not isinstance(activation, Pointwise):
        raise TypeError(f"check_activation needs a pointwise activation; {activation!r} is not. Use check_pullback.")
    z = checks.finite(z, "z").astype(np.float64)
    if z.size == 0:
        raise ValueError("nothing to check: z is empty.")
    own = {name: np.broadcast_to(getattr(activation, name), z.shape).ravel() for name in activation.partials(z)}
    activation, z = replace(activation, **own), z.ravel()
    stretch = reach(z)
    with overflow_and_nan():
        claimed = activation.derivative(z) * stretch
    where = [f"at z = {v:.6g}" for v in z]
    slopes = compare(claimed, lambda t: activation(z + t * stretch), tolerance, one_kink=True)
    found = [(slopes.divided_by(stretch), where)]
    for name, partial in activation.partials(z).items():

        def along(t: float, name: str = name) -> Array:
            return replace(activation, **{name: own[name] + t})(z)

        found.append(
            (compare(np.broadcast_to(partial, z.shape), along, tolerance), [f"for {name}, {w}" for w in where])
        )
    return summarise(found)


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
    checks.whole(directions, "directions")
    if not isinstance(activation, Activation):
        raise TypeError(f"activation must be an Activation such as Softmax(); got {activation!r}.")
    z = checks.finite(z, "z").astype(np.float64)
    if z.ndim == 0 or z.size == 0:
        raise ValueError(f"z must have shape (..., columns), and not be empty; got {z.shape}.")
    shape, rows = z.shape[:-1], z.reshape(-1, z.shape[-1])
    generator = _generator(seed)
    upstreams = [generator.normal(size=activation(rows).shape) for _ in range(directions)]
    problems = [_pullback_problem(activation, rows, u, tolerance, shape) for u in upstreams]
    return merged([problem.along_directions(1, generator) for problem in problems])


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
    _leaves(parameters, "parameters")
    parameters = map_parameters(lambda p: checks.finite(p, "parameters").astype(np.float64), parameters)

    def run(at: Parameters):
        tape = network.forward(at, x)
        return tape, *loss(tape[-1].outputs, targets)

    if gradients is None:
        tape, _, upstream = run(parameters)
        gradients, _ = network.backward(parameters, tape, upstream)
    at, claimed = _leaves(parameters, "parameters"), _leaves(gradients, "gradients")
    if {k: v.shape for k, v in claimed.items()} != {k: v.shape for k, v in at.items()}:
        raise ValueError(
            "gradients must have the arrays of parameters, of the same shapes; "
            f"got {_shapes(claimed)} for parameters with {_shapes(at)}."
        )

    def value(leaves: Mapping[str, Array]) -> Array:
        layers = iter(leaves.values())
        return run(map_parameters(lambda _: next(layers), parameters))[1]

    members = [f" of member {m}" for m in range(len(next(iter(at.values()))))]
    return Problem(value, at, claimed, tolerance, members).along_directions(directions, _generator(seed))


def _generator(seed: int) -> np.random.Generator:
    checks.whole(seed, "seed", at_least=0)
    return np.random.default_rng(seed)


def _pullback_problem(
    activation: Activation, rows: Array, upstream: Array, tolerance: float, shape: tuple[int, ...]
) -> Problem:
    """Return upstream . f(z) as a function of z and of the parameters of f, each sample with parameters of its own."""
    names = activation.pullback(rows, upstream)[1]
    own = {name: np.asarray(getattr(activation, name), dtype=np.float64) for name in names}
    at = {"z": rows} | {name: np.full((len(rows), *(p.shape or (1,))), p) for name, p in own.items()}

    def bind(leaves: Mapping[str, Array]) -> Activation:
        return replace(activation, **{name: leaves[name] for name in names}) if names else activation

    delta, partials = bind(at).pullback(rows, upstream)
    samples = [
        f" of sample {index(np.unravel_index(row, shape)).strip('[]')}" if shape else "" for row in range(len(rows))
    ]
    return Problem(
        lambda leaves: (bind(leaves)(leaves["z"]) * upstream).sum(axis=-1),
        at,
        {"z": delta, **partials},
        tolerance,
        samples,
    )


def _leaves(parameters: Parameters, name: str) -> dict[str, Array]:
    if not isinstance(parameters, Sequence) or not all(isinstance(layer, Mapping) for layer in parameters):
        raise TypeError(f"{name} must be a tuple with a dict of arrays for each layer; got {reprlib.repr(parameters)}.")
    return {
        f"layer {k}, {key}": as_floats(array, f"{name}[{k}][{key!r}]")
        for k, layer in enumerate(parameters)
        for key, array in layer.items()
    }


def _with_cases(leaves: Mapping[str, Array]) -> dict[str, Array]:
    return {name: array[None] for name, array in leaves.items()}


def _shapes(leaves: Mapping[str, Array]) -> str:
    return ", ".join(f"{name or 'one array'} {array.shape}" for name, array in leaves.items()) or "nothing"


def _flatten(tree: Any, name: str) -> tuple[Callable[[Mapping[str, Array]], Any], dict[str, Array]]:
    """Return a function that puts arrays back into a tree, and its arrays by the index that leads to each."""
    leaves = {path: as_floats(leaf, name + path).astype(np.float64) for path, leaf in _walk(tree, "")}

    def rebuild(point: Mapping[str, Array], node: Any = tree, path: str = "") -> Any:
        if not _is_branch(node):
            return point[path].copy()
        if isinstance(node, Mapping):
            return {key: rebuild(point, child, f"{path}[{key!r}]") for key, child in node.items()}
        children = (rebuild(point, child, f"{path}[{k}]") for k, child in enumerate(node))
        return list(children) if isinstance(node, list) else tuple(children)

    return rebuild, leaves


def _walk(node: Any, path: str) -> Iterator[tuple[str, Any]]:
    if not _is_branch(node):
        yield path, node
        return
    for key, child in node.items() if isinstance(node, Mapping) else enumerate(node):
        yield from _walk(child, f"{path}[{key!r}]")


def _is_branch(node: Any) -> bool:
    """Whether ``node`` holds arrays, rather than being one or a list of numbers that makes one."""
    if isinstance(node, Mapping):
        return True
    return isinstance(node, list | tuple) and any(isinstance(child, np.ndarray) or _is_branch(child) for child in node)
