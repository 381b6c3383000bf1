"""A small picture for the card of each lesson, drawn from the numbers that the lesson is about.

A picture is SVG within the page, 240 wide and 135 high, in the colours of the page: ``blue``, ``red`` and ``ochre``
lines, ``quiet`` ones, and areas (``tint``, ``fill``, ``dots``); the style sheet says how each looks.
"""

from itertools import product
from statistics import NormalDist

import numpy as np
from contourpy import contour_generator

from nonlinear.activations import GELU, SELU, ReLU, Sigmoid, Tanh
from nonlinear.course.mean_field import through
from nonlinear.course.memory import STEPS, remember
from nonlinear.course.pairings import PAIRINGS
from nonlinear.lessons.choosing import experiment as racing_all
from nonlinear.lessons.dead_forever import experiment as reviving
from nonlinear.lessons.how_a_relu_dies import experiment as dying
from nonlinear.lessons.initialisation import experiment as initialisation
from nonlinear.lessons.is_exp_expensive import experiment as costing
from nonlinear.lessons.lab import experiment as diagnosing
from nonlinear.lessons.relu import experiment as racing
from nonlinear.lessons.remedies import experiment as curing
from nonlinear.lessons.vanishing_gradients import experiment as vanishing
from nonlinear.lessons.what_non_linearity_buys import experiment as buying
from nonlinear.lessons.where_gradients_come_from import experiment as gradients
from nonlinear.lessons.zero_centring import experiment as centring

WIDTH, HEIGHT, MARGIN = 240, 135, 12


class Frame:
    """The place of a card's picture, in the units of what it shows."""

    def __init__(self, x, y):
        self.ends, self.parts = (x, y), []

    def place(self, x, y):
        """Return points as places in the picture."""
        (left, right), (low, high) = self.ends
        across = MARGIN + (np.asarray(x) - left) / (right - left) * (WIDTH - 2 * MARGIN)
        down = HEIGHT - MARGIN - (np.asarray(y) - low) / (high - low) * (HEIGHT - 2 * MARGIN)
        return np.stack(np.broadcast_arrays(across, down), axis=-1).reshape(-1, 2)

    def line(self, x, y, kind):
        """Draw a line through points, or fill what is within it."""
        path = "L".join(f"{across:.1f} {down:.1f}" for across, down in self.place(x, y))
        self.parts.append(f'<path class="{kind}" d="M{path}"/>')

    def dots(self, x, y, kind, radius=2.2):
        """Draw points."""
        self.parts += [f'<circle class="{kind}" cx="{a:.1f}" cy="{d:.1f}" r="{radius}"/>' for a, d in self.place(x, y)]

    def svg(self):
        """Return the picture; its card says what the lesson is about, so it needs no words."""
        return f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" aria-hidden="true">{"".join(self.parts)}</svg>'


def square(half):
    """Return a frame around 0 in which both axes have the same unit."""
    return Frame((-half * (WIDTH - 2 * MARGIN) / (HEIGHT - 2 * MARGIN), half * 216 / 111), (-half, half))


def what_non_linearity_buys():
    """Two spirals, and the boundary that a network with one hidden layer draws between them."""
    regions, drawn = buying.stored_regions(), buying.points("spirals")
    odds = regions.odds[regions.at("spirals", "ReLU", 2, 16)]
    frame, side = square(1.65), np.linspace(-buying.VIEW, buying.VIEW, buying.SIDE)
    for kind, label in (("dots blue", 0), ("dots red", 1)):
        x, y = drawn.x[:180][drawn.labels[:180].ravel() == label].T
        frame.dots(x, y, kind, 2)
    for x, y in (line.T for line in contour_generator(side, side, odds).lines(0)):
        frame.line(x, y, "ink")
    return frame.svg()


def the_catalogue():
    """Four functions."""
    z, frame = np.linspace(-3.4, 3.4, 69), Frame((-3.4, 3.4), (-1.15, 2.2))
    frame.line([-3.4, 3.4], [0, 0], "quiet")
    frame.line([0, 0], [-1.15, 2.2], "quiet")
    for f, kind in ((Sigmoid(), "ochre"), (Tanh(), "green"), (GELU(), "red"), (ReLU(), "blue")):
        frame.line(np.clip(z, None, 2.2), f(np.clip(z, None, 2.2)), kind)
    return frame.svg()


def where_gradients_come_from():
    """The network that is worked by hand, its lines as thick as their weights, and one of the paths of a gradient."""
    weights = [matrix for matrix, _ in gradients.SMALL]
    sizes = [weights[0].shape[0], *(matrix.shape[1] for matrix in weights)]
    frame = Frame((-0.15, len(weights) + 0.15), (-0.3, 1.3))
    places = [[(layer, (unit if count > 1 else 0.5)) for unit in range(count)] for layer, count in enumerate(sizes)]
    for layer, matrix in enumerate(weights):
        for i, j in product(*map(range, matrix.shape)):
            (x0, y0), (x1, y1) = places[layer][i], places[layer + 1][j]
            path = (i, j) in ((0, 1), (1, 0)) if layer < 2 else i == 0
            frame.line([x0, x1], [y0, y1], "red" if path and (layer, i, j) != (0, 1, 0) else "quiet")
    for x, y in (place for layer in places for place in layer):
        frame.dots(x, y, "unit", 9)
    return frame.svg()


def what_the_machine_computes():
    """The sigmoid near 1: the curve, and the steps on which a float16 has to stand."""
    z = np.linspace(6.2, 9.2, 241)
    below = Sigmoid()(-z)
    steps = 1 - (1 / (1 + np.exp(-z))).astype(np.float16).astype(float)
    frame = Frame((6.2, 9.2), (-0.0021, 0.00015))
    frame.line([6.2, 9.2], [0, 0], "quiet")
    frame.line(z, -below, "blue")
    corners = np.flatnonzero(np.diff(steps))
    x = np.concatenate([[6.2], np.repeat((z[corners] + z[corners + 1]) / 2, 2), [9.2]])
    y = np.repeat(steps[np.concatenate([[0], corners + 1])], 2)
    frame.line(x, -y, "red")
    return frame.svg()


def saturated_neurons():
    """How often a sigmoid gives each answer when its preactivations are spread far too wide."""
    edges = np.linspace(0, 1, 25)
    inner = np.log(edges[1:-1] / (1 - edges[1:-1]))
    shares = np.diff([0, *(NormalDist(0, 8).cdf(each) for each in inner), 1])
    frame = Frame((0, 1), (0, max(shares)))
    for left, right, share in zip(edges, edges[1:], shares, strict=False):
        kind = "fill red" if share > 0.1 else "fill blue"
        frame.line(np.array([left + 0.004, left + 0.004, right - 0.004, right - 0.004]), [0, share, share, 0], kind)
    frame.line([0, 1], [0, 0], "quiet")
    return frame.svg()


def vanishing_gradients():
    """The gradient of fifty layers on its way back, for seven sizes of the weights."""
    size = vanishing.stored_flows().log10_gradient[0, 0, :, :, 1]
    frame = Frame((1, 50), (-16, 8))
    frame.line([1, 50], [0, 0], "quiet")
    for row in (6, 8, 10, 11, 12, 13, 14):
        kept = (size[row] > -16) & (size[row] < 8)
        frame.line(np.array(vanishing.LAYERS)[kept], size[row][kept], "blue" if row > 8 else "red")
    return frame.svg()


def initialisation_of_layers():
    """What is left of a signal, layer by layer, for weights of the right size and of others."""
    signal = np.log10(initialisation.stored_curves()[0][0, :, :, 1])
    frame = Frame((1, 50), (-9, 9))
    for factor, size in zip(initialisation.FACTORS, signal, strict=True):
        kept = np.abs(size) < 9
        kind = "blue" if factor == 1 else "quiet" if 0.7 < factor < 1.4 else "ochre"
        frame.line(np.array(initialisation.LAYERS)[kept], size[kept], kind)
    return frame.svg()


def zero_centring():
    """The path of two weights across a long valley."""
    stored = centring.stored_paths()
    at = (centring.MEANS.index(1.0), 0, 0)
    path, minimum, hessian = stored["paths"][at], stored["minimum"][at], stored["hessian"][at]
    path = path[~np.isnan(path[:, 0])]
    path, reach = path - minimum, 0.62 * np.abs(path - minimum).max()
    frame, angle = square(reach), np.linspace(0, 2 * np.pi, 73)
    values, vectors = np.linalg.eigh(hessian)
    ellipse = vectors @ (np.stack([np.cos(angle), np.sin(angle)]) / np.sqrt(values)[:, None])
    across, up = -(path.max(0) + path.min(0))[:, None] / 2
    for size in (0.5, 1, 1.5, 2):
        frame.line(*(size * reach * np.sqrt(values[0]) * ellipse + [across, up]), "quiet")
    frame.line(*(path.T + [across, up]), "red")
    frame.dots(across, up, "dots blue", 4)
    return frame.svg()


def is_exp_expensive():
    """The time of a layer with four functions, against its width: all of them come down to that of ReLU."""
    costs, widths = costing.stored(), np.log2(costing.WIDTHS)
    frame = Frame((widths[0], widths[-1]), (0.9, 2))
    frame.line(widths[[0, -1]], [1, 1], "quiet")
    for name, kind in (("leaky ReLU", "green"), ("SiLU", "ochre"), ("sigmoid", "red"), ("ELU", "blue")):
        times = [np.median(costs.relative(name, "float64", width)) for width in costing.WIDTHS]
        frame.line(widths, np.clip(times, 0.9, 2), kind)
    return frame.svg()


def relu():
    """The training error of three functions, each at its own best rate, against the step."""
    at, steps = racing.DEPTHS.index(4), np.log(racing.checkpoints(racing.steps_in(racing.EPOCHS)))
    frame = Frame((steps[0], steps[-1]), (0, 1))
    frame.line(steps[[0, -1]], [0, 0], "quiet")
    for (_, found), kind in zip(racing.stored_race().items(), ("blue", "red", "ochre"), strict=True):
        frame.line(steps, found.curve[at, 1], kind)
    return frame.svg()


def how_a_relu_dies():
    """The square of all inputs: one unit's line crosses it, that of a dead one has left it."""
    points = np.random.default_rng(1).uniform(size=(64, 2))
    w1, w2, bias = 0.9, 0.6, -0.75
    frame, across = Frame((-0.75, 1.75), (-0.14, 1.14)), np.array([-2.0, 3.0])
    on = points @ [w1, w2] + bias > 0
    frame.line([0, 0, 1, 1, 0], [0, 1, 1, 0, 0], "tint")
    frame.dots(*points[on].T, "dots blue")
    frame.dots(*points[~on].T, "dots quiet")
    for b, kind in ((bias, "blue"), (dying.critical_bias([w1, w2]) - 0.2, "red dashed")):
        frame.line(across, -(w1 * across + b) / w2, kind)
    return frame.svg()


def dead_forever():
    """Units of the second layer, a row each, over time: alive in blue, alive again after their death in ochre."""
    alive = reviving.stored_fates()["SGD"].alive[1, :, 0]
    units = np.argsort(alive[: reviving.WRECK + 1].sum(axis=0), kind="stable")[2::3][:20]
    frame = Frame((-0.5, len(alive) - 0.5), (0, len(units)))
    for row, unit in enumerate(units):
        for frame_at in np.flatnonzero(alive[:, unit]):
            again = frame_at > reviving.WRECK and not alive[reviving.WRECK, unit]
            frame.line([frame_at - 0.5, frame_at + 0.5], [row + 0.5, row + 0.5], "ochre" if again else "blue")
    return frame.svg()


def self_normalisation():
    """Spreads of the inputs, small and large, and where layers of SELUs take them."""
    frame, layers = Frame((0, 30), (-1.3, 1.3)), np.arange(31)
    frame.line([0, 30], [0, 0], "quiet")
    for power, kind in ((-1.2, "blue"), (-0.7, "quiet"), (-0.3, "quiet"), (0.3, "quiet"), (0.7, "quiet"), (1.2, "red")):
        frame.line(layers, np.log10(through(SELU(), 0.0, 10.0**power, depth=30)[:, 1]), kind)
    return frame.svg()


def remedies():
    """What every remedy changes at a rate at which plain ReLUs collapse, the best on top."""
    race, rate = curing.stored_race(), 1.0
    rows = [race.points(name, rate) for name in race.ranked(rate)]
    frame = Frame((-75, 75), (len(rows), -1))
    frame.line([0, 0], [-1, len(rows)], "quiet")
    for place, row in enumerate(rows):
        kind = {1: "blue", 0: "quiet", -1: "red"}[row.sign]
        frame.line(np.clip(row.intervals[0], -75, 75), [place, place], kind)
        frame.dots(np.clip([row.medians[0]], -75, 75), [place], f"dots {kind}")
    return frame.svg()


def output_layers():
    """The loss of a sigmoid that should say no, over z: two losses, and a unit on the flat end of the one."""
    z = np.linspace(-4, 9, 105)
    frame = Frame((-4, 9), (-0.1, 2.6))
    frame.line([-4, 9], [0, 0], "quiet")
    for loss, kind in (("cross-entropy", "blue"), ("mean square", "red")):
        values = np.array([PAIRINGS["sigmoid", loss].value(each) for each in z])
        frame.line(z[values < 2.6], values[values < 2.6], kind)
    frame.dots(7.5, 1.0, "unit", 6)
    return frame.svg()


def choosing():
    """The test errors of all functions in deep networks, plain and with residual links, on a log axis."""
    frame = Frame((-0.3, -2.3), (len(racing_all.FUNCTIONS), -1))
    for grid, shift, kind in (("plain", -0.2, "red"), ("residual", 0.2, "blue")):
        for place, runner in enumerate(racing_all.stored_race(grid).values()):
            error = np.log10(np.clip(1 - runner.accuracy.ravel() / 100, 0.006, 0.5))
            frame.line([error.min(), error.max()], [place + shift] * 2, kind)
            frame.dots([np.median(error)], [place + shift], f"dots {kind}")
    return frame.svg()


def gates():
    """What is left in a memory of its start, for forget gates that are sigmoids with a bias of 0 to 5."""
    frame = Frame((0, STEPS), (-0.05, 1.05))
    frame.line([0, STEPS], [0, 0], "quiet")
    for bias, kind in ((0, "red"), (1, "ochre"), (3, "green"), (5, "blue")):
        _, kept = remember(np.full(STEPS, Sigmoid()(float(bias))), np.zeros(STEPS))
        frame.line(range(STEPS + 1), [1, *kept], kind)
    return frame.svg()


def lab():
    """The loss of five sick networks and of a healthy one, against the step."""
    found, steps = diagnosing.stored("patients"), np.log(diagnosing.TIMES)
    frame = Frame((steps[0], steps[-1]), (0, 3.1))
    frame.line(steps[[0, -1]], [0, 0], "quiet")
    kinds = ("ochre", "quiet", "red", "quiet", "green", "blue")
    for case, kind in zip((*list(diagnosing.FAULTS)[2:], diagnosing.NOTHING), kinds, strict=True):
        frame.line(steps, np.minimum(found.at(case=case)["loss"], 3.1), kind)
    return frame.svg()


PICTURES = {
    "what-non-linearity-buys": what_non_linearity_buys,
    "the-catalogue": the_catalogue,
    "where-gradients-come-from": where_gradients_come_from,
    "what-the-machine-computes": what_the_machine_computes,
    "saturated-neurons": saturated_neurons,
    "vanishing-gradients": vanishing_gradients,
    "initialisation": initialisation_of_layers,
    "zero-centring": zero_centring,
    "is-exp-expensive": is_exp_expensive,
    "relu": relu,
    "how-a-relu-dies": how_a_relu_dies,
    "dead-forever": dead_forever,
    "self-normalisation": self_normalisation,
    "remedies": remedies,
    "output-layers": output_layers,
    "gates": gates,
    "choosing": choosing,
    "lab": lab,
}
