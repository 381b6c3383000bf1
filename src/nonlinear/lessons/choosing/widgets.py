"""The widget of the lesson on choosing: the questions, the advice, and what was measured."""

import numpy as np

from nonlinear.course import grids
from nonlinear.course.compare import Difference, difference
from nonlinear.lessons.choosing import experiment
from nonlinear.widgets import Advice, Chooser, Evidence, Option, Question

SHOWN = ("Leaky ReLU", "ELU", "SELU", "GELU", "Maxout", "tanh")
POINTS = "points of test accuracy, less ReLU"


def interval(apart: Difference, scale: float = 1.0) -> tuple[float, float, float]:
    """Return an interval that covers those of both sets of seeds, with the mean of their medians.

    >>> interval(difference(np.full((2, 10), 3.0), np.full((2, 10), 1.0)))
    (2.0, 2.0, 2.0)
    """
    low, high = np.transpose(apart.intervals)
    return scale * float(low.min()), scale * float(np.mean(apart.medians)), scale * float(high.max())


def middle_and_ends(values) -> tuple[float, float, float]:
    """Return the smallest, the median and the largest of some numbers.

    >>> middle_and_ends([3, 1, 2])
    (1.0, 2.0, 3.0)
    """
    return float(np.min(values)), float(np.median(values)), float(np.max(values))


def _less_relu(grid: str, *further: str) -> dict[str, tuple[float, float, float]]:
    apart = experiment.against(experiment.stored_race(grid))
    return {name: interval(apart[name]) for name in (*SHOWN, *further)}


def _share(right) -> tuple[float, float, float]:
    return middle_and_ends(right / 360)


def _opening() -> Evidence:
    rows = {
        title: middle_and_ends([np.median(each.accuracy) for each in experiment.stored_race(grid).values()])
        for title, grid in (("two layers", "shallow"), ("twelve layers", "plain"), ("twelve, residual", "residual"))
    }
    return Evidence(
        "Twelve functions, each at its own best rate: the worst of them, the one in the middle and the best.",
        rows,
        "median test accuracy, %",
        ".1f",
    )


def _errors(target: str) -> dict[str, tuple[float, float, float]]:
    """Return the error of each function as a multiple of ReLU's."""
    errors = experiment.stored_errors(target)
    low_middle_high = {
        name: interval(difference(np.log(errors[name]), np.log(errors[experiment.BASELINE]))) for name in SHOWN
    }
    return {name: tuple(np.exp(each).tolist()) for name, each in low_middle_high.items()}


def chooser() -> Chooser:
    """Return the chooser with all that it shows."""
    heads = grids.load("output-layers", "heads").at(scale=1)
    regression = grids.load("output-layers", "regression").at(targets="-1.5 to 1.5")
    remedies = grids.load("remedies", "race").at(rate=1.0)
    cures = ("plain ReLU", "centred inputs", "a third of the rate", "batch norm", "Leaky ReLU 0.01", "bias +1")
    few = Evidence(
        "Two hidden layers, each function at its own best rate: all are ties with ReLU, the sigmoid too.",
        _less_relu("shallow", "sigmoid"),
        POINTS,
        ".1f",
        "#fig-race",
        "The race",
    )
    plain = Evidence(
        "Twelve plain layers: ELU and SELU are better in both sets of seeds, and the sigmoid does not learn.",
        _less_relu("plain"),
        POINTS,
        ".1f",
        "#fig-race",
        "The race",
    )
    linked = Evidence(
        "Twelve layers with residual links: all are ties with ReLU again, the sigmoid too.",
        _less_relu("residual", "sigmoid"),
        POINTS,
        ".1f",
        "#fig-race",
        "The race",
    )
    dead = Evidence(
        "Pixels in [0, 1] at a rate at which ReLUs die: what brings the networks back.",
        {name: _share(remedies.at(remedy=name)["right"]) for name in cures},
        "test accuracy, two sets of ten seeds",
        ".2f",
        "remedies.html#fig-forest",
        "Remedies, one by one",
    )
    rate = Evidence(
        "ReLU at a quarter of its best rate, at half of it, at the best, and at twice it.",
        {
            f"{factor:g} × the best rate": middle_and_ends(100 * right / 360)
            for factor, right in zip(
                experiment.FACTORS, experiment.stored("rates").at(function="ReLU")["right"], strict=True
            )
        },
        "test accuracy, %, two sets of ten seeds",
        ".1f",
        "#rates",
        "The rate",
    )
    smooth, kinked = (
        Evidence(
            f"A {target} target, two hidden layers: the error of each function, as a multiple of ReLU's.",
            _errors(target),
            "error, as a multiple of ReLU's",
            ".2f",
            "#fig-regression",
            "The regression",
        )
        for target in experiment.TARGETS
    )
    head = Evidence(
        "Seven heads on the digits, each at its own best rate.",
        {
            name: _share(heads.at(head=name)["right"])
            for name in (
                "softmax, cross-entropy",
                "sigmoids, cross-entropy",
                "linear, mean square",
                "ReLUs, mean square",
            )
        },
        "test accuracy, two sets of ten seeds",
        ".3f",
        "output-layers.html#fig-heads",
        "Output layers",
    )
    number = Evidence(
        "Targets from −1.5 to 1.5: an output reaches only its range.",
        {name: middle_and_ends(regression.at(output=name)["error"]) for name in ("linear", "tanh", "sigmoid", "ReLU")},
        "root mean square error, two sets of ten seeds",
        ".3f",
        "output-layers.html#claim-3-30",
        "Output layers",
    )
    pairing = Evidence(
        "One output that is sure and wrong: with the mean square it stalls, with the cross-entropy it comes back.",
        link="output-layers.html#fig-prices",
        source="Output layers",
    )
    several = Evidence(
        "A softmax cannot give two classes more than a half.",
        link="output-layers.html#one-of-ten-or-any-of-four",
        source="Output layers",
    )
    tree = {
        "layer": Question(
            "Which layer do you choose for?",
            {
                "hidden": Option("A hidden layer", "depth"),
                "output": Option("The output", "says"),
                "gate": Option("A gate, as in an LSTM", "gate"),
            },
        ),
        "depth": Question(
            "How many hidden layers does the network have?",
            {"few": Option("A few, up to about four", "learns", few), "many": Option("Ten or more", "links", plain)},
        ),
        "links": Question(
            "Can it have residual links or normalisation?",
            {"yes": Option("Yes", "trouble", linked), "no": Option("No, it must be plain", "plain")},
        ),
        "learns": Question(
            "What does it learn?",
            {
                "classes": Option("Classes", "trouble"),
                "smooth": Option("A smooth function", "smooth", smooth),
                "kinked": Option("A function with kinks, or I do not know", "kinked", kinked),
            },
        ),
        "trouble": Question(
            "Does something go wrong in training?",
            {
                "no": Option("No, or not tried yet", "default"),
                "dead": Option("Many units are dead", "dead", dead),
                "slow": Option("It is slow, or it diverges", "rate", rate),
            },
        ),
        "says": Question(
            "What should the output say?",
            {
                "number": Option("A number", "number", number),
                "yes": Option("Yes or no", "binary", pairing),
                "one": Option("One of several classes", "one", head),
                "any": Option("Any of several, more than one may apply", "any", several),
            },
        ),
        "gate": Advice(
            "A sigmoid for the gate: it can close and open, and no more. To keep something for T steps, begin a forget "
            "gate with a bias near ln T.",
            "A bounded gate keeps the cell bounded; it does not make it learn. See the lesson on gates.",
        ),
        "plain": Advice(
            "ELU or SELU, with weights of their own gain. Better: put the links in after all.",
            "Twelve layers of 32 units and eight epochs; with more epochs ReLU catches up in part.",
        ),
        "smooth": Advice(
            "GELU or Mish.", "One smooth target without noise. Being smooth is not enough: softplus is the worst there."
        ),
        "kinked": Advice(
            "ReLU, leaky ReLU, PReLU or Maxout; and try GELU beside it if you do not know.",
            "One target made of straight pieces, without noise.",
        ),
        "default": Advice(
            "Take ReLU, or what networks like yours are published with, and spend the time on the learning rate.",
            "Small fully connected networks; says nothing of convolutions or transformers.",
        ),
        "dead": Advice(
            "Centre the inputs, then lower the rate. Another function comes third.",
            "Two hidden layers on digits; a unit that is dead stays dead.",
        ),
        "rate": Advice(
            "Search the learning rate on a grid with the best inside it, before you change the function.",
            "Plain gradient descent.",
        ),
        "number": Advice(
            "A linear output with the mean square; a bounded one only if the targets lie within its range.",
            "One curve on 64 points.",
        ),
        "binary": Advice(
            "One sigmoid with the cross-entropy, computed from the score.", "0.5 is the threshold for equal costs only."
        ),
        "one": Advice(
            "A softmax with the cross-entropy, computed from the scores.",
            "For accuracy, ten sigmoids tied with it; for probabilities that add up it is the one.",
        ),
        "any": Advice(
            "One sigmoid for each class, with the binary cross-entropy.", "Each class has its own threshold."
        ),
    }
    return Chooser(tree, _opening())
