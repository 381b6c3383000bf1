"""Speed beside PyTorch and JAX, all in one interleaved run: `python benchmarks/speed.py` measures and writes the page.

It needs torch and jax beside this library; what is not installed is left out. What is measured goes into a file of the
processor's name in `benchmarks/measured`, and `book/speed.md` shows what is in all of them. With ``--rounds 1
--measured DIRECTORY`` it shows in a minute whether it runs; ``--page`` writes the page and measures nothing.
"""

import argparse
import ast
import datetime
import importlib.metadata
import importlib.util
import json
import os
import platform
import re
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks import tasks  # noqa: E402
from nonlinear.activations.base import PIECE  # noqa: E402

LIBRARIES = {"with_nonlinear": "nonlinear", "with_torch": "torch", "with_jax": "jax"}
OURS, SHORT = "Nonlinear", "Nonlinear, slope of tanh as 1 − a²"
MEASURED, PAGE = ROOT / "benchmarks" / "measured", ROOT / "book" / "speed.md"
ONE_THREAD = {name: "1" for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")}


class Worker:
    """A library in a process of its own, on so many cores."""

    def __init__(self, module: str, cores: int):
        path = os.pathsep.join([str(ROOT), str(ROOT / "src")])
        environment = os.environ | {"PYTHONPATH": path} | (ONE_THREAD if cores == 1 or "nonlinear" in module else {})
        command = [sys.executable, "-m", "benchmarks.worker", module, str(cores)]
        self.cores = cores
        self._process = subprocess.Popen(
            command, cwd=ROOT, env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self.tasks = ast.literal_eval(self._process.stdout.readline())

    def seconds(self, which: int) -> float:
        """Run a task, and return the seconds that each step, network or number took."""
        print(which, file=self._process.stdin, flush=True)
        return float(self._process.stdout.readline())

    def stop(self) -> None:
        self._process.stdin.close()
        self._process.wait()


def measure(workers: list[Worker], rounds: int) -> dict[tuple[str, str, int], list[float]]:
    """Return the seconds of every round by (task, contender, cores); the contenders for a task follow one another."""
    entries = [(task, name, worker, k) for worker in workers for k, (task, name, _) in enumerate(worker.tasks)]
    order = {task: k for k, task in reversed(list(enumerate(entry[0] for entry in entries)))}
    entries.sort(key=lambda entry: order[entry[0]])
    times = {(task, name, worker.cores): [] for task, name, worker, _ in entries}
    for number in range(rounds + 1):  # the first prepares and compiles, and does not count
        for task, name, worker, k in entries:
            seconds = worker.seconds(k)
            if number:
                times[task, name, worker.cores].append(seconds)
        print(f"round {number} of {rounds}", file=sys.stderr)
    return times


def ratios(theirs: list[float], ours: list[float]) -> list[float]:
    """Return how many times as long they took, in each round."""
    return [a / b for a, b in zip(theirs, ours, strict=True)]


def ratio(theirs: list[float], ours: list[float]) -> float:
    """Return how many times as long they took, the median over rounds."""
    return statistics.median(ratios(theirs, ours))


def per_second(times: list[float]) -> str:
    """Return a number a second with three digits."""
    value = 1 / statistics.median(times)
    digits = 3 - len(str(int(value)))
    return f"{round(value, digits):,.0f}"


def table(rows: list[list[str]]) -> str:
    """Return a Markdown table with a header, its numbers to the right."""
    header, *rows = rows
    rule = ["---", *["---:"] * (len(header) - 1)]
    return "\n".join("| " + " | ".join(row) + " |" for row in [header, rule, *rows])


def contest(times: dict, task: str) -> tuple[list[list[str]], dict[int, list[float]]]:
    """Return the rows of a task, and by cores how many times as fast as the best of the others we are, by rounds."""
    rows, lead = [], {}
    for cores in sorted({key[2] for key in times if key[0] == task}):
        here = {name: each for (what, name, n), each in times.items() if what == task and n == cores}
        first = next((name for name in here if name.startswith(OURS)), None)
        ours = here[first]
        others = [ratios(each, ours) for name, each in here.items() if not name.startswith(OURS)]
        if others:
            lead[cores] = min(others, key=statistics.median)
        for name, each in here.items():
            rows.append([name, per_second(each), "1" if name == first else f"{ratio(each, ours):.2f}"])
    return [["contender", "steps a second", "time relative to ours"], *rows], lead


def layers(times: dict) -> list[list[str]]:
    """Return the cost of layers relative to the same library's ReLU layer."""
    libraries = [name for (task, name, _) in times if task == tasks.layer("relu")]
    base = {name: times[tasks.layer("relu"), name, 1] for name in libraries}
    rows = [["relu, milliseconds", *(f"{1e3 * statistics.median(base[name]):.2f}" for name in libraries)]]
    for function in tasks.FUNCTIONS[1:]:
        found = [ratio(times[tasks.layer(function), name, 1], base[name]) for name in libraries]
        rows.append([f"{function}, relative to relu", *(f"{value:.2f}" for value in found)])
    return [["layer", *libraries], *rows]


def elements(times: dict) -> list[list[str]]:
    """Return nanoseconds a number for value and derivative together, and those of a copy."""
    libraries = [name for (task, name, _) in times if task == tasks.layer("relu")]
    rows = []
    for function in tasks.FUNCTIONS:
        for name in libraries:
            each = [times[tasks.element(function, size), name, 1] for size in tasks.SIZES]
            rows.append([f"{function}, {name}", *(f"{1e9 * statistics.median(t):.2f}" for t in each)])
    limit = [times[tasks.element("copy", size), "copy", 1] for size in tasks.SIZES]
    rows.append(["a copy, the least that can be", *(f"{1e9 * statistics.median(t):.2f}" for t in limit)])
    return [["numbers", *(f"{size:,}" for size in tasks.SIZES)], *rows]


def processor() -> str:
    """Return what the processor calls itself."""
    if Path("/proc/cpuinfo").exists():
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        names = [line.partition(": ")[2] for line in lines if line.startswith("model name")]
        return re.sub(r"\((?:R|TM)\)| Processor| CPU", "", names[0]) if names else platform.machine()
    return platform.processor() or platform.machine()


def environment() -> str:
    """Return what was measured, and where, apart from the processor."""
    versions = []
    for name in ("numpy", "torch", "jax"):
        if importlib.util.find_spec(name):
            versions.append(f"{name} {importlib.metadata.version(name)}")
    return f"Python {platform.python_version()}, {', '.join(versions)}, on {platform.system()}, {os.cpu_count()} cores"


def load() -> float:
    """Return how busy the machine is: 1 is one program that computes all the time."""
    return round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else float("nan")


def in_short(values: list[float]) -> list[float]:
    """Return the median over rounds, the least and the most."""
    return [round(each(values), 2) for each in (statistics.median, min, max)]


def summary(times: dict, before: float, rounds: int) -> dict:
    """Return what is kept of a measurement: see the files in `benchmarks/measured`."""
    single, _ = contest(times, tasks.SINGLE)
    sweeps, lead = contest(times, tasks.SWEEP)
    eager = [key for key in times if key[0] == tasks.SINGLE and key[1].startswith("PyTorch eager")]
    against = [ratios(times[key], times[tasks.SINGLE, OURS, key[2]]) for key in eager]
    leads = {"eager": min(against, key=statistics.median)} if against else {}
    leads |= {f"{cores} {'core' if cores == 1 else 'cores'}": each for cores, each in lead.items()}
    return {
        "processor": processor(),
        "date": datetime.date.today().isoformat(),
        "environment": environment(),
        "rounds": rounds,
        "load": [before, load()],
        "blocks": tasks.OUR_BLOCK,
        "lead": {name: in_short(each) for name, each in leads.items()},
        "single": single,
        "sweep": sweeps,
        "layers": layers(times),
        "elements": elements(times),
    }


def stored(measured: dict) -> str:
    """Return a measurement as JSON with a line for each row."""
    text = json.dumps(measured, indent=1, ensure_ascii=False)
    row = r"\[\s*([^\[\]{}]*?)\s*\]"
    return re.sub(row, lambda found: "[" + re.sub(r"\s*\n\s*", " ", found[1]) + "]", text) + "\n"


def measurements(directory: Path = MEASURED) -> list[dict]:
    """Return what was measured on each processor, in the order of their names."""
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted(directory.glob("*.json"))]


def goals(measured: dict) -> str:
    """Return what became of the targets on one processor."""
    lead, rounds = measured["lead"], measured["rounds"]
    lines = []
    if "eager" in lead:
        found = verdict(lead["eager"], 5, rounds)
        lines.append(f"- One small network at least 5 times as fast as PyTorch eager: {found}.")
    for cores in ("1 core", "2 cores"):
        if cores in lead:
            lines.append(
                f"- A sweep of 1,000 networks, on {cores}, at least as fast as the fastest form of PyTorch and JAX: "
                f"{verdict(lead[cores], 1, rounds)}."
            )
    return "\n".join(lines)


def verdict(lead: list[float], goal: float, rounds: int) -> str:
    """Return in words whether a goal is met: in every round, or not at all, or in some rounds only."""
    median, least, most = lead
    found = f"{median:.2f} times ({least:.2f} to {most:.2f} in {rounds} rounds)"
    if least >= goal:
        return f"{found}, so it is met"
    return (
        f"{found}, so it is **not met**" if most < goal else f"{found}, **no difference** from {goal} beyond the noise"
    )


def digits(measured: list[dict]) -> str:
    """Return what the digits of a slope cost, where the sweep was measured without them too."""
    found = [
        f"on {one['processor']}, this sweep would take {float(row[2]):.2f} of the time"
        for one in measured
        for row in one["sweep"]
        if row[0] == SHORT
    ]
    return f" With the slope of the frameworks, {' and '.join(found)}." if found else ""


def where(measured: dict) -> str:
    """Return when and where it was measured, in two sentences."""
    before, after = measured["load"]
    return (
        f"{measured['environment']}; {measured['date']}, {measured['rounds']} rounds. The load of the machine was "
        f"{before:.1f} before and {after:.1f} after (1 is the benchmark itself). In the sweep, our blocks hold "
        f"{measured['blocks']} networks."
    )


def page(measured: list[dict]) -> str:
    """Return the page of the book, with a part for each processor under each heading."""

    def by_processor(each) -> str:
        return "\n\n".join(f"### {one['processor']}\n\n{each(one)}" for one in measured)

    def tables(name: str) -> str:
        return by_processor(lambda one: table(one[name]))

    return TEXT.format(
        PIECE=PIECE,
        tasks=tasks,
        goals=by_processor(lambda one: f"{where(one)}\n\n{goals(one)}"),
        single=tables("single"),
        sweep=tables("sweep"),
        layers=tables("layers"),
        elements=tables("elements"),
        digits=digits(measured),
    )


TEXT = """\
# How fast it is

A lesson here may take twenty seconds and shows ten seeds of everything, so the library has to be quick at one thing:
training many small networks while somebody looks at them. This page measures that beside PyTorch and JAX, on each kind
of processor that was at hand. A command writes it, and nothing in it is edited by hand:

```text
pip install torch jax
python benchmarks/speed.py
```

Every library runs in a process of its own. The contenders for a task take turns, round by round; numbers are medians
over the rounds, and ratios are medians of the ratios within a round, so that what else the machine does falls on all
of them. A first round, in which they prepare and compile, does not count. What runs on one core is pinned to it and
timed by the processor's clock; what runs on two is timed by the clock on the wall. Everything is in float32.

## The targets

{goals}

## One small network

Two inputs, two hidden layers of 16 tanh units, one output; 128 samples; plain gradient descent on the mean squared
error. Ours is `train` as the lessons use it, with `record` keeping the loss of every step, and with every array of
every step open to inspection. The others keep the losses too. JAX's `scan` compiles the whole run into one program,
which nobody can look into while it runs. From the second row with our name on, two cores were at hand, of which ours
uses one.

{single}

## A thousand of them

The same network from {tasks.NETWORKS:,} starting points, {tasks.SWEEP_STEPS} steps each, counted in steps of single
networks. Ours is `sweep`, with the losses of every step recorded; it draws the starting points too, which the others
are given. Another row shows the blocks that `sweep` makes by default, which suit wider networks better. PyTorch
multiplies all of them in batches (`baddbmm`), at once or in blocks of {tasks.TORCH_BLOCK}. JAX maps the compiled run
over them (`vmap`), at once or in blocks of {tasks.JAX_BLOCK} (`lax.map` with a `batch_size`). Each size of a block is
the fastest of several. On two cores, ours is `sweep` with an executor of two processes, which gives the same numbers;
the frameworks use their threads, or two processes with a core and half of the networks each.

{sweep}

Both frameworks take the slope of tanh from its output, as 1 − a² or (1 − a)(1 + a), which is exactly 0 for a large
preactivation. Ours keeps its digits ({{doc}}`accuracy`), and costs an exponential and two divisions more.{digits}

## What a layer costs

256 inputs, 256 units, 256 samples: `f(x @ weights + bias)`, and the gradients of weights and bias. "The sigmoid is an
expensive function" is true of a single number, as the last table shows, and far less of a layer, which spends most of
its time on the matrix products. Our softplus and GELU are the exceptions: for their digits they are computed in
float64.

{layers}

## What a number costs

Value and derivative together, in nanoseconds for each of 1,000 to 10,000,000 numbers. Our functions are written to be
read, without buffers kept from one call to the next, and to be right to a few units in the last place where the others
lose digits. An array of more than {PIECE:,} numbers they take piece by piece, so that the steps on the way stay in the
processor's cache. A copy of the array is the least that can be.

{elements}
"""


def main() -> None:
    """Measure, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--measured", type=Path, default=MEASURED, help="where the measurement is kept")
    parser.add_argument("--page", action="store_true", help="write the page and measure nothing")
    options = parser.parse_args()
    if not options.page:
        keep(options.rounds, options.measured)
    if options.measured == MEASURED:
        PAGE.write_text(page(measurements()), encoding="utf-8")


def keep(rounds: int, directory: Path) -> None:
    """Measure, and keep it in a file of the processor's name."""
    directory.mkdir(parents=True, exist_ok=True)
    before = load()
    modules = [module for module, name in LIBRARIES.items() if importlib.util.find_spec(name)]
    workers = [Worker(module, cores) for cores in sorted({1, min(2, os.cpu_count() or 1)}) for module in modules]
    times = measure(workers, rounds)
    for worker in workers:
        worker.stop()
    measured = summary(times, before, rounds)
    name = re.sub(r"\W+", "-", measured["processor"].lower()).strip("-")
    (directory / f"{name}.json").write_text(stored(measured), encoding="utf-8")
    print(goals(measured))


if __name__ == "__main__":
    main()
