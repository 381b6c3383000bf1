"""The style: every function of the catalogue has a look of its own, and all of them can be read."""

import itertools

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from nonlinear.activations import CATALOGUE, ReLU
from nonlinear.course import functions
from nonlinear.course.plotting import (
    LOOK,
    PALETTE,
    axis_labels,
    broken,
    dashes,
    in_style,
    note,
    on_phone,
    power_ticks,
    subplots,
    title,
)

LIGHT_PAPER, DARK_PAPER = "#ffffff", "#14181e"


def linear(colour):
    parts = np.array(to_rgb(colour))
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def luminance(colour):
    return linear(colour) @ [0.2126, 0.7152, 0.0722]


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_every_function_has_a_look_that_no_other_has():
    assert set(LOOK) == set(CATALOGUE)
    assert len({(colour, str(style)) for colour, style, _ in LOOK.values()}) == len(LOOK)
    titles = [title(f) for f in functions.pointwise()]
    assert len(set(titles)) == len(titles)


@pytest.mark.parametrize("light, style, dark", [*LOOK.values(), *PALETTE])
def test_a_look_can_be_read_on_both_pages(light, style, dark):
    assert contrast(light, LIGHT_PAPER) > 4.5 and contrast(dark, DARK_PAPER) > 4.5
    assert all(float(length) > 0 for length in dashes(style).split())


def as_seen(colour, kind):
    """Return a colour as red-green blind eyes see it (Machado et al. 2009, full severity)."""
    matrix = {
        "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
        "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    }[kind]
    return np.clip(np.array(matrix) @ linear(colour), 0, 1) ** (1 / 2.4)


@pytest.mark.parametrize("kind", ["deutan", "protan"])
def test_lines_that_look_alike_to_the_colour_blind_differ_in_style(kind):
    for (one, (c1, s1, _)), (other, (c2, s2, _)) in itertools.combinations(LOOK.items(), 2):
        if np.abs(as_seen(c1, kind) - as_seen(c2, kind)).max() < 0.08:
            assert s1 != s2, (one, other)


def test_broken_lines_have_gaps_at_jumps():
    z, values = broken(ReLU().derivative, -1, 1, (0.0,))
    gaps = np.flatnonzero(np.isnan(values))
    assert set(values[: gaps[0]]) == {0} and set(values[gaps[0] + 1 : gaps[1]]) == {1}
    assert np.all(np.diff(z) >= 0)


@in_style
def two_panels():
    """Return a figure whose panels stand below one another on a phone."""
    picture, axes = subplots(1, 2, height=3.0, phone=(2, 1, 5.0), sharey=True)
    axis_labels(axes, "across", "up")
    note(axes[0], "line", (0.1, 0.2), (0.3, 0.4))
    axes[0].set(xscale="log", xlim=(1e-4, 1))
    power_ticks(axes[0].xaxis, (-3, 0))
    return picture


def test_a_figure_is_drawn_again_for_a_phone():
    """Narrower, with its panels, labels and words in other places; then all is as before."""
    wide = two_panels()
    phone = wide.for_phone()
    assert [picture.get_size_inches().tolist() for picture in (wide, phone)] == [[6.9, 3.0], [3.6, 5.0]]
    labels = [[(axis.get_xlabel(), axis.get_ylabel()) for axis in picture.axes] for picture in (wide, phone)]
    assert labels == [[("across", "up"), ("across", "")], [("", "up"), ("across", "up")]]
    assert [picture.axes[0].texts[0].get_position() for picture in (wide, phone)] == [(0.1, 0.2), (0.3, 0.4)]
    assert [tick.get_text() for tick in phone.axes[0].get_xticklabels()] == ["10⁻³", "1"]
    assert not on_phone()


def test_a_figure_that_fails_on_a_phone_leaves_the_next_one_wide():
    @in_style
    def fails():
        if on_phone():
            raise ValueError("no room")
        return subplots()[0]

    with pytest.raises(ValueError, match="no room"):
        fails().for_phone()
    assert not on_phone()
