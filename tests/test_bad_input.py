"""What is not an array of real numbers is refused in a sentence; arrays of any make, and small ones, are taken."""

import numpy as np
import pytest

from nonlinear import diagnostics, recording
from nonlinear.activations import Softmax, Tanh
from nonlinear.datasets import digits, rings, spirals, xor
from nonlinear.gradcheck import check_activation, check_gradient, check_pullback
from nonlinear.losses import BinaryCrossEntropy, MeanSquaredError
from nonlinear.lstm import LSTM
from nonlinear.network import MLP, Dense, spawn
from nonlinear.sweeps import sweep
from nonlinear.training import minibatches

GOOD = np.array([[0.25, 0.5], [0.75, 1.0]])
NETWORK, CELL = MLP(2, [Dense(2, Tanh()), Dense(2)]), LSTM(2, 3, Dense(1))
PARAMETERS, CELL_PARAMETERS = NETWORK.initialise(spawn(0, 2)), CELL.initialise(spawn(0, 2))
TAKEN = {
    "dead_units, activations": diagnostics.dead_units,
    "flat_units, slopes": lambda a: diagnostics.flat_units(a, 1.0),
    "saturated_fraction, slopes": lambda a: diagnostics.saturated_fraction(a, 1.0),
    "gradient_norm, gradient": diagnostics.gradient_norm,
    "update_ratio, before": lambda a: diagnostics.update_ratio(a, GOOD + 1),
    "update_ratio, after": lambda a: diagnostics.update_ratio(GOOD + 1, a),
    "accuracy, outputs": lambda a: diagnostics.accuracy(a, [0, 1]),
    "mean squared error, outputs": lambda a: MeanSquaredError()(np.asanyarray(a)[None], GOOD)[0],
    "mean squared error, targets": lambda a: MeanSquaredError()(GOOD[None], a)[1],
    "binary cross-entropy, targets": lambda a: BinaryCrossEntropy()(GOOD[None], a)[1],
    "check_activation, z": lambda a: check_activation(Tanh(), a).passed,
    "check_pullback, z": lambda a: check_pullback(Softmax(), a).passed,
    "check_gradient, at": lambda a: check_gradient(np.sum, np.ones((2, 2)), a).passed,
    "check_gradient, gradient": lambda a: check_gradient(np.sum, a, GOOD).wrong,
    "Tanh, z": lambda a: Tanh()(a),
    "Tanh.pullback, z": lambda a: Tanh().pullback(a, GOOD)[0],
    "Tanh.pullback, upstream": lambda a: Tanh().pullback(GOOD, a)[0],
    "Softmax.pullback, z": lambda a: Softmax().pullback(a, GOOD)[0],
    "Softmax.pullback, upstream": lambda a: Softmax().pullback(GOOD, a)[0],
    "MLP, x": lambda a: NETWORK.predict(PARAMETERS, a),
    "LSTM, x": lambda a: CELL.predict(CELL_PARAMETERS, np.asanyarray(a)[None]),
    "minibatches, x": lambda a: next(minibatches(a, [0, 1], 2, 1, spawn(0, 2)))[0],
    "minibatches, targets": lambda a: next(minibatches(GOOD, a, 2, 1, spawn(0, 2)))[1],
}
NOT_REAL = {
    "complex": GOOD + 1j,
    "object": GOOD.astype(object),
    "string": GOOD.astype(str),
    "masked": np.ma.masked_greater(GOOD, 0.9),
    "dates": GOOD.astype(int).astype("datetime64[D]"),
}
MAKES = {
    "read-only": np.broadcast_to(GOOD, (1, 2, 2))[0],
    "every other": np.repeat(GOOD, 2, axis=-1)[:, ::2],
    "turned": np.asfortranarray(GOOD),
    "backwards": GOOD[::-1, ::-1].copy()[::-1, ::-1],
    "the other byte order": GOOD.astype(GOOD.dtype.newbyteorder()),
    "list": GOOD.tolist(),
}


@pytest.mark.parametrize("bad", NOT_REAL.values(), ids=NOT_REAL)
@pytest.mark.parametrize("place", TAKEN)
def test_what_is_not_real_is_refused_by_name(place, bad):
    name = place.split(", ")[1]
    with pytest.raises(TypeError, match=f"^{name} (must hold real numbers|is a masked array)") as caught:
        TAKEN[place](bad)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("place", sorted(set(TAKEN) - {"LSTM, x", "mean squared error, outputs"}))
def test_rows_of_unequal_lengths_are_refused_by_name(place):
    with pytest.raises(
        ValueError, match=f"^{place.split(', ')[1]} must be an array, or lists whose rows are equally long; got .*0.75"
    ):
        TAKEN[place]([[0.25, 0.5], [0.75]])


@pytest.mark.parametrize("make", MAKES.values(), ids=MAKES)
@pytest.mark.parametrize("place", TAKEN)
def test_arrays_of_any_make_give_the_same(place, make):
    np.testing.assert_array_equal(TAKEN[place](make), TAKEN[place](GOOD))


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.int64, np.uint8])
@pytest.mark.parametrize("place", [place for place in TAKEN if place != "LSTM, x"])
def test_real_numbers_of_any_type_are_taken(place, dtype):
    ones = np.ones((2, 2), dtype)
    np.testing.assert_allclose(TAKEN[place](ones), TAKEN[place](np.ones((2, 2))), rtol=1e-3)


EMPTY = {
    "no units": (lambda: diagnostics.dead_units(np.zeros((3, 0))), (0,)),
    "no members": (lambda: diagnostics.dead_units(np.zeros((0, 3, 2))), (0, 2)),
    "no members, flat": (lambda: diagnostics.saturated_fraction(np.zeros((0, 3, 2)), 1.0), (0,)),
    "no members, accuracy": (lambda: diagnostics.accuracy(np.zeros((0, 3, 2)), [0, 1, 1]), (0,)),
    "no samples, network": (lambda: NETWORK.predict(PARAMETERS, np.zeros((0, 2))), (2, 0, 2)),
    "no samples, lstm": (lambda: CELL.predict(CELL_PARAMETERS, np.zeros((0, 5, 2))), (2, 0, 1)),
    "no rows to differ": (lambda: diagnostics.gradient_norm(np.zeros((3, 0))), ()),
}


@pytest.mark.parametrize("call, shape", EMPTY.values(), ids=EMPTY)
def test_nothing_gives_nothing(call, shape):
    assert np.shape(call()) == shape


REFUSED = [
    (lambda: diagnostics.dead_units(1.0), ValueError, r"activations must have shape \(..., samples, units\).*got \(\)"),
    (lambda: diagnostics.dead_units([]), ValueError, r"activations must have shape .*got \(0,\)"),
    (lambda: diagnostics.saturated_fraction(np.zeros((3, 0)), 1.0), ValueError, r"slopes must have at least one unit"),
    (lambda: diagnostics.flat_units(GOOD, "1"), ValueError, "steepest must be a number in .*; got '1'"),
    (lambda: diagnostics.flat_units(GOOD, 1.0, share="a"), ValueError, r"share must be a number in \[0, 1\]; got 'a'"),
    (lambda: diagnostics.accuracy(np.zeros((0, 2)), []), ValueError, "outputs must have .* at least one sample"),
    (
        lambda: diagnostics.accuracy(np.zeros((2, 0)), [0, 1]),
        ValueError,
        r"outputs must have a column for each class.*\(2, 0\)",
    ),
    (lambda: diagnostics.accuracy(GOOD, np.ma.array([0, 1])), TypeError, "labels is a masked array"),
    (lambda: diagnostics.accuracy(GOOD, ["0", "1"]), ValueError, "labels must be integers.*got <U1"),
    (lambda: diagnostics.accuracy(GOOD, [0j, 1j]), ValueError, "labels must be integers.*got complex128"),
    (lambda: diagnostics.accuracy(GOOD, np.array([None, 1])), ValueError, "labels must be integers.*got object"),
    (lambda: recording.record([], [recording.loss]), TypeError, "measures must be a dict from names to functions"),
    (lambda: recording.record([], {"loss": 1.0}), TypeError, "measures must be a dict from names to functions"),
    (
        lambda: recording.flat_fraction(CELL, CELL.forward(CELL_PARAMETERS, GOOD[None])),
        TypeError,
        r"flat units are looked for in the hidden layers of an MLP; got LSTM\(",
    ),
    (lambda: sweep(lambda cells: {"a": np.ma.ones(10)}, {}), TypeError, "run's 'a' is a masked array"),
    (lambda: digits(0), ValueError, "scaling must be one of unit, centred, standardised; got 0"),
    *(
        (
            lambda make=make, noise=noise: make(10, spawn(0, 1)[0], noise=noise),
            ValueError,
            r"noise must be a number in \[0, ∞\)",
        )
        for make in (xor, rings, spirals)
        for noise in ("a", 1j, [0.1], None, True, np.nan, -1)
    ),
]


@pytest.mark.parametrize("call, error, message", REFUSED, ids=[f"{k}: {m[:40]}" for k, (_, _, m) in enumerate(REFUSED)])
def test_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize("call", [lambda z: check_activation(Tanh(), z), lambda z: check_gradient(np.sin, np.cos, z)])
def test_a_single_number_will_do(call):
    assert call(0.5).passed and call(np.array(0.5)).passed and call(np.float32(0.5)).passed and call(1).passed
