"""The widget of the lab: seven patients and their healthy twin."""

import numpy as np

from nonlinear.course.classifier import TEST_IMAGES
from nonlinear.course.text import scientific
from nonlinear.lessons.lab import experiment
from nonlinear.lessons.lab.experiment import (
    CASES,
    EDGES,
    FAULTS,
    GENERAL,
    GUESS,
    NOTHING,
    PATIENTS,
    RANGE,
    READINGS,
    REPAIRS,
    TIMES,
    TWIN,
)
from nonlinear.special import Array
from nonlinear.widgets import Chart, Clinic, Tool, Words
from nonlinear.widgets._base import shown

LAYERS = ("1", "2", "3", "4", "5", "out")
FLOOR = np.log(np.e + 9) - 1  # the lowest loss of ten classes behind two softmaxes
ON_ONE_BATCH = (
    "the loss goes to 0",
    f"it ends near {FLOOR:.2f}, most images right",
    f"it stays near a guess, {GUESS:.1f}",
    "it explodes",
)
OVER_RATES = (
    "the loss falls, at rates near its own",
    "it falls at lower rates only",
    "it falls at far higher rates only",
    "it hardly falls at any rate",
)
BECAUSE = {
    "small initial weights": "each layer hands on a fraction of what it gets. The images hardly reach the output, and "
    "the gradient hardly reaches a layer, whichever it is.",
    "raw inputs": "inputs from 0 to 16, which nobody centred, make the first outputs large, and a rate of 0.1 is too "
    "high for them: the first steps are large beside the weights. Units that such steps push into the flat part stay "
    "there, so that in the end most of layer 1 is flat.",
    "deep sigmoids": "the gradient shrinks from layer to layer on its way down, and the activations crowd together. "
    "No unit is flat, for that takes a slope under 4\u00a0% of 1/4 for every image; but with at most 1/4 in each layer "
    "the gradient shrinks all the same.",
    "two softmaxes": "the loss applies a softmax to outputs that have had one. Answers can be right, the loss "
    f"cannot be low: with 1 for the right class and 0 for the nine others it is ln(e + 9) \u2212 1 = {FLOOR:.2f}.",
    "dead first layer": "no image reaches the second layer. Every gradient is exactly 0, but that of the last biases, "
    "which are all that learns.",
    "shuffled labels": "the network is sound, and learns what it is shown; but the labels belong to other images.",
    "rate far too low": "gradients and activations are those of the healthy twin, and each step is a thousandth.",
}


def batch_outcome(loss: float, right: float) -> int:
    """Return which of ``ON_ONE_BATCH`` it is."""
    if loss < experiment.LIMITS["batch"]:
        return 0
    if right > experiment.LIMITS["batch_right"]:
        return 1
    return 2 if loss < experiment.LIMITS["first"] else 3


def range_outcome(best: float, lowest: float) -> int:
    """Return which of ``OVER_RATES`` it is, by the best rate over the rate in use and the lowest loss."""
    if lowest > 2.2:
        return 3
    return 1 if best < 1 else 2 if best > 100 else 0


def clinic() -> Clinic:
    """Return the clinic, with the first of the patients."""
    cases = [*PATIENTS.values(), NOTHING]
    seen, found = (_of(cases, experiment.stored(name).at(**setting))
                   for name, setting in (("patients", {}), ("readings", {"change": "as it is"})))  # fmt: skip
    charts = [
        Chart("loss", seen["loss"][..., None], ["loss"], (0, 4), levels={"a guess": GUESS}),
        Chart("update ratio", seen["ratio"], LAYERS, (1e-7, 10), "log"),
        Chart("gradient of the weights", seen["gradient"], LAYERS, (1e-6, 1e3), "log"),
        Chart("flat share", seen["flat"], LAYERS[:-1], (-0.02, 1.02)),
    ]
    mine = {name: values[:, 0, 0] for name, values in found.items()}
    tools = [
        Tool("One batch", 1 + 5 * np.arange(seen["batch"].shape[1]), seen["batch"], "step", (0, 4), ON_ONE_BATCH,
              list(map(batch_outcome, mine["batch"], mine["batch_right"]))),
        Tool("Range test", RANGE, seen["range"], "learning rate (log scale)", (0, 4), OVER_RATES,
              list(map(range_outcome, mine["best"], mine["lowest"])), "log"),
    ]  # fmt: skip
    return Clinic(
        [*PATIENTS, TWIN],
        TIMES,
        charts,
        (seen["sizes"] / 255.0) ** 2,
        np.log10(EDGES).round(6),
        [*FAULTS, NOTHING],
        tools,
        _repaired_losses(cases, seen["loss"]),
        Words(
            [[_batch_words(k, mine), _range_words(k, cases[k], mine)] for k in range(len(FAULTS))],
            [[verdict(case, cause) for cause in (*FAULTS, NOTHING)] for case in PATIENTS.values()],
            [[after(case, repair) for repair in REPAIRS] for case in PATIENTS.values()],
        ),
        note="Lines 1 to 5 are the hidden layers, out is the last layer. What is larger than a chart leaves it at "
        "the top; 0 lies on the lower edge of a log axis. Gradient and update ratio are those of the weights, without "
        "the biases. Flat: a slope below 4\u00a0% of the steepest for all images.",
        description="A network on the digits, from its first step to the last.",
    )


def _of(cases, results) -> dict[str, Array]:
    """Return the arrays of the cases in the order given, by name."""
    order = [results.axes["case"].index(case) for case in cases]
    return {name: array[order] for name, array in results.arrays.items()}


def number(value: float) -> str:
    """Return a reading as text.

    >>> number(0.123456), number(0.0000123), number(float("inf"))
    ('0.123', '1.2\\xa0·\\xa010⁻⁵', 'diverged')
    """
    if np.isinf(value):
        return "diverged"
    return scientific(value) if 0 < value < 0.001 else shown(value, ".3g")


def _batch_words(k: int, mine) -> str:
    loss, right, twin = mine["batch"][k], mine["batch_right"][k], mine["batch"][-1]
    verb = "has" if np.isinf(loss) else "is"
    return (
        f"On one batch the loss {verb} {number(loss)} after {experiment.ON_ONE_BATCH} steps, and {right:.0%} of its "
        f"images are right. The healthy twin's loss is {number(twin)}."
    )


def _range_words(k: int, case: str, mine) -> str:
    rate = CASES[case].optimiser.rate
    return (
        f"With a rising rate the loss is lowest, {number(mine['lowest'][k])}, at a rate of "
        f"{number(mine['best'][k] * rate)}; the rate in use is {number(rate)}. The healthy twin's is lowest, "
        f"{number(mine['lowest'][-1])}, at {number(mine['best'][-1] * CASES[NOTHING].optimiser.rate)}."
    )


def verdict(case: str, cause: str) -> str:
    """Return what is to be said of a diagnosis; of a wrong one, by the reading that tells the two apart best."""
    if cause == case:
        return f"Yes, {cause}: {BECAUSE[cause]}"
    found = experiment.stored("readings").at(change="as it is")
    name = experiment.telling(case, cause, found)
    here, there = found.at(case=case)[name], np.median(found.at(case=cause)[name])
    given = "If nothing were wrong" if cause == NOTHING else f"Not {cause}: in that case"
    said = f"{given}, the {READINGS[name]} would be about {number(there)}; here it is {number(here[0, 0])}."
    return f"{said} {_also(case, cause)}".strip()


def _also(case: str, cause: str) -> str:
    """Return what else is to be said of two cases that look alike for long; for most pairs, nothing."""
    here, there = (experiment.stored("patients").at(case=each) for each in (case, cause))
    if (case, cause) == ("raw inputs", "dead first layer"):
        first, last = here["flat"][[0, -1], 0]
        return (
            f"In the end {last:.0%} of this first layer is flat as well, but that is a consequence: at the first step "
            f"it was {first:.1%}."
        )
    if {case, cause} == {"small initial weights", "rate far too low"}:
        theirs, ours = (number(each["gradient"][0, 2]) for each in (there, here))
        return (
            "The update ratio of the hidden layers is about the same in both. The gradient is not: at step 1 that of "
            f"layer 3 would be {theirs}; here it is {ours}."
        )
    return ""


def after(case: str, repair: str) -> str:
    """Return what a repair does, by the test images that are right."""
    found = experiment.stored("readings").at(change="as it is")
    before, twin = (np.median(found.at(case=each)["right"]) for each in (case, NOTHING))
    mended = experiment.repaired(case, repair)
    if mended == CASES[NOTHING]:
        return f"This was the fault: now it is its healthy twin. Test images right: {twin:.1%}, before {before:.1%}."
    if mended == CASES[case]:
        return f"That changes nothing: this network has it already. Test images right: {before:.1%}."
    now = np.median(experiment.stored("repairs").at(case=case, repair=repair)["right"]) / TEST_IMAGES
    return (
        f"Test images right: {now:.1%}, before {before:.1%}, the healthy twin {twin:.1%}. Medians over twenty networks."
    )


def _repaired_losses(cases, losses) -> dict[str, Array]:
    """Return the losses over time after each repair, (cases, times)."""
    return {repair: np.stack([_repaired_loss(case, repair, losses[k], losses[-1]) for k, case in enumerate(cases)])
            for repair in REPAIRS}  # fmt: skip


def _repaired_loss(case: str, repair: str, before: Array, twin: Array) -> Array:
    mended = experiment.repaired(case, repair)
    if case == NOTHING or mended == CASES[NOTHING]:
        return twin
    return before if repair not in GENERAL else experiment.stored("repairs").at(case=case, repair=repair)["loss"]
