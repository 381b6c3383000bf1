"""The gradient checks pass what is right, catch what is wrong, and say where it is."""

from collections import OrderedDict, defaultdict
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pytest

from nonlinear.activations import CATALOGUE, GLU, Exponential, LeakyReLU, Pointwise, ReLU, Sigmoid, Softmax, Tanh
from nonlinear.gradcheck import check_activation, check_gradient, check_network, check_pullback
from nonlinear.gradcheck.differences import compare
from nonlinear.losses import BinaryCrossEntropy, MeanSquaredError, SoftmaxCrossEntropy
from nonlinear.network import MLP, Dense, map_parameters, spawn
from nonlinear.normalisation import BatchNorm, LayerNorm

POINTS = np.concatenate([np.linspace(-20, 20, 121), [0, 1e-9, -1e-9, 1e-4, 0.25, -21.5, -38.5, 700, -700, 1e4]])
RANDOM = np.random.default_rng(0)


@dataclass(frozen=True)
class Off(Tanh):
    """A tanh whose derivative is wrong by a factor, for z > 1 only."""

    factor: float = 1 + 1e-6

    def derivative(self, z):
        return super().derivative(z) * np.where(np.asarray(z) > 1, self.factor, 1)


@dataclass(frozen=True)
class Unknown(Tanh):
    """A tanh without a derivative."""

    def derivative(self, z):
        return np.full(np.shape(z), np.nan)


@dataclass(frozen=True)
class TailOff(Sigmoid):
    """A sigmoid whose derivative is a half too large where it is tiny."""

    def derivative(self, z):
        return super().derivative(z) * np.where(np.asarray(z) < -15, 1.5, 1)


@dataclass(frozen=True)
class SteepAtZero(ReLU):
    """A ReLU with a slope at 0 that neither side has."""

    def derivative(self, z):
        return np.where(np.asarray(z) == 0, 1.001, super().derivative(z))


@dataclass(frozen=True)
class WrongPartial(LeakyReLU):
    """A leaky ReLU whose slope learns the wrong way."""

    def partials(self, z):
        return {name: -value for name, value in super().partials(z).items()}


@dataclass(frozen=True)
class Diagonal(Softmax):
    """A softmax that forgets that its outputs depend on all inputs."""

    def pullback(self, z, upstream):
        a = self(z)
        return upstream * a * (1 - a), {}


def told_apart(report):
    return report.compared + len(report.too_small) + len(report.skipped)


@pytest.mark.parametrize("f", [f() for f in CATALOGUE.values() if issubclass(f, Pointwise)], ids=repr)
def test_the_catalogue_passes_at_kinks_too(f):
    report = check_activation(f, POINTS)
    assert report.passed and str(report).startswith(
        f"agrees: none of {report.compared - report.coarse} derivatives off by more than 1e-08"
    ), report
    assert told_apart(report) == len(POINTS) * (1 + len(f.partials(POINTS)))
    assert len(report.skipped) <= 2 * (1 + len(f.partials(POINTS))), report
    assert (report.at_kinks > 0) >= isinstance(f, ReLU), report


@pytest.mark.parametrize(
    "f, where",
    [
        (Off(), "at z = 1.25"),
        (Off(1 - 1e-6), "at z = 1.25"),
        (Off(-1.0), "at z = 1.25"),
        (Unknown(), "at z = -1.5"),
        (TailOff(), "at z = -30"),
        (SteepAtZero(), "at z = 0"),
        (WrongPartial(0.1), "for negative_slope, at z = -1.5"),
    ],
    ids=repr,
)
def test_a_wrong_derivative_is_caught_and_located(f, where):
    report = check_activation(f, [-1.5, 0, 0.5, 1.25, -30])
    assert not report.passed and report.wrong >= 1 and report.where == where, report
    assert str(report).startswith(f"DISAGREES in {report.wrong} of ") and where in str(report)
    if report.wrong == 1:
        assert report.claimed == f.derivative(float(where.split("=")[1]))


def test_the_size_of_the_error_is_said():
    assert check_activation(Off(1.25), [2.0]).error == pytest.approx(0.2, rel=1e-6)
    assert check_activation(Off(0.0), [2.0]).error == pytest.approx(1)
    assert check_activation(Off(-1.0), [2.0]).error == pytest.approx(2, rel=1e-6)
    assert check_activation(Unknown(), [2.0]).error == np.inf


@pytest.mark.parametrize("f", [f() for f in CATALOGUE.values()], ids=repr)
@pytest.mark.parametrize("shape", [(4,), (5, 4), (2, 3, 4)])
def test_every_pullback_of_the_catalogue_passes(f, shape):
    report = check_pullback(f, RANDOM.normal(size=shape) * 3, directions=2)
    assert report.passed and told_apart(report) == 2 * np.prod(shape[:-1], dtype=int), report


@pytest.mark.parametrize("f, block", [(Diagonal(), "z"), (WrongPartial(), "negative_slope"), (Off(1.1), "z")], ids=repr)
def test_a_wrong_pullback_is_caught_in_its_sample(f, block):
    z = np.full((2, 3, 4), -30.0)
    z[..., 0] = 800  # saturated: only a parameter has any effect here
    z[1, 2] = [0.5, 1.0, 1.5, -2.0]
    report = check_pullback(f, z)
    assert not report.passed and report.blocks == (block,)
    assert report.where.startswith(f"at {block}["), report
    if block == "z":
        assert report.where.endswith(" of sample 1, 2"), report
    assert check_pullback(f, z[1, 2]).where.startswith(f"at {block}[")


def problem(f, members=3):
    network = MLP(2, [Dense(3, f), Dense(1)])
    random = np.random.default_rng(0)
    return network, network.initialise(spawn(0, members)), random.normal(size=(6, 2)), random.normal(size=(6, 1))


def test_a_network_is_checked_in_every_member():
    report = check_network(*problem(Tanh()), MeanSquaredError(), directions=7)
    assert report.passed and report.compared == 3 * 7
    network, parameters, x, targets = problem(Off(1.1))
    report = check_network(network, parameters, x + 1, targets, MeanSquaredError())
    assert not report.passed and report.where.startswith("at layer 0, ")
    assert report.blocks == ("layer 0, weights", "layer 0, bias")


def test_the_member_that_is_wrong_is_named():
    network, parameters, x, targets = problem(Off(1.5))
    # Only member 2 sees inputs on which the derivative is wrong.
    own = np.zeros((3, 6, 2))
    own[2] = x * 5
    report = check_network(network, parameters, own, targets, MeanSquaredError())
    assert not report.passed and report.where.endswith("of member 2")


@pytest.mark.parametrize("f", [ReLU(), Tanh()], ids=repr)
@pytest.mark.parametrize(
    "layer, name, place", [(0, "weights", (1, 1, 3)), (1, "bias", (0, 0, 7)), (2, "weights", (2, 39, 0))]
)
def test_one_wrong_entry_is_found_among_thousands(f, layer, name, place):
    network = MLP(2, [Dense(40, f), Dense(40, f), Dense(3)])
    parameters = network.initialise(spawn(0, 3))
    x, labels, loss = RANDOM.normal(size=(20, 2)), RANDOM.integers(0, 3, 20), SoftmaxCrossEntropy()
    tape = network.forward(parameters, x)
    right, _ = network.backward(parameters, tape, loss(tape[-1].outputs, labels)[1])
    assert check_network(network, parameters, x, labels, loss, gradients=right).passed
    wrong = map_parameters(np.copy, right)
    wrong[layer][name][place] += 0.01
    report = check_network(network, parameters, x, labels, loss, gradients=wrong)
    assert report.where == f"at layer {layer}, {name}{list(place[1:])} of member {place[0]}", report
    assert report.blocks == (f"layer {layer}, {name}",)
    assert report.claimed == wrong[layer][name][place]
    assert report.measured == pytest.approx(right[layer][name][place], abs=1e-6)


LAYERS = {
    "batch norm": Dense(4, Tanh(), normalise=BatchNorm()),
    "layer norm": Dense(4, ReLU(), normalise=LayerNorm()),
    "residual": Dense(4, LeakyReLU(0.2), learn=("negative_slope",), per_unit=True, residual=True),
    "gated": Dense(4, GLU()),
}


@pytest.mark.parametrize("layer", LAYERS.values(), ids=LAYERS)
def test_layers_of_all_kinds_are_checked_in_all_their_parameters(layer):
    network = MLP(4, [layer, layer, Dense(2)])
    parameters = network.initialise(spawn(0, 3))
    x, targets, loss = RANDOM.normal(size=(9, 4)), RANDOM.integers(0, 2, (9, 2)), BinaryCrossEntropy()
    tape = network.forward(parameters, x)
    right, _ = network.backward(parameters, tape, loss(tape[-1].outputs, targets)[1])
    assert check_network(network, parameters, x, targets, loss).passed
    for name in right[1]:
        if name == "bias" and isinstance(layer.normalise, BatchNorm):
            continue  # it is always 0
        wrong = (right[0], {**right[1], name: right[1][name] * 1.001}, right[2])
        assert check_network(network, parameters, x, targets, loss, gradients=wrong).blocks == (f"layer 1, {name}",)


def test_float32_networks_are_checked_in_float64():
    network, parameters, x, targets = problem(Tanh())
    single = map_parameters(lambda p: p.astype(np.float32), parameters)
    assert check_network(network, single, x, targets, MeanSquaredError()).passed


def test_a_kink_under_the_point_is_no_false_alarm():
    network, parameters, x, targets = problem(ReLU())
    at_kink = map_parameters(np.copy, parameters)
    at_kink[0]["weights"][:, :, 0] = 0  # with a bias of 0, unit 0 sits on its kink for every sample
    report = check_network(network, at_kink, x, targets, MeanSquaredError())
    assert not report.wrong and report.at_kinks + len(report.skipped) == 3 * 5, report
    assert "at a kink" in str(report) and report.passed == (report.at_kinks > 0)


@dataclass(frozen=True)
class LossOff(MeanSquaredError):
    """A loss whose gradient forgets to average."""

    def __call__(self, outputs, targets):
        loss, gradient = super().__call__(outputs, targets)
        return loss, gradient * outputs.shape[-2]


def test_a_wrong_loss_is_caught():
    report = check_network(*problem(Tanh()), LossOff())
    assert not report.passed and len(report.blocks) == 4 and report.error == pytest.approx(5 / 6, rel=1e-6)


# By hand


def squares(p):
    return sum(np.sum(np.asarray(v) ** 2) for v in (p.values() if isinstance(p, dict) else p))


POINTS_OF = {
    "array": np.array([[1.0, -2.0], [0.5, 3.0]]),
    "number": np.array(2.0),
    "plain numbers": [1, -2],
    "dict": {"w": np.array([1.0, 2.0]), "b": 0.5},
    "list": [np.array([1.0]), np.array([[2.0]])],
    "read-only, strided": np.broadcast_to(np.array([1.0, 2.0, 3.0]), (2, 3))[:, ::2],
}


def doubled(tree):
    if isinstance(tree, dict):
        return {k: 2 * np.asarray(v) for k, v in tree.items()}
    held = isinstance(tree, list) and isinstance(tree[0], np.ndarray)
    return [2 * v for v in tree] if held else 2 * np.asarray(tree)


@pytest.mark.parametrize("directions", [None, 3])
@pytest.mark.parametrize("at", POINTS_OF.values(), ids=POINTS_OF)
def test_a_gradient_of_ones_own_passes(at, directions):
    function = squares if isinstance(at, dict | list) else lambda p: np.sum(p**2)
    assert check_gradient(function, doubled(at), at, directions=directions).passed
    assert check_gradient(function, doubled, at, directions=directions).passed


class Point(NamedTuple):
    w: np.ndarray
    b: float


def of_any_type(p):
    return (p["w"] ** 2).sum() + p["b"] ** 3 if isinstance(p, dict) else (p.w**2).sum() + p.b**3


TREES = {
    "numbers": Point(2.0, 3.0),
    "arrays": Point(np.array([1, 2]), np.float32(3)),
    "in a dict": Point(np.ones(2), 3)._asdict(),
    "ordered": OrderedDict(w=np.array([1, 2], np.int8), b=3),
}


@pytest.mark.parametrize("directions", [None, 3])
@pytest.mark.parametrize("at", TREES.values(), ids=TREES)
def test_function_and_gradient_get_the_same_copy_of_the_type_of_the_point(at, directions):
    given = []

    def function(p):
        given.append(p)
        return of_any_type(p)

    def gradient(p):
        given.append(p)
        if isinstance(p, dict):
            return {"w": 2 * p["w"], "b": 3 * p["b"] ** 2}
        return Point(2 * p.w, 3 * p.b**2)

    report = check_gradient(function, gradient, at, directions=directions)
    assert report.passed, report
    assert {type(p) for p in given} == {type(at)}
    dtypes = {array.dtype for p in given for array in (p.values() if isinstance(p, dict) else p)}
    assert dtypes == {np.dtype(float)}


def test_a_dict_keeps_what_it_has_besides_its_items():
    at = defaultdict(lambda: 10.0, w=np.ones(2))
    assert check_gradient(lambda p: p["w"].sum() * p["missing"], {"w": [10.0, 10.0]}, at).passed


@pytest.mark.parametrize("directions", [None, 3])
@pytest.mark.parametrize("dtype", [np.int8, np.int64, np.float16, np.float32])
@pytest.mark.parametrize("make", [np.array, list, tuple])
def test_a_point_of_any_type_is_checked_in_float64(make, dtype, directions):
    numbers = [dtype(v) for v in (1, 2, 3)]
    at = np.array(numbers) if make is np.array else make(numbers)
    report = check_gradient(lambda p: np.exp(3 * p).sum(), lambda p: 3 * np.exp(3 * p), at, directions=directions)
    assert report.passed and not report.coarse, report


@pytest.mark.parametrize("size", [1e-200, 1.0, 1e200])
def test_along_directions_gradients_of_any_size_are_told_right_from_wrong(size):
    at = np.array([1.0, 2.0, 3.0])
    assert check_gradient(lambda p: size * (p @ p), 2 * size * at, at, directions=5).passed
    wrong = check_gradient(lambda p: size * (p @ p), 4 * size * at, at, directions=5)
    assert not wrong.passed and wrong.error == pytest.approx(0.5), wrong


def test_a_direction_nearly_across_the_gradient_is_no_false_alarm():
    """Along it, an error within the tolerance is large against what is left of the derivative."""
    claimed, at = np.array([1 + 3e-8, 1 - 3e-8]), np.array([1.0, 2.0])
    assert check_gradient(np.sum, claimed, at, directions=1000).passed


def test_numbers_too_small_or_large_for_their_type_raise_nothing():
    network, parameters, x, targets = problem(Sigmoid())
    with np.errstate(all="raise"):
        assert check_gradient(lambda p: 1e-320 * p @ p, lambda p: 2e-320 * p, [1.0, 2.0], directions=2).passed
        assert check_activation(Exponential(), [-750.0, 0.0, 800.0]).wrong == 0
        assert check_pullback(Softmax(), [[-800.0, 1.0]]).passed
        assert check_network(network, parameters, 1e4 * x, targets, MeanSquaredError()).wrong == 0


@pytest.mark.parametrize("directions", [None, 3])
def test_a_gradient_that_is_nested_is_located_by_its_index(directions):
    at = ({"w": np.ones((3, 40)), "b": np.zeros(2)}, {"w": np.ones((2, 2))})
    claimed = ({"w": 2 * np.ones((3, 40)), "b": np.zeros(2)}, {"w": 2 * np.ones((2, 2))})
    claimed[0]["w"][2, 31] = 3

    def function(p):
        return sum(np.sum(v**2) for layer in p for v in layer.values())

    report = check_gradient(function, claimed, at, directions=directions)
    assert report.where == "at [0]['w'][2, 31]" and report.blocks == ("[0]['w']",)
    assert (report.claimed, round(report.measured, 8)) == (3, 2)
    assert report.error == pytest.approx(1 / 3) and report.wrong == 1 if directions is None else report.wrong


def test_the_function_may_scribble_on_what_it_gets():
    def function(p):
        p *= p
        return p.sum()

    at = np.array([1.0, 2.0])
    assert check_gradient(function, [2.0, 4.0], at).passed and at.tolist() == [1, 2]


@pytest.mark.parametrize(
    "function, gradient, at",
    [
        (lambda p: np.abs(p).sum(), [0.0, 1.0], [0.0, 2.0]),  # a kink
        (lambda p: np.exp(-p).sum(), [-np.exp(-3.0)], [3.0]),
        (lambda p: 1e6 + np.sin(p).sum(), [np.cos(1.0)], [1.0]),  # most digits lost to the constant
        (lambda p: np.sin(1000 * p).sum(), [1000 * np.cos(1000.0)], [1.0]),
        (lambda p: 1e-12 * np.sin(p).sum(), [1e-12 * np.cos(1.0)], [1.0]),
        (lambda p: 0 * p.sum(), [0.0], [1.0]),
    ],
    ids=["kink", "tail", "on a constant", "fast", "tiny", "flat"],
)
def test_differences_know_what_they_cannot_know(function, gradient, at):
    assert check_gradient(function, gradient, at).passed
    off = check_gradient(function, np.array(gradient) * 1.01 + 1e-3, at)
    assert not off.passed or off.at_kinks, off


def test_nothing_is_said_where_no_difference_settles():
    report = check_gradient(lambda p: np.inf, [1.0], [1.0])
    assert not report.passed and not report.compared and report.skipped == ("at [0]",)
    assert str(report).startswith(
        "UNDECIDED: the function has kinks, jumps or no finite values there; try another place; 1 skipped"
    )
    cliff = check_gradient(lambda p: float(p[0] >= 1) + p @ [1, 1], [1.0, 1.0], [1.0, 5.0])  # as steep on both sides
    assert cliff.passed and cliff.at_kinks == 1


@dataclass(frozen=True)
class CutOff(Sigmoid):
    """A sigmoid whose derivative is not what it is where the function has become 1."""

    far: float = 0.0

    def derivative(self, z):
        return np.where(np.asarray(z) > 37, self.far, super().derivative(z))


@pytest.mark.parametrize("far", [0.0, 1e-12])
def test_what_differences_cannot_see_is_not_said_to_agree_to_a_digit(far):
    report = check_activation(CutOff(far), [0.0, 40.0, 50.0])
    assert report.passed and (report.compared, report.too_small) == (1, ("at z = 40", "at z = 50"))
    assert report.doubt == 0  # of those that were compared
    assert str(report) == (
        "agrees: none of 1 derivative off by more than 1e-08 of its size; "
        "2 too small for differences to judge, the first at z = 40"
    )
    blind = check_activation(CutOff(far), [40.0, 50.0])
    assert blind.passed and not blind.compared and np.isnan(blind.error)
    assert str(blind) == (
        "agrees as far as differences can tell: 2 derivatives too small for them to judge, the first at z = 40"
    )
    assert not check_activation(CutOff(1e-9), [40.0]).passed


@pytest.mark.parametrize("constant, too_small", [(0.0, ()), (3.0, ("at [0]",)), (1e6, ("at [0]",))])
def test_no_slope_at_all_is_seen_only_where_nothing_rounds(constant, too_small):
    report = check_gradient(lambda p: constant + 0 * p.sum(), [0.0], [1.0])
    assert report.passed and report.too_small == too_small and report.compared == 1 - len(too_small)


@pytest.mark.parametrize("factor, passed", [(1.0, True), (1 + 1e-5, True), (1.1, False)])
def test_what_differences_see_dimly_is_said(factor, passed):
    report = check_gradient(lambda p: 1e6 + np.sin(p), lambda p: factor * np.cos(p), 0.5)
    assert report.passed == passed and report.coarse == passed and report.compared == 1
    assert not passed or str(report) == (
        "agrees: none of 1 derivative off by more than differences leave in doubt, up to 1e-04 of its size"
    )


@pytest.mark.parametrize("factor, coarse", [(1.0, 0), (1 + 1.5e-7, 1)])
def test_the_margin_for_right_derivatives_does_not_make_them_look_doubtful(factor, coarse):
    report = check_gradient(lambda p: 1e4 + np.sin(p), lambda p: factor * np.cos(p), 0.5)
    assert report.passed and report.coarse == coarse, report


@pytest.mark.parametrize("directions", [None, 3])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_a_function_is_taken_to_be_rounded_like_its_result(dtype, directions):
    for seed in range(20):
        p, q = np.random.default_rng(seed).normal(size=(2, 5)).astype(dtype)

        def function(p, q=q):
            return np.sum(np.tanh(p.astype(dtype) * q))

        right = q / np.cosh(p.astype(float) * q) ** 2
        report = check_gradient(function, right, p, directions=directions)
        assert report.passed and (report.coarse == 0) == (dtype == np.float64), report
        assert not check_gradient(function, 2 * right, p, directions=directions).passed


def test_a_single_number_has_no_place():
    assert str(check_gradient(lambda p: p**2, 3.0, 1.0)) == (
        "DISAGREES in 1 of 1: derivative 3 but difference 2, an error of 0.33 (tolerance 1e-07)"
    )
    assert str(check_gradient(lambda p: np.inf, 3.0, 1.0)).endswith("; 1 skipped for want of a slope")
    along = check_gradient(lambda p: p**2, 3.0, 1.0, directions=1)
    assert along.blocks == () and str(along).startswith("DISAGREES in 1 of 1: derivative 3 but difference 2")


@pytest.mark.parametrize("directions", [None, 3])
@pytest.mark.parametrize("size", [1e6, 1e20, 1e100])
def test_large_numbers_are_moved_by_more(size, directions):
    at = np.array([size, -2 * size, 0.5])
    assert check_gradient(lambda p: p @ [1, 2, 0], [1.0, 2.0, 0.0], at, directions=directions).compared >= 2
    wrong = check_gradient(lambda p: p @ [1, 2, 0], [1.0, 2.1, 0.0], at, directions=directions)
    assert wrong.where == "at [1]" and (wrong.claimed, round(wrong.measured, 6)) == (2.1, 2)


@dataclass(frozen=True)
class TooSteep(LeakyReLU):
    """A leaky ReLU whose slope is half as large again."""

    def derivative(self, z):
        return 1.5 * super().derivative(z)


def test_slopes_far_out_are_said_as_they_are():
    report = check_activation(TooSteep(0.5), [-3e6, -1.0])
    assert report.wrong == 2 and report.where == "at z = -3e+06"
    assert (report.claimed, report.measured) == pytest.approx((0.75, 0.5))


def test_a_parameter_may_be_different_for_every_unit():
    f, wrong = LeakyReLU(np.array([0.1, 0.2])), WrongPartial(np.array([0.1, 0.2]))
    z = np.array([[1.0, -2.0], [-3.0, -4.0]])
    assert check_activation(f, z).compared == 7 and check_pullback(f, z).passed
    assert check_activation(wrong, z).where == "for negative_slope, at z = -2"
    assert check_pullback(wrong, z).blocks == ("negative_slope",)


@pytest.mark.parametrize("factor", [1.0, 1 + 1e-6, -1.0])
def test_compare_takes_each_value_by_itself(factor):
    z = np.array([-2.0, 0.5, 3.0])
    found = compare(np.cos(z) * [1, factor, 1], lambda t: np.sin(z + t), tolerance=1e-8)
    assert found.wrong.tolist() == [False, factor != 1, False] and not found.at_kink.any() and found.settled.all()


REFUSED = [
    (lambda: check_activation(Tanh(), [0.0, np.nan]), ValueError, "z must be finite; got nan at index"),
    (lambda: check_activation(Tanh(), []), ValueError, "nothing to check: z is empty"),
    (
        lambda: check_activation(Softmax(), [1.0]),
        TypeError,
        r"activation must be pointwise, such as .*check_pullback\); got Softmax",
    ),
    (lambda: check_activation(np.tanh, [1.0]), TypeError, "activation must be pointwise.*; got <ufunc 'tanh'>"),
    (lambda: check_pullback(np.tanh, [1.0]), TypeError, "activation must be an Activation such as Softmax"),
    (
        lambda: check_pullback(Softmax(), 1.0),
        ValueError,
        r"z must have shape \(..., columns\), and not be empty; got \(\)",
    ),
    (lambda: check_pullback(Softmax(), np.zeros((0, 3))), ValueError, r"not be empty; got \(0, 3\)"),
    (lambda: check_pullback(Softmax(), [1.0], directions=1.5), ValueError, "directions must be a whole number"),
    (
        lambda: check_network(*problem(Tanh()), MeanSquaredError(), directions=0),
        ValueError,
        "directions must be a whole number, 1 or more; got 0",
    ),
    (
        lambda: check_network(*problem(Tanh()), MeanSquaredError(), gradients=({},)),
        ValueError,
        r"gradients must have the arrays of parameters.*got nothing for parameters with layer 0, weights \(3, 2, 3\)",
    ),
    (
        lambda: check_gradient(np.sum, [1.0, 1.0], [1.0, 2.0, 3.0]),
        ValueError,
        r"gradient must have the arrays of at.*got one array \(2,\) for a point with one array \(3,\)",
    ),
    (
        lambda: check_gradient(np.sum, {"a": 1.0}, {"b": 1.0}),
        ValueError,
        r"got \['a'\] \(\) for a point with \['b'\] \(\)",
    ),
    (
        lambda: check_gradient(np.cumsum, [1.0, 1.0], [1.0, 2.0]),
        ValueError,
        r"function must return one real number; got ar",
    ),
    (
        lambda: check_gradient(lambda p: 1j, [1.0], [1.0]),
        ValueError,
        r"function must return one real number; got .*1.j",
    ),
    (lambda: check_gradient(np.sum, [1.0], [np.inf]), ValueError, "at must be finite; got inf"),
    (lambda: check_gradient(np.sum, {"w": [1.0]}, {"w": [np.inf]}), ValueError, r"at\['w'\] must be finite; got inf"),
    (lambda: check_gradient(np.sum, [], []), ValueError, "nothing to check: there is no entry"),
    (lambda: check_gradient(np.sum, [1.0], [1.0], directions=0), ValueError, "directions must be a whole number"),
    (lambda: check_gradient(np.sum, [], [], directions=1), ValueError, "nothing to check: there is no entry"),
    (lambda: check_gradient(3, [1.0], [1.0]), TypeError, "function must be a function that returns one number; got 3"),
    (
        lambda: check_network(*problem(Tanh()), lambda outputs, targets: (np.mean(outputs), outputs)),
        ValueError,
        "loss must return a pair: one number for each member",
    ),
    (
        lambda: check_network(*problem(Tanh()), "mse"),
        TypeError,
        r"loss must be a Loss such as MeanSquaredError\(\); got 'mse'",
    ),
    (
        lambda: check_network(*problem(Tanh()), MeanSquaredError(), gradients=3),
        TypeError,
        "gradients must be a tuple with a dict of arrays for each layer; got 3",
    ),
    (
        lambda: check_network(*problem(Tanh()), MeanSquaredError(), gradients=({"weights": [1j]},)),
        TypeError,
        "gradients of layer 0, weights must hold real numbers",
    ),
    *(
        (check, ValueError, r"tolerance must be a number in \(0, 1\); got ")
        for bad in (-1, 0, 1.0, np.nan, True, "a", None, [1e-3, 1e-4])
        for check in (
            lambda bad=bad: check_activation(Tanh(), [1.0], tolerance=bad),
            lambda bad=bad: check_gradient(np.sum, [1.0], [1.0], tolerance=bad),
            lambda bad=bad: check_pullback(Softmax(), [1.0, 2.0], tolerance=bad),
            lambda bad=bad: check_network(*problem(Tanh()), MeanSquaredError(), tolerance=bad),
        )
    ),
    *(
        (check, ValueError, "seed must be a whole number, 0 or more; got -1")
        for check in (
            lambda: check_gradient(np.sum, [1.0], [1.0], directions=1, seed=-1),
            lambda: check_pullback(Softmax(), [1.0, 2.0], seed=-1),
            lambda: check_network(*problem(Tanh()), MeanSquaredError(), seed=-1),
        )
    ),
]


@pytest.mark.parametrize("call, error, message", REFUSED, ids=[f"{k}: {m[:45]}" for k, (_, _, m) in enumerate(REFUSED)])
def test_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()


NOT_REAL = {
    "complex": np.array([1j]),
    "object": np.array([None]),
    "string": ["a"],
    "bool": [True],
    "masked": np.ma.array([1.0], mask=[True]),
}


@pytest.mark.parametrize("bad", NOT_REAL.values(), ids=NOT_REAL)
@pytest.mark.parametrize(
    "check, name",
    [
        (lambda bad: check_activation(Tanh(), bad), "z"),
        (lambda bad: check_pullback(Softmax(), bad), "z"),
        (lambda bad: check_gradient(np.sum, [1.0], bad), "at"),
        (lambda bad: check_gradient(np.sum, bad, [1.0]), "gradient"),
        (lambda bad: check_gradient(lambda p: 0.0, {"w": bad}, {"w": [1.0]}), r"gradient\['w'\]"),
    ],
    ids=["activation", "pullback", "at", "gradient", "named"],
)
def test_what_is_not_a_real_number_is_refused(check, name, bad):
    with pytest.raises(TypeError, match=rf"^{name} (must hold real numbers|is a masked array)"):
        check(bad)
