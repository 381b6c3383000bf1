"""Refusals: each names the argument, shows the value and says what to do."""

from dataclasses import dataclass
from functools import partial

import numpy as np
import pytest

from nonlinear import checks
from nonlinear.arrays import POSITIVE, REALS, ByValue, Interval

REFUSED = [
    (lambda: checks.finite([[1.0, np.nan]], "x"), ValueError, r"x must be finite; got nan at index \(0, 1\) \(1 such"),
    (lambda: checks.finite([np.inf, -np.inf], "bias"), ValueError, r"bias must be finite; got inf.*2 such.*Remove"),
    (lambda: checks.finite(["a"], "x"), TypeError, "x must hold real numbers.*<U1"),
    (lambda: checks.finite([None], "x"), TypeError, "x must hold real numbers.*object"),
    (lambda: checks.positive(0, "gain"), ValueError, "gain must be positive and finite; got 0"),
    (lambda: checks.positive(np.nan, "gain"), ValueError, "gain must be positive and finite; got nan"),
    (lambda: checks.positive([0.1, np.inf], "rate"), ValueError, r"rate must be positive and finite; got \[0.1, inf\]"),
    (lambda: checks.positive("1", "rate"), ValueError, "rate must be positive and finite; got '1'"),
    (lambda: checks.positive(True, "rate"), ValueError, "rate must be positive and finite; got True"),
    (lambda: checks.not_negative(-1, "decay"), ValueError, "decay must be finite and not negative; got -1"),
    (lambda: checks.not_negative(np.inf, "decay"), ValueError, "decay must be finite and not negative; got inf"),
    (
        lambda: checks.finite_setting([[0.1]], "bias"),
        ValueError,
        r"bias must be a finite number, or one for.*\[\[0.1\]\]",
    ),
    (
        lambda: checks.within([0.5], Interval(0, 1), "share"),
        ValueError,
        r"share must be a number in \[0, 1\]; got \[0.5",
    ),
    (lambda: checks.within(np.longdouble("1e400"), POSITIVE, "x"), ValueError, "x must be a number in "),
    (lambda: checks.positive(10**400, "rate"), ValueError, "rate must be positive and finite; got 1000"),
    (lambda: checks.not_negative([1, -(10**400)], "decay"), ValueError, "decay must be finite and not negative; got"),
    (lambda: checks.finite_setting(10**400, "bias"), ValueError, "bias must be a finite number, or one for each"),
    (lambda: checks.within(10**400, POSITIVE, "x"), ValueError, "x must be a number in "),
    (lambda: checks.positive(None, "gain"), ValueError, "gain must be positive and finite; got None"),
    (lambda: checks.positive(np.ma.ones(2), "gain"), TypeError, "gain is a masked array"),
    (lambda: checks.whole(0, "units"), ValueError, "units must be a whole number, 1 or more; got 0"),
    (lambda: checks.whole(2.0, "units"), ValueError, "units must be a whole number, 1 or more; got 2.0"),
    (lambda: checks.whole(True, "units"), ValueError, "units must be a whole number, 1 or more; got True"),
    (lambda: checks.whole(np.array([3]), "units"), ValueError, r"units must be a whole number, 1 or more; got array"),
    (lambda: checks.whole(-1, "k", at_least=0), ValueError, "k must be a whole number, 0 or more; got -1"),
    (lambda: checks.generators([]), TypeError, r"generators must be a list.*spawn\(seed, members\).*got \[\]"),
    (lambda: checks.generators([0, 1]), TypeError, r"generators must be a list.*got \[0, 1\]"),
    (
        lambda: checks.generators([np.random.default_rng()] * 2),
        ValueError,
        "generators holds one generator twice.*spawn",
    ),
    (lambda: checks.generators(10), TypeError, "generators must be a list.*got 10"),
    (lambda: checks.generators(np.random.default_rng()), TypeError, r"generators must be a list.*got Generator\(PCG64"),
]


@pytest.mark.parametrize("call, error, message", REFUSED, ids=[m[:40] for _, _, m in REFUSED])
def test_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_accepted():
    assert checks.finite([1, 2], "x").dtype == np.float64
    assert checks.finite(np.zeros((0, 3), np.float32), "x").dtype == np.float32
    assert checks.whole(0, "k", at_least=0) == 0
    checks.generators(np.random.default_rng(0).spawn(3))


TYPES = "bhilBHILefdg"  # every number NumPy has that is real


@pytest.mark.parametrize("kind", TYPES)
def test_a_number_of_any_type_becomes_a_plain_one(kind):
    """100 fits all types, and 100 * 100 does not."""
    number = np.dtype(kind).type(100)
    for value in (number, np.array(number)):
        found = [
            checks.positive(value, "x"),
            checks.not_negative(value, "x"),
            checks.finite_setting(value, "x"),
            checks.within(value, REALS, "x"),
        ]
        assert found == [100.0] * 4 and {type(x) for x in found} == {float}
        if number.dtype.kind in "iu":
            assert checks.whole(value, "k") == 100 and type(checks.whole(value, "k")) is int
    several = np.array([number, number])
    for found in (checks.positive(several, "x"), checks.finite_setting(several, "x")):
        assert found.dtype == np.float64 and found.tolist() == [100, 100]


def test_what_is_stored_is_not_the_users_array_and_cannot_change():
    rates = np.array([0.1, 0.2])
    kept = checks.positive(rates, "rate")
    rates[0] = 9
    assert kept.tolist() == [0.1, 0.2]
    with pytest.raises(ValueError, match="read-only"):
        kept[0] = 1


def test_whole_numbers_may_be_larger_than_any_type():
    assert checks.whole(10**30, "seed") == 10**30 and checks.positive(2**64, "x") == 2.0**64
    assert checks.positive([2**64, 1], "x").tolist() == [2.0**64, 1]


def test_convert_stores_what_a_check_returns():
    @dataclass(frozen=True)
    class Setting:
        units: int
        share: float

        def __post_init__(self):
            checks.convert(self, units=checks.whole, share=partial(checks.within, domain=Interval(0, 1)))

    small = Setting(np.uint8(200), np.float32(0.5))
    assert repr(small).endswith("Setting(units=200, share=0.5)") and 2 * small.units == 400
    with pytest.raises(ValueError, match=r"share must be a number in \[0, 1\]; got 2"):
        Setting(1, 2)


@dataclass(frozen=True)
class Rates(ByValue):
    rate: float | np.ndarray
    name: str = "a"


@dataclass(frozen=True)
class Other(Rates):
    pass


def test_settings_are_compared_by_value_arrays_included():
    several = np.array([0.1, 0.2])
    one, same = Rates(several), Rates(several.copy())
    assert one == same and hash(one) == hash(same) and len({one, same}) == 1
    for different in (Rates(several[:1]), Rates(several + 1), Rates(0.1), Rates(several, "b"), Other(several), 0.1):
        assert one != different and not one == different
    assert Rates(0.1) == Rates(0.1) and Other(0.1) == Other(0.1) and hash(Rates(0.1)) == hash(Rates(0.1))
