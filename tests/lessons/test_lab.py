"""The lab: each fault is one change, its repair undoes it exactly, and what is stored comes again where it can."""

import itertools

import numpy as np
import pytest

from nonlinear.course import two_sets
from nonlinear.lessons.lab import experiment, widgets
from nonlinear.lessons.lab.experiment import CASES, FAULTS, GUESS, HEALTHY, NOTHING, OWN, READINGS

FOUND = experiment.stored("readings").at(change="as it is")


def test_a_fault_changes_one_thing_and_its_own_repair_alone_undoes_it():
    for fault, case in FAULTS.items():
        changed = [name for name in vars(HEALTHY) if getattr(case, name) != getattr(HEALTHY, name)]
        assert len(changed) == 1
        mended = {repair: experiment.repaired(fault, repair) for repair in OWN}
        assert sorted(each == HEALTHY for each in mended.values()) == [False] * 6 + [True]
        assert all(each in (HEALTHY, case) for each in mended.values())


def test_the_patients_are_the_faults_in_another_order():
    order = list(experiment.PATIENTS.values())
    assert sorted(order) == sorted(FAULTS) and all(a != b for a, b in zip(order, FAULTS, strict=True))
    assert experiment.network("A") == FAULTS[experiment.PATIENTS["A"]]


def test_sizes_count_everything_once():
    a = np.concatenate([np.zeros(50), 10.0 ** np.random.default_rng(1).uniform(-7, 7, 150)]).reshape(1, 20, 10)
    shares = experiment.sizes(a)
    assert shares.sum() == pytest.approx(1) and shares[0, 0] == 0.25
    inner, _ = np.histogram(np.log10(a[a > 0]), np.arange(-5, 5.01, 0.5))
    np.testing.assert_allclose(shares[0, 2:-1] * 200, inner[1:-1])


def test_the_dead_layer_lets_nothing_through():
    """Every gradient of a weight is exactly 0, and only the last bias moves."""
    case, chance = FAULTS["dead first layer"], two_sets()[:2]
    data = case.images(experiment.SPLITS[:2])
    start = case.network.initialise(chance, np.float32)
    step = next(case.train(start, [(data.x, data.labels)]))
    for k, (gradient, layer) in enumerate(zip(step.gradients, start, strict=True)):
        assert not gradient["weights"].any() and layer["weights"].any()
        assert bool(gradient["bias"].any()) == (k == 5)


def test_small_weights_have_the_same_product_in_every_layer():
    """Without biases, the sum of weight times gradient is the same for all layers of ReLUs; theirs is small in each."""
    sums = []
    for case in (HEALTHY, FAULTS["small initial weights"]):
        data, chance = case.images(experiment.SPLITS[:2]), two_sets()[:2]
        step = next(case.train(case.network.initialise(chance, np.float64), [(data.x, data.labels)]))
        pairs = zip(step.gradients, step.parameters, strict=True)
        sums.append([np.sum(g["weights"] * p["weights"], axis=(1, 2)) for g, p in pairs])
        np.testing.assert_allclose(sums[-1], np.broadcast_to(sums[-1][0], (6, 2)), rtol=1e-6, atol=1e-12)
    assert np.all(np.abs(sums[1]) < 0.01 * np.abs(sums[0]))


@pytest.mark.parametrize("name", ["small initial weights", "two softmaxes", "dead first layer", "rate far too low"])
def test_the_stored_course_begins_again(name):
    """The first ten of the steps that are looked at, of the patients that are not chaotic."""
    case, data, stored = CASES[name], CASES[name].images(), experiment.stored("patients").at(case=name)
    steps = itertools.islice(experiment.course(case, two_sets()[:1], data), experiment.TIMES[9])
    seen = [experiment.look(step, data) for step in steps if step.index + 1 in experiment.TIMES]
    for key in ("loss", "ratio", "gradient", "flat"):
        again = np.stack([each[key][..., 0] for each in seen])
        np.testing.assert_allclose(again, stored[key][:10], rtol=2e-3, atol=1e-6)
    roots = np.stack([each["sizes"][..., 0] for each in seen]) ** 0.5
    np.testing.assert_allclose(255 * roots, stored["sizes"][:10], atol=4)


def test_the_cell_of_a_patient_begins_as_it_is_stored(monkeypatch):
    shorter = {"TIMES": experiment.TIMES[:5], "EPOCHS": 1, "ON_ONE_BATCH": 16, "RANGE": experiment.RANGE[:6]}
    for name, value in shorter.items():
        monkeypatch.setattr(experiment, name, value)
    grid, stored = experiment.GRIDS["patients"], experiment.stored("patients").at(case="small initial weights")
    found = dict(zip(grid.arrays, experiment._patient_cell("small initial weights"), strict=True))
    assert sorted({len(again) for again in found.values()}) == [4, 5, 6]
    for name, again in found.items():
        close = {"atol": 4} if name == "sizes" else {"rtol": 5e-3, "atol": 1e-6}
        np.testing.assert_allclose(again.astype(float), stored[name][: len(again)].astype(float), **close, err_msg=name)


@pytest.mark.parametrize("repair", experiment.GENERAL)
def test_the_stored_loss_after_a_repair_begins_again(repair):
    case, stored = experiment.repaired("two softmaxes", repair), experiment.stored("repairs")
    data, stored = case.images(), stored.at(case="two softmaxes", repair=repair)["loss"]
    steps = itertools.islice(experiment.course(case, two_sets()[:1], data), experiment.TIMES[9])
    losses = [experiment.look(step, data)["loss"][0] for step in steps if step.index + 1 in experiment.TIMES]
    np.testing.assert_allclose(losses, stored[:10], rtol=5e-3)


@pytest.mark.parametrize("name", FAULTS)
def test_the_stored_readings_of_the_start_are_found_again(name):
    """Of the last two members."""
    case, data = CASES[name], CASES[name].images(experiment.SPLITS[-2:])
    first = next(case.train(case.network.initialise(two_sets()[-2:], np.float32), [(data.x, data.labels)]))
    stored = {key: values[1, -2:] for key, values in FOUND.at(case=name).arrays.items()}
    np.testing.assert_allclose(first.loss, stored["first"], rtol=1e-3)
    np.testing.assert_allclose(experiment.recording.flat_fraction(case.network, first.tape)[0], stored["flat"])


@pytest.mark.parametrize("name", ["small initial weights", "two softmaxes", "rate far too low"])
def test_the_stored_readings_of_the_tools_are_found_again(name):
    """Of the first two members."""
    case, data, stored = CASES[name], CASES[name].images(experiment.SPLITS[:2]), FOUND.at(case=name)
    losses, right = experiment.one_batch(case, two_sets()[:2], data)
    np.testing.assert_allclose(losses[-1], stored["batch"][0, :2], rtol=0.01)
    np.testing.assert_allclose(right, stored["batch_right"][0, :2], atol=0.04)
    lowest = np.nanmin(experiment.rate_range(case, two_sets()[:2], data), axis=0)
    np.testing.assert_allclose(lowest, stored["lowest"][0, :2], rtol=0.1)


@pytest.mark.parametrize("pair", [*itertools.combinations(CASES, 2)], ids=" and ".join)
def test_some_reading_tells_every_pair_apart(pair):
    name = experiment.telling(*pair, FOUND)
    assert experiment.apart(*(FOUND.at(case=each)[name].ravel() for each in pair))


def test_the_chart_asks_in_order():
    fine = dict.fromkeys(READINGS, np.array([1.0])) | {"flat": np.array([0.0]), "batch": np.array([0.001])}
    asked = {
        "dead first layer": {"flat": 1.0, "first": 9.0},
        "raw inputs": {"first": 9.0, "batch": 9.0},
        "shuffled labels": {"right": 0.1},
        NOTHING: {},
        "two softmaxes": {"batch": 1.46},
        "small initial weights": {"batch": 2.3, "batch_right": 0.2, "shrink": 0.001, "ratio": 1e-5},
        "deep sigmoids": {"batch": 2.3, "batch_right": 0.2, "fall": 0.01},
        "rate far too low": {"batch": 2.3, "batch_right": 0.2, "ratio": 1e-5},
        "no diagnosis": {"batch": 2.3, "batch_right": 0.2},
    }
    for fault, reading in asked.items():
        given = fine | {name: np.array([value]) for name, value in reading.items()}
        assert experiment.diagnose(given).tolist() == [fault]


# The widget


def test_the_clinic_is_small_and_does_not_give_its_answers_away():
    clinic = widgets.clinic()
    assert len(clinic.data) < 60_000
    state = str({name: value for name, value in clinic.get_state().items() if name not in ("data", "_esm")})
    assert all(sentence not in state for sentence in widgets.BECAUSE.values())
    for case in clinic.cases[:-1]:
        clinic.case = case
        assert all(fault not in clinic.alt for fault in FAULTS) and clinic.said() == []


@pytest.mark.parametrize("fault", FAULTS)
def test_a_verdict_quotes_what_is_stored(fault):
    for cause in (*FAULTS, NOTHING):
        said = widgets.verdict(fault, cause)
        if cause == fault:
            assert said.startswith("Yes") and widgets.BECAUSE[fault] in said
        else:
            name = experiment.telling(fault, cause, FOUND)
            here, there = FOUND.at(case=fault)[name][0, 0], np.median(FOUND.at(case=cause)[name])
            assert (
                f"the {READINGS[name]} would be about {widgets.number(there)}; here it is {widgets.number(here)}."
            ) in said


@pytest.mark.parametrize(
    ("case", "cause", "words"),
    [
        ("raw inputs", "dead first layer", ("98% of this first layer", "at the first step it was 1.6%")),
        ("small initial weights", "rate far too low", ("update ratio", "would be 1.53; here it is 3.1")),
        ("rate far too low", "small initial weights", ("update ratio", "here it is 1.53")),
    ],
)
def test_a_verdict_says_what_tells_twins_apart(case, cause, words):
    assert all(each in widgets.verdict(case, cause) for each in words)


@pytest.mark.parametrize(
    ("loss", "right", "outcome"), [(0.001, 1, 0), (1.46, 1, 1), (2.1, 0.2, 2), (np.inf, 0.1, 3), (7.0, 0.1, 3)]
)
def test_outcomes_of_one_batch(loss, right, outcome):
    assert widgets.batch_outcome(loss, right) == outcome


@pytest.mark.parametrize(("best", "lowest", "outcome"), [(3, 1.0, 0), (0.1, 1.3, 1), (3000, 1.0, 2), (10, GUESS, 3)])
def test_outcomes_of_the_range_test(best, lowest, outcome):
    assert widgets.range_outcome(best, lowest) == outcome
