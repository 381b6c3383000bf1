"""Training: the right batches, members alone in the world, and steps that keep what they hold."""

import copy
from types import SimpleNamespace

import numpy as np
import pytest

from nonlinear.activations import CATALOGUE, LeakyReLU, ReLU, Tanh, get
from nonlinear.clipping import Clipped
from nonlinear.gradcheck import check_network
from nonlinear.losses import MeanSquaredError, SoftmaxCrossEntropy
from nonlinear.lstm import LSTM
from nonlinear.network import MLP, Dense, map_parameters, spawn
from nonlinear.normalisation import BatchNorm, LayerNorm
from nonlinear.optimisers import SGD, Adam
from nonlinear.recording import loss, record
from nonlinear.schedules import Cosine, Warmup
from nonlinear.training import Network, full_batches, last, minibatches, train

RANDOM = np.random.default_rng(0)
X, TARGETS = RANDOM.normal(size=(23, 3)), RANDOM.normal(size=(23, 2))
MSE = MeanSquaredError()


def arrays(tree):
    return [array for layer in tree for array in layer.values()]


def run(network, generators, orders, rule, epochs=2):
    return last(train(network, network.initialise(generators), minibatches(X, TARGETS, 5, epochs, orders), MSE, rule))


# Batches -------------------------------------------------------------------------------------------------------------


def test_every_member_sees_every_sample_once_an_epoch_in_its_own_order():
    x, labels = np.arange(23.0)[:, None], np.arange(23)
    batches = list(minibatches(x, labels, 5, 2, spawn(0, 4)))
    assert [b.shape for b, _ in batches] == ([(4, 5, 1)] * 4 + [(4, 3, 1)]) * 2
    assert all(np.array_equal(b[..., 0], t) for b, t in batches)
    orders = [np.concatenate([t for _, t in batches[start : start + 5]], axis=1) for start in (0, 5)]
    for order in orders:
        assert np.array_equal(np.sort(order, axis=1), np.tile(labels, (4, 1)))
    assert len({tuple(member) for order in orders for member in order}) == 8


def test_a_members_order_does_not_depend_on_the_others():
    many = list(minibatches(X, TARGETS, 4, 3, spawn(7, 10)))
    alone = list(minibatches(X, TARGETS, 4, 3, [spawn(7, 10)[6]]))
    for (x, t), (x1, t1) in zip(many, alone, strict=True):
        assert np.array_equal(x[6], x1[0]) and np.array_equal(t[6], t1[0])


def test_batches_take_the_float_type_of_the_parameters():
    labels = (X[:, 0] > 0).astype(int)
    for targets, kind in ((TARGETS, np.float32), (labels, labels.dtype)):
        batches = minibatches(X, targets, 5, 1, spawn(0, 2))
        first, rest = next(batches), list(batches.of_type(np.float32))
        assert first[0].dtype == np.float64 and len(rest) == 4 and next(batches, None) is None
        assert {x.dtype for x, _ in rest} == {np.dtype(np.float32)} and {t.dtype for _, t in rest} == {np.dtype(kind)}


def test_full_batches_and_oversized_ones_hold_everything():
    assert [x.shape for x, _ in full_batches(X, TARGETS, 3)] == [(23, 3)] * 3
    ((x, t),) = minibatches(X, TARGETS, 100, 1, spawn(0, 2))
    assert x.shape == (2, 23, 3) and t.shape == (2, 23, 2)


# Ensemble = alone ----------------------------------------------------------------------------------------------------

RULES = {
    "sgd": lambda k: SGD(0.1),
    "momentum": lambda k: SGD(0.05, momentum=0.9, weight_decay=0.01),
    "nesterov, schedule": lambda k: SGD(0.05, momentum=0.9, nesterov=True, schedule=Warmup(3) * Cosine(8)),
    "adam": lambda k: Adam(0.01, weight_decay=0.1),
    "own rates": lambda k: SGD(np.linspace(0.01, 0.3, 10)[k], momentum=0.5),
    "own rates, adam": lambda k: Adam(np.linspace(0.001, 0.1, 10)[k], weight_decay=np.linspace(0, 1, 10)[k]),
}
HIDDEN = {name: Dense(6, get(name)) for name in CATALOGUE}
HIDDEN |= {"batch norm": Dense(6, Tanh(), normalise=BatchNorm()), "layer norm": Dense(6, normalise=LayerNorm())}
HIDDEN["learned slope"] = Dense(6, LeakyReLU(0.25), learn=("negative_slope",), per_unit=True)


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
@pytest.mark.parametrize("layer", HIDDEN.values(), ids=HIDDEN)
def test_a_member_trains_as_if_alone_bit_for_bit(layer, rule):
    network = MLP(3, [layer, Dense(6, Tanh(), residual=True), Dense(2)])
    together = run(network, spawn(0, 10), spawn(1, 10), rule(slice(None)))
    for k in (0, 7):
        alone = run(network, [spawn(0, 10)[k]], [spawn(1, 10)[k]], rule(slice(k, k + 1)))
        assert alone.loss[0] == together.loss[k]
        for one, all_of_them in zip(arrays(alone.updated), arrays(together.updated), strict=True):
            np.testing.assert_array_equal(one[0], all_of_them[k])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("samples, units", [(128, 1), (128, 3), (7, 2)])
def test_a_member_does_not_know_the_size_of_its_ensemble(samples, units, dtype):
    network = MLP(3, [Dense(16, Tanh()), Dense(16, get("silu"), residual=True), Dense(units)])
    random = np.random.default_rng(0)
    x, y = random.normal(size=(samples, 3)), random.normal(size=(samples, units))

    def end(members):
        start = network.initialise(spawn(0, members), dtype)
        return last(train(network, start, full_batches(x, y, 20), MSE, Adam(0.02))).updated.flat

    largest = end(33)
    for members in (1, 2, 5, 16, 17):
        np.testing.assert_array_equal(end(members), largest[:members])


@pytest.mark.parametrize("rule", [RULES["momentum"], RULES["adam"]], ids=["momentum", "adam"])
@pytest.mark.parametrize("layer", HIDDEN.values(), ids=HIDDEN)
def test_training_is_the_plain_loop_bit_for_bit(layer, rule):
    network, rule = MLP(3, [layer, Dense(6, Tanh(), residual=True), Dense(2)]), rule(slice(None))
    parameters = network.initialise(spawn(0, 3))
    state, batches = rule.start(parameters), list(minibatches(X, TARGETS, 5, 2, spawn(1, 3)))
    steps = train(network, parameters, iter(batches), MSE, rule)
    for (x, targets), step in zip(batches, steps, strict=True):
        tape = network.forward(parameters, x)
        losses, upstream = MSE(tape[-1].outputs, targets)
        gradients, deltas = network.backward(parameters, tape, upstream)
        parameters, state = rule.update(parameters, gradients, state)
        assert np.array_equal(step.loss, losses)
        pairs = [*zip(step.deltas, deltas, strict=True), *zip(arrays(step.gradients), arrays(gradients), strict=True)]
        pairs += zip(arrays(step.updated), arrays(parameters), strict=True)
        assert all(np.array_equal(a, b) for a, b in pairs)


@pytest.mark.parametrize("rule", [SGD(0.1, momentum=0.9), Adam(np.full(3, 0.01), weight_decay=0.1)], ids=repr)
def test_float32_parameters_stay_float32(rule):
    network = MLP(3, [Dense(4, LeakyReLU(0.2), learn=("negative_slope",)), Dense(2)])
    parameters = map_parameters(lambda p: p.astype(np.float32), network.initialise(spawn(0, 3)))
    for step in train(network, parameters, minibatches(X, TARGETS, 5, 1, spawn(0, 3)), MSE, rule):
        found = arrays(step.updated) + arrays(step.gradients) + [step.loss, *step.deltas]
        assert {a.dtype for a in found} == {np.dtype(np.float32)}


def test_training_learns_what_it_can_learn():
    x = np.linspace(-1, 1, 40)[:, None]
    network = MLP(1, [Dense(8, Tanh()), Dense(1)])
    batches = full_batches(x, np.abs(x), 400)
    history = record(train(network, network.initialise(spawn(0, 5)), batches, MSE, Adam(0.02)), {"loss": loss})
    assert np.all(history["loss"][-1] < 0.02 * history["loss"][0]) and history.index.tolist() == list(range(400))


# Steps ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", [SGD(0.1), SGD(0.1, momentum=0.9, weight_decay=0.1), Adam(0.1)], ids=repr)
def test_a_copy_of_a_step_keeps_what_it_holds(rule):
    learned = Dense(4, LeakyReLU(0.2), learn=("negative_slope",), normalise=BatchNorm())
    network = MLP(3, [Dense(4, ReLU()), learned, Dense(4), Dense(2, Tanh())])
    kept, snapshots, updated = [], [], None
    for step in train(network, network.initialise(spawn(0, 3)), minibatches(X, TARGETS, 5, 2, spawn(0, 3)), MSE, rule):
        assert updated is None or step.parameters is updated
        updated = step.updated
        kept.append(step.copy())
        snapshots.append(copy.deepcopy(contents(step)))
    for step, snapshot in zip(kept, snapshots, strict=True):
        assert all(np.array_equal(a, b) for a, b in zip(contents(step), snapshot, strict=True))


class Alone(MLP):
    def __deepcopy__(self, memo):
        raise AssertionError("a network is settings, which a copy of a step shares")


def test_a_copy_of_a_step_shares_the_network():
    network = Alone(3, [Dense(2)])
    step = next(train(network, network.initialise(spawn(0, 2)), full_batches(X, TARGETS, 1), MSE, SGD(0.1)))
    assert step.copy().network is network


def contents(step):
    seen = [a for s in step.tape for a in (s.inputs, s.preactivations, s.outputs)]
    trees = (step.parameters, step.updated, step.gradients)
    seen += [*step.tape[1].normalised, step.tape[1].activation.negative_slope]
    return [step.loss, step.diverged_at, *step.deltas, *seen, *(a for tree in trees for a in arrays(tree))]


def test_training_leaves_alone_what_it_is_given():
    network, rule = MLP(3, [Dense(4, ReLU()), Dense(2)]), SGD(0.1, momentum=0.5)
    first = last(train(network, network.initialise(spawn(0, 3)), full_batches(X, TARGETS, 3), MSE, rule)).updated
    snapshot = [a.copy() for a in arrays(first)]
    last(train(network, first, full_batches(X, TARGETS, 3), MSE, rule))
    assert all(np.array_equal(a, b) for a, b in zip(arrays(first), snapshot, strict=True))


def test_a_step_is_gradient_descent_on_its_own_batch():
    network = MLP(3, [Dense(4, Tanh()), Dense(2)])
    first = network.initialise(spawn(0, 2))
    (step,) = train(network, first, [(X, TARGETS)], MSE, SGD(0.25))
    loss, upstream = MSE(network.predict(first, X), TARGETS)
    gradients, _ = network.backward(first, network.forward(first, X), upstream)
    assert np.array_equal(step.loss, loss) and step.index == 0
    assert all(np.array_equal(a, b) for a, b in zip(arrays(step.parameters), arrays(first), strict=True))
    for new, old, gradient in zip(arrays(step.updated), arrays(first), arrays(gradients), strict=True):
        np.testing.assert_array_equal(new, old - 0.25 * gradient)
    assert step.diverged_at.tolist() == [-1, -1]


def test_training_can_go_on_from_a_step():
    network, rule = MLP(3, [Dense(4, Tanh()), Dense(2)]), SGD(0.1)
    batches = list(full_batches(X, TARGETS, 6))
    whole = last(train(network, network.initialise(spawn(0, 2)), batches, MSE, rule))
    half = last(train(network, network.initialise(spawn(0, 2)), batches[:3], MSE, rule))
    rest = last(train(network, half.updated, batches[3:], MSE, rule))
    assert all(np.array_equal(a, b) for a, b in zip(arrays(whole.updated), arrays(rest.updated), strict=True))


class Scales:
    """A network of a reader's own: each output is its input times a number."""

    def initialise(self, generators, dtype=np.float64):
        return ({"scales": np.stack([g.normal(size=(1, 3)).astype(dtype) for g in generators])},)

    def forward(self, parameters, x):
        return [SimpleNamespace(inputs=x, outputs=x * parameters[0]["scales"])]

    def backward(self, parameters, tape, upstream):
        return ({"scales": (upstream * tape[-1].inputs).sum(axis=-2, keepdims=True)},), (upstream,)


def test_any_network_with_the_three_methods_can_be_trained():
    network, true = Scales(), np.array([1.0, -2.0, 0.5])
    assert all(isinstance(each, Network) for each in (network, MLP(3, [Dense(2)]), LSTM(3, 2, Dense(1))))
    start, batches = network.initialise(spawn(0, 4)), full_batches(X, X * true, 300)
    step = last(train(network, start, batches, MSE, Clipped(Adam(0.1), 1.0)))
    np.testing.assert_allclose(step.updated[0]["scales"], np.broadcast_to(true, (4, 1, 3)), atol=1e-3)
    assert check_network(network, start, X, X * true, MSE).passed


def test_any_network_may_offer_a_workspace():
    asked = []

    class Offering(Scales):
        def workspace(self, parameters):
            asked.append(parameters)
            return Scales()

        def backward(self, parameters, tape, upstream):
            raise AssertionError("the passes of a training are those of the workspace")

    network = Offering()
    last(train(network, network.initialise(spawn(0, 2)), full_batches(X, X, 3), MSE, SGD(0.1)))
    assert len(asked) == 1


def test_the_passes_of_a_subclass_are_those_that_are_trained():
    class Shifted(MLP):
        def forward(self, parameters, x):
            return super().forward(parameters, x + 1)

    network, plain, ends = Shifted(3, [Dense(4, Tanh()), Dense(2)]), MLP(3, [Dense(4, Tanh()), Dense(2)]), []
    for each, x in ((network, X), (plain, X + 1)):
        start = plain.initialise(spawn(0, 2))
        ends.append(last(train(each, start, full_batches(x, TARGETS, 5), MSE, SGD(0.1))).updated.flat)
    np.testing.assert_array_equal(*ends)


def test_an_optimiser_may_leave_everything_as_it_is():
    class Resting(SGD):
        def update(self, parameters, gradients, state, out=None):
            if state.step % 2:
                return super().update(parameters, gradients, state, out)
            return parameters, state._replace(step=state.step + 1)

    start = NETWORK.initialise(spawn(0, 2))
    steps = [s.copy() for s in train(NETWORK, start, full_batches(X, TARGETS, 4), MSE, Resting(0.1))]
    for before, after in zip(steps, steps[1:], strict=False):
        np.testing.assert_array_equal(before.updated[0]["weights"], after.parameters[0]["weights"])
    assert not np.array_equal(steps[1].parameters[0]["weights"], steps[1].updated[0]["weights"])


def test_an_optimiser_may_return_a_plain_tree():
    class Plain(SGD):
        def update(self, parameters, gradients, state, out=None):
            return map_parameters(lambda p, g: p - 0.1 * g, parameters, gradients), state

    network, ends = MLP(3, [Dense(4, Tanh()), Dense(2)]), []
    for rule in (Plain(0.1), SGD(0.1)):
        start = network.initialise(spawn(0, 2))
        ends.append(last(train(network, start, full_batches(X, TARGETS, 5), MSE, rule)).updated.flat)
    np.testing.assert_array_equal(*ends)


OWN_OPTIMISERS = {
    "no state": (
        lambda p, g, s: p,
        TypeError,
        "optimiser.update must return a pair, the parameters and the next state",
    ),
    "a list": (lambda p, g, s: [p, s], TypeError, "optimiser.update must return a pair"),
    "an array": (lambda p, g, s: (p.flat, s), TypeError, "optimiser.update must return a pair"),
    "no layers": (
        lambda p, g, s: ([], s),
        TypeError,
        "the parameters that optimiser.update returned must be a tuple of",
    ),
    "numbers": (
        lambda p, g, s: (tuple(dict.fromkeys(layer, 1.0) for layer in p), s),
        ValueError,
        "the parameters that optimiser.update returned must have the shapes",
    ),
    "one layer": (lambda p, g, s: (tuple(p)[:1], s), ValueError, "the parameters that optimiser.update returned must"),
}


@pytest.mark.parametrize("update, error, message", OWN_OPTIMISERS.values(), ids=OWN_OPTIMISERS)
def test_what_an_own_optimiser_must_return_is_said(update, error, message):
    class Own(SGD):
        def update(self, parameters, gradients, state, out=None):
            return update(parameters, gradients, state)

    network = MLP(3, [Dense(4, Tanh()), Dense(2)])
    with pytest.raises(error, match=message):
        last(train(network, network.initialise(spawn(0, 2)), full_batches(X, TARGETS, 5), MSE, Own(0.1)))


OWN_LOSSES = {
    "one for all members": lambda o, t: (np.mean((o - t) ** 2), o - t),
    "averaged gradient": lambda o, t: (np.mean((o - t) ** 2, axis=(1, 2)), (o - t).mean(axis=0)),
    "no gradient": lambda o, t: np.mean((o - t) ** 2, axis=(1, 2)),
}


@pytest.mark.parametrize("own", OWN_LOSSES.values(), ids=OWN_LOSSES)
def test_what_an_own_loss_must_return_is_said(own):
    with pytest.raises(ValueError, match=r"loss must return a pair: one number for each member, of shape \(2,\)"):
        last(train(NETWORK, START, full_batches(X, TARGETS, 3), own, SGD(0.1)))


def test_an_own_loss_may_answer_in_another_float_type():
    start = NETWORK.initialise(spawn(0, 2), np.float32)
    steps = train(NETWORK, start, full_batches(X, TARGETS, 3), lambda o, t: MSE(o.astype(float), t), SGD(0.1))
    assert {a.dtype for step in steps for a in (*step.deltas, *arrays(step.updated))} == {np.dtype(np.float32)}


def test_a_loss_derived_from_one_of_ours_is_the_one_that_is_trained_on():
    class Double(MeanSquaredError):
        def __call__(self, outputs, targets):
            return tuple(2 * each for each in super().__call__(outputs, targets))

    once, twice = (last(train(NETWORK, START, full_batches(X, TARGETS, 1), f, SGD(0.1))).loss for f in (MSE, Double()))
    np.testing.assert_array_equal(twice, 2 * once)


def test_training_is_silent_where_numpy_is_told_to_raise_and_leaves_that_as_it_was():
    network = MLP(3, [Dense(4, get("sigmoid")), Dense(4, get("gelu")), Dense(2)])
    start, x = network.initialise(spawn(0, 3), np.float32), X * 1e3
    rules = [SGD(np.array([0.1, 1e30, 0.1]), momentum=0.5), Adam(1e-30), Clipped(SGD(1e30), 1e-30)]
    for rule in rules:
        with np.errstate(all="raise"):
            for _ in train(network, start, full_batches(x, TARGETS, 20), MSE, rule):
                assert np.geterr() == dict.fromkeys(("divide", "over", "under", "invalid"), "raise")
                assert np.getbufsize() == 8192


def test_sizes_of_small_types_do_not_wrap():
    x = np.zeros((300, 1))
    batches = minibatches(x, x, np.uint8(200), np.uint8(1), spawn(0, 1))
    assert [len(b[0]) for b, _ in batches] == [200, 100]
    assert len(list(full_batches(x, x, np.uint8(200)))) == 200


# Divergence ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("momentum", [0.0, 0.9])
@pytest.mark.parametrize("loss", [MSE, SoftmaxCrossEntropy()], ids=repr)
def test_a_diverging_member_is_frozen_and_disturbs_nobody(loss, momentum, dtype):
    targets = TARGETS if loss is MSE else (TARGETS[:, 0] > 0).astype(int)
    network = MLP(3, [Dense(5, ReLU()), Dense(2)])
    first = map_parameters(lambda p: p.astype(dtype), network.initialise(spawn(0, 3)))
    huge = 1e20 if loss is MSE else 1e200 if dtype == np.float64 else 1e30

    def steps(members, rates):
        start = map_parameters(lambda p: p[members], first)
        run = train(network, start, full_batches(X, targets, 30), loss, SGD(rates, momentum=momentum))
        return [step.copy() for step in run]

    with_it, without = steps([0, 1, 2], np.array([0.05, huge, 0.01])), steps([0, 2], np.array([0.05, 0.01]))
    end = with_it[-1]
    when = end.diverged_at[1]
    assert 0 <= when < 29 and end.diverged_at.tolist() == [-1, when, -1]
    for step in with_it:
        assert step.diverged_at.tolist() == [-1, when if step.index >= when else -1, -1]
        assert all(np.isfinite(a).all() for a in arrays(step.updated))
    for frozen, at_last in zip(arrays(end.updated), arrays(with_it[when].parameters), strict=True):
        np.testing.assert_array_equal(frozen[1], at_last[1])
    for ours, theirs in zip(with_it, without, strict=True):
        np.testing.assert_array_equal(ours.loss[[0, 2]], theirs.loss)
        for a, b in zip(arrays(ours.updated), arrays(theirs.updated), strict=True):
            np.testing.assert_array_equal(a[[0, 2]], b)


def test_a_whole_ensemble_may_diverge():
    network = MLP(3, [Dense(5, ReLU()), Dense(2)])
    steps = list(train(network, network.initialise(spawn(0, 2)), full_batches(X, TARGETS, 12), MSE, SGD(1e200)))
    assert np.all(steps[-1].diverged_at >= 0) and len(steps) == 12


# Bad input -----------------------------------------------------------------------------------------------------------

BAD_X, BAD_TARGETS = X.copy(), TARGETS.copy()
BAD_X[4, 2], BAD_TARGETS[7, 1] = np.nan, np.inf
NETWORK = MLP(3, [Dense(2)])
START = NETWORK.initialise(spawn(0, 2))
SPOILT = ({**START[0], "bias": np.full((2, 1, 2), np.nan)},)

REFUSED = [
    (
        lambda: minibatches(BAD_X, TARGETS, 5, 1, spawn(0, 2)),
        ValueError,
        r"x must be finite; got nan at index \(4, 2\)",
    ),
    (
        lambda: minibatches(X, BAD_TARGETS, 5, 1, spawn(0, 2)),
        ValueError,
        r"targets must be finite; got inf at index \(7, 1\)",
    ),
    (lambda: minibatches(X, TARGETS[:-1], 5, 1, spawn(0, 2)), ValueError, "x and targets need the same.*got 23 and 22"),
    (lambda: minibatches(X[:0], TARGETS[:0], 5, 1, spawn(0, 2)), ValueError, "positive number of samples; got 0 and 0"),
    (lambda: minibatches(X, TARGETS, 0, 1, spawn(0, 2)), ValueError, "size must be a whole number, 1 or more; got 0"),
    (
        lambda: minibatches(X, TARGETS, 5, 1.5, spawn(0, 2)),
        ValueError,
        "epochs must be a whole number, 1 or more; got 1.5",
    ),
    (
        lambda: minibatches(X, TARGETS, 5, 1, [0]),
        TypeError,
        r"generators must be a list of numpy Generators.*got \[0\]",
    ),
    (lambda: minibatches(["a"], TARGETS, 5, 1, spawn(0, 2)), TypeError, "x must hold real numbers.*<U1"),
    (lambda: full_batches(BAD_X, TARGETS, 1), ValueError, "x must be finite; got nan"),
    (lambda: full_batches(X, BAD_TARGETS, 1), ValueError, "targets must be finite; got inf"),
    (lambda: full_batches(X, TARGETS[:-1], 1), ValueError, "x and targets need the same.*got 23 and 22"),
    (lambda: full_batches(X[:0], TARGETS[:0], 1), ValueError, "positive number of samples; got 0 and 0"),
    (lambda: full_batches(X, TARGETS, 0), ValueError, "steps must be a whole number, 1 or more; got 0"),
    (lambda: minibatches(3, 4, 5, 1, spawn(0, 2)), ValueError, "positive number of samples; got 0 and 0"),
    (lambda: last([]), ValueError, "steps is empty: there was no batch to train on"),
    (lambda: _train((BAD_X, TARGETS)), ValueError, "x must be finite; got nan"),
    (lambda: _train((X, BAD_TARGETS)), ValueError, "targets must be finite; got inf"),
    (lambda: _train((X, TARGETS), SPOILT), ValueError, "parameters.*must be finite; got nan"),
    (lambda: _train((X[:, :2], TARGETS)), ValueError, r"x must have shape \(samples, 3\)"),
    (lambda: _train((X, TARGETS[:, :1])), ValueError, r"targets must have shape \(23, 2\)"),
]

NOT_OF_THE_KIND = [
    (("network", NETWORK.layers), "network must be an MLP, an LSTM, or another network.*; got .Dense"),
    (("network", MLP), "network must be an MLP, an LSTM, or another network.*; got <class"),
    (("parameters", None), "parameters must be a tuple of dicts of arrays, .*; got None"),
    (("parameters", START[0]), "parameters must be a tuple of dicts of arrays, .*; got {"),
    (("batches", 10), r"batches must be an iterable of pairs \(x, targets\).*; got 10"),
    (("loss", "mse"), r"loss must be a Loss such as MeanSquaredError\(\); got 'mse'"),
    (("loss", type(MSE)), r"loss must be a Loss such as MeanSquaredError\(\); got <class"),
    (("optimiser", 0.1), r"optimiser must be an Optimiser such as SGD\(0.1\); got 0.1"),
]


@pytest.mark.parametrize("changed, message", NOT_OF_THE_KIND, ids=[m[:40] for _, m in NOT_OF_THE_KIND])
def test_arguments_of_another_kind_are_refused_before_the_first_step(changed, message):
    arguments = {"network": NETWORK, "parameters": START, "batches": [], "loss": MSE, "optimiser": SGD(0.1)}
    with pytest.raises(TypeError, match=message):
        train(**arguments | dict([changed]))


def test_a_function_will_do_as_a_loss():
    end, same = (
        last(train(NETWORK, START, full_batches(X, TARGETS, 3), f, SGD(0.1))) for f in (MSE, lambda a, t: MSE(a, t))
    )
    np.testing.assert_array_equal(end.updated.flat, same.updated.flat)


@pytest.mark.parametrize("batches", [(X, TARGETS), [X], [(X,)]], ids=["one pair", "no targets", "short"])
def test_batches_are_pairs(batches):
    with pytest.raises(TypeError, match=r"batches must yield pairs \(x, targets\)"):
        last(train(NETWORK, START, batches, MSE, SGD(0.1)))


def test_batches_are_used_up():
    batches = full_batches(X, TARGETS, 3)
    assert len(list(train(NETWORK, START, batches, MSE, SGD(0.1)))) == 3
    with pytest.raises(ValueError, match="steps is empty.*used up by one training"):
        last(train(NETWORK, START, batches, MSE, SGD(0.1)))


def _train(batch, parameters=START):
    return last(train(NETWORK, parameters, [batch], MSE, SGD(0.1)))


@pytest.mark.parametrize("call, error, message", REFUSED, ids=[f"{k}: {m[:45]}" for k, (_, _, m) in enumerate(REFUSED)])
def test_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()
