"""Choosing: what is exact about the networks of the race and about shares of variance; stored results come again."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from nonlinear.lessons.choosing import experiment
from nonlinear.lessons.choosing.widgets import chooser
from nonlinear.network import spawn
from tests.lessons.members import JUDGES, TUNING, numbers

BOOK = Path(__file__).parents[2] / "book"
GRIDS = dict(zip(("shallow", "plain", "residual"), experiment.SITUATIONS, strict=True))


@pytest.mark.parametrize("situation", experiment.SITUATIONS)
@pytest.mark.parametrize("function", ["ReLU", "Maxout", "PReLU"])
def test_a_network_is_as_deep_as_its_situation_says_and_its_signal_does_not_run_away(situation, function):
    here = experiment.SITUATIONS[situation]
    network = here.network(function)
    parameters = network.initialise(spawn(1, 5))
    x = np.random.default_rng(2).normal(size=(500, experiment.INPUTS))
    size = np.sqrt(np.mean(network.predict(parameters, x) ** 2, axis=(1, 2)))
    assert len(network.layers) == here.depth + 1
    assert sum(layer.residual for layer in network.layers) == (here.depth - 1) * here.residual
    assert 0.2 < np.median(size) < 10


def test_the_components_are_found_again():
    rng = np.random.default_rng(3)
    scales, sizes = (2.0, 0.7, 1.3), (40, 50, 60)
    axes = [rng.normal(scale=scale, size=size) for scale, size in zip(scales, sizes, strict=True)]
    values = axes[0][:, None, None] + axes[1][:, None] + axes[2] + rng.normal(scale=0.5, size=sizes)
    found = experiment.components(values)
    np.testing.assert_allclose(found[:3], [np.std(axis, ddof=1) for axis in axes], rtol=0.01)
    assert found[3] == pytest.approx(0.5, rel=0.02)
    assert experiment.components(rng.normal(size=sizes))[:3].max() < 0.05


@pytest.mark.parametrize("target", experiment.TARGETS)
def test_samples_have_unit_variance_and_a_member_its_own(target):
    x, y = experiment.samples(target, spawn(0, 3))
    assert x.shape == (3, 1024, 3) and np.abs(x).max() <= 1 and not np.array_equal(x[0], x[1])
    np.testing.assert_allclose([y.mean(axis=1), y.std(axis=1)], [np.zeros((3, 1)), np.ones((3, 1))], atol=1e-5)


def test_rates_of_the_crossed_networks_are_the_best_for_accuracy():
    race = experiment.stored_race("shallow")
    assert experiment.CROSSED == {name: race[name].rates[race[name].best[0]] for name in experiment.CROSSED}


# How rates are chosen, with stand-ins for the training


def test_functions_are_judged_on_other_splits_at_the_most_accurate_and_at_the_fastest_rate(monkeypatch):
    rates, splits = experiment.SITUATIONS["shallow"].rates, np.arange(11, 31).reshape(2, 10)

    def learn(network, rate, split, chance, whole=True):
        place, members = rates.index(rate), numbers(chance)
        return members + 100 * (place == 4) + 1000 * split, split - 500 * (place == 2) + whole, members > place

    monkeypatch.setattr(experiment, "learn", learn)
    monkeypatch.setattr(experiment, "images", np.array)
    right, reached, diverged, accurate, fast = experiment._race_cell("shallow", "ReLU")
    every = np.arange(7)[:, None]
    np.testing.assert_array_equal(right, TUNING + 100 * (every == 4) + 1000 * np.arange(1, 11))
    np.testing.assert_array_equal(reached, 1 + np.arange(1, 11) - 500 * (every == 2))
    np.testing.assert_array_equal(diverged, TUNING > every)
    np.testing.assert_array_equal(accurate, JUDGES + 100 + 1000 * splits)
    np.testing.assert_array_equal(fast, splits - 500)


def test_fits_are_judged_at_the_rate_with_the_smallest_error(monkeypatch):
    def fit(function, target, rate, chance):
        return numbers(chance) + 100 * abs(experiment.FITTING_RATES.index(rate) - 3)

    monkeypatch.setattr(experiment, "fit", fit)
    tuned, error = experiment._regression_cell("smooth", "ReLU")
    np.testing.assert_array_equal(tuned, TUNING + 100 * abs(np.arange(6)[:, None] - 3))
    np.testing.assert_array_equal(error, JUDGES)


def test_every_seed_is_crossed_with_every_split(monkeypatch):
    monkeypatch.setattr(experiment, "learn", lambda network, rate, split, chance: (100 * split + numbers(chance),))
    monkeypatch.setattr(experiment, "images", np.array)
    (right,) = experiment._crossed_cell("ReLU")
    np.testing.assert_array_equal(right, 100 * np.arange(101, 111)[:, None] + TUNING)


# Stored results


@pytest.mark.parametrize("grid", GRIDS)
def test_the_stored_race_is_run_again(grid):
    """By the first three members, which are those of a larger ensemble, at the second lowest rate."""
    here, chance = experiment.SITUATIONS[GRIDS[grid]], spawn(experiment.SEED, 3)
    right, reached, diverged = experiment.learn(
        here.network("tanh"), here.rates[1], experiment.images((1, 2, 3)), chance
    )
    stored = experiment.grids.load(experiment.LESSON, grid).at(situation=GRIDS[grid], function="tanh")
    for name, again, most in (("tuned", right, 3), ("pace", reached, 20), ("diverged", diverged, 0)):
        np.testing.assert_allclose(again.astype(int), stored[name][1, :3].astype(int), atol=most, err_msg=name)


def test_the_stored_errors_are_found_again():
    """With three members at the lowest rate."""
    again = experiment.fit("tanh", "smooth", experiment.FITTING_RATES[0], spawn(experiment.SEED, 3))
    stored = experiment.grids.load(experiment.LESSON, "regression").at(target="smooth", function="tanh")
    np.testing.assert_allclose(again, stored["tuned"][0, :3], rtol=0.02)


def places(lesson):
    """Return the anchors of a lesson's page: figures, targets, headings and claims."""
    text = (BOOK / f"{lesson}.ipynb").read_text("utf-8")
    cells = json.loads(text)["cells"]
    prose = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    headings = (re.sub(r"[^a-z0-9]+", "-", line.lower()).strip("-") for line in re.findall(r"^#+ (.+)$", prose, re.M))
    claims = {claim.replace(".", "-") for cell in cells for claim in cell["metadata"].get("claims", [])}
    figures = re.findall(r'"name": "(fig-[\w-]+)"', text)
    return {*headings, *figures, *re.findall(r"^\(([\w-]+)\)=", prose, re.M), *(f"claim-{claim}" for claim in claims)}


def test_the_chooser_is_small_and_its_links_lead_somewhere():
    widget = chooser()
    assert len(widget.data) < 60_000
    links = [each["link"].split("#") for each in widget.evidence if each["link"]]
    assert len(links) >= 8
    for page, anchor in links:
        assert anchor in places(page.removesuffix(".html") or experiment.LESSON)


def test_the_chooser_says_what_the_race_says():
    apart = {grid: experiment.against(experiment.stored_race(grid)) for grid in GRIDS}
    signs = {grid: {name: each.sign for name, each in found.items()} for grid, found in apart.items()}
    texts = " ".join(each["text"] for each in chooser().evidence)
    assert "ELU and SELU are better" in texts and {n for n, s in signs["plain"].items() if s > 0} == {"ELU", "SELU"}
    assert "the sigmoid does not learn" in texts and experiment.stored_race("plain")["sigmoid"].accuracy.max() < 25
    assert texts.count("all are ties") == 2 and not any([*signs["shallow"].values(), *signs["residual"].values()])


def test_the_stored_crossing_is_found_again():
    """On the first of the splits."""
    data, rate = experiment.images(experiment.CROSSED_SPLITS[:1] * 10), experiment.CROSSED["ReLU"]
    right, *_ = experiment.learn(
        experiment.SITUATIONS["shallow"].network("ReLU"), rate, data, spawn(experiment.SEED, 10)
    )
    stored = experiment.stored("crossed").at(function="ReLU")["right"][0]
    np.testing.assert_allclose(right.astype(int), stored.astype(int), atol=3)
