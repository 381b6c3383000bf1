"""The stored grids of all lessons: declared, described, whole, and computed again at a sample of their settings."""

import importlib
import pkgutil
import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nonlinear import lessons
from nonlinear.course import MEMBERS, SEED, grids
from nonlinear.course.grids import Grid

EXPERIMENTS = {
    module.name.replace("_", "-"): importlib.import_module(f"nonlinear.lessons.{module.name}.experiment")
    for module in pkgutil.iter_modules(lessons.__path__)
    if module.ispkg
}
DECLARED = {
    (lesson, name): grid
    for lesson, experiment in EXPERIMENTS.items()
    for name, grid in getattr(experiment, "GRIDS", {}).items()
}
every_grid = pytest.mark.parametrize(("lesson", "name"), DECLARED, ids=str)

# A setting of each grid, and by array how near it comes again on any machine: exactly, if nothing is said.
IMAGES, FLOAT32 = {"atol": 2}, {"rtol": 1e-5, "atol": 1e-5}
SAMPLES = [
    ("choosing", "rates", ("ReLU", 0.25), {"right": {"atol": 3}}),
    ("dead-forever", "units", ("SGD", 0.1), {"died": IMAGES}),
    ("how-a-relu-dies", "map", ("ReLU", 1.0, 0.6), {}),
    ("how-a-relu-dies", "map", ("ELU", 0.25, 0.1), {}),
    ("how-a-relu-dies", "adam", (0.001,), {}),
    ("how-a-relu-dies", "nudged", (0.45,), {}),
    ("how-a-relu-dies", "width", (16, 0.8, True), {}),
    ("how-a-relu-dies", "again", (0.05,), {}),
    ("how-a-relu-dies", "splits", (1,), {"right": IMAGES}),
    ("initialisation", "accuracy", ("tanh", "Flax", 2, 0.01, True), {"right": IMAGES}),
    ("initialisation", "sigmoid", ("Flax", 2, 0.1, True), {"right": IMAGES}),
    ("initialisation", "patient", ("Flax", True), {"right": IMAGES}),
    ("initialisation", "adam", (2, True), {"right": IMAGES}),
    ("initialisation", "curves", ("SELU", 1.0), {"signal": {"atol": 2e-3}, "gradient": {"atol": 2e-3}}),
    ("remedies", "race", ("bias +0.1", 0.1), {"dead": {"atol": 2}, "right": {"atol": 3}}),
    ("remedies", "race", ("ELU", 0.1), {"dead": {"atol": 2}, "right": {"atol": 3}}),
    ("remedies", "sunk", ("Leaky ReLU 0.01", -6.0), {"right": {"atol": 3}, "never": {"atol": 2}}),
    ("remedies", "recovery", ("Leaky ReLU 0.01",), {}),
    ("output-layers", "regression", ("tanh", "-1.5 to 1.5"), {"tuned": {"rtol": 0.02}, "error": {"rtol": 0.02}}),
    ("output-layers", "enlarged", ("softmax, cross-entropy",), {"right": {"atol": 3}}),
    ("output-layers", "cooled", (400,), {"temperature": {"rtol": 0.1}, "bins": {"atol": 8}}),
    ("saturated-neurons", "again", ("tanh", 1, 0.125), {"right": IMAGES}),
    ("saturated-neurons", "middle", (2.0,), {"right": IMAGES}),
    ("saturated-neurons", "means", ("sigmoid", 3, 128.0), {"mean": {"atol": 2e-3}}),
    ("saturated-neurons", "splits", (1, False), {"none": IMAGES, "saturated": IMAGES}),
    ("saturated-neurons", "moved", (1,), dict.fromkeys(("first", "hidden", "output"), FLOAT32)),
    ("saturated-neurons", "loud", ("tanh", 1.0, True), {"moved": FLOAT32, "saturated": FLOAT32}),
    (
        "self-normalisation",
        "passage",
        ("SELU", "mean 5, spread 10", 1.0, 8),
        dict.fromkeys(("mean", "spread"), {"atol": 1}) | {"apart": {"atol": 2}},
    ),
    ("vanishing-gradients", "flow", ("sigmoid", "plain", 0.0), dict.fromkeys(("factor", "saturated"), FLOAT32)),
    ("vanishing-gradients", "steps", (1, True), {}),
    ("vanishing-gradients", "turn", (30,), {"factor": {"rtol": 1e-3}}),
    (
        "what-non-linearity-buys",
        "regions",
        ("XOR", "ReLU", 1, 2),
        {"right": IMAGES, "largest": {"rtol": 0.1}, "odds": IMAGES},
    ),
    ("what-non-linearity-buys", "units", ("XOR", "ReLU", 2), {"units": {"rtol": 1e-3}}),
    ("what-non-linearity-buys", "fitted", ("ReLU", 16), {"error": {"rtol": 1e-6}}),
    ("what-non-linearity-buys", "trained", ("ReLU", 2), {"error": {"rtol": 1e-5}}),
    ("what-non-linearity-buys", "again", (8,), dict.fromkeys(("fitted", "trained"), {"rtol": 1e-3})),
    ("what-non-linearity-buys", "narrow", ("ReLU", 1), {"right": {"atol": 20}}),
    ("what-non-linearity-buys", "splits", (1,), {"right": IMAGES}),
    ("what-non-linearity-buys", "xor", ("Tanh()",), {"solved": {"atol": 2}}),
    ("where-gradients-come-from", "deeper", ("with the bug", 10), {"loss": {"rtol": 1e-6}}),
    ("zero-centring", "rates", ("one-hot + 0.02", "SGD", 1), {}),
    (
        "zero-centring",
        "paths",
        (0.5, 10),
        {"points": FLOAT32, **dict.fromkeys(("seeds", "hessian", "minimum"), {"rtol": 1e-9})},
    ),
]
# Cells that take too long, or in which the last bit decides: a shorter training, or sums, are compared with them in the
# tests of their lessons.
SHORTENED = {
    ("choosing", "shallow"),
    ("choosing", "plain"),
    ("choosing", "residual"),
    ("choosing", "regression"),
    ("choosing", "crossed"),
    ("dead-forever", "ways"),
    ("dead-forever", "carried"),
    ("dead-forever", "stepwise"),
    ("dead-forever", "rates"),
    ("dead-forever", "deeper"),
    ("dead-forever", "splits"),
    ("dead-forever", "longer"),
    ("dead-forever", "new"),
    ("dead-forever", "tiles"),
    ("dead-forever", "worth"),
    ("relu", "race"),
    ("relu", "default"),
    ("self-normalisation", "deep"),
    ("self-normalisation", "kept"),
    ("self-normalisation", "pieces"),
    ("remedies", "wrecked"),
    ("remedies", "splits"),
    ("remedies", "slopes"),
    ("output-layers", "heads"),
    ("output-layers", "calibration"),
    ("lab", "patients"),
    ("lab", "readings"),
    ("lab", "repairs"),
    ("saturated-neurons", "training"),
    ("saturated-neurons", "ways"),
    ("vanishing-gradients", "training"),
    ("vanishing-gradients", "again"),
    ("gates", "latch"),
    ("gates", "recent"),
    ("gates", "slow"),
    ("gates", "designs"),
    ("gates", "reading"),
    ("gates", "surfaces"),
    ("gates", "deep"),
    ("initialisation", "longer"),
    ("vanishing-gradients", "placed"),
    ("what-non-linearity-buys", "patient"),
    ("zero-centring", "four"),
    ("zero-centring", "boosted"),
}


@every_grid
def test_what_is_stored_is_what_is_declared(lesson, name):
    declared, (stored, about) = DECLARED[lesson, name], grids.read(grids.folder(lesson), name, "")
    assert {key: about[key] for key in ("axes", "settings")} == declared.description()
    assert about["command"] == f"python -m nonlinear.lessons {lesson} --grid {name}"
    assert about["arrays"] == {key: list(array.shape) for key, array in stored.items()}
    assert tuple(stored) == declared.arrays
    axes = grids.load(lesson, name).axes
    assert axes == {axis: tuple(values) for axis, values in declared.axes.items()}
    assert all(array.shape[: len(axes)] == tuple(map(len, axes.values())) for array in stored.values())
    assert (about["settings"]["seed"], about["settings"]["members"]) == (SEED, MEMBERS)


@pytest.mark.parametrize(
    ("lesson", "experiment"), EXPERIMENTS.items(), ids=lambda value: getattr(value, "__name__", value)
)
def test_nothing_else_is_stored(lesson, experiment):
    found = [path for path in Path(experiment.__file__).parent.rglob("*") if path.suffix in {".npz", ".json"}]
    wanted = {f"grids/{name}.{end}" for name in getattr(experiment, "GRIDS", {}) for end in ("npz", "json")}
    wanted |= {experiment.MEASURED} if hasattr(experiment, "MEASURED") else set()  # times, which come again nowhere
    assert {path.relative_to(Path(experiment.__file__).parent).as_posix() for path in found} == wanted
    assert sum(path.stat().st_size for path in found) < 120_000


@pytest.mark.parametrize(("lesson", "name", "setting", "tolerances"), SAMPLES, ids=str)
def test_a_sample_is_computed_again(lesson, name, setting, tolerances):
    grid = DECLARED[lesson, name]
    stored = grids.load(lesson, name).at(**dict(zip(grid.axes, setting, strict=True)))
    for key, again in zip(grid.arrays, grid.cell(*setting), strict=True):
        assert np.asarray(again).dtype == stored[key].dtype
        close = {"rtol": 0, "atol": 0} | tolerances.get(key, {})
        np.testing.assert_allclose(np.asarray(again, float), stored[key].astype(float), **close, err_msg=key)


def test_every_grid_has_a_sample():
    assert {(lesson, name) for lesson, name, *_ in SAMPLES} == set(DECLARED) - SHORTENED


# What the tools do


def test_a_grid_puts_every_cell_in_its_place():
    grid = Grid(lambda a, b: (np.full(3, 10 * a + b), b is None), {"a": {1: "one", 2: "two"}, "b": (3, 4)}, ("x", "y"))
    results = grid.compute()
    assert results["x"].shape == (2, 2, 3) and results["x"][1, 0].tolist() == [23, 23, 23]
    assert results.axes == {"a": (1, 2), "b": (3, 4)}
    assert results.at(a=2, b=4)["x"].tolist() == [24, 24, 24] and results.at(b=4).axes == {"a": (1, 2)}
    one = Grid(lambda a: (a,), {"a": (1, 2)}, ("x",)).compute(lambda cell, *points: map(cell, *points))
    assert one["x"].tolist() == [1, 2]


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"activation": "relu"}, "activation must be one of ReLU, .*; got 'relu'"),
        ({"offset": 0.3}, "offset must be one of 0.0, .*; got 0.3"),
        ({"speed": 1}, "the axes are activation, offset, rate; there is no speed"),
    ],
)
def test_unknown_settings_are_named(setting, message):
    with pytest.raises(ValueError, match=message):
        grids.load("how-a-relu-dies", "map").at(**setting)


@pytest.mark.parametrize("damage", [lambda b: b[:-7], lambda b: b.replace(b"\x00", b"\x01", 1), lambda b: b""])
def test_damaged_results_are_refused(tmp_path, damage):
    for end in ("npz", "json"):
        shutil.copy(grids.folder("how-a-relu-dies") / f"map.{end}", tmp_path)
    path = tmp_path / "map.npz"
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(ValueError, match="map.npz is not the file that map.json describes; restore .* `a command`"):
        grids.read(tmp_path, "map", "a command")


def test_a_grid_is_read_once_and_nobody_writes_into_it():
    stored = grids.load("how-a-relu-dies", "map")
    assert grids.load("how-a-relu-dies", "map") is stored
    with pytest.raises(ValueError, match="read-only"):
        stored.at(activation="ReLU")["right"][0] = 0


def test_missing_results_say_how_to_make_them():
    with pytest.raises(
        FileNotFoundError, match="compute them with `python -m nonlinear.lessons initialisation --grid x`"
    ):
        grids.load("initialisation", "x")


def main(*arguments):
    module = importlib.import_module("nonlinear.lessons.__main__")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["python -m nonlinear.lessons", *map(str, arguments)])
        module.main()


def test_the_command_writes_the_files_that_are_stored(tmp_path, monkeypatch):
    declared = EXPERIMENTS["what-non-linearity-buys"].GRIDS
    fewer = replace(declared["fitted"], axes=declared["fitted"].axes | {"width": (2, 4)})
    monkeypatch.setitem(declared, "fitted", fewer)
    main("what-non-linearity-buys", "--grid", "fitted", "--folder", tmp_path, "--workers", 1)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["fitted.json", "fitted.npz"]
    arrays, about = grids.read(tmp_path, "fitted", "")
    assert about.items() >= fewer.description().items()
    assert about["command"] == "python -m nonlinear.lessons what-non-linearity-buys --grid fitted"
    kept = grids.load("what-non-linearity-buys", "fitted")["error"][:, :2]
    np.testing.assert_allclose(arrays["error"], kept, rtol=1e-6)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["how-a-relu-dies", "--grid", "maps"],
            "how-a-relu-dies has the grids map, adam, nudged, width, again, splits; got maps",
        ),
        (["the-catalogue"], r"the-catalogue has the grids \(none\)"),
        (["dying"], "invalid choice: 'dying'"),
    ],
)
def test_the_command_says_what_there_is(arguments, message, capsys):
    with pytest.raises(SystemExit):
        main(*arguments)
    assert re.search(message, capsys.readouterr().err)
