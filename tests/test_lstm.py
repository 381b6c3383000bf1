"""The LSTM against its equations, one number at a time, and against differences; clipping by hand."""

import numpy as np
import pytest

from nonlinear.activations import Identity, LeakyReLU, ReLU, Sigmoid, SiLU, Softmax, Tanh
from nonlinear.clipping import Clipped, clip, global_norm
from nonlinear.gradcheck import check_network
from nonlinear.initialisers import VarianceScaling
from nonlinear.losses import BinaryCrossEntropy, MeanSquaredError, SoftmaxCrossEntropy
from nonlinear.lstm import LSTM
from nonlinear.network import MLP, Dense, map_parameters, spawn
from nonlinear.normalisation import LayerNorm
from nonlinear.optimisers import SGD, Adam, Optimiser
from nonlinear.recording import gradient_norms, loss, record
from nonlinear.sweeps import sweep
from nonlinear.training import full_batches, last, minibatches, train

RANDOM = np.random.default_rng(0)
KINDS = {
    "usual": {},
    "relu gates": {"input_gate": ReLU(), "forget_gate": ReLU(), "output_gate": ReLU()},
    "all different": {
        "input_gate": Tanh(),
        "forget_gate": Sigmoid(),
        "output_gate": SiLU(),
        "candidate": LeakyReLU(0.3),
        "cell_output": Identity(),
    },
}


def network(readout=None, **options):
    return LSTM(2, 3, readout or Dense(2, Tanh()), **options)


def by_hand(net, p, x):
    """The equations for one member and one sample, in plain numbers."""
    n = net.units
    c, h, seen = np.zeros(n), np.zeros(n), []
    for row in x:
        z = np.concatenate([row, h]) @ p[0]["weights"] + p[0]["bias"][0]
        i, f, o, g = (z[k * n : (k + 1) * n] for k in range(4))
        i, f, o, g = net.input_gate(i), net.forget_gate(f), net.output_gate(o), net.candidate(g)
        c = f * c + i * g
        h = o * net.cell_output(c)
        seen.append((c, h))
    return np.array(seen), net.readout.activation(h @ p[1]["weights"] + p[1]["bias"][0])


@pytest.mark.parametrize("own", [False, True], ids=["shared x", "own x"])
@pytest.mark.parametrize("options", KINDS.values(), ids=KINDS)
def test_forward_follows_the_equations(options, own):
    net = network(**options)
    parameters = net.initialise(spawn(0, 3))
    x = RANDOM.normal(size=(3, 4, 6, 2)) if own else RANDOM.normal(size=(4, 6, 2))
    cell, answer = net.forward(parameters, x)
    assert cell.cells.shape == (6, 3, 4, 3) and cell.preactivations.shape == (6, 3, 4, 12)
    np.testing.assert_array_equal(net.predict(parameters, x), answer.outputs)
    np.testing.assert_array_equal(cell.outputs, cell.hidden[-1])
    for m, s in np.ndindex(3, 4):
        seen, output = by_hand(net, map_parameters(lambda p, m=m: p[m], parameters), x[m, s] if own else x[s])
        np.testing.assert_allclose(cell.cells[:, m, s], seen[:, 0], rtol=1e-12, atol=1e-15)
        np.testing.assert_allclose(cell.hidden[:, m, s], seen[:, 1], rtol=1e-12, atol=1e-15)
        np.testing.assert_allclose(answer.outputs[m, s], output, rtol=1e-12, atol=1e-15)
    np.testing.assert_array_equal(cell.forget_gate, net.forget_gate(cell.preactivations[..., 3:6]))


@pytest.mark.parametrize("steps", [1, 7])
@pytest.mark.parametrize("own", [False, True], ids=["shared x", "own x"])
@pytest.mark.parametrize("options", KINDS.values(), ids=KINDS)
def test_gradients_through_time_are_the_slopes_of_the_loss(options, own, steps):
    net = network(**options)
    parameters = net.initialise(spawn(0, 3))
    x = RANDOM.normal(size=(3, 4, steps, 2)) if own else RANDOM.normal(size=(4, steps, 2))
    report = check_network(net, parameters, x, RANDOM.random((4, 2)), BinaryCrossEntropy())
    assert report.passed and report.compared + len(report.skipped) == 15, report


@pytest.mark.parametrize("block, found", [("weights", "layer 0, weights"), ("bias", "layer 0, bias")])
def test_a_gradient_that_forgets_the_first_step_is_caught(block, found):
    net, x, y = network(), RANDOM.normal(size=(4, 5, 2)), RANDOM.random((4, 2))
    parameters = net.initialise(spawn(0, 3))
    tape = net.forward(parameters, x)
    gradients, deltas = net.backward(parameters, tape, MeanSquaredError()(tape[-1].outputs, y)[1])
    first = {"bias": deltas[0][0].sum(axis=-2, keepdims=True)}
    first["weights"] = np.concatenate([x[:, 0].T @ deltas[0][0], np.zeros((3, 3, 12))], axis=1)
    wrong = ({**gradients[0], block: gradients[0][block] - first[block]}, gradients[1])
    assert check_network(net, parameters, x, y, MeanSquaredError(), gradients=gradients).passed
    assert check_network(net, parameters, x, y, MeanSquaredError(), gradients=wrong).blocks == (found,)


def memory(samples, steps, seed):
    """The sign of the first input is to be remembered through noise."""
    random = np.random.default_rng(seed)
    x, signs = random.normal(size=(samples, steps, 1)) * 0.3, random.integers(0, 2, samples)
    x[:, 0, 0] = 2 * signs - 1
    return x, signs


def test_it_learns_to_remember():
    x, signs = memory(64, 12, 0)
    net = LSTM(1, 4, Dense(1), forget_bias=3.0)
    generators = spawn(0, 10)
    start = net.initialise(generators)
    step = last(train(net, start, minibatches(x, signs, 16, 20, generators), BinaryCrossEntropy(), Clipped(Adam(0.03))))
    fresh, answers = memory(200, 12, 1)
    right = ((net.predict(step.updated, fresh)[..., 0] > 0) == answers).mean(axis=1)
    assert np.sum(right > 0.99) >= 9, right


def test_members_are_never_mixed():
    x, signs = memory(8, 5, 0)
    biases = np.array([0.0, 1.0, 3.0, 5.0])

    def steps(members):
        net = LSTM(1, 3, Dense(1), forget_bias=biases[members])
        generators = [spawn(0, 4)[k] for k in members]
        return train(
            net, net.initialise(generators), full_batches(x, signs, 4), BinaryCrossEntropy(), Clipped(SGD(1.0), 0.5)
        )

    together = last(steps([0, 1, 2, 3]))
    for k in range(4):
        alone = last(steps([k]))
        assert alone.loss[0] == together.loss[k]
        map_parameters(lambda a, b, k=k: np.testing.assert_array_equal(a[0], b[k]), alone.updated, together.updated)


def test_the_forget_bias_is_each_members_own():
    net = LSTM(1, 2, Dense(1), forget_bias=np.array([0.0, 5.0]))
    cell, answer = net.initialise(spawn(0, 2))
    assert cell["bias"][:, 0].tolist() == [[0] * 8, [0, 0, 5, 5, 0, 0, 0, 0]]
    assert cell["weights"].shape == (2, 3, 8) and answer["weights"].shape == (2, 2, 1)
    wide = LSTM(40, 60, Dense(1), initial_weights=VarianceScaling(np.array([1.0, 3.0])))
    spread = wide.initialise(spawn(0, 2))[0]["weights"].std(axis=(1, 2))
    np.testing.assert_allclose(spread, [0.1, 0.3], rtol=0.02)


def test_a_member_that_blows_up_is_frozen_and_the_others_go_on():
    net = LSTM(
        1,
        3,
        Dense(1),
        *[Identity()] * 3,
        candidate=Identity(),
        cell_output=Identity(),
        forget_bias=np.array([0.0, 9.0]),
    )
    x = np.ones((4, 60, 1))
    steps = train(net, net.initialise(spawn(0, 2)), full_batches(x, np.ones((4, 1)), 30), MeanSquaredError(), SGD(0.01))
    step = last(steps)
    assert step.diverged_at[1] >= 0 and step.diverged_at[0] == -1
    assert all(np.isfinite(p).all() for layer in step.updated for p in layer.values())


def test_settings_are_plain_numbers_and_compared_by_value():
    several = np.float32([0.5, 1.0])
    small, plain = (LSTM(k(2), k(200), Dense(1), forget_bias=several) for k in (np.uint8, int))
    assert small == plain and hash(small) == hash(plain) and small != LSTM(2, 200, Dense(1))
    assert small.shapes()[0] == {"weights": (202, 800), "bias": (1, 800)}
    assert plain.forget_bias.dtype == np.float64


def test_numbers_too_small_for_their_type_are_0_in_silence():
    net = network()
    parameters = map_parameters(lambda p: p * 1e-200, net.initialise(spawn(0, 3)))
    with np.errstate(all="raise"):
        cell, answer = net.forward(parameters, np.ones((4, 3, 2)))
        gradients, _ = net.backward(parameters, (cell, answer), np.full((3, 4, 2), 1e-200))
    assert all(np.isfinite(array).all() for layer in gradients for array in layer.values())


def test_float32_stays_float32():
    net = network()
    parameters = net.initialise(spawn(0, 2), dtype=np.float32)
    tape = net.forward(parameters, RANDOM.normal(size=(4, 5, 2)))
    gradients, deltas = net.backward(parameters, tape, np.ones((2, 4, 2), np.float32))
    arrays = [
        *parameters[0].values(),
        *gradients[0].values(),
        *gradients[1].values(),
        *deltas,
        tape[0].cells,
        tape[1].outputs,
    ]
    assert {a.dtype for a in arrays} == {np.dtype(np.float32)}


def run(cells):
    x, signs = memory(8, 5, 0)
    net = LSTM(1, 3, Dense(2), forget_bias=cells["forget_bias"], forget_gate=cells["gate"])
    steps = train(net, net.initialise(cells.generators), full_batches(x, signs, 3), SoftmaxCrossEntropy(), SGD(0.1))
    return record(steps, {"loss": loss, "norms": gradient_norms})


def test_it_can_be_recorded_and_swept():
    result = sweep(run, {"gate": [Sigmoid(), ReLU()], "forget_bias": [0.0, 3.0]}, seeds=3)
    assert result["norms"].shape == (2, 2, 3, 3, 2)  # gates, biases, seeds, steps, layers
    np.testing.assert_array_equal(
        result["loss"], sweep(run, {"gate": [Sigmoid(), ReLU()], "forget_bias": [0.0, 3.0]}, 3, block=1)["loss"]
    )


NET = network()
PARAMETERS = NET.initialise(spawn(0, 3))
LEARNS = network(Dense(2, LeakyReLU(0.1), learn=("negative_slope",)))
DENSE = MLP(2, [Dense(3), Dense(2)]).initialise(spawn(0, 3))
FEWER_UNITS, OTHER_READOUT = LSTM(2, 2, Dense(2)).initialise(spawn(0, 3)), network(Dense(1)).initialise(spawn(0, 3))
REFUSED = [
    (lambda: LSTM(0, 3, Dense(1)), ValueError, "inputs must be a whole number, 1 or more; got 0"),
    (lambda: LSTM(2, 1.5, Dense(1)), ValueError, "units must be a whole number, 1 or more; got 1.5"),
    (lambda: LSTM(2, 3, Tanh()), TypeError, r"readout must be a Dense layer such as Dense\(1\); got Tanh\(\)"),
    (lambda: LSTM(2, 3, Dense(3, residual=True)), ValueError, "readout must be a plain layer, without a residual"),
    (lambda: LSTM(2, 3, Dense(2, normalise=LayerNorm())), ValueError, "readout must be a plain layer"),
    (lambda: network(forget_gate=Softmax()), TypeError, r"forget_gate must be pointwise.*got Softmax\(\)"),
    (lambda: network(cell_output=np.tanh), TypeError, "cell_output must be pointwise, such as Sigmoid.*'tanh'"),
    (lambda: network(forget_bias=np.nan), ValueError, "forget_bias must be a finite number, .*; got nan"),
    (lambda: network(forget_bias="1"), ValueError, "forget_bias must be a finite number, .*; got '1'"),
    (
        lambda: network(forget_bias=[1.0, 2.0]).initialise(spawn(0, 3)),
        ValueError,
        "forget_bias .* each of 3 members; got",
    ),
    (lambda: network(forget_bias=np.ma.ones(3)), TypeError, "forget_bias is a masked array"),
    (
        lambda: network(initial_weights=3),
        TypeError,
        r"initial_weights must be a VarianceScaling such as lecun\(\); got 3",
    ),
    (lambda: NET.initialise([]), TypeError, "generators must be a list"),
    (
        lambda: NET.forward(PARAMETERS, np.ones((4, 2))),
        ValueError,
        r"x must have shape \(samples, steps, 2\).*got \(4, 2\)",
    ),
    (lambda: NET.forward(PARAMETERS, np.ones((4, 5, 3))), ValueError, r"x must have shape.*got \(4, 5, 3\)"),
    (lambda: NET.forward(PARAMETERS, np.ones((4, 0, 2))), ValueError, r"at least one step; got \(4, 0, 2\)"),
    (lambda: NET.forward(PARAMETERS, np.ones((2, 4, 5, 2))), ValueError, "x holds inputs for 2 members.*those of 3"),
    (lambda: NET.forward(PARAMETERS[:1], np.ones((4, 5, 2))), ValueError, "those of 1 layers, the network has 2"),
    (
        lambda: NET.forward(DENSE, np.ones((4, 5, 2))),
        ValueError,
        r"parameters\[0\] must hold.*\(5, 12\).*got.*\(2, 3\)",
    ),
    (
        lambda: NET.backward(DENSE, NET.forward(PARAMETERS, np.ones((4, 5, 2))), 0),
        ValueError,
        r"parameters\[0\] must hold",
    ),
    (lambda: NET.forward(FEWER_UNITS, np.ones((4, 5, 2))), ValueError, r"parameters\[0\] must hold.*got.*\(4, 8\)"),
    (lambda: NET.forward(OTHER_READOUT, np.ones((4, 5, 2))), ValueError, r"parameters\[1\] must hold.*got.*\(3, 1\)"),
    (
        lambda: LEARNS.forward(PARAMETERS, np.ones((4, 5, 2))),
        ValueError,
        r"parameters\[1\] must hold.*'negative_slope'",
    ),
    (lambda: NET.initialise(spawn(0, 3), dtype=int), ValueError, "dtype must be np.float32 or np.float64; got <"),
    (lambda: NET.forward(PARAMETERS, np.full((4, 5, 2), "a")), TypeError, "x must hold real numbers"),
    (lambda: NET.forward(PARAMETERS, np.ma.ones((4, 5, 2))), TypeError, "x is a masked array"),
    (
        lambda: NET.backward(PARAMETERS, NET.forward(PARAMETERS, np.ones((4, 5, 2))), np.ones((4, 2))),
        ValueError,
        r"upstream must have shape \(3, 4, 2\)",
    ),
    (
        lambda: NET.backward(PARAMETERS, None, np.ones((3, 4, 2))),
        ValueError,
        "tape must be what forward returned.*got None",
    ),
    (lambda: Clipped(SGD(0.1), norm=np.ma.ones(3)), TypeError, "norm is a masked array"),
    (
        lambda: Clipped(SGD(0.1), np.ones(2)).start(PARAMETERS),
        ValueError,
        r"norm .* each of 3 members; got shape \(2,\)",
    ),
    (lambda: Clipped(SGD(0.1), norm=0), ValueError, "norm must be positive and finite; got 0"),
    (lambda: Clipped(0.1), TypeError, r"optimiser must be an Optimiser such as SGD\(0.1\); got 0.1"),
    (
        lambda: clip(PARAMETERS, norm=np.ones(2)),
        ValueError,
        r"norm must be one number or one for each of 3 members; got shape \(2,\)",
    ),
]


@pytest.mark.parametrize("call, error, message", REFUSED, ids=[m[:45] for _, _, m in REFUSED])
def test_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()


def gradients(*rows):
    return ({"weights": np.array([[[r[0]]] for r in rows])}, {"bias": np.array([[r[1:]] for r in rows])})


def test_the_norm_is_over_all_parameters_of_a_member():
    tree = gradients((1.0, 2.0, 2.0), (0.0, 0.0, 0.0), (3e300, 4e300, 0.0), (1.0, np.inf, 0.0), (1e-320, 0.0, 0.0))
    assert global_norm(tree).tolist() == [3, 0, 5e300, np.inf, 1e-320]


def test_clipping_shortens_what_is_too_long_and_leaves_the_rest():
    tree = gradients((1.0, 2.0, 2.0), (0.1, 0.2, 0.2), (0.0, 0.0, 0.0), (3e300, 4e300, 0.0))
    clipped = clip(tree, norm=1.5)
    np.testing.assert_allclose(global_norm(clipped), [1.5, 0.3, 0, 1.5])
    np.testing.assert_allclose(clipped[1]["bias"][0, 0], [1, 1])
    assert clipped[0]["weights"][1, 0, 0] == 0.1  # to the bit
    each = clip(tree, norm=np.array([1.5, 0.15, 1.0, 5.0]))
    np.testing.assert_allclose(global_norm(each), [1.5, 0.15, 0, 5])


def test_a_clipped_optimiser_takes_the_step_of_the_clipped_gradient():
    parameters, tree = gradients((1.0, 1.0, 1.0)), gradients((3.0, 0.0, 4.0))
    optimiser = Clipped(SGD(0.1, momentum=0.9), norm=1.0)
    state = optimiser.start(parameters)
    moved, state = optimiser.update(parameters, tree, state)
    np.testing.assert_allclose(moved[1]["bias"][0, 0], [1, 1 - 0.08])
    moved, _ = optimiser.update(moved, tree, state)
    np.testing.assert_allclose(moved[1]["bias"][0, 0], [1, 1 - 0.08 - 0.08 * 1.9])


def test_clipped_is_an_optimiser_that_can_be_clipped_again():
    parameters, tree, twice = (
        gradients((1.0, 1.0, 1.0)),
        gradients((3.0, 0.0, 4.0)),
        Clipped(Clipped(SGD(0.1), 1.0), 0.5),
    )
    assert isinstance(twice, Optimiser)
    moved, _ = twice.update(parameters, tree, twice.start(parameters))
    np.testing.assert_allclose(moved[1]["bias"][0, 0], [1, 1 - 0.1 * 0.5 * 0.8])
