"""What becomes of dead units: what is exact about it, and that stored results come again."""

import numpy as np
import pytest

from nonlinear import diagnostics
from nonlinear.datasets import digits
from nonlinear.lessons.dead_forever import experiment
from nonlinear.lessons.dead_forever.widgets import fates_of_units, one_unit
from nonlinear.losses import SoftmaxCrossEntropy
from nonlinear.network import spawn
from nonlinear.optimisers import SGD
from nonlinear.training import last, minibatches, train

DATA = digits("unit")
FATES = experiment.stored_fates()


@pytest.fixture(scope="module")
def wreck():
    """The parameters before and after each epoch of the wreck."""
    parameters, _ = experiment.wrecked(DATA)
    return parameters


def after(wreck, optimiser, images=None, epochs=1, start=None):
    batches = experiment.passes(DATA, spawn(5, 20), epochs, images)
    return last(experiment.run(experiment.NETWORK, start or wreck[-1], batches, optimiser)).updated


# What is done to images and gradients


def test_shifted_images_are_those_moved_by_a_pixel_and_nothing_else():
    x = DATA.x[:200].astype(np.float32)[None]
    moved = experiment.shifted(x, np.random.default_rng(1))[0].reshape(-1, 8, 8)
    found = []
    for image, shifted in zip(DATA.x[:200].reshape(-1, 8, 8), moved, strict=True):
        padded = np.pad(image, 1)
        same = [np.array_equal(padded[r : r + 8, c : c + 8], shifted) for r in range(3) for c in range(3)]
        assert any(same)
        found.append(np.argmax(same))
    assert len(set(found)) == 9


def test_noise_has_the_size_that_is_said():
    x = np.zeros((10, 1000, 64), np.float32)
    assert experiment.noisy(x, np.random.default_rng(2)).std() == pytest.approx(experiment.PIXEL_NOISE, rel=0.01)
    gradient = np.ones((20, 5000), np.float32)
    step, _ = experiment.NoisyGradients(0.1).direction(gradient, (), 7)
    assert (step - gradient).std() == pytest.approx(experiment.GRADIENT_NOISE, rel=0.01)
    assert not np.array_equal(step, experiment.NoisyGradients(0.1).direction(gradient, (), 8)[0])


@pytest.mark.parametrize("layer", [0, 1, 2])
def test_a_held_layer_stays_and_the_others_move(wreck, layer):
    now = after(wreck, experiment.Held(0.1, layer=layer))
    still = [all(np.array_equal(new[k], old[k]) for k in old) for new, old in zip(now, wreck[-1], strict=True)]
    assert still == [k == layer for k in range(3)]


def test_decay_of_all_shrinks_dead_units_and_their_biases_alike(wreck):
    dead = experiment.dead_after(wreck[-1], DATA)[0]
    now = after(wreck, experiment.DecayOfAll(0.1, weight_decay=experiment.DECAY))
    shrunk = (1 - 0.1 * experiment.DECAY) ** experiment.STEPS
    for name, axis in (("weights", 1), ("bias", 1)):
        old, new = (np.moveaxis(p[0][name], axis, -1)[dead] for p in (wreck[-1], now))
        np.testing.assert_allclose(new, shrunk * old, rtol=1e-4)
    weights_only = after(wreck, SGD(0.1, weight_decay=experiment.DECAY))
    assert np.array_equal(weights_only[0]["bias"][:, 0][dead], wreck[-1][0]["bias"][:, 0][dead])


# What is exact


@pytest.mark.parametrize("way", ["SGD", "momentum", "Adam"])
def test_the_dead_of_layer_1_stay_bit_for_bit(wreck, way):
    dead = experiment.dead_after(wreck[-1], DATA)[0]
    now = after(wreck, experiment.WAYS[way].optimiser, epochs=3)
    assert dead.sum() > 400 and experiment.untouched(wreck[-1], now)[0][dead].all()


def test_on_centred_images_and_other_splits_it_is_the_same():
    """The argument needs fixed inputs, and neither bounds nor signs."""
    data = digits("standardised", split=3)
    chance = spawn(11, 4)
    start = experiment.NETWORK.initialise(chance, np.float32)
    silenced = ({**start[0], "bias": start[0]["bias"] - np.float32(3.5)}, *start[1:])
    dead = experiment.dead_after(silenced, data)[0]
    batches = minibatches(data.x.astype(np.float32), data.labels, 32, 2, chance)
    now = last(train(experiment.NETWORK, silenced, batches, SoftmaxCrossEntropy(), SGD(0.05))).updated
    assert dead.any() and not dead.all()
    assert (
        experiment.untouched(silenced, now)[0][dead].all() and not experiment.untouched(silenced, now)[0][~dead].any()
    )


def test_with_the_first_layer_held_the_second_one_stays_too(wreck):
    dead = experiment.dead_after(wreck[-1], DATA)[1]
    now = after(wreck, experiment.Held(0.1), epochs=2)
    assert not (dead & ~experiment.dead_after(now, DATA)[1]).any()
    assert experiment.untouched(wreck[-1], now)[1][dead].all()


def test_behind_a_dead_layer_nothing_moves_but_the_last_bias(wreck):
    buried = experiment.buried([wreck[0]], np.ones((2, 20, 64), bool))
    now = after(wreck, SGD(0.1), start=buried)
    moved = [
        name for new, old in zip(now, buried, strict=True) for name in old if not np.array_equal(new[name], old[name])
    ]
    assert moved == ["bias"] and not np.array_equal(now[2]["bias"], buried[2]["bias"])


def test_redrawn_units_are_new_and_the_network_says_what_it_said(wreck):
    dead = experiment.dead_after(wreck[-1], DATA)
    new, x = experiment.redrawn(wreck, dead), DATA.x.astype(np.float32)
    np.testing.assert_allclose(
        experiment.NETWORK.predict(new, x), experiment.NETWORK.predict(wreck[-1], x), rtol=1e-4, atol=1e-4
    )
    left = experiment.dead_after(new, DATA)
    assert left[0].sum() < 0.1 * dead[0].sum()
    assert not (left & ~dead).any()


# What is stored


@pytest.mark.parametrize(
    "way", [way for way in FATES if way not in ("noise on pixels", "shifted images", "noise on gradients")]
)
def test_in_the_stored_runs_layer_1_knows_no_revival(way):
    alive = FATES[way].alive[0, experiment.WRECK :]
    assert not (alive[1:] & ~alive[:-1]).any()


@pytest.mark.parametrize("way", ["SGD", "decay of weights", "shifted images"])
def test_the_stored_ways_come_again_on_the_whole(way):
    """At such rates the last bit decides over single units, and over none of these sums."""
    packed, heat, untouched, right = experiment._ways_cell(way)
    alive = np.unpackbits(packed, axis=-1).astype(bool)
    dead = ~alive[:, experiment.WRECK]
    revived = (dead & alive[:, -1]).sum(axis=(1, 2))
    stored = FATES[way]
    np.testing.assert_allclose(dead.sum(axis=(1, 2)), stored.dead.sum(axis=(1, 2)), rtol=0.15)
    np.testing.assert_allclose(revived, stored.revived.sum(axis=(1, 2)), rtol=0.35)
    assert np.median(right[1]) / 360 == pytest.approx(np.median(stored.accuracy[1]), abs=0.08)
    assert np.array_equal(alive[:, 0], stored.alive[:, 0])
    np.testing.assert_allclose((heat[:, 0] / experiment.LEVELS) ** 2, stored.heat[:, 0], atol=1e-3)
    assert untouched.shape == stored.untouched.shape


AGAIN = {
    "carried": ({"optimiser": "momentum", "carried": True}, ("dead",)),
    "rates": ({"rate": 0.03}, ("dead", "revived", "late")),
    "deeper": ({"rate": 0.5}, ("dead",)),
    "splits": ({"split": 1}, ("dead", "late")),
    "new": ({"images": "noisy images"}, ("dead", "awake")),
    "worth": ({"start": "layer 2 buried"}, ("dead", "late")),
    "stepwise": ({"optimiser": "SGD, 1"}, ("deaths", "steps")),
}


@pytest.mark.parametrize("name", AGAIN)
def test_the_other_stored_sums_come_again(name):
    """Summed over layers and members, within a quarter; the revivals of layer 1 come again exactly: there are none."""
    setting, sums = AGAIN[name]
    grid, stored = experiment.GRIDS[name], experiment.stored(name, **setting)
    again = dict(zip(grid.arrays, grid.cell(*setting.values()), strict=True))
    for key in sums:
        assert again[key].sum(dtype=int) == pytest.approx(stored[key].sum(dtype=int), rel=0.25), key
    for key in again.keys() & {"revived", "revivals", "seen"}:
        assert again[key][0].sum() == stored[key][0].sum() == 0


def test_the_longer_runs_come_again_at_their_beginning(monkeypatch):
    monkeypatch.setattr(experiment, "LOOKS", (1, 2))
    still, late, right = experiment._longer_cell("SGD")
    stored = experiment.stored("longer", way="SGD")
    np.testing.assert_allclose(still.sum(axis=-1), stored["still"][:2].astype(int).sum(axis=-1), rtol=0.2)
    np.testing.assert_allclose(late.sum(axis=-1), stored["late"][:2].astype(int).sum(axis=-1), rtol=0.2)
    assert right.shape == (2, 20)


def test_the_stored_tiles_begin_where_the_networks_do():
    (weights,) = experiment._tiles_cell(1)
    stored = experiment.stored("tiles", member=1)["weights"]
    np.testing.assert_array_equal(weights[0], stored[0])
    assert weights.shape == stored.shape and np.abs(stored.astype(float)).max() < 100


def test_histograms_count_every_preactivation():
    for fate in FATES.values():
        np.testing.assert_allclose(fate.heat.sum(axis=-1), 1, atol=0.06)
    start = experiment.NETWORK.initialise(spawn(0, 2), np.float32)
    shares = experiment.histograms(experiment.NETWORK, start, DATA.x)
    z = experiment.NETWORK.forward(start, DATA.x.astype(np.float32))[0].preactivations[1]
    assert shares[0, 1, 12] == pytest.approx(np.mean((z >= -1) & (z < 0)), abs=1e-6)
    np.testing.assert_allclose(shares.sum(axis=-1), 1)


def test_all_of_the_cube_is_asked_at_its_corners(wreck):
    """A unit wakes on [0, 1]^64 if it does at the corner where its positive weights see 1."""
    weights, bias = wreck[-1][0]["weights"], wreck[-1][0]["bias"]
    corner = (weights > 0).astype(np.float32)
    z = (weights * corner).sum(axis=1) + bias[:, 0]
    dead = experiment.dead_after(wreck[-1], DATA)[0]
    _, awake = experiment._new_cell(experiment.ALL_IMAGES)
    assert np.array_equal((dead & (z > 0)).sum(axis=-1), awake)
    assert np.array_equal(diagnostics.dead_units(np.maximum(z, 0)[:, None, :]), z <= 0)


def test_the_widgets_are_small_and_show_what_is_stored():
    shown = fates_of_units(FATES, layer="2", seed=3, epoch=experiment.FRAMES - 1)
    fate = FATES["SGD"]
    assert len(shown.data) < 60_000
    said = list(shown.said().values())
    assert said == [str((~fate.alive[1, -1, 2]).sum()), str(fate.revived[1, 2].sum())]
    assert (shown.states() == 2)[:, -1].sum() == fate.revived[1, 2].sum()
    np.testing.assert_allclose(shown.histogram(), fate.heat[1, :, 2], atol=1e-9)
    assert len(one_unit().data) < 60_000
