"""What the scripts compute of what they draw, against Python, over 200 random settings each."""

import itertools

import numpy as np
import pytest

from nonlinear.course.mean_field import next_moments
from nonlinear.widgets import Backpropagation
from nonlinear.widgets.backpropagation import RANGE, SIZES, WEIGHTS
from nonlinear.widgets.microscope import runs
from nonlinear.widgets.paths import levels
from nonlinear.widgets.phase_portrait import KINKS, RULES, SLOPES, STEPS, flow, on, walk

NUMBER = 200


@pytest.fixture
def ask(show, request):
    """Return a function that gives a script's function many lists of arguments, and returns its answers."""

    def ask(widget, function, arguments):
        page = show(request.getfixturevalue(widget))
        return page.evaluate(f"all => all.map(given => inside('{function}')(...given))", arguments)

    return ask


def test_principal_directions_are_those_of_numpy(ask):
    rng = np.random.default_rng(1)
    root = rng.normal(size=(NUMBER, 2, 2))
    hessian = root @ root.transpose(0, 2, 1) + 0.01 * np.eye(2)
    answers = ask(
        "paths", "principal", [[[h[0, 0], h[0, 1], h[1, 1]]] for h in hessian.tolist() for h in [np.array(h)]]
    )
    for h, answer in zip(hessian, answers, strict=True):
        values, vectors = np.linalg.eigh(h)
        np.testing.assert_allclose([each["value"] for each in answer], values[::-1], rtol=1e-9)
        for each, vector in zip(answer, vectors.T[::-1], strict=True):
            along = np.array([np.cos(each["angle"]), np.sin(each["angle"])]) @ vector
            assert abs(along) == pytest.approx(1, abs=1e-6) or values[1] - values[0] < 1e-4


def test_heights_and_levels_are_those_of_python(ask):
    rng = np.random.default_rng(2)
    entries, points = rng.normal(size=(NUMBER, 3)), rng.normal(size=(NUMBER, 2))
    expected = [p @ [[a, b], [b, c]] @ p for (a, b, c), p in zip(entries, points, strict=True)]
    given = [[e, p] for e, p in zip(entries.tolist(), points.tolist(), strict=True)]
    np.testing.assert_allclose(ask("paths", "height", given), expected, atol=1e-9)
    goals = (10.0 ** rng.uniform(-4, -0.3, NUMBER)).tolist()
    for goal, answer in zip(goals, ask("paths", "levels", [[goal] for goal in goals]), strict=True):
        np.testing.assert_allclose(answer, levels(goal))


def test_a_half_plane_cuts_off_the_share_of_the_square_that_points_say(show, neuron):
    """The area of the part, by the surveyor's formula, against a fine grid of points."""
    page, rng = show(neuron), np.random.default_rng(3)
    side = (np.arange(200) + 0.5) / 200
    lines = np.column_stack([rng.normal(size=(NUMBER, 2)), rng.normal(size=NUMBER)])
    script = """all => all.map(([u, v, b]) =>
      inside("cut")([[0, 0], [1, 0], [1, 1], [0, 1]], ([x, y]) => u * x + v * y + b))"""
    for (u, v, b), answer in zip(lines, page.evaluate(script, lines.tolist()), strict=True):
        part = np.array(answer["part"]).reshape(-1, 2)
        x, y = part.T
        area = abs(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2
        assert area == pytest.approx(np.mean(u * side + v * side[:, None] + b > 0), abs=0.01)
        for px, py in answer["ends"]:
            assert u * px + v * py + b == pytest.approx(0, abs=1e-9)
        assert len(answer["ends"]) in (0, 2)


def test_areas_of_maps_are_those_of_the_heights(show, maps):
    """The area above 0 of straight-sided pieces, for smooth random heights, against the same heights made finer."""
    page, rng = show(maps), np.random.default_rng(4)
    k, fine = np.arange(12), np.linspace(0, 11, 221)
    surfaces, expected = [], []
    for _ in range(NUMBER):
        a, b, phase = rng.uniform(-0.4, 0.4, 2), rng.uniform(-0.5, 0.5), rng.uniform(0, 6, 2)
        height = lambda r, c, a=a, b=b, p=phase: np.sin(a[0] * r + p[0]) + np.cos(a[1] * c + p[1]) + b  # noqa: E731
        surfaces.append(height(k[:, None], k).tolist())
        expected.append(np.mean(height(fine[:, None], fine) > 0))
    script = (
        """all => all.map(rows => inside("areaPath")({rows: 12, columns: 12}, (r, c) => rows[r][c], x => x, y => y))"""
    )
    for path, share in zip(page.evaluate(script, surfaces), expected, strict=True):
        assert area_of(path) / 121 == pytest.approx(share, abs=0.02)


def area_of(path: str) -> float:
    """Return the area of the pieces of path data made of M, L, H, V and Z."""
    total = 0.0
    for piece in path.split("M")[1:]:
        points = []
        for part in piece.rstrip("Z").replace("L", " L").replace("H", " H").replace("V", " V").split():
            if part[0] == "H":
                points.append((float(part[1:]), points[-1][1]))
            elif part[0] == "V":
                points.append((points[-1][0], float(part[1:])))
            else:
                points.append(tuple(map(float, part.lstrip("L").split(","))))
        x, y = np.array(points).T
        total += abs(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2
    return total


def test_scales_go_there_and_back(show, neuron):
    page, rng = show(neuron), np.random.default_rng(5)
    for kind in ("linear", "log"):
        low, values = 10.0 ** rng.uniform(-9, 2, NUMBER), 10.0 ** rng.uniform(-9, 9, NUMBER)
        given = np.column_stack([low, 20 * low, values]).tolist()
        script = """([all, kind]) => all.map(([low, high, value]) => {
          const position = inside("scale")([low, high], [30, 400], kind), at = position(value);
          return [at, position.back(at)];
        })"""
        flat = np.log10 if kind == "log" else np.asarray
        at, back = np.transpose(page.evaluate(script, [given, kind]))
        np.testing.assert_allclose(at, 30 + 370 * (flat(values) - flat(low)) / (flat(20 * low) - flat(low)), rtol=1e-9)
        np.testing.assert_allclose(back, values, rtol=1e-6, atol=1e-12)


def test_the_lines_of_hidden_units_are_where_the_units_are_zero(show):
    from nonlinear.widgets import Maps

    rng = np.random.default_rng(6)
    units = rng.normal(size=(20, 10, 3))
    widget = Maps(np.zeros((20, 4, 4)), (-2, 2, -2, 2), sliders={"n": range(20)}, units=units)
    page = show(widget)
    for place in range(20):
        page.evaluate("n => model.set('slider1', n)", place)
        page.wait_for_function(f"() => el.firstElementChild.dataset.drawn === 'slider1={place}'")
        frame = page.locator("clipPath rect").evaluate(
            "n => ['x', 'y', 'width', 'height'].map(a => +n.getAttribute(a))"
        )
        path = page.locator("path.unit").first.get_attribute("d") or ""
        drawn = [[tuple(map(float, p.split(","))) for p in line.split("L")] for line in path.split("M")[1:]]
        expected = [u for u in units[place] if abs(u[2]) < 2 * (abs(u[0]) + abs(u[1]))]
        assert len(drawn) == len(expected)
        for ends, (u, v, b) in zip(drawn, expected, strict=True):
            for px, py in ends:
                x, y = 4 * (px - frame[0]) / frame[2] - 2, 2 - 4 * (py - frame[1]) / frame[3]
                assert abs(u * x + v * y + b) < 0.002 * (abs(u) + abs(v)) + 1e-6


def test_both_passes_are_those_of_the_library(show, backpropagation):
    """Every activation, delta and gradient, and the loss, for random weights, biases and examples."""
    page, rng = show(backpropagation), np.random.default_rng(7)
    script = """all => all.map(([values, biases, inputs, target]) =>
      inside("passes")(inside("layersOf")(values, model.get("sizes"), biases), inputs, target))"""
    given, expected = [], []
    for _ in range(NUMBER):
        pairs = list(zip(SIZES[:-1], SIZES[1:], strict=True))
        layers = [(rng.uniform(*RANGE, (before, units)), rng.normal(size=units)) for before, units in pairs]
        inputs, target = rng.normal(size=2) * 2, rng.normal()
        widget = Backpropagation(layers, [(inputs, target)])
        given.append([[getattr(widget, name) for name in WEIGHTS], widget.biases, inputs.tolist(), target])
        expected.append(widget.passes())
    for said, right in zip(page.evaluate(script, given), expected, strict=True):
        assert said["loss"] == pytest.approx(right["loss"], rel=1e-12)
        for name in ("activations", "deltas", "gradients"):
            for mine, theirs in zip(said[name], right[name], strict=True):
                np.testing.assert_allclose(np.array(mine), theirs, rtol=1e-9, atol=1e-15)


def test_the_ways_of_a_weight_are_those_along_which_its_change_arrives(show, backpropagation):
    """A unit is on a way if its activation changes with the weight."""
    page = show(backpropagation)
    before = backpropagation.passes()["activations"]
    for name in WEIGHTS:
        page.evaluate("name => model.set('chosen', name)", name)
        page.wait_for_function(f"() => el.firstElementChild.dataset.drawn.includes('chosen={name} ')")
        value = getattr(backpropagation, name)
        setattr(backpropagation, name, value + 0.1)
        after = np.concatenate(backpropagation.passes()["activations"])
        setattr(backpropagation, name, value)
        drawn = page.locator("circle").evaluate_all("all => all.map(node => node.classList.contains('way'))")
        assert drawn == (after != np.concatenate(before)).tolist()


# One unit


def points_of(rng) -> np.ndarray:
    """Return eleven points, an x and a target a row."""
    return np.column_stack([rng.uniform(0, 1, 11), rng.normal(size=11)])


def test_walks_are_those_of_the_library(show, phase_portrait):
    """The point at every step of all three rules, from random starts, at rates that do not magnify rounding."""
    page, rng = show(phase_portrait), np.random.default_rng(8)
    given, expected = [], []
    for n in range(60):
        rule, rate, points = list(RULES)[n % 3], float(rng.choice([0.01, 0.1, 0.3])), points_of(rng)
        kink, slope = float(rng.uniform(*KINKS)), float(rng.uniform(*SLOPES))
        given.append([points.ravel().tolist(), [slope, -slope * kink], rule, rate, STEPS])
        expected.append(walk(points, kink, slope, rule, rate))
    for path, right in zip(page.evaluate("all => all.map(a => inside('walkOf')(...a))", given), expected, strict=True):
        np.testing.assert_allclose(path, right, atol=1e-6)


def test_the_pull_is_that_of_the_library_and_the_dead_feel_none(show, phase_portrait):
    page, rng = show(phase_portrait), np.random.default_rng(9)
    given = [[points_of(rng), float(rng.uniform(*KINKS)), float(rng.uniform(*SLOPES))] for _ in range(NUMBER)]
    asked = [[points.ravel().tolist(), kink, slope] for points, kink, slope in given]
    pulls = page.evaluate("all => all.map(a => inside('flowAt')(...a))", asked)
    dead = 0
    for (points, kink, slope), pull in zip(given, pulls, strict=True):
        np.testing.assert_allclose(pull, np.array(flow(points, kink, slope)), rtol=1e-9, atol=1e-12)
        after = walk(points, kink, slope, "SGD", 1e-6, steps=1)[1]
        there = np.array([-after[1] / after[0] - kink, after[0] - slope]) / 1e-6
        np.testing.assert_allclose(there, pull, rtol=1e-3, atol=1e-4)
        if not on(points, np.array(slope), np.array(-slope * kink)).any():
            assert pull == [0, 0]
            dead += 1
    assert dead > 20


def test_streaks_follow_the_flow_and_stop_where_nothing_pulls(show, phase_portrait):
    page, rng, view = show(phase_portrait), np.random.default_rng(10), [2, 6]
    for _ in range(30):
        points, start = points_of(rng), [float(rng.uniform(*KINKS)), float(rng.uniform(*SLOPES))]
        line = page.evaluate("a => inside('streak')(...a)", [points.ravel().tolist(), start, 0.01, 8, view])
        for here, there in zip(line[:-1], line[1:], strict=True):
            pull, step = np.array(flow(points, *here)) / view, (np.array(there) - here) / view
            assert np.hypot(*step) == pytest.approx(0.01)
            np.testing.assert_allclose(step / 0.01, pull / np.hypot(*pull), atol=1e-9)
        if len(line) == 1:
            assert np.hypot(*flow(points, *start)) < 1e-9 or abs(start[1]) < 0.07


def test_a_kink_jumps_where_the_slope_changes_its_sign(show, phase_portrait):
    page = show(phase_portrait)
    draw = "path => inside('walkPath')(path, x => x, y => y)"
    assert page.evaluate(draw, [[2, -1], [1, -1], [-1, -1], [-2, 1]]) == "M0.5,2.0L1.0,1.0M-1.0,-1.0L0.5,-2.0"


def test_units_are_what_python_says_and_runs_join_them(show, microscope):
    """Every state of every unit, at random settings, and the pieces that their rows are drawn of."""
    page, rng = show(microscope), np.random.default_rng(11)
    layout = {part["name"]: part["shape"] for part in microscope.data_layout}
    assert layout["alive"][-1] == microscope.units // 8
    for _ in range(10):
        microscope.choice1, microscope.choice2 = (str(rng.choice(options)) for _, options in microscope.choices)
        microscope.slider1 = int(rng.integers(10))
        bits = microscope.arrays()["alive"][microscope.settings()[""][:-1]]
        script = "([bytes, times, units, since]) => inside('statesOf')(inside('unitBits')(bytes, times, units), since)"
        states = page.evaluate(script, [bits.ravel().tolist(), len(bits), microscope.units, microscope.since])
        np.testing.assert_array_equal(states, microscope.states())
        for row in states[::8]:
            pieces = page.evaluate("row => inside('runsOf')(row)", row)
            assert [list(piece) for piece in runs(row)] == pieces
            assert sum(([state] * (last - first) for state, first, last in pieces), []) == row


def test_the_path_of_mean_and_spread_is_that_of_the_library(show, moments):
    """Layer by layer, from random inputs, at random gains: the tables lose 0.2 % in one layer, and 0.0002 near 0."""
    page, rng = show(moments), np.random.default_rng(8)
    functions = moments._activations
    script = """all => all.map(given => inside("nextMoments")({...inside("window").tables}, ...given))"""
    page.evaluate(
        "() => inside('arraysOf')(model).then(arrays => { window.tables = {...arrays, ...model.get('grid')}; })"
    )
    given, expected = [], []
    for name, start in itertools.product(functions, 10 ** rng.uniform(-2.5, 2, (NUMBER // 5, 2))):
        gain, (mean, spread) = rng.uniform(0.5, 2), start * [rng.choice([-1, 1]), 1]
        given.append([list(functions).index(name), gain, [mean, spread]])
        expected.append(next_moments(functions[name], mean, spread, gain))
    np.testing.assert_allclose(page.evaluate(script, given), expected, rtol=2e-3, atol=2e-4)


def test_each_of_the_first_layers_has_a_stop_on_its_way(show, moments):
    """A marker for each, in the colour of the way; the inputs have a mark of their own."""
    page = show(moments)
    stops, way = page.locator("path[marker-mid]"), page.locator("path.way")
    line, part = way.get_attribute("d"), stops.get_attribute("d")
    length = page.evaluate("inside('MOST_STOPS')") + 1
    assert line.startswith(part) and part.count(",") == min(length, line.count(",")) == length
    for end in ("marker-mid", "marker-end"):
        marker = page.locator(stops.get_attribute(end).removeprefix("url(").removesuffix(")"))
        assert marker.count() == 1 and marker.get_attribute("style") == way.get_attribute("style")
