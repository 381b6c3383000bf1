"""What activation functions cost: by the number, in a layer, and in plain Python.

The functions are written as a textbook writes them, in NumPy, one call after another; the library's own take more
care, and more time. `measure` takes turns between all of them, round by round, so that whatever else the machine does
falls on all alike. What the lesson shows was measured once, on a machine that did nothing else, by
``OPENBLAS_NUM_THREADS=1 python -m nonlinear.lessons.is_exp_expensive.experiment``, and is kept beside this module.
"""

import json
import math
import os
import platform
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib import resources
from pathlib import Path

import numpy as np

from nonlinear import checks
from nonlinear.special import Array

DTYPES = ("float32", "float64")
WIDTHS = (16, 32, 64, 128, 256, 512, 1024)
NUMBERS, SAMPLES = 10_000, 128  # of the first experiment; of a batch in the second
LEAST = 0.002  # seconds that one measurement takes at least
ROUNDS = 21
MEASURED = "measured.json"


@dataclass(frozen=True)
class Formula:
    """A function as a textbook writes it.

    Attributes
    ----------
    value : callable
        f(z).
    slope : callable
        f'(z), given z and a = f(z).
    exponentials : int
        How often an exponential, or something as long, is computed for one value.
    passes : int
        How many NumPy calls it takes, each of which reads and writes every number once.
    """

    value: Callable[[Array], Array]
    slope: Callable[[Array, Array], Array]
    exponentials: int
    passes: int


def elu(z: Array) -> Array:
    """Return ELU in three calls, the exponential of positive numbers left out by cutting them off at 0."""
    return np.maximum(z, np.expm1(np.minimum(z, 0)))


def elu_by_mask(z: Array) -> Array:
    """Return ELU by picking out the negative numbers, and putting their values back into their places."""
    a, negative = z.copy(), z < 0
    a[negative] = np.exp(z[negative]) - 1
    return a


def elu_by_where(z: Array) -> Array:
    """Return ELU by a choice between two arrays, both of them computed for all numbers (at most e^z = infinity)."""
    return np.where(z > 0, z, np.exp(z) - 1)


def _sigmoid(z: Array) -> Array:
    return 1 / (1 + np.exp(-z))


FORMULAS: dict[str, Formula] = {
    "ReLU": Formula(lambda z: np.maximum(z, 0), lambda z, a: z > 0, 0, 1),
    "leaky ReLU": Formula(lambda z: np.maximum(z, 0.01 * z), lambda z, a: np.where(z > 0, 1, z.dtype.type(0.01)), 0, 2),
    "exp": Formula(np.exp, lambda z, a: a, 1, 1),
    "sigmoid": Formula(_sigmoid, lambda z, a: a * (1 - a), 1, 4),
    "tanh": Formula(np.tanh, lambda z, a: 1 - a * a, 1, 1),
    "SiLU": Formula(lambda z: z / (1 + np.exp(-z)), lambda z, a: a + _sigmoid(z) * (1 - a), 1, 4),
    "softplus": Formula(lambda z: np.logaddexp(0, z), lambda z, a: _sigmoid(z), 2, 1),
    "ELU": Formula(elu, lambda z, a: np.minimum(a, 0) + 1, 1, 3),
    "ELU by where": Formula(elu_by_where, lambda z, a: np.minimum(a, 0) + 1, 1, 4),
    "ELU by mask": Formula(elu_by_mask, lambda z, a: np.minimum(a, 0) + 1, 1, 6),
}
BY_LAYER = ("ReLU", "leaky ReLU", "sigmoid", "tanh", "SiLU", "softplus", "ELU")
"""The functions of which whole layers are measured."""

NAMES = {"ReLU": "relu", "leaky ReLU": "leaky_relu", "SiLU": "silu", "ELU": "elu"}
"""What the catalogue calls a function, where that is another name."""

ELUS, SORTED = ("ELU", "ELU by where", "ELU by mask"), ", sorted"
"""The ways to write ELU, which are measured once more on the same numbers in rising order."""


def python_relu(x: float) -> float:
    """Return the ReLU of one number, in plain Python."""
    return max(0.0, x)


def python_sigmoid(x: float) -> float:
    """Return the sigmoid of one number, in plain Python."""
    return 1 / (1 + math.exp(-x))


PLAIN = {"ReLU": python_relu, "sigmoid": python_sigmoid}


@dataclass(frozen=True)
class Costs:
    """Times in nanoseconds, one for each round.

    Attributes
    ----------
    machine : str
        Processor, Python and NumPy.
    numbers : dict of array, (rounds,)
        Of one number, by (function, dtype); functions that choose also on sorted numbers ("ELU by mask, sorted").
    layers : dict of array, (rounds,)
        Of one number that a layer puts out, by (function, dtype, width): forwards and backwards, products and all.
    plain : dict of array, (rounds,)
        Of one number in plain Python, by function.
    """

    machine: str
    numbers: dict[tuple[str, str], Array]
    layers: dict[tuple[str, str, int], Array]
    plain: dict[str, Array]

    def relative(self, function: str, dtype: str, width: int | None = None) -> Array:
        """Return how many times as long as ReLU it takes, (rounds,); of one number, or in a layer of some width."""
        if width is None:
            return self.numbers[function, dtype] / self.numbers["ReLU", dtype]
        return self.layers[function, dtype, width] / self.layers["ReLU", dtype, width]


def draw(dtype: str, *shape: int) -> Array:
    """Return normal numbers, the same at every call."""
    return np.random.default_rng(0).normal(size=shape).astype(dtype)


def layer_step(formula: Formula, dtype: str, width: int) -> Callable[[], tuple[Array, Array]]:
    """Return what a layer of as many units as inputs does in a step of training, forwards and backwards.

    It gives the gradients of its weights and of its inputs.
    """
    x, weights, upstream = draw(dtype, SAMPLES, width), draw(dtype, width, width), draw(dtype, SAMPLES, width)
    weights /= math.sqrt(width)

    def step() -> tuple[Array, Array]:
        z = x @ weights
        a = formula.value(z)
        delta = upstream * formula.slope(z, a)
        return x.T @ delta, delta @ weights.T

    return step


def seconds(run: Callable[[], object], least: float = LEAST) -> float:
    """Return how much time of the processor a call takes, all its cores added, the mean over many calls.

    There are as many calls as fill ``least`` seconds.
    """
    count = 1
    while True:
        start = time.process_time()
        for _ in range(count):
            run()
        took = time.process_time() - start
        if took >= least:
            return took / count
        count = math.ceil(count * min(10, 1.2 * least / took)) if took else 10 * count


def measure(rounds: int = ROUNDS, widths: tuple[int, ...] = WIDTHS, least: float = LEAST) -> Costs:
    """Measure on this machine: a minute and a half with the settings of the lesson.

    Parameters
    ----------
    rounds : int
        How often all of them take their turn.
    widths : tuple of int
        Of the layers.
    least : float
        Seconds that each measurement takes at least.
    """
    rounds = checks.whole(rounds, "rounds")
    numbers = {
        (name, dtype): (partial(formula.value, draw(dtype, NUMBERS)), NUMBERS)
        for dtype in DTYPES
        for name, formula in FORMULAS.items()
    }
    numbers |= {
        (name + SORTED, dtype): (partial(FORMULAS[name].value, np.sort(draw(dtype, NUMBERS))), NUMBERS)
        for dtype in DTYPES
        for name in ELUS
    }
    layers = {
        (name, dtype, width): (layer_step(FORMULAS[name], dtype, width), SAMPLES * width)
        for width in widths
        for dtype in DTYPES
        for name in BY_LAYER
    }
    values = draw("float64", 100).tolist()
    plain = {name: (partial(_one_by_one, f, values), len(values)) for name, f in PLAIN.items()}
    parts = numbers, layers, plain
    times = [_in_turns(part, rounds, least) for part in parts]
    return Costs(machine(), *times)


def _one_by_one(function: Callable[[float], float], values: list[float]) -> list[float]:
    return [function(x) for x in values]


def _in_turns(tasks: Mapping, rounds: int, least: float) -> dict:
    """Return the nanoseconds that each task takes for one number, (rounds,)."""
    with np.errstate(over="ignore"):
        for run, _ in tasks.values():
            run()
        times = [[1e9 * seconds(run, least) / count for run, count in tasks.values()] for _ in range(rounds)]
    return dict(zip(tasks, np.array(times).T, strict=True))


def machine() -> str:
    """Return processor, system, Python and NumPy."""
    return f"{_processor()}, {platform.system()}, Python {platform.python_version()}, NumPy {np.__version__}"


def _processor() -> str:
    listed = Path("/proc/cpuinfo")
    lines = listed.read_text(encoding="utf-8").splitlines() if listed.exists() else []
    names = [line.partition(": ")[2] for line in lines if line.startswith("model name")]
    return names[0].replace("(R)", "").replace(" Processor", "") if names else platform.machine()


def pack(costs: Costs) -> str:
    """Return a measurement as JSON, a line for each task."""
    tables = {
        name: {" ".join(map(str, key)) if isinstance(key, tuple) else key: values for key, values in table.items()}
        for name, table in (("numbers", costs.numbers), ("layers", costs.layers), ("plain", costs.plain))
    }
    lines = [
        f'"{name}": {{\n'
        + ",\n".join(f"  {json.dumps(key)}: [{', '.join(f'{v:.3g}' for v in values)}]" for key, values in table.items())
        + "\n}"
        for name, table in tables.items()
    ]
    return f'{{"machine": {json.dumps(costs.machine)},\n' + ",\n".join(lines) + "\n}\n"


def unpack(text: str) -> Costs:
    """Return what `pack` packed.

    >>> costs = Costs("a machine", {("leaky ReLU", "float32"): np.array([1.5])}, {}, {})
    >>> unpack(pack(costs)).numbers
    {('leaky ReLU', 'float32'): array([1.5])}
    """
    stored = json.loads(text)
    numbers = {tuple(key.rsplit(" ", 1)): np.array(values) for key, values in stored["numbers"].items()}
    layers = {}
    for key, values in stored["layers"].items():
        name, dtype, width = key.rsplit(" ", 2)
        layers[name, dtype, int(width)] = np.array(values)
    return Costs(stored["machine"], numbers, layers, {name: np.array(v) for name, v in stored["plain"].items()})


def stored() -> Costs:
    """Return what was measured for the lesson."""
    folder = resources.files("nonlinear") / "lessons" / "is_exp_expensive"
    return unpack((folder / MEASURED).read_text(encoding="utf-8"))


def narrowest(costs: Costs, function: str, dtype: str, most: float) -> int | None:
    """Return the narrowest of the layers in which, and in all wider ones, a function costs so much at most.

    Parameters
    ----------
    costs : Costs
    function, dtype : str
    most : float
        Time of the layer relative to that with ReLU, the median over rounds.

    Returns
    -------
    int or None
        None if there is no such width.
    """
    widths = sorted({width for _, _, width in costs.layers})
    within = [float(np.median(costs.relative(function, dtype, width))) <= most for width in widths]
    return next((width for k, width in enumerate(widths) if all(within[k:])), None)


def main() -> None:
    """Measure, and keep it beside this module."""
    if os.environ.get("OPENBLAS_NUM_THREADS") != "1":
        raise SystemExit("set OPENBLAS_NUM_THREADS=1: what is compared are computations of one core.")
    Path(__file__).with_name(MEASURED).write_text(pack(measure()), encoding="utf-8")


if __name__ == "__main__":
    main()
