"""A sweep gives each member what it would give it alone, and comes back from its file as it was."""

import io
import json
import multiprocessing
import pickle
import zipfile
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pytest

from nonlinear import storage
from nonlinear.activations import LeakyReLU, ReLU, Softmax, Tanh
from nonlinear.initialisers import VarianceScaling
from nonlinear.losses import MeanSquaredError
from nonlinear.network import MLP, Dense, spawn
from nonlinear.optimisers import SGD
from nonlinear.recording import loss, record
from nonlinear.sweeps import Sweep, sweep
from nonlinear.training import minibatches, train

X = np.linspace(-1, 1, 12)[:, None]
SETTINGS = {
    "width": [3, 5],
    "rate": [0.01, 0.3, 1e60],
    "activation": [ReLU(), Tanh()],
    "gain": [0.5, 2.0],
}


def fit(cells):
    hidden = Dense(cells["width"], cells["activation"], VarianceScaling(cells["gain"]))
    network = MLP(1, [hidden, Dense(1)])
    start = network.initialise(cells.generators)
    batches = minibatches(X, X**2, 4, 3, cells.generators)
    return record(train(network, start, batches, MeanSquaredError(), SGD(cells["rate"])), {"loss": loss}, every=4)


def echo(cells):
    first = np.array([g.random() for g in cells.generators])
    return {"first": first, "rate": np.broadcast_to(cells["rate"], len(cells)), "seed": cells.seeds}


@pytest.fixture(scope="module")
def whole():
    return sweep(fit, SETTINGS, seeds=5)


def same(a, b):
    assert a.values.keys() == b.values.keys() and a.settings == b.settings and (a.seed, a.seeds) == (b.seed, b.seeds)
    for name, value in a.values.items():
        assert value.dtype == b[name].dtype
        np.testing.assert_array_equal(value, b[name], err_msg=name)


def test_axes_are_the_settings_the_seeds_and_what_was_recorded(whole):
    assert whole["loss"].shape == (2, 3, 2, 2, 5, 3) and whole["diverged_at"].shape == (2, 3, 2, 2, 5)
    assert whole.settings == {
        "width": (3, 5), "rate": (0.01, 0.3, 1e60), "activation": ("ReLU()", "Tanh()"), "gain": (0.5, 2.0)
    }  # fmt: skip
    assert repr(whole) == "Sweep(2 width x 3 rate x 2 activation x 2 gain x 5 seeds: loss, diverged_at)"


def test_each_member_is_what_training_it_alone_gives(whole):
    for place in [(0, 1, 0, 1, 0), (1, 1, 1, 0, 4), (1, 0, 0, 0, 2), (0, 2, 1, 1, 3)]:
        width, rate, f, gain = (v[k] for v, k in zip(SETTINGS.values(), place, strict=False))
        generators = [spawn(0, 5)[place[-1]]]
        network = MLP(1, [Dense(width, f, VarianceScaling(gain)), Dense(1)])
        start = network.initialise(generators)
        steps = train(network, start, minibatches(X, X**2, 4, 3, generators), MeanSquaredError(), SGD(rate))
        history = record(steps, {"loss": loss}, every=4)
        np.testing.assert_array_equal(whole["loss"][place], history["loss"][:, 0])
        assert whole["diverged_at"][place] == history.last.diverged_at[0]


def test_who_diverged_is_recorded_and_not_dropped(whole):
    diverged = whole.select(rate=1e60)["diverged_at"] >= 0
    assert diverged.any() and not (whole.select(rate=[0.01, 0.3])["diverged_at"] >= 0).any()


@pytest.mark.parametrize("block", [1, 3, 7, 1000])
def test_blocks_do_not_change_a_bit(whole, block):
    same(whole, sweep(fit, SETTINGS, seeds=5, block=block))


def test_neither_do_more_seeds_or_other_cells(whole):
    more = sweep(fit, SETTINGS, seeds=7)
    for name, value in whole.values.items():
        np.testing.assert_array_equal(more[name][:, :, :, :, :5], value)
    few = sweep(fit, SETTINGS | {"rate": [0.3], "activation": [Tanh()]}, seeds=5)
    same(few, whole.select(rate=[0.3], activation=[Tanh()]))


def test_nor_the_order_of_the_settings(whole):
    turned = sweep(fit, dict(reversed(SETTINGS.items())), seeds=5)
    np.testing.assert_array_equal(turned["loss"].transpose(3, 2, 1, 0, 4, 5), whole["loss"])


def test_an_executor_computes_the_same(whole):
    with ThreadPoolExecutor(2) as threads:
        same(whole, sweep(fit, SETTINGS, seeds=5, executor=threads))


def test_a_pool_of_processes_computes_the_same(whole):
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as processes:
        same(whole, sweep(fit, SETTINGS, seeds=5, executor=processes))
        with pytest.raises((AttributeError, pickle.PicklingError), match="lambda"):
            sweep(lambda cells: {}, {}, executor=processes)
        with pytest.raises(ZeroDivisionError) as caught:
            sweep(fail, {"rate": [0.5]}, seeds=2, executor=processes)
        assert caught.value.__notes__[0] == "This happened in a block of 2 members with {'rate': array([0.5, 0.5])}."


def fail(cells):
    raise ZeroDivisionError


def unpicklable(cells):
    raise TypeError("cannot pickle this")


def test_what_run_raises_is_not_blamed_on_the_executor():
    with ThreadPoolExecutor(1) as threads:
        for executor in (None, threads):
            with pytest.raises(TypeError, match="^cannot pickle this\n") as caught:
                sweep(unpicklable, {"rate": [0.5]}, seeds=2, executor=executor)
            assert caught.value.__notes__[0].startswith("This happened in a block of 2 members")


def test_seeds_are_paired_and_their_own():
    result = sweep(echo, {"rate": [0.1, 0.2, 0.4]}, seeds=4, seed=7)
    assert result["first"][0].tolist() == [g.random() for g in spawn(7, 4)]
    assert (result["first"] == result["first"][0]).all() and len(set(result["first"][0])) == 4
    assert (result["seed"] == range(4)).all()
    assert (result["rate"] == np.array([[0.1], [0.2], [0.4]])).all()


def kinds(cells):
    seen.append({name: value for name, value in cells.settings.items()} | {"members": len(cells)})
    return {"nothing": np.zeros(len(cells))}


seen = []


@pytest.mark.parametrize(
    "values, calls",
    [
        ([0.1, 0.2], [[0.1, 0.1, 0.1, 0.2, 0.2, 0.2]]),
        (np.array([0.1, 0.2]), [[0.1, 0.1, 0.1, 0.2, 0.2, 0.2]]),
        (np.array([0.5, 0.25], np.float16), [[0.5, 0.5, 0.5, 0.25, 0.25, 0.25]]),
        ([0, 0.5], [[0.0, 0.0, 0.0, 0.5, 0.5, 0.5]]),
        ({"low": 0.0, "high": 0.5}, [[0.0, 0.0, 0.0, 0.5, 0.5, 0.5]]),
        ([1, 2], [1, 2]),
        (np.array([1, 2], np.uint8), [1, 2]),
        ([2**64, 1], [2**64, 1]),
        ([True, False], [True, False]),
        ([None, "unit", 1.5], [None, "unit", 1.5]),
        ({"none": None, "a": (1, 2)}, [None, (1, 2)]),
    ],
)
def test_only_floats_share_a_block(values, calls):
    seen.clear()
    sweep(kinds, {"rate": values}, seeds=3)
    got = [s["rate"].tolist() if isinstance(s["rate"], np.ndarray) else s["rate"] for s in seen]
    assert got == calls and sum(s["members"] for s in seen) == 3 * len(values)
    assert all(isinstance(s["rate"], np.ndarray) or not isinstance(s["rate"], np.generic) for s in seen)


@dataclass(frozen=True)
class Scaled:
    """A setting whose repr is that of the numbers that it was given."""

    factor: float


NUMBERS = {"float": [0.1, 0.2], "float64": np.array([0.1, 0.2]), "array": [np.array([0.1, 0.2]), np.arange(2e4)]}


@pytest.mark.parametrize("numbers", NUMBERS.values(), ids=NUMBERS)
def test_objects_are_selected_by_value(numbers, tmp_path):
    result = sweep(
        lambda cells: {"factor": np.full(len(cells), np.sum(cells["f"].factor))}, {"f": map(Scaled, numbers)}
    )
    result.save(tmp_path / "sweep.npz")
    for found in (result, Sweep.load(tmp_path / "sweep.npz")):
        with np.printoptions(precision=2, threshold=5, legacy="1.13"):
            for number in numbers:
                same_number = number.copy() if isinstance(number, np.ndarray) else float(number)
                assert np.all(found.select(f=Scaled(same_number))["factor"] == np.sum(number))


def test_leaky_slopes_from_an_array():
    result = sweep(kinds, {"f": [LeakyReLU(s) for s in np.array([0.1, 0.2])]}, seeds=2)
    assert result.select(f=LeakyReLU(0.1)).settings == {} and "np." not in str(result.settings)


def test_counts_of_any_type():
    settings = {"rate": [0.1, 0.2, 0.3]}
    small, plain = (sweep(echo, settings, k(200), k(3), k(100)) for k in (np.uint8, int))
    same(small, plain)
    assert (type(small.seeds), type(small.seed)) == (int, int)


def test_a_block_holds_so_many_members_at_most():
    seen.clear()
    sweep(kinds, {"rate": [0.1, 0.2, 0.3], "width": [4, 8]}, seeds=10, block=16)
    assert [s["members"] for s in seen] == [16, 14, 16, 14] and [s["width"] for s in seen] == [4, 4, 8, 8]


def test_no_settings_leave_the_seeds():
    assert sweep(lambda cells: {"k": cells.seeds}, {}, seeds=3)["k"].tolist() == [0, 1, 2]


def test_progress_sees_the_blocks_pass():
    passed = []

    def watch(blocks):
        passed.append(len(blocks))
        for block in blocks:
            yield block
            passed.append(len(seen))

    seen.clear()
    sweep(kinds, {"rate": [0.1, 0.2]}, seeds=10, block=16, progress=watch)
    assert passed == [2, 1, 2]


def test_a_block_that_progress_keeps_is_missed():
    with pytest.raises(ValueError, match="longer"):
        sweep(echo, {"rate": [0.1]}, block=3, progress=lambda blocks: blocks[1:])


def test_select(whole):
    part = whole.select(activation=Tanh(), rate=0.3)
    assert part.settings == {"width": (3, 5), "gain": (0.5, 2.0)} and part.seeds == 5
    np.testing.assert_array_equal(part["loss"], whole["loss"][:, 1, 1])
    np.testing.assert_array_equal(whole.select(activation="Tanh()", rate=np.float64(0.1 + 0.2))["loss"], part["loss"])
    turned = whole.select(rate=[1e60, 0.01], width=5)
    assert turned.settings["rate"] == (1e60, 0.01) and "width" not in turned.settings
    np.testing.assert_array_equal(turned["loss"], whole["loss"][1][[2, 0]])
    same(whole.select(rate=np.array([1e60, 0.01]), width=np.uint8(5)), turned)
    same(whole.select(), whole)


def test_select_takes_what_is_the_same_before_what_is_close():
    close = [1.0, 1.0 + 1e-10, 1.0 - 1e-10]
    result = sweep(echo, {"rate": close}, seeds=1)
    assert result.select(rate=close)["rate"].ravel().tolist() == close
    assert result.select(rate=close[2])["rate"] == close[2]
    assert result.select(rate=1 + 9e-10)["rate"] == 1
    with pytest.raises(ValueError, match="rate must be one of"):
        result.select(rate=1 + 2e-9)


def test_select_by_the_names_that_were_given():
    result = sweep(
        kinds, {"data": {"raw": np.zeros(3), "centred": np.ones(3)}, "on": [True, False], "n": [1, 0]}, seeds=2
    )
    assert result.select(data="centred", on=True, n=0)["nothing"].shape == (2,)
    with pytest.raises(ValueError, match="on must be one of True, False; got 'yes'"):
        result.select(on="yes")


def test_there_and_back_again(whole, tmp_path):
    path = tmp_path / "rates.sweep"
    whole.save(path)
    same(Sweep.load(str(path)), whole)
    first = path.read_bytes()
    whole.save(path)  # over the old one
    assert path.read_bytes() == first and [p.name for p in tmp_path.iterdir()] == ["rates.sweep"]
    for value in Sweep.load(path).select(activation=ReLU()).values.values():
        assert value.shape[:3] == (2, 3, 2)


def test_a_folder_that_is_missing_or_in_the_way_is_named(whole, tmp_path):
    (tmp_path / "file").touch()
    for missing in ("missing", "file"):
        with pytest.raises(
            FileNotFoundError, match=rf"there is no folder .*{missing}; make it .* write a\.npz into it"
        ):
            whole.save(tmp_path / missing / "a.npz")
    with pytest.raises(OSError, match=str(tmp_path)):  # which one depends on the system
        whole.save(tmp_path)
    for nothing in (tmp_path / "nowhere.npz", tmp_path):
        with pytest.raises(OSError, match=str(nothing)):
            Sweep.load(nothing)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_an_interrupted_save_leaves_the_old_file(whole, tmp_path, monkeypatch):
    path = tmp_path / "rates.npz"
    whole.save(path)
    before = path.read_bytes()

    def crash(*_):
        raise OSError("disk full")

    monkeypatch.setattr("os.replace", crash)
    with pytest.raises(OSError, match="disk full"):
        whole.select(rate=0.3).save(path)
    assert path.read_bytes() == before and [p.name for p in tmp_path.iterdir()] == ["rates.npz"]


def packed(**arrays):
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def rewritten(content, change):
    """Return the file with its contents changed and everything else about it right."""
    arrays = storage.unpack(content)
    about = json.loads(str(arrays["about"]))
    change(about, arrays)
    return storage.pack({**arrays, "about": np.array(json.dumps(about))})


def in_the_middle(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        at = archive.getinfo("values/loss.npy").header_offset + 200
    return content[:at] + bytes([content[at] ^ 255]) + content[at + 1 :]


def npy():
    file = io.BytesIO()
    np.save(file, np.arange(3))
    return file.getvalue()


DAMAGED = "is not a file that Sweep.save wrote, or is damaged; restore it from a copy, or compute the sweep again"
BAD_FILES = {
    "empty": (lambda c: b"", DAMAGED),
    "cut off": (lambda c: c[:-40], DAMAGED),
    "half": (lambda c: c[: len(c) // 2], DAMAGED),
    "flipped": (in_the_middle, DAMAGED),
    "text": (lambda c: b"rate,loss\n0.1,3\n", DAMAGED),
    "one array": (lambda c: npy(), DAMAGED),
    "other arrays": (lambda c: packed(a=np.arange(3)), DAMAGED),
    "other about": (lambda c: packed(about=np.array('{"kind": "photo", "format": 1}')), DAMAGED),
    "another kind": (lambda c: rewritten(c, lambda about, arrays: about.update(kind="photo")), DAMAGED),
    "not JSON": (lambda c: packed(about=np.array("about this file")), DAMAGED),
    "a list": (lambda c: packed(about=np.array("[1, 2]")), DAMAGED),
    "objects": (lambda c: packed(about=np.array([{}], dtype=object)), DAMAGED),
    "no format": (lambda c: rewritten(c, lambda about, arrays: about.update(format=None)), DAMAGED),
    "newer": (
        lambda c: rewritten(c, lambda about, arrays: about.update(format=2, version="9.1")),
        "was saved by nonlinear 9.1, which is newer; update nonlinear",
    ),
}


@pytest.mark.parametrize("spoil, message", BAD_FILES.values(), ids=BAD_FILES)
def test_a_bad_file_is_refused(whole, tmp_path, spoil, message):
    path = tmp_path / "rates.npz"
    whole.save(path)
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(ValueError, match=rf"rates\.npz {message}"):
        Sweep.load(path)


def test_every_byte_counts(tmp_path):
    path = tmp_path / "small.npz"
    small = sweep(echo, {"rate": [0.1]}, seeds=2)
    small.save(path)
    content = path.read_bytes()
    for at in range(0, len(content), 7):
        path.write_bytes(content[:at] + bytes([content[at] ^ 16]) + content[at + 1 :])
        try:
            same(Sweep.load(path), small)  # a byte that says nothing about the contents, such as a date
        except ValueError as error:
            assert str(error).startswith(f"{path} is ")


def test_a_number_beyond_all_floats_varies_as_infinity():
    found = sweep(echo, {"rate": [0.5, -(10**400)]}, seeds=1)["rate"].ravel()
    assert found.tolist() == [0.5, -np.inf]


REFUSED = [
    (lambda: sweep(echo, [0.1]), TypeError, r"settings must be a dict from names to values; got \[0.1\]"),
    (
        lambda: sweep(echo, {"rate": []}),
        ValueError,
        r"settings\['rate'\] must hold different values, at least one; got",
    ),
    (lambda: sweep(echo, {"rate": 0.1}), ValueError, r"settings\['rate'\] must be a list of values.*got 0.1"),
    (lambda: sweep(echo, {"rate": "0.1"}), ValueError, r"settings\['rate'\] must be a list of values.*got '0.1'"),
    (lambda: sweep(echo, {"rate": [0.1, 0.1]}), ValueError, r"settings\['rate'\] must hold different values"),
    (
        lambda: sweep(echo, {"f": [fit]}),
        ValueError,
        r"settings\['f'\] holds <function fit.*which needs a name; pass a dict",
    ),
    (lambda: sweep(echo, {"rate": [0.1]}, seeds=0), ValueError, "seeds must be a whole number, 1 or more; got 0"),
    (lambda: sweep(echo, {"rate": [0.1]}, seed=-1), ValueError, "seed must be a whole number, 0 or more; got -1"),
    (lambda: sweep(echo, {"rate": [0.1]}, block=0), ValueError, "block must be a whole number, 1 or more; got 0"),
    *(
        (lambda bad=bad: sweep(echo, {"rate": [0.1]}, executor=bad), TypeError, "executor must be an Executor such as")
        for bad in (3, ThreadPoolExecutor)
    ),
    (lambda: sweep(3, {}), TypeError, "run must be a function of Cells; got 3"),
    (lambda: sweep(echo, {}), KeyError, "rate"),
    (
        lambda: sweep(lambda cells: None, {}),
        TypeError,
        "the result of run must be a dict of arrays, one row a member.*got None",
    ),
    (
        lambda: sweep(lambda cells: {"a": 1.0}, {}, seeds=3),
        ValueError,
        r"a row for each of the 3 members of its block; 'a' holds float64 of shape \(\)",
    ),
    (lambda: sweep(lambda cells: {"a": [1, 2]}, {}, seeds=3), ValueError, r"'a' holds int64 of shape \(2,\)"),
    (lambda: sweep(lambda cells: {"a": [None] * 3}, {}, seeds=3), ValueError, r"'a' holds object of shape \(3,\)"),
    (lambda: sweep(lambda cells: {"a": ["b"] * 3}, {}, seeds=3), ValueError, r"'a' holds <U1 of shape \(3,\)"),
    (lambda: sweep(lambda cells: {"a": [1j] * 3}, {}, seeds=3), ValueError, r"'a' holds complex128 of shape \(3,\)"),
    (
        lambda: sweep(lambda cells: {"a": np.zeros((2, cells["depth"]))}, {"depth": [1, 2]}, seeds=2),
        ValueError,
        r"the same names.*got {'a': \(1,\)} with {'depth': 1} and {'a': \(2,\)} with {'depth': 2}",
    ),
    (lambda: sweep(echo, {"rate": [0.1]}).select(rat=1), ValueError, "there is no setting 'rat'; the sweep has 'rate'"),
    (lambda: sweep(echo, {"rate": [0.1, 0.2]}).select(rate=0.3), ValueError, "rate must be one of 0.1, 0.2; got 0.3"),
    (
        lambda: sweep(kinds, {"f": [Tanh()]}).select(f=Softmax()),
        ValueError,
        r"f must be one of 'Tanh\(\)'; got Softmax\(\)",
    ),
    (
        lambda: sweep(echo, {"rate": [0.1]})["losses"],
        KeyError,
        "there is no value 'losses'; the sweep has 'first', 'rate'",
    ),
]


@pytest.mark.parametrize("call, error, message", REFUSED, ids=[f"{k}: {m[:45]}" for k, (_, _, m) in enumerate(REFUSED)])
def test_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()
