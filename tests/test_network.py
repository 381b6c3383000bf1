"""Networks: gradients against two independent checks, and members that never notice one another."""

import dataclasses

import numpy as np
import pytest

from nonlinear.activations import (
    CATALOGUE,
    ELU,
    LeakyReLU,
    Maxout,
    ReLU,
    RReLU,
    Softmax,
    SquaredReLU,
    Tanh,
    get,
    unchecked,
)
from nonlinear.gradcheck import check_network
from nonlinear.initialisers import VarianceScaling, he
from nonlinear.losses import MeanSquaredError, SoftmaxCrossEntropy
from nonlinear.lstm import LSTM
from nonlinear.network import MLP, Dense, map_parameters, spawn
from nonlinear.normalisation import BatchNorm, FixedNorm, LayerNorm
from nonlinear.special import overflow_and_nan

LAYERS = {name: Dense(4, get(name)) for name in CATALOGUE}
LAYERS |= {
    "leaky, one slope": Dense(4, LeakyReLU(0.25), learn=("negative_slope",)),
    "leaky, own slopes": Dense(4, LeakyReLU(0.25), learn=("negative_slope",), per_unit=True),
    "elu, one alpha": Dense(4, ELU(0.7), learn=("alpha",)),
    "elu, own alphas": Dense(4, ELU(1.7), learn=("alpha",), per_unit=True),
    "residual": Dense(4, Tanh(), residual=True),
    "batch norm": Dense(4, Tanh(), normalise=BatchNorm()),
    "layer norm": Dense(4, get("silu"), normalise=LayerNorm(0.1)),
    "residual, normalised, learned": Dense(
        4, LeakyReLU(0.25), residual=True, normalise=BatchNorm(), learn=("negative_slope",)
    ),
}
each_layer = pytest.mark.parametrize("layer", LAYERS.values(), ids=LAYERS)
own_inputs = pytest.mark.parametrize("own", [False, True], ids=["shared x", "own x"])


def arrays(tree):
    return {(k, name): array for k, layer in enumerate(tree) for name, array in layer.items()}


def same(a, b):
    assert list(arrays(a)) == list(arrays(b))
    for place, array in arrays(a).items():
        np.testing.assert_array_equal(array, arrays(b)[place], str(place))


def case(layer, own, members=3, seed=0, samples=5):
    """Return a three-layer network around ``layer``, with parameters, inputs and targets."""
    network = MLP(3, [Dense(4, Tanh(), initial_bias=0.1), layer, Dense(2)])
    random = np.random.default_rng(seed)
    x = random.normal(size=(members, samples, 3) if own else (samples, 3))
    targets = random.normal(size=(members, samples, 2) if own else (samples, 2))
    return network, network.initialise(spawn(seed, members)), x, targets


def slopes_by_difference(network, parameters, x, targets, loss, h=1e-6):
    """Return dL/d(parameter) by moving one number at a time, in all members at once: they are independent."""
    moved = map_parameters(np.array, parameters)
    slopes = map_parameters(np.zeros_like, parameters)
    for place, array in arrays(moved).items():
        for where in np.ndindex(array.shape[1:]):
            values = []
            for step in (h, -h):
                array[:, *where] += step
                values.append(loss(network.predict(moved, x), targets)[0])
                array[:, *where] -= step
            arrays(slopes)[place][:, *where] = (values[0] - values[1]) / (2 * h)
    return slopes


@own_inputs
@each_layer
def test_every_gradient_is_the_slope_of_the_loss(layer, own):
    network, parameters, x, targets = case(layer, own)
    loss = MeanSquaredError()
    tape = network.forward(parameters, x)
    gradients, deltas = network.backward(parameters, tape, loss(tape[-1].outputs, targets)[1])
    measured = slopes_by_difference(network, parameters, x, targets, loss)
    assert list(arrays(gradients)) == list(arrays(parameters)) == list(arrays(measured))
    for place, gradient in arrays(gradients).items():
        assert gradient.shape == arrays(parameters)[place].shape
        np.testing.assert_allclose(gradient, arrays(measured)[place], atol=2e-8, err_msg=str(place))
    for delta, seen in zip(deltas, tape, strict=True):
        assert delta.shape == seen.preactivations.shape == (3, 5, delta.shape[-1])
    assert check_network(network, parameters, x, targets, loss).passed


@pytest.mark.parametrize("f", [Softmax(), get("sigmoid"), get("leaky_relu")], ids=repr)
@pytest.mark.parametrize("loss", [MeanSquaredError(), SoftmaxCrossEntropy()], ids=repr)
def test_any_output_layer_can_be_trained(f, loss):
    network = MLP(3, [Dense(4, Tanh()), Dense(3, f)])
    parameters, x = network.initialise(spawn(1, 2)), np.random.default_rng(1).normal(size=(6, 3))
    targets = np.array([0, 1, 2, 2, 1, 0]) if isinstance(loss, SoftmaxCrossEntropy) else np.eye(3)[[0, 1, 2, 2, 1, 0]]
    report = check_network(network, parameters, x, targets, loss)
    assert report.passed, report


@own_inputs
@each_layer
def test_an_ensemble_is_its_members_bit_for_bit(layer, own):
    network, parameters, x, targets = case(layer, own, members=10, samples=33)
    loss = MeanSquaredError()
    tape = network.forward(parameters, x)
    gradients, deltas = network.backward(parameters, tape, loss(tape[-1].outputs, targets)[1])
    for k in (0, 3, 9):
        alone = network.initialise([spawn(0, 10)[k]])
        same(alone, map_parameters(lambda p, k=k: p[k : k + 1], parameters))
        one = network.forward(alone, x[k : k + 1] if own else x)
        for a, b in zip(one, tape, strict=True):
            np.testing.assert_array_equal(a.preactivations[0], b.preactivations[k])
            np.testing.assert_array_equal(a.outputs[0], b.outputs[k])
        upstream = loss(one[-1].outputs, targets[k : k + 1] if own else targets)[1]
        slopes, signals = network.backward(alone, one, upstream)
        same(slopes, map_parameters(lambda g, k=k: g[k : k + 1], gradients))
        for a, b in zip(signals, deltas, strict=True):
            np.testing.assert_array_equal(a[0], b[k])


@each_layer
def test_float32_all_the_way(layer):
    network, parameters, x, targets = case(layer, own=False)
    parameters = map_parameters(lambda p: p.astype(np.float32), parameters)
    tape = network.forward(parameters, x)
    gradients, deltas = network.backward(parameters, tape, MeanSquaredError()(tape[-1].outputs, targets)[1])
    everything = [a for s in tape for a in (s.inputs, s.preactivations, s.outputs)]
    everything += [*deltas, *arrays(gradients).values()]
    assert {a.dtype for a in everything} == {np.dtype(np.float32)}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("units", [1, 2, 10])
def test_a_narrow_layer_passes_on_what_the_product_of_matrices_would(units, dtype):
    random = np.random.default_rng(0)
    before = random.normal(size=(3, 20, units)).astype(dtype)
    weights = random.normal(size=(3, 7, units)).astype(dtype)
    network = MLP(2, [Dense(7), Dense(units)])
    for members in (1, 3):
        first, _ = network.initialise(spawn(0, members), dtype)
        parameters = (first, {"weights": weights[:members], "bias": np.zeros((members, 1, units), dtype)})
        tape = network.forward(parameters, np.ones((20, 2)))
        _, (passed_on, _) = network.backward(parameters, tape, before[:members])
        expected = before[:members] @ weights[:members].mT
        np.testing.assert_allclose(passed_on, expected, rtol=100 * np.finfo(dtype).eps, atol=np.finfo(dtype).eps)


def test_the_bias_is_the_weight_of_an_input_that_is_always_1():
    net = MLP(3, [Dense(4, Tanh(), initial_bias=0.5), Dense(2)])
    parameters, x = net.initialise(spawn(0, 5)), np.random.default_rng(0).normal(size=(6, 3))
    turned = tuple(dict(reversed(layer.items())) for layer in parameters)  # the bias before the weights
    first, last = net.forward(turned, x)
    assert first.augmented.shape == (6, 4) and last.augmented.shape == (5, 6, 5)
    np.testing.assert_array_equal(first.augmented[:, 3], 1)
    np.testing.assert_array_equal(first.inputs, x)
    np.testing.assert_array_equal(last.inputs, first.outputs)
    w, b = parameters[1]["weights"], parameters[1]["bias"]
    np.testing.assert_allclose(last.outputs, first.outputs @ w + b, rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("layer", LAYERS.values(), ids=LAYERS)
def test_bare_functions_have_the_bits_of_the_public_ones(layer, dtype):
    f, random = layer.activation, np.random.default_rng(0)
    z = (random.normal(size=(3, 50, layer.columns)) * 10).astype(dtype)
    upstream = random.normal(size=(3, 50, layer.units)).astype(dtype)
    with overflow_and_nan():
        np.testing.assert_array_equal(unchecked.value(f, z), f(z))
    for learn in {(), layer.learn}:
        with overflow_and_nan():
            delta, learned = unchecked.pullback(f, z, upstream, learn)
            expected, partials = f.pullback(z, upstream)
        assert delta.dtype == dtype
        np.testing.assert_array_equal(delta, expected)
        for name in learn:
            np.testing.assert_array_equal(learned[name], partials[name])


@dataclasses.dataclass(frozen=True)
class Halved(Tanh):
    """A function whose value is that of its parent, and whose slope is not."""

    def derivative(self, z):
        return super().derivative(z) / 2


@dataclasses.dataclass(frozen=True)
class Buffered(Halved):
    """The same, with a slope that is put into a buffer."""

    def derivative(self, z, out=None, spare=None):
        return np.divide(Tanh().derivative(z), 2, out)


@pytest.mark.parametrize("f", [Tanh(), Halved(), Buffered(), ReLU(), get("silu")], ids=repr)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_passes_through_buffers_are_the_plain_ones(f, dtype):
    network = MLP(3, [Dense(4, f), Dense(4, f), Dense(2)])
    random, parameters = np.random.default_rng(0), network.initialise(spawn(0, 3), dtype)
    packed, x = network.packed(parameters), random.normal(size=(5, 3)).astype(dtype)
    work = network.workspace(parameters)
    for _ in range(2):
        tape, upstream = work.forward(packed, x), random.normal(size=(3, 5, 2)).astype(dtype)
        kept = upstream.copy()
        gradients, deltas = work.backward(packed, tape, upstream)
        np.testing.assert_array_equal(upstream, kept)
        for k in (1, 0):
            np.testing.assert_array_equal(tape[k].outputs, f(tape[k].preactivations))
            through = deltas[k + 1] @ packed[k + 1]["weights"].mT
            slope = f.derivative(tape[k].preactivations)
            np.testing.assert_allclose(deltas[k], through * slope, rtol=1e-5)
            np.testing.assert_allclose(gradients[k]["bias"], deltas[k].sum(-2, keepdims=True), rtol=1e-4, atol=1e-6)


def test_buffers_start_where_a_line_of_the_cache_does():
    network = MLP(3, [Dense(4, Tanh()), Dense(2)])
    parameters = network.initialise(spawn(0, 3))
    for samples in range(1, 9):
        for seen in network.forward(parameters, np.ones((samples, 3))):
            assert seen.augmented.ctypes.data % 64 == seen.preactivations.ctypes.data % 64 == 0


def ones(fan_in, columns, **further):
    return {"weights": np.ones((2, fan_in, columns)), "bias": np.zeros((2, 1, columns)), **further}


PLAIN = Dense(2, Tanh())
MISFITS = {
    "fan-in": (PLAIN, (ones(4, 2), ones(2, 1)), ValueError, r"parameters\[0\] must hold.*\(1, 2\).*got.*\(4, 2\)"),
    "hidden": (PLAIN, (ones(1, 2), ones(5, 1)), ValueError, r"parameters\[1\] must hold.*\(2, 1\).*got.*\(5, 1\)"),
    "no bias": (PLAIN, ({"weights": np.ones((2, 1, 2))}, ones(2, 1)), ValueError, r"parameters\[0\] must hold.*'bias'"),
    "short bias": (PLAIN, (ones(1, 2) | {"bias": np.ones((2, 1, 1))}, ones(2, 1)), ValueError, r"'bias': \(1, 1\)"),
    "flat bias": (
        PLAIN,
        (ones(1, 2) | {"bias": np.ones((2, 2))}, ones(2, 1)),
        ValueError,
        r"\(members, rows, columns\); got",
    ),
    "types": (
        PLAIN,
        (ones(1, 2), {k: v.astype("f") for k, v in ones(2, 1).items()}),
        TypeError,
        "the same float type, float32 or float64; got",
    ),
    "integers": (PLAIN, map_parameters(lambda p: p.astype(int), (ones(1, 2), ones(2, 1))), TypeError, "got .'int64'"),
    "half precision": (
        PLAIN,
        map_parameters(lambda p: p.astype("e"), (ones(1, 2), ones(2, 1))),
        TypeError,
        "'float16'",
    ),
    "no scale": (
        Dense(2, Tanh(), normalise=LayerNorm()),
        (ones(1, 2), ones(2, 1)),
        ValueError,
        r"parameters\[0\] must hold.*'scale': \(1, 2\), 'shift': \(1, 2\)\}; got .*'bias': \(1, 2\)\}",
    ),
    "no slope": (
        Dense(2, LeakyReLU(), learn=("negative_slope",)),
        (ones(1, 2), ones(2, 1)),
        ValueError,
        r"parameters\[0\] must hold.*'negative_slope': \(1, 1\)\}; got",
    ),
    "one slope": (
        Dense(2, LeakyReLU(), learn=("negative_slope",), per_unit=True),
        (ones(1, 2, negative_slope=np.ones((2, 1, 1))), ones(2, 1)),
        ValueError,
        r"'negative_slope': \(1, 2\)\}; got .*'negative_slope': \(1, 1\)\}",
    ),
    "surplus": (PLAIN, (ones(1, 2, scale=np.ones((2, 1, 2))), ones(2, 1)), ValueError, r"must hold.*got.*'scale'"),
    "masked": (
        PLAIN,
        (ones(1, 2) | {"bias": np.ma.ones((2, 1, 2))}, ones(2, 1)),
        TypeError,
        r"\[0\]\['bias'\] is a masked",
    ),
    "one layer": (
        PLAIN,
        ones(1, 2),
        TypeError,
        "parameters must be a tuple of dicts of arrays, one a layer.*; got {'",
    ),
    "arrays": (PLAIN, [np.ones((2, 1, 2))], TypeError, "parameters must be a tuple of dicts of arrays, one a layer"),
    "nothing": (PLAIN, ({}, {}), TypeError, "parameters must be a tuple of dicts of arrays, one a layer"),
    "of an LSTM": (PLAIN, LSTM(1, 2, Dense(1)).initialise(spawn(0, 2)), ValueError, r"\[0\] must hold.*got.*\(3, 8\)"),
    "too few": (PLAIN, (ones(1, 2),), ValueError, "parameters are those of 1 layers, the network has 2"),
}


@pytest.mark.parametrize("layer, parameters, error, message", MISFITS.values(), ids=MISFITS)
def test_parameters_that_do_not_fit_the_network_are_refused(layer, parameters, error, message):
    network, x = MLP(1, [layer, Dense(1)]), np.ones((3, 1))
    tape = network.forward(network.initialise(spawn(0, 2)), x)
    for call in (
        lambda: network.predict(parameters, x),
        lambda: network.backward(parameters, tape, np.ones((2, 3, 1))),
        lambda: network.workspace(parameters),
    ):
        with pytest.raises(error, match=message):
            call()


def test_everything_is_of_the_type_of_the_parameters():
    net = MLP(1, [Dense(2, Tanh()), Dense(1)])
    parameters = net.initialise(spawn(0, 2), np.float32)
    tape = net.forward(parameters, np.ones((3, 1)))
    gradients, deltas = net.backward(parameters, tape, np.ones((2, 3, 1)))
    assert {a.dtype for a in (*deltas, *arrays(gradients).values())} == {np.dtype(np.float32)}


def test_a_function_of_the_readers_own_may_return_what_it_was_given():
    """Here the derivative is z itself, or an array that cannot be written: a backward pass must leave it alone."""

    class HalfSquare(SquaredReLU):
        def value(self, z):
            return z * z / 2

        def derivative(self, z):
            return z

    class Double(HalfSquare):
        def derivative(self, z):
            return np.broadcast_to(z.dtype.type(2), z.shape)

    for f in (HalfSquare(), Double()):
        net = MLP(1, [Dense(2, f), Dense(1)])
        parameters = net.initialise(spawn(0, 2))
        tape = net.forward(parameters, [[1.0], [2.0]])
        before = tape[0].preactivations.copy()
        first, _ = net.backward(parameters, tape, np.ones((2, 2, 1)))
        again, _ = net.backward(parameters, tape, np.ones((2, 2, 1)))
        np.testing.assert_array_equal(tape[0].preactivations, before)
        same(first, again)


def test_forward_by_hand():
    network = MLP(2, [Dense(2, ReLU()), Dense(1)])
    parameters = (
        {"weights": np.array([[[1.0, -1.0], [2.0, 0.5]]]), "bias": np.array([[[0.5, 0.0]]])},
        {"weights": np.array([[[3.0], [4.0]]]), "bias": np.array([[[-1.0]]])},
    )
    tape = network.forward(parameters, [[1.0, 1.0], [-2.0, 0.0]])
    assert tape[0].preactivations.tolist() == [[[3.5, -0.5], [-1.5, 2.0]]]
    assert tape[0].outputs.tolist() == [[[3.5, 0.0], [0.0, 2.0]]]
    assert tape[1].outputs.tolist() == [[[9.5], [7.0]]] == network.predict(parameters, [[1, 1], [-2, 0]]).tolist()
    gradients, deltas = network.backward(parameters, tape, np.ones((1, 2, 1)))
    assert deltas[0].tolist() == [[[3.0, 0.0], [0.0, 4.0]]]
    assert gradients[0]["weights"].tolist() == [[[3.0, -8.0], [3.0, 0.0]]]
    assert gradients[0]["bias"].tolist() == [[[3.0, 4.0]]]
    assert gradients[1]["weights"].tolist() == [[[3.5], [2.0]]] and gradients[1]["bias"].tolist() == [[[2.0]]]


def test_a_residual_layer_adds_its_inputs():
    plain, residual = (MLP(3, [Dense(3, Tanh(), residual=r), Dense(3, ReLU(), residual=r)]) for r in (False, True))
    parameters, x = plain.initialise(spawn(0, 2)), np.random.default_rng(0).normal(size=(5, 3))
    first, second = residual.forward(parameters, x)
    np.testing.assert_array_equal(first.outputs, plain.forward(parameters, x)[0].outputs + x)
    np.testing.assert_array_equal(second.outputs, np.maximum(second.preactivations, 0) + first.outputs)


@pytest.mark.parametrize("norm, axis", [(BatchNorm(), 1), (LayerNorm(), 2)], ids=repr)
def test_a_normalised_layer_scales_and_shifts_what_the_activation_gets(norm, axis):
    network = MLP(3, [Dense(4, Tanh(), normalise=norm), Dense(1)])
    first, last = network.initialise(spawn(0, 2))
    assert np.all(first["scale"] == 1) and not first["shift"].any() and first["scale"].shape == (2, 1, 4)
    first["scale"], first["shift"] = first["scale"] * 3, first["shift"] + 0.5
    x = np.random.default_rng(0).normal(size=(50, 3)) * [1, 10, 100]
    seen = network.forward((first, last), x)[0]
    np.testing.assert_allclose(seen.preactivations.mean(axis=axis), 0.5, atol=1e-13)
    np.testing.assert_allclose(seen.preactivations.std(axis=axis), 3, rtol=1e-3)
    np.testing.assert_array_equal(seen.outputs, np.tanh(seen.preactivations))


def test_with_statistics_a_network_judges_each_sample_alone():
    network = MLP(3, [Dense(4, Tanh(), normalise=BatchNorm()), Dense(4, ReLU(), normalise=BatchNorm()), Dense(2)])
    parameters, x = network.initialise(spawn(0, 3)), np.random.default_rng(0).normal(size=(40, 3)) + 2
    fixed, whole = network.with_statistics(parameters, x), network.predict(parameters, x)
    np.testing.assert_allclose(fixed.predict(parameters, x), whole, rtol=1e-12)
    for chosen in ([0], [5, 9, 2]):
        np.testing.assert_allclose(fixed.predict(parameters, x[chosen]), whole[:, chosen], rtol=1e-12)
    assert not np.allclose(network.predict(parameters, x[[5, 9, 2]]), whole[:, [5, 9, 2]])
    assert check_network(fixed, parameters, x[:5], np.zeros((5, 2)), MeanSquaredError()).passed
    plain = MLP(3, [Dense(2)])
    assert plain.with_statistics(plain.initialise(spawn(0, 3)), x) == plain
    with pytest.raises(ValueError, match="statistics are those of 3 members, the parameters those of 2"):
        fixed.predict(map_parameters(lambda p: p[:2], parameters), x)
    with pytest.raises(ValueError, match="BatchNorm compares the samples of a batch and got a batch of 1"):
        network.predict(parameters, x[:1])


def test_a_member_that_diverged_has_no_statistics_and_the_others_keep_theirs():
    network = MLP(3, [Dense(4, Tanh(), normalise=BatchNorm()), Dense(2)])
    parameters, x = network.initialise(spawn(0, 3), np.float32), np.random.default_rng(0).normal(size=(40, 3)) + 2
    expected = network.with_statistics(parameters, x).predict(parameters, x)
    parameters[0]["weights"][1] = 1e38
    outputs = network.with_statistics(parameters, x).predict(parameters, x)
    assert np.isnan(outputs[1]).all()
    np.testing.assert_array_equal(outputs[[0, 2]], expected[[0, 2]])


def test_given_numbers_may_be_of_several_float_types():
    network, x = MLP(2, [Dense(2, Tanh()), Dense(1)]), [[1.0, 2.0]]
    layers = [(np.float32([[1, 2], [3, 4]]), [0.1, 0.2]), (np.float16([[1], [2]]), np.float32([0.3]))]
    for given, dtype in ((layers, np.float64), ([(np.float16(w), np.float32(b)) for w, b in layers], np.float32)):
        parameters = network.with_parameters(given)
        assert {a.dtype for a in arrays(parameters).values()} == {np.dtype(dtype)}
        assert network.predict(parameters, x).dtype == dtype


def test_numbers_of_small_types_do_not_wrap():
    layer = Dense(np.uint8(200), get("glu"), initial_bias=np.float16(0.1), residual=np.False_)
    assert layer.columns == 400 and layer.shapes(np.uint8(3)) == {"weights": (3, 400), "bias": (1, 400)}
    assert [type(v) for v in (layer.units, layer.initial_bias, layer.residual)] == [int, float, bool]
    assert MLP(np.uint8(200), [Dense(np.uint8(200)), Dense(1)]).count() == 201 * 200 + 201
    assert Dense(2, initial_bias=np.array([1, 2])) == Dense(2, initial_bias=[1.0, 2.0]) != Dense(2, initial_bias=1.0)


@own_inputs
@each_layer
def test_a_layer_can_be_called_with_its_parameters(layer, own):
    network, parameters, x, _ = case(layer, own)
    tape = network.forward(parameters, x)
    for k, (each, seen) in enumerate(zip(network.layers, tape, strict=True)):
        np.testing.assert_array_equal(each(parameters[k], seen.inputs), seen.outputs)
    with pytest.raises(ValueError, match=r"parameters\[0\] must hold.*'weights': \(7, 4\)"):
        network.layers[0](parameters[0], np.ones((5, 7)))
    with pytest.raises(ValueError, match=r"x must have shape \(samples, 3\).*got \(3,\)"):
        network.layers[0](parameters[0], np.ones(3))


def test_float32_on_request():
    parameters = [NETWORK.initialise(spawn(0, 2), dtype=t) for t in (np.float32, np.float64)]
    for single, double in zip(*(arrays(p).values() for p in parameters), strict=True):
        assert single.dtype == np.float32
        np.testing.assert_array_equal(single, double.astype(np.float32))


def test_each_member_may_have_its_own_gain():
    gains = np.array([0.5, 1.0, 4.0])
    own = MLP(3, [Dense(4, Tanh(), VarianceScaling(gains)), Dense(2)]).initialise(spawn(0, 3))
    for k, gain in enumerate(gains):
        alone = MLP(3, [Dense(4, Tanh(), VarianceScaling(gain)), Dense(2)]).initialise([spawn(0, 3)[k]])
        same(alone, map_parameters(lambda p, k=k: p[k : k + 1], own))
    with pytest.raises(ValueError, match=r"gain must be one number or one for each of 2 members; got shape \(3,\)"):
        MLP(3, [Dense(4, Tanh(), VarianceScaling(gains))]).initialise(spawn(0, 2))


def test_initial_parameters():
    network = MLP(
        3, [Dense(5, LeakyReLU(0.25), initial_weights=he(), initial_bias=-0.5, learn=("negative_slope",)), Dense(2)]
    )
    first, second = network.initialise(spawn(0, 4))
    shapes = {name: array.shape for name, array in first.items()}
    assert shapes == {"weights": (4, 3, 5), "bias": (4, 1, 5), "negative_slope": (4, 1, 1)}
    assert np.all(first["bias"] == -0.5) and np.all(first["negative_slope"] == 0.25) and not second["bias"].any()
    assert len(np.unique(first["weights"])) == 60
    own = dataclasses.replace(network.layers[0], per_unit=True).initialise(spawn(0, 4), 3)
    assert own["negative_slope"].shape == (4, 1, 5)
    assert network.count() == (3 + 1) * 5 + 1 + (5 + 1) * 2


@each_layer
def test_shapes_are_those_of_the_parameters(layer):
    network, parameters, _, _ = case(layer, own=False)
    assert network.shapes() == tuple({k: a.shape[1:] for k, a in p.items()} for p in parameters)
    assert network.count() == sum(array[0].size for array in arrays(parameters).values())


def test_a_learned_slope_may_pass_through_zero_and_one():
    layer = Dense(3, LeakyReLU(), learn=("negative_slope",))
    for slope in (-0.5, 0.0, 1.0, 1.5):
        bound = layer.bind({"negative_slope": np.full((2, 1, 1), slope)})
        assert np.all(bound(-np.ones((2, 4, 3))) == -slope)


def test_member_generators_do_not_depend_on_their_number():
    assert [g.random() for g in spawn(3, 2)] == [g.random() for g in spawn(3, 9)][:2]
    assert len({g.random() for g in spawn(3, 50)}) == 50


NETWORK = MLP(2, [Dense(3, ReLU()), Dense(1)])
PARAMETERS = NETWORK.initialise(spawn(0, 4))
DEEPER = MLP(2, [Dense(3, ReLU()), Dense(3), Dense(1)]).initialise(spawn(0, 4))
TAPE = NETWORK.forward(PARAMETERS, np.ones((5, 2)))

REFUSED = [
    (lambda: Dense(0), ValueError, "units must be a whole number, 1 or more; got 0"),
    (lambda: Dense(2.5), ValueError, "units must be a whole number, 1 or more; got 2.5"),
    (lambda: Dense(2, "relu"), TypeError, r"activation must be an Activation such as ReLU\(\); got 'relu'"),
    (lambda: Dense(2, ReLU), TypeError, r"activation must be an Activation such as ReLU\(\); got <class"),
    (lambda: Dense(2, initial_bias=np.nan), ValueError, "initial_bias must be .*finite.*; got nan"),
    (lambda: Dense(2, initial_bias=np.ma.ones(3)), TypeError, "initial_bias is a masked array"),
    (
        lambda: Dense(2, initial_bias=np.ones((3, 1))),
        ValueError,
        "initial_bias must be a finite number, or one for each",
    ),
    (
        lambda: MLP(1, [Dense(2, initial_bias=[1.0, 2.0])]).initialise(spawn(0, 3)),
        ValueError,
        r"initial_bias must be one number or one for each of 3 members; got shape \(2,\)",
    ),
    (
        lambda: Dense(2, initial_weights=3),
        TypeError,
        r"initial_weights must be a VarianceScaling such as he\(\); got 3",
    ),
    (
        lambda: Dense(2, LeakyReLU(np.array([0.1, 0.2])), learn=("negative_slope",)),
        ValueError,
        "activation must start with one number as negative_slope",
    ),
    (
        lambda: Dense(2, normalise=FixedNorm(np.zeros((2, 1, 3)), np.ones((2, 1, 3)))),
        ValueError,
        "normalise must hold statistics of 2 columns, those of the layer; got 3",
    ),
    (lambda: Dense(2, initial_bias="0"), (TypeError, ValueError), "initial_bias must be .*; got '0'"),
    (
        lambda: Dense(2, LeakyReLU(), learn=("slope",)),
        ValueError,
        r"no parameter 'slope' to learn; it has \['negative_slope'\]",
    ),
    (lambda: Dense(2, ReLU(), learn=("alpha",)), ValueError, "no parameter 'alpha' to learn; it has none"),
    (lambda: Dense(2, Maxout(2), learn=("pieces",)), ValueError, "no parameter 'pieces' to learn; it has none"),
    (lambda: Dense(2, RReLU(), learn=("lower",)), ValueError, "no parameter 'lower' to learn; it has none"),
    (lambda: Dense(2, normalise=BatchNorm), TypeError, r"normalise must be BatchNorm\(\), LayerNorm\(\) or None"),
    (lambda: Dense(1, normalise=LayerNorm()), ValueError, "LayerNorm compares the units.*needs 2 or more; got 1"),
    (
        lambda: MLP(2, [Dense(3), Dense(4, residual=True)]),
        ValueError,
        r"layers\[1\] is residual: it adds its 3 inputs .*; got 4",
    ),
    (lambda: MLP(2, [Dense(4, residual=True)]), ValueError, r"layers\[0\] is residual: it adds its 2 inputs"),
    (lambda: MLP(0, [Dense(1)]), ValueError, "inputs must be a whole number, 1 or more; got 0"),
    (lambda: MLP(2, []), TypeError, r"layers must be one or more Dense layers; got \(\)"),
    (lambda: MLP(2, [Dense(1), ReLU()]), TypeError, r"layers must be one or more Dense layers; got .*ReLU\(\)"),
    (lambda: NETWORK.initialise(spawn(0, 1) * 2), ValueError, "generators holds one generator twice"),
    (lambda: NETWORK.initialise([1, 2]), TypeError, r"generators must be a list of numpy Generators.*got \[1, 2\]"),
    (lambda: NETWORK.initialise(10), TypeError, "generators must be a list of numpy Generators.*got 10"),
    (lambda: Dense(2, residual="no"), TypeError, "residual must be True or False; got 'no'"),
    (lambda: Dense(2, per_unit=1), TypeError, "per_unit must be True or False; got 1"),
    *(
        (
            lambda tape=tape: NETWORK.backward(PARAMETERS, tape, np.ones((4, 5, 1))),
            ValueError,
            "tape must be what forward",
        )
        for tape in (None, TAPE[1:], np.ones((2, 5)))
    ),
    *(
        (lambda layers=layers: NETWORK.with_parameters(layers), ValueError, "layers must be a list of 2 pairs")
        for layers in (3, [1, 2], [([[1.0]],), ([[1.0]],)], [([[1.0]], [1.0])])
    ),
    *(
        (
            lambda dtype=dtype: NETWORK.initialise(spawn(0, 1), dtype),
            ValueError,
            "dtype must be np.float32 or np.float64",
        )
        for dtype in (np.int64, np.complex128, np.float16, np.longdouble, object, None, "single precision")
    ),
    (lambda: spawn(-1, 2), ValueError, "seed must be a whole number, 0 or more; got -1"),
    (lambda: spawn(None, 2), ValueError, "seed must be a whole number, 0 or more; got None"),
    (lambda: spawn(0, 0), ValueError, "members must be a whole number, 1 or more; got 0"),
    (
        lambda: NETWORK.predict(PARAMETERS, np.ones((5, 3))),
        ValueError,
        r"x must have shape \(samples, 2\) or .*got \(5, 3\)",
    ),
    (lambda: NETWORK.predict(PARAMETERS, np.ones(2)), ValueError, r"x must have shape .*got \(2,\)"),
    (
        lambda: NETWORK.predict(PARAMETERS, np.ones((3, 5, 2))),
        ValueError,
        "x holds inputs for 3 members, the parameters",
    ),
    (lambda: NETWORK.predict(PARAMETERS, [["a", "b"]]), TypeError, "x must hold real numbers.*<U1"),
    (lambda: NETWORK.predict(PARAMETERS, np.ones((5, 2)) * 1j), TypeError, "x must hold real numbers.*complex128"),
    (lambda: NETWORK.predict(DEEPER, np.ones((5, 2))), ValueError, "parameters"),
    (lambda: NETWORK.backward(PARAMETERS, TAPE, np.ones((5, 1))), ValueError, r"upstream must have shape \(4, 5, 1\)"),
    (
        lambda: NETWORK.backward(PARAMETERS, TAPE, np.ones((4, 5, 2))),
        ValueError,
        r"upstream must have shape \(4, 5, 1\)",
    ),
]


@pytest.mark.parametrize("call, error, message", REFUSED, ids=[f"{k}: {m[:50]}" for k, (_, _, m) in enumerate(REFUSED)])
def test_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()
