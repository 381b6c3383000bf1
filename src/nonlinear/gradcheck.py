"""Checking a derivative against the function it claims to belong to.

Four checks, which all end in a `Report` of where the largest error is and how large it is:

==================== ===============================================================================================
`check_gradient`     a gradient of your own, entry by entry or along random directions
`check_activation`   f' of a pointwise activation function and its derivatives by its parameters, point by point
`check_pullback`     the pullback of any activation function: its dot product with a direction against the change of
                     the function along it
`check_network`      back-propagation through a network, by the same test: one direction sees every weight at once;
                     where one disagrees, the block of parameters and the entry to blame are searched for
==================== ===============================================================================================

The derivative is compared with differences of the function, which are computed at several step sizes. Those cannot be
exact either: what they leave in doubt (they change with the step, and they amplify rounding) is not held against the
derivative, and everything beyond it is, relative to the size of the derivative. At a kink, and closer to it than 1e-6,
there is no one slope: there a derivative passes if it lies between the slopes on the two sides. Where it does not, the
derivative of an activation function is wrong; in a network, where many kinks may meet, the place is skipped.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from nonlinear import checks
from nonlinear.activations import Activation, Pointwise
from nonlinear.activations.base import as_floats
from nonlinear.differences import Comparison, compare
from nonlinear.losses import Loss
from nonlinear.network import MLP, Parameters, map_parameters
from nonlinear.special import Array

FEW = 8  # entries that are measured one by one when a wrong one is searched for


@dataclass(frozen=True)
class Report:
    """The outcome of a gradient check; ``print(report)`` puts it in words, without digits that are mere rounding.

    Attributes
    ----------
    error : float
        The largest difference between derivative and measurement, relative to the larger of the two: 1 is as wrong as
        no derivative at all, 2 is a wrong sign. A difference within what the measurement leaves in doubt counts as the
        tolerance at most.
    where : str
        Where it is.
    claimed, measured : float
        The derivative there, and what the differences say.
    tolerance : float
    compared, wrong : int
        How many derivatives were compared, and how many of them disagreed.
    at_kinks : int
        How many were only held to lie between the slopes on the two sides of a kink.
    skipped : tuple of str
        Where the function has no slope to compare with, so that nothing could be said.
    blocks : tuple of str
        Names of the arrays of parameters in which something disagrees.
    """

    error: float
    where: str
    claimed: float
    measured: float
    tolerance: float
    compared: int
    wrong: int
    at_kinks: int
    skipped: tuple[str, ...]
    blocks: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        return self.compared > 0 and self.wrong == 0

    def __str__(self) -> str:
        parts = [
            self._verdict(),
            f"wrong in {', '.join(self.blocks)}" if self.blocks else "",
            f"{self.at_kinks} at a kink, between the slopes of its sides" if self.at_kinks else "",
            f"{len(self.skipped)} skipped for want of a slope, the first {self.skipped[0]}" if self.skipped else "",
        ]
        return "; ".join(filter(None, parts))

    def _verdict(self) -> str:
        if not self.compared:
            return "UNDECIDED: the function has kinks, jumps or no finite values there; try another place"
        if self.passed:
            return f"agrees: none of {self.compared} off by more than {self.tolerance:.0e} of its size"
        return (
            f"DISAGREES in {self.wrong} of {self.compared}: the worst {self.where}, derivative {self.claimed:.6g} but "
            f"difference {self.measured:.6g}, an error of {self.error:.2g} (tolerance {self.tolerance:.0e})"
        )


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
        Takes what ``at`` is and returns one number.
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
    """
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
        return result.reshape(1).astype(np.float64)

    problem = _Problem(value, _with_cases(leaves), _with_cases(claimed), tolerance)
    if directions is None:
        return problem.entries(0, [(name, np.arange(array.size)) for name, array in leaves.items()])
    return problem.along_directions(directions, np.random.default_rng(seed))


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
    z = checks.finite(z, "z").astype(np.float64).ravel()
    if z.size == 0:
        raise ValueError("nothing to check: z is empty.")
    stretch = np.maximum(1, np.abs(z) / 1000)
    where = [f"at z = {v:.6g}" for v in z]
    slopes = compare(
        activation.derivative(z) * stretch, lambda t: activation(z + t * stretch), tolerance, one_kink=True
    )
    found = [(slopes.divided_by(stretch), where)]
    for name, partial in activation.partials(z).items():

        def along(t: float, name: str = name) -> Array:
            return replace(activation, **{name: np.full(z.shape, getattr(activation, name) + t)})(z)

        found.append(
            (compare(np.broadcast_to(partial, z.shape), along, tolerance), [f"for {name}, {w}" for w in where])
        )
    return _report(found)


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
    generator = np.random.default_rng(seed)
    upstreams = [generator.normal(size=activation(rows).shape) for _ in range(directions)]
    problems = [_pullback_problem(activation, rows, u, tolerance, shape) for u in upstreams]
    return _merged([problem.along_directions(1, generator) for problem in problems])


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
    parameters = map_parameters(lambda p: checks.finite(p, "parameters").astype(np.float64), parameters)

    def run(at: Parameters):
        tape = network.forward(at, x)
        return tape, *loss(tape[-1].outputs, targets)

    if gradients is None:
        tape, _, upstream = run(parameters)
        gradients, _ = network.backward(parameters, tape, upstream)
    at, claimed = _leaves(parameters), _leaves(gradients)
    if {k: v.shape for k, v in claimed.items()} != {k: v.shape for k, v in at.items()}:
        raise ValueError(
            "gradients must have the arrays of parameters, of the same shapes; "
            f"got {_shapes(claimed)} for parameters with {_shapes(at)}."
        )

    def value(leaves: Mapping[str, Array]) -> Array:
        layers = iter(leaves.values())
        return run(map_parameters(lambda _: next(layers), parameters))[1]

    members = [f" of member {m}" for m in range(len(next(iter(at.values()))))]
    return _Problem(value, at, claimed, tolerance, members).along_directions(directions, np.random.default_rng(seed))


@dataclass(frozen=True)
class _Problem:
    """A function with a value for each case (a member, a sample), and the gradient that is claimed for it.

    The arrays of ``at`` and ``gradient``, named alike, have a leading axis of cases; what happens in one case has no
    effect on another.
    """

    value: Callable[[Mapping[str, Array]], Array]
    at: Mapping[str, Array]
    gradient: Mapping[str, Array]
    tolerance: float
    cases: list[str] | tuple[str, ...] = ("",)

    def along_directions(self, count: int, generator: np.random.Generator) -> Report:
        """Compare along random directions of length 1; where one disagrees, search for an entry to blame."""
        checks.whole(count, "directions")
        directions = [self._direction(generator) for _ in range(count)]
        found = [self._along(d) for d in directions]
        labels = [[f"along direction {k}{case}" for case in self.cases] for k in range(count)]
        report = _report(list(zip(found, labels, strict=True)))
        if report.passed or not report.compared:
            return report
        worst = max(range(count), key=lambda k: found[k].rank.max())
        return self._blame(report, directions[worst], _first_largest(found[worst].rank))

    def _direction(self, generator: np.random.Generator) -> dict[str, Array]:
        d = {name: generator.normal(size=array.shape) for name, array in self.at.items()}
        length = np.sqrt(_dot(d, d))
        return {name: v / _as_column(length, v) for name, v in d.items()}

    def _along(self, d: Mapping[str, Array]) -> Comparison:
        def move(t: float) -> Array:
            return self.value({**self.at, **{name: self.at[name] + t * v for name, v in d.items()}})

        products = {name: self.gradient[name] * v for name, v in d.items()}
        typical = np.sqrt(_dot(products, products))
        return compare(_dot(self.gradient, d), move, self.tolerance, typical)

    def _blame(self, report: Report, d: Mapping[str, Array], case: int) -> Report:
        """Follow the disagreement into the blocks, then into halves of the worst one, down to an entry."""
        by_block = {name: self._along({name: v}) for name, v in d.items()}
        blocks = tuple(name for name, found in by_block.items() if found.wrong.any())
        name = max(by_block, key=lambda name: by_block[name].rank[case])
        chosen = np.arange(d[name][case].size)
        while chosen.size > FEW:
            chosen = max(np.array_split(chosen, 2), key=lambda half: self._along(_only(d, name, half)).gap[case])
        entry = self.entries(case, [(name, chosen)])
        if entry.passed or not entry.compared:
            return replace(report, blocks=blocks)
        return replace(
            report,
            error=entry.error,
            where=entry.where,
            claimed=entry.claimed,
            measured=entry.measured,
            blocks=blocks or entry.blocks,
        )

    def entries(self, case: int, chosen: list[tuple[str, Array]]) -> Report:
        """Compare entries one by one, in one case; ``chosen`` pairs names of arrays with flat indices."""
        places = [(name, np.unravel_index(i, self.at[name].shape[1:])) for name, flat in chosen for i in flat]
        if not places:
            raise ValueError("nothing to check: there is no entry.")

        def move(t: float) -> Array:
            return np.array([self._moved(name, (case, *place), t)[case] for name, place in places])

        claimed = np.array([self.gradient[name][(case, *place)] for name, place in places], dtype=float)
        found = compare(claimed, move, self.tolerance)
        labels = [f"at {name}{_index(place)}{self.cases[case]}" for name, place in places]
        blocks = dict.fromkeys(name for (name, _), bad in zip(places, found.wrong, strict=True) if bad and name)
        return replace(_report([(found, labels)]), blocks=tuple(blocks))

    def _moved(self, name: str, place: tuple, t: float) -> Array:
        moved = self.at[name].copy()
        moved[place] += t
        return self.value({**self.at, name: moved})


def _report(found: list[tuple[Comparison, list[str]]]) -> Report:
    labels = [label for _, places in found for label in places]
    claimed, measured, rank, kinks, settled, wrong = (
        np.concatenate([getattr(comparison, name) for comparison, _ in found])
        for name in ("claimed", "measured", "rank", "at_kink", "settled", "wrong")
    )
    worst = _first_largest(rank)
    return Report(
        float(rank[worst]),
        labels[worst],
        float(claimed[worst]),
        float(measured[worst]),
        found[0][0].tolerance,
        compared=int(settled.sum()),
        wrong=int(wrong.sum()),
        at_kinks=int(kinks.sum()),
        skipped=tuple(label for label, known in zip(labels, settled, strict=True) if not known),
    )


def _first_largest(rank: Array) -> int:
    """Return the first index at which ``rank`` is at its largest, give or take a millionth of it."""
    top = rank.max()
    return int(np.argmax(rank >= top - 1e-6 * abs(top))) if np.isfinite(top) else int(np.argmax(rank))


def _merged(reports: list[Report]) -> Report:
    """Return the worst of several reports, with the counts of all."""
    worst = max(reports, key=lambda report: report.error if report.compared else -1)
    return replace(
        worst,
        compared=sum(r.compared for r in reports),
        wrong=sum(r.wrong for r in reports),
        at_kinks=sum(r.at_kinks for r in reports),
        skipped=tuple(place for r in reports for place in r.skipped),
        blocks=tuple(dict.fromkeys(block for r in reports for block in r.blocks)),
    )


def _pullback_problem(
    activation: Activation, rows: Array, upstream: Array, tolerance: float, shape: tuple[int, ...]
) -> _Problem:
    """Return upstream . f(z) as a function of z and of the parameters of f, each sample with parameters of its own."""
    names = activation.pullback(rows, upstream)[1]
    at = {"z": rows} | {name: np.full((len(rows), 1), float(getattr(activation, name))) for name in names}

    def bind(leaves: Mapping[str, Array]) -> Activation:
        return replace(activation, **{name: leaves[name] for name in names}) if names else activation

    delta, partials = bind(at).pullback(rows, upstream)
    samples = [
        f" of sample {_index(np.unravel_index(row, shape)).strip('[]')}" if shape else "" for row in range(len(rows))
    ]
    return _Problem(
        lambda leaves: (bind(leaves)(leaves["z"]) * upstream).sum(axis=-1),
        at,
        {"z": delta, **partials},
        tolerance,
        samples,
    )


def _leaves(parameters: Parameters) -> dict[str, Array]:
    return {f"layer {k}, {name}": array for k, layer in enumerate(parameters) for name, array in layer.items()}


def _with_cases(leaves: Mapping[str, Array]) -> dict[str, Array]:
    return {name: array[None] for name, array in leaves.items()}


def _only(d: Mapping[str, Array], name: str, flat: Array) -> dict[str, Array]:
    """Return the direction with only the entries ``flat`` of one block."""
    part = np.zeros((len(d[name]), d[name][0].size))
    part[:, flat] = d[name].reshape(len(part), -1)[:, flat]
    return {name: part.reshape(d[name].shape)}


def _dot(a: Mapping[str, Array], d: Mapping[str, Array]) -> Array:
    return sum((a[name] * v).reshape(len(v), -1).sum(axis=1) for name, v in d.items())


def _as_column(numbers: Array, like: Array) -> Array:
    return numbers.reshape(-1, *[1] * (like.ndim - 1))


def _index(place: tuple) -> str:
    return f"[{', '.join(str(int(i)) for i in place)}]" if place else ""


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
        return type(node)(rebuild(point, child, f"{path}[{k}]") for k, child in enumerate(node))

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
