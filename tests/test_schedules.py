"""Schedules at the steps that matter, and what they refuse."""

import math

import numpy as np
import pytest

from nonlinear.schedules import Constant, Cosine, ExponentialDecay, Product, StepDecay, Warmup

CASES = {
    "constant": (Constant(), {0: 1, 10**6: 1}),
    "step decay": (StepDecay(3, 0.5), {0: 1, 2: 1, 3: 0.5, 5: 0.5, 6: 0.25, 30: 2.0**-10}),
    "exponential": (ExponentialDecay(10), {0: 1, 5: math.sqrt(0.5), 10: 0.5, 100: 2.0**-10}),
    "cosine": (Cosine(6), {0: 1, 2: 0.75, 3: 0.5, 4: 0.25, 6: 0, 100: 0}),
    "cosine to a tenth": (Cosine(6, end=0.1), {0: 1, 3: 0.55, 6: 0.1, 7: 0.1}),
    "warm-up": (Warmup(4), {0: 0.25, 1: 0.5, 3: 1, 4: 1, 100: 1}),
    "warm-up and cosine": (Warmup(4) * Cosine(6), {0: 0.25, 2: 0.75 * 0.75, 3: 0.5, 6: 0}),
    "a product of three": (Warmup(2) * StepDecay(2, 0.5) * (lambda step: 3.0), {0: 1.5, 1: 3, 2: 1.5, 4: 0.75}),
    "warm-up, then cosine": (Warmup(4).until(4, then=Cosine(6)), {0: 0.25, 3: 1, 4: 1, 7: 0.5, 10: 0}),
}


@pytest.mark.parametrize("schedule, factors", CASES.values(), ids=CASES)
def test_factors(schedule, factors):
    for step, factor in factors.items():
        assert schedule(step) == pytest.approx(factor, abs=1e-15) and isinstance(schedule(step), float)


def test_numbers_of_small_types_do_not_wrap():
    assert Warmup(np.uint8(200))(np.uint8(255)) == 1 and Cosine(np.uint8(100))(50) == pytest.approx(0.5)
    assert Cosine(np.uint8(255)) == Cosine(255) and type(Cosine(10, end=np.float16(0.1)).end) is float
    assert StepDecay(np.uint8(3), factor=np.float16(0.5))(600) == 0.5**200
    assert ExponentialDecay(np.float16(1000))(2000) == 0.25
    assert Constant().until(np.uint8(200), Warmup(np.uint8(200)))(np.uint16(300)) == 101 / 200


REFUSED = [
    (lambda: StepDecay(0), "every must be a whole number, 1 or more; got 0"),
    (lambda: StepDecay(3, -0.1), r"factor must be a number in \(0, 1\]; got -0.1"),
    (lambda: ExponentialDecay(0), r"half_life must be a number in \(0, ∞\); got 0"),
    (lambda: Cosine(2.5), "steps must be a whole number, 1 or more; got 2.5"),
    (lambda: Cosine(10, end=2), r"end must be a number in \[0, 1\]; got 2"),
    (lambda: StepDecay(2, 2.0), r"factor must be a number in \(0, 1\]; got 2.0"),
    (lambda: StepDecay(2, np.array([0.5, 0.1])), r"factor must be a number in \(0, 1\]; got array"),
    (lambda: ExponentialDecay("1"), r"half_life must be a number in \(0, ∞\); got '1'"),
    (lambda: Cosine(10, end="0"), r"end must be a number in \[0, 1\]; got '0'"),
    (lambda: Warmup(0), "steps must be a whole number, 1 or more; got 0"),
    (lambda: Constant().until(0, Constant()), "steps must be a whole number, 1 or more; got 0"),
]


@pytest.mark.parametrize("call, message", REFUSED, ids=[m[:30] for _, m in REFUSED])
def test_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: Cosine(3) * 3, "second must be a function of the step.*; got 3"),
        (lambda: 0.5 * Cosine(3), "first must be a function of the step.*; got 0.5"),
        (lambda: Product(0.5, Cosine(3)), "first must be a function of the step.*; got 0.5"),
        (lambda: Cosine(3).until(3, 5), "then must be a function of the step.*; got 5"),
        (lambda: Warmup(3).until(3, then=Cosine), "then must be a function of the step.*; got <class"),
    ],
    ids=["product", "times", "first", "sequel", "class"],
)
def test_what_is_no_function_of_the_step_is_refused(call, message):
    with pytest.raises(TypeError, match=message):
        call()
