"""Where functions round to their limits, against mpmath, which the experiments do not use."""

from decimal import Decimal
from pathlib import Path

import mpmath
import numpy as np
import pytest
from mpmath import mpf, workprec

from nonlinear.activations import Sigmoid
from nonlinear.course import frameworks, grids
from nonlinear.lessons.what_the_machine_computes import experiment
from nonlinear.optimisers import SGD, Adam

each_type = pytest.mark.parametrize("dtype", experiment.DTYPES, ids=lambda dtype: dtype.__name__)

TRUE = {  # for mpmath, in a precision that covers the cancellation
    "sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)),
    "sigmoid slope": lambda x: mpmath.exp(-x) / (1 + mpmath.exp(-x)) ** 2,
    "tanh": mpmath.tanh,
    "tanh slope": lambda x: 1 - mpmath.tanh(x) ** 2,
    "elu slope": lambda x: mpmath.exp(min(x, 0)),
    "softplus": lambda x: mpmath.log(1 + mpmath.exp(x)),
    "softmax": lambda x: mpmath.exp(x) / (mpmath.exp(x) + 1),
    "log-softmax": lambda x: x - mpmath.log(1 + mpmath.exp(x)),
}
POINTS = np.array(
    [-745.125, -300.0, -103.9375, -40.0, -17.0, -3.3, -1e-3, 0.0, 1e-3, 0.7, 9.5, 17.0, 37.2, 89.0, 720.0]
)


def as_mpf(value: Decimal):
    return mpf(str(value))


# Floating-point numbers


@each_type
def test_nearest_is_the_rounding_of_the_processor(dtype):
    """Rounding a float64 to a narrower type is exact arithmetic in hardware; ties and subnormals included."""
    info, rng = np.finfo(dtype), np.random.default_rng(0)
    ties = [1 + float(info.eps) / 2, 1 + 1.5 * float(info.eps), 1.5 * float(info.smallest_subnormal)]
    values = np.concatenate([rng.normal(size=200), 10.0 ** rng.uniform(-8, 4, 200), ties, [0, 1, 1 - 1e-17]])
    for value in values:
        assert experiment.nearest(Decimal(float(value)), dtype) == dtype(value)


@each_type
def test_ulp_is_numpys_spacing(dtype):
    values = np.float64([1, 0.999, 2, 3.7, 1e-5, 6e-8, 60000]).astype(dtype)
    for value in values:
        assert experiment.ulp(Decimal(float(value)), dtype) == np.spacing(value)
        assert experiment.ulp(-Decimal(float(value)), dtype) == np.spacing(value)


@each_type
def test_errors_are_counted_in_ulp(dtype):
    one = np.array([1, 1, 1, np.inf, np.nan], dtype)
    ulp = Decimal(float(np.finfo(dtype).eps))
    with experiment.localcontext(experiment.PRECISE):
        exact = [Decimal(1), 1 + ulp / 2, 1 + 3 * ulp, Decimal(1), Decimal(1)]
    assert experiment.ulps_off(one, exact).tolist() == [0, 0.5, 3, np.inf, np.inf]


@each_type
def test_bisection_finds_the_very_first_float(dtype):
    for edge in (0.3, -2.5, 1e-7, -1e-7):
        for low, high in ((-8, 8), (8, -8)):
            up = high > low
            found = experiment.first_float(lambda x, up=up, edge=edge: x >= edge if up else x <= edge, low, high, dtype)
            before = np.nextafter(found, dtype(low))
            assert (
                (found >= edge, before >= edge) == (True, False)
                if up
                else (found <= edge, before <= edge)
                == (
                    True,
                    False,
                )
            )


def test_bisection_refuses_what_does_not_change():
    with pytest.raises(ValueError, match="condition must be false at low = 0 and true at high = 1"):
        experiment.first_float(lambda x: x > 5, 0, 1)


# The functions


@pytest.mark.parametrize("name", experiment.FUNCTIONS)
def test_the_limits_are_what_it_tends_to(name):
    f = experiment.FUNCTIONS[name]
    ends = f.ours(np.array([-1e4, 1e4]))
    np.testing.assert_array_equal(np.where(np.abs(ends) < 1e4, ends, np.nan), f.limits)


@pytest.mark.parametrize("name", experiment.FUNCTIONS)
def test_exact_values_have_fifty_digits(name):
    f = experiment.FUNCTIONS[name]
    for x in POINTS:
        with workprec(8000):
            expected = TRUE[name](mpf(x))
            for limit in {0, *(v for v in f.limits if np.isfinite(v))}:  # also as a distance from each limit
                gap = as_mpf(f.truth(x)) - limit
                assert abs(gap - (expected - limit)) <= abs(expected - limit) * mpf(10) ** -50


@pytest.mark.parametrize("name", experiment.FUNCTIONS)
@each_type
def test_ours_is_right_everywhere_and_the_textbook_near_the_middle(name, dtype):
    f, x = experiment.FUNCTIONS[name], np.arange(-30, 30.25, 0.25).astype(dtype)
    truths = f.truths(x)
    assert experiment.ulps_off(f.ours(x), truths).max() < 8
    middle = np.abs(x) < 2
    near = [truth for truth, use in zip(truths, middle, strict=True) if use]
    assert experiment.ulps_off(f.textbook(x[middle]), near).max() < 130
    assert f.textbook(x).dtype == f.ours(x).dtype == dtype


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_textbook_sigmoid_is_accurate_until_it_overflows(dtype):
    reach = 88 if dtype == np.float32 else 709
    z = np.linspace(-reach, reach, 2001).astype(dtype)
    f = experiment.FUNCTIONS["sigmoid"]
    assert experiment.ulps_off(f.textbook(z), f.truths(z)).max() < 4


@pytest.mark.parametrize(
    ("name", "limit", "side", "expected"),
    [
        ("sigmoid", 1, 1, (8.3175, 17.3287, 37.4299)),
        ("sigmoid", 0, -1, (-17.3287, -103.9721, -745.1332)),
        ("sigmoid slope", 0, 1, (17.3287, 103.9721, 745.1332)),
        ("tanh", 1, 1, (4.5054, 9.0109, 19.0615)),
        ("elu slope", 0, -1, (-17.3287, -103.9721, -745.1332)),
    ],
)
def test_correctly_rounded_thresholds(name, limit, side, expected):
    for dtype, place in zip(experiment.DTYPES, expected, strict=True):
        found = experiment.reaches(name, limit, "exact", dtype, side)
        assert abs(found) >= abs(place) - 1e-4 and abs(found - place) <= np.spacing(dtype(abs(place))) + 1e-4


@pytest.mark.parametrize(
    ("name", "limit", "side", "expected"),
    [
        ("sigmoid", 1, 1, (7.6246, 16.6355, 36.7368)),
        ("sigmoid", 0, -1, (-11.09, -88.7228, -709.7827)),
        ("sigmoid slope", 0, 1, (7.6246, 16.6355, 36.7368)),
        ("elu slope", 0, -1, (-8.3178, -17.3287, -37.4299)),
    ],
)
def test_thresholds_of_the_textbook(name, limit, side, expected):
    for dtype, place in zip(experiment.DTYPES, expected, strict=True):
        assert experiment.reaches(name, limit, "textbook", dtype, side) == pytest.approx(place, abs=2e-3, rel=1e-3)


def test_a_threshold_of_the_textbook_holds_on_both_of_its_sides():
    """The computed function might go back and forth near its threshold; it does not, by more than a few floats."""
    for dtype in (np.float32, np.float64):
        place = dtype(experiment.reaches("sigmoid", 1, "textbook", dtype))
        around = place + np.arange(-300, 300).astype(dtype) * np.spacing(place)
        ones = experiment.textbook_sigmoid(around) == 1
        assert not ones[:280].any() and ones[320:].all()


def test_distances_from_a_limit():
    z, computed, exact = experiment.distances("sigmoid", np.float32([16, 17]), 1, 2.0**-24)
    assert computed.tolist() == [2, 0] and z.tolist() == [16, 17]
    np.testing.assert_allclose(exact, np.exp(-z.astype(float)) * 2**24, rtol=1e-6)


# Frameworks


def test_stored_results_are_described():
    stored, about = grids.read(Path(frameworks.__file__).parent, "frameworks", "")
    assert about["command"] == frameworks.COMMAND == "python benchmarks/framework_slopes.py"
    assert about["arrays"] == {name: list(array.shape) for name, array in stored.items()}
    assert set(about["settings"]["versions"]) == {"python", "numpy", "torch", "jax", "keras"}


@pytest.mark.parametrize("framework", ["torch", "jax"])
def test_stored_results_are_those_of_the_framework(framework):
    """Only where one is installed, which the course does not ask for."""
    pytest.importorskip(framework)
    from benchmarks import framework_slopes

    stored, measured = frameworks.load(), framework_slopes.measured()
    for dtype in ("float32", "float64"):
        key = f"{framework}_{dtype}"
        np.testing.assert_allclose(measured[key], stored[key], rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize(("dtype", "digits", "sigmoid", "elu"), [(np.float32, 6, 17, -18), (np.float64, 15, 37, -38)])
def test_frameworks_lose_what_we_keep(dtype, digits, sigmoid, elu):
    kept = experiment.framework_digits(dtype)
    assert all(row["ours"].digits == digits and np.isnan(row["ours"].zero) for row in kept.values())
    for who in ("torch", "jax"):
        for name in ("slope of sigmoid", "log-softmax"):
            assert kept[name][who].digits == 0 and kept[name][who].zero == sigmoid
        assert kept["slope of tanh"][who].digits == 0 and abs(kept["slope of tanh"][who].zero) > sigmoid / 2.2
        assert kept["log of sigmoid"][who].digits == digits
    assert kept["slope of ELU"]["torch"].digits == digits and kept["slope of ELU"]["jax"].zero == elu


@pytest.mark.parametrize(("error", "digits"), [(0, 6), (1e-7, 6), (0.9e-3, 3), (1.1e-3, 2), (0.2, 0), (3, 0)])
def test_digits_are_counted_at_the_worst_value(error, digits):
    computed = np.float32([1, 1 + error, 2])
    assert experiment.right_digits(computed, [Decimal(1), Decimal(1), Decimal(2)]) == digits


def test_a_float64_loses_the_textbook_slope_later():
    """At 20 seven digits are right, at 36 fewer than one is sure to be."""
    f = experiment.FUNCTIONS["sigmoid slope"]
    digits = [experiment.right_digits(f.textbook(z), f.truths(z)) for z in (np.array([20.0]), np.arange(30, 36.7, 0.1))]
    assert digits == [7, 0]


# A unit that starts far out


def test_only_adam_with_the_true_slope_brings_a_unit_back():
    lost = experiment.rescue(experiment.TextbookSigmoid(), Adam(0.05), steps=300)
    slow = experiment.rescue(Sigmoid(), SGD(1.0), steps=300)
    saved = experiment.rescue(Sigmoid(), Adam(0.05), steps=300)
    assert not lost.changed.any() and np.array_equal(lost.start, lost.end)
    assert slow.changed.sum() <= 2 and np.all(slow.steps == -1)
    assert saved.changed.all() and np.all((saved.steps > 50) & (saved.steps < 200)) and np.all(saved.end < 0)
    np.testing.assert_allclose(saved.start, 20, atol=1e-4)


@pytest.mark.parametrize(
    ("epsilon", "start", "learned"), [(1e-8, 24, 10), (1e-8, 25, 0), (1e-8, 30, 0), (1e-30, 25, 10), (1e-30, 40, 10)]
)
def test_adam_brings_a_unit_back_until_epsilon_stops_it(epsilon, start, learned):
    run = experiment.rescue(Sigmoid(), Adam(0.05, epsilon=epsilon), start=start)
    assert np.sum(run.steps >= 0) == learned
    assert np.all(run.steps < (200 if epsilon < 1e-8 else 2000))


def test_a_huge_rate_brings_a_unit_back_and_a_slope_of_0_never_does():
    assert np.all(experiment.rescue(Sigmoid(), SGD(1e6), steps=300).steps > 0)
    assert not experiment.rescue(experiment.TextbookSigmoid(), SGD(1e6), steps=300).changed.any()


def test_the_textbook_slope_is_the_sigmoids_where_that_is_easy():
    z = np.linspace(-5, 5, 41)
    np.testing.assert_allclose(experiment.TextbookSigmoid().derivative(z), Sigmoid().derivative(z), rtol=1e-13)
    assert experiment.TextbookSigmoid().derivative(np.float32(17)) == 0


# Along the number line


def test_kinds_say_what_happened():
    line = experiment.number_line()
    kinds, errors, values, x = (np.asarray(line[key]) for key in ("kinds", "errors", "values", "x"))
    assert np.array_equal(kinds == experiment.NOT_FINITE, ~np.isfinite(values))
    good = (kinds == experiment.RIGHT) | (kinds == experiment.AT_LIMIT)
    assert np.array_equal(good, errors <= experiment.TOLERATED)
    assert good[:, :, 1].all(), "nonlinear is right everywhere on the line"
    slope = line["choices"].index("slope of the sigmoid")
    at = {place: x.tolist().index(place) for place in (-17.0, 17.0)}
    assert [kinds[slope, 1, 0, at[p]] for p in at] == [experiment.RIGHT, experiment.TOO_EARLY]


def test_every_type_is_asked_for_the_same_numbers():
    x = experiment.number_line()["x"]
    assert np.array_equal(x.astype(np.float16), x) and np.all(np.diff(x) > 0) and np.array_equal(x, -x[::-1])
    assert set(experiment.LABELLED) <= set(x)


def test_true_values_are_told_beside_their_limit():
    assert experiment._beside_its_limit(Decimal("0.25"), 1) == (0, 2.5, -1)
    with experiment.localcontext(experiment.PRECISE):
        near_one = 1 - Decimal("4.13994e-300")
    assert experiment._beside_its_limit(near_one, 1) == (1, -4.14, -300)
    assert experiment._beside_its_limit(Decimal("5e-400"), 0) == (0, 5, -400)
    assert experiment._beside_its_limit(Decimal(0), 0) == (0, 0, 0)
