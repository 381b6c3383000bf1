"""The style: every function of the catalogue has a look of its own, and all of them can be read."""

import itertools

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from nonlinear.activations import CATALOGUE, ReLU
from nonlinear.course import functions
from nonlinear.course.plotting import LOOK, PALETTE, broken, dashes, title

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
