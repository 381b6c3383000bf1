"""The clinic: what it tells, and when, in Python and in a browser."""

import re

import numpy as np
import pytest

from nonlinear.course.looks import GREEN
from nonlinear.widgets import _base
from nonlinear.widgets.clinic import beyond
from tests.widgets.driving import answered, put


def told(page) -> list[str]:
    """Return the paragraphs that are to be read, after the frame in which they change."""
    put(page)
    return [text for text in page.locator(".status p:visible").all_text_contents() if text]


# In Python


def test_nothing_is_told_before_the_answers(clinic):
    assert clinic.said() == []
    clinic.seen = 1
    assert clinic.said() == []
    clinic.cause, clinic.forecast = "low rate", "Range: none"
    assert clinic.said() == ["Measured A 2. As you predicted.", "low rate, said of A."]
    clinic.repair = "rate"
    assert len(clinic.said()) == 2
    clinic.seen, clinic.forecast = 2, "One batch: stays"
    assert clinic.said() == ["Measured A 1. You predicted something else.", "low rate, said of A.", "A after rate."]
    clinic.case = "healthy twin"
    assert clinic.said() == []


def test_numbers_keep_three_digits(clinic):
    lines = clinic.arrays()["chart 1"]
    assert np.isinf(lines[4, 5:]).all() and not lines[3].any()
    rng = np.random.default_rng(10)
    expected = (10 ** rng.normal(scale=1.5, size=lines.shape))[:3]
    np.testing.assert_allclose(lines[:3], expected, rtol=2e-4)


@pytest.mark.parametrize("case", ["D", "E"])
def test_every_case_can_be_pictured(clinic, case):
    clinic.case = case
    assert _base.png(clinic.figure())


@pytest.mark.parametrize(
    ("trait", "value", "message"),
    [
        ("case", "H", "case must be one of 'A', .*; got 'H'"),
        ("cause", "?", "cause must be one of '', 'small weights', .*; got '?'"),
        ("step", 99, "step must be one of 0, .*; got 99"),
        ("seen", 3, "seen must be one of 0, 1, 2; got 3"),
    ],
)
def test_clinic_refuses(clinic, trait, value, message):
    with pytest.raises(ValueError, match=message):
        setattr(clinic, trait, value)


# In a browser


def test_the_page_tells_what_python_tells(show, clinic):
    page, rng = show(clinic), np.random.default_rng(2)
    options = [clinic.cases, ["", *clinic.causes], ["", *clinic.forecasts], ["", *clinic.repairs]]
    for seen in (0, 1, 2) * 8:
        traits = dict(zip(("case", "cause", "forecast", "repair"), map(str, map(rng.choice, options)), strict=True))
        clinic.set_trait("seen", seen)
        for trait, value in traits.items():
            clinic.set_trait(trait, value)
        put(page, **traits, seen=seen)
        assert told(page) == clinic.said()


def test_a_reader_answers_measures_and_repairs(show, clinic):
    page = show(clinic)
    measure, mend = (page.get_by_role("button", name=name) for name in ("Measure", "Repair"))
    assert (measure.is_disabled(), mend.is_disabled(), told(page)) == (True, True, [])
    page.get_by_role("combobox", name="what is wrong").select_option("dead layer")
    page.get_by_role("combobox", name="what I expect to measure").select_option("One batch: falls")
    assert told(page) == []
    measure.press("Enter")
    assert told(page) == ["Measured A 1. As you predicted.", "dead layer, said of A."]
    page.get_by_role("combobox", name="repair").select_option("weights")
    answered(page)  # a button that nothing has enabled yet takes no key
    mend.press("Enter")
    assert told(page)[-1] == "A after weights."
    page.get_by_role("combobox", name="what is wrong").select_option("low rate")
    assert told(page) == []
    page.get_by_role("combobox", name="network").select_option("B")
    assert put(page) == "case=B step=9 cause= forecast= repair= seen=0"


def test_the_healthy_one_is_not_asked_about(show, clinic):
    page = show(clinic)
    page.get_by_role("combobox", name="network").select_option("healthy twin")
    assert put(page).startswith("case=healthy twin ")
    assert page.get_by_role("combobox").count() == 1


def test_lines_are_where_the_numbers_are(show, clinic):
    page = show(clinic, width=390)
    put(page, case="B")
    bottom, top = 210 - 44, 10
    path = page.locator("svg").first.locator("path.line").get_attribute("d")
    heights = np.array([float(point.split(",")[1]) for point in path[1:].split("L")])
    expected = bottom - clinic.arrays()["chart 0"][1, :, 0] / 4 * (bottom - top)
    np.testing.assert_allclose(heights, np.clip(expected, top - 30, None), atol=0.11)


@pytest.mark.parametrize("case", ["A", "B", "D", "E"])
def test_what_a_loss_chart_cuts_off_is_written_on_it(show, clinic, case):
    page = show(clinic)
    put(page, case=case)
    written = page.locator("svg").first.locator("text[text-anchor=end].halo").text_content()
    assert written == beyond(clinic.arrays()["chart 0"][clinic.cases.index(case), :, 0], 4)
    assert written.startswith("" if case == "D" else ("from", "up to"))


def test_the_loss_has_four_digits(show, clinic):
    clinic.case, clinic.step = "A", 3
    loss = float(10 ** np.random.default_rng(10).normal(scale=1.5, size=(1, 4, 6))[0, 3, 0])
    assert show(clinic).locator("dd").first.text_content() == f"{loss:.4g}"


def test_no_two_layers_share_a_colour_or_a_dash(clinic):
    colours, _, dashes = zip(*clinic.looks, strict=True)
    assert len(set(colours)) == len(set(dashes)) == 6 and not {GREEN} & set(colours)


def test_bars_are_as_high_as_the_shares(show, clinic):
    page = show(clinic)
    put(page, case="C", step=4)
    drawn = page.locator("path.bar").evaluate_all("all => all.map(bars => bars.getAttribute('d'))")
    bars = np.array([re.findall(r"M([\d.]+),([\d.]+)v([-\d.e]+)H([\d.]+)V([\d.]+)z", each) for each in drawn], float)
    left, base, up, right, end = np.moveaxis(bars, -1, 0)
    np.testing.assert_allclose(-up, clinic.arrays()["roots"][2, 4] / 255 * 30, atol=0.06)
    assert np.all(left < right) and np.all(left[:, 1:] > right[:, :-1])
    assert np.all(base == 6 + 34 * np.arange(1, 6)[:, None]) and np.array_equal(base, end)


def test_clinic_survives_a_wrong_state(show, clinic):
    page = show(clinic)
    assert put(page, case="?", step="x", cause="?", forecast=7, repair=None, seen=99).startswith(
        "case=A step=0 cause= "
    )
