"""Refusals: each names the argument, shows the value and says what to do."""

import numpy as np
import pytest

from nonlinear import checks

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
    (lambda: checks.whole(0, "units"), ValueError, "units must be a whole number, 1 or more; got 0"),
    (lambda: checks.whole(2.0, "units"), ValueError, "units must be a whole number, 1 or more; got 2.0"),
    (lambda: checks.whole(True, "units"), ValueError, "units must be a whole number, 1 or more; got True"),
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
    checks.positive(np.array([0.1, 2]), "rate")
    checks.whole(np.int64(3), "units")
    checks.whole(0, "k", at_least=0)
    checks.generators(np.random.default_rng(0).spawn(3))
