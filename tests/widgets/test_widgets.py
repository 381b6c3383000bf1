"""The Python side of the widgets: data, pictures, words, refusals."""

import base64
import itertools
import json
import re
import zlib

import numpy as np
import pytest
from matplotlib.text import Text

from nonlinear.activations import ELU, ReLU
from nonlinear.course import functions
from nonlinear.network import MLP, Dense
from nonlinear.widgets import Axis, Backpropagation, Curves, Explorer, GridMap, Maps, Measure, Neuron, Panel, _base
from nonlinear.widgets.backpropagation import SIZES
from nonlinear.widgets.curves import coded, decoded
from nonlinear.widgets.explorer import sides
from nonlinear.widgets.neuron import RANGES, neuron_readouts

ROWS, COLUMNS = Axis("offset", [0, 1]), Axis("rate", [0.1, 1, 3])
VALUES = np.linspace(0, 1, 2 * 2 * 3 * 4).reshape(2, 2, 3, 4)


def a_map(**changes):
    given = {"measures": {"dead": Measure("dead units", VALUES)}, "choices": ["a", "b"], "rows": ROWS}
    return GridMap(**{**given, "columns": COLUMNS, **changes})


BYTES = {"_esm", "data"}
PHONE = 350  # px: a picture's width on a screen of 390
LINE = np.linspace(0, 1, 2 * 3 * 5).reshape(2, 3, 5)  # two options, three places, five points


def a_panel(**changes):
    return Panel(**{"label": "p", "x": np.arange(5), "lines": {"a": LINE}, "x_label": "x", **changes})


def some_curves(**changes):
    given = {"panels": [a_panel()], "choices": {"kind": ["u", "v"]}, "sliders": {"c": [0.5, 1, 2]}}
    return Curves(**{**given, **changes})


# Data


@pytest.mark.parametrize("dtype", _base.DTYPES)
def test_payload_is_exact(dtype):
    rng = np.random.default_rng(0)
    arrays = {"a": (100 * rng.normal(size=(3, 5))).astype(dtype), "odd": np.arange(7).astype(dtype), "b": rng.random(2)}
    back = _base.unpack(*_base.pack(arrays))
    for name, array in arrays.items():
        assert back[name].dtype == array.dtype
        np.testing.assert_array_equal(back[name], array)


def test_payload_refuses_other_types():
    with pytest.raises(TypeError, match="x must be one of float64.*got complex128.*astype"):
        _base.pack({"x": np.zeros(2, complex)})


def test_damaged_payload_is_noticed():
    data, layout = _base.pack({"x": np.arange(100.0)})
    with pytest.raises(zlib.error):
        _base.unpack(data[:-10], layout)


def test_widgets_keep_their_data(neuron, grid_map):
    np.testing.assert_array_equal(neuron.arrays()["points"], np.random.default_rng(3).uniform(size=(60, 2)))
    assert grid_map.seeds("accuracy").dtype == np.float32
    assert grid_map.arrays()["diverged"].any(axis=(0, 1, 3)).tolist()[-1]


@pytest.mark.parametrize("scale", ["linear", "log"])
@pytest.mark.parametrize("limits", [(0.001, 2), (0.5, 1e9)])
def test_drawn_lines_are_rounded_to_a_thousandth_of_their_axis(scale, limits):
    rng = np.random.default_rng(1)
    flat = np.log if scale == "log" else np.asarray
    low, high = flat(limits)
    share = rng.uniform(-0.2, 1.2, size=(3, 4, 50))
    values = np.where(rng.random(share.shape) < 0.1, np.nan, low + share * (high - low))
    values = np.exp(values) if scale == "log" else values
    back = (flat(decoded(coded(values, limits, scale), limits, scale)) - low) / (high - low)
    expected = np.where(np.isnan(values), np.nan, np.clip(share, -0.05, 1.05))
    np.testing.assert_allclose(back, expected, atol=0.000501)


def test_what_a_log_axis_cannot_show_lies_below_it():
    for value in (0.0, -3.0, -np.inf):
        back = decoded(coded(np.array([[value, 1.0]]), (0.1, 10), "log"), (0.1, 10), "log")
        assert back[0, 0] < 0.1 and back[0, 1] == pytest.approx(1)


def test_lines_that_do_not_depend_on_a_control_are_stored_once(curves):
    shapes = {part["name"]: part["shape"] for part in curves.data_layout}
    assert shapes["line 0 0"] == [2, 3, 3, 2, 17, 3, 30] and shapes["line 1 1"] == [2, 1, 1, 1, 1, 1, 30]
    assert shapes["mark 1 0"] == [1, 1, 1, 1] and shapes["readout 1"] == [1, 1, 1, 1, 1]


# The script


def test_script_is_one_module(widget):
    assert len(re.findall(r"^export default widget\(build\w+\);$", widget._esm, re.M)) == 1
    assert len(re.findall(r"\bexport\b", widget._esm)) == 1
    assert not re.search(r"^\s*import\b|\bimport\(|\beval\(|https?://(?!www\.w3\.org/2000/svg)", widget._esm, re.M)
    assert set(widget.shared) <= set(widget.keys)


def test_size(widget):
    state = {name: value for name, value in widget.get_state().items() if name not in BYTES}
    words = json.dumps(state, default=str).encode()
    assert len(zlib.compress(widget._esm.encode())) + len(widget.data) + len(zlib.compress(words)) < 60_000


# Pictures and words


def test_mime_bundle(widget):
    bundle, _ = widget._repr_mimebundle_()
    again, _ = widget._repr_mimebundle_()
    assert base64.b64decode(bundle["image/png"]).startswith(b"\x89PNG")
    assert bundle["text/plain"] == again["text/plain"] == widget.alt
    assert "0x" not in widget.alt and len(widget.alt) > 100
    assert bundle["application/vnd.jupyter.widget-view+json"]["model_id"] == widget.model_id


def test_alt_text_does_not_depend_on_the_state(neuron, grid_map, curves):
    before = neuron.alt, grid_map.alt, curves.alt
    neuron.bias, grid_map.choice1, grid_map.slider2, curves.choice1, curves.slider1 = -2.0, "ELU", 0, "all", 3
    assert (neuron.alt, grid_map.alt, curves.alt) == before


@pytest.mark.parametrize(
    "setting", [(1, 2, 2), (-4, 0.1, 0.1), (0.5, 0, 0), (-0.5, 0, 0), (0.3, -1.5, 1.2), (-1.4, 0.9, 0.6)]
)
def test_neuron_can_be_pictured(neuron, setting):
    neuron.bias, neuron.w1, neuron.w2 = setting
    assert _base.png(neuron.figure())


@pytest.mark.parametrize("choice", ["tanh", "all"])
def test_curves_can_be_pictured(curves, choice):
    curves.choice1 = choice
    figure = curves.figure()
    assert _base.png(figure)
    legend = figure.axes[1].get_legend() if choice == "tanh" else figure.legends[0]  # four lines leave no room
    labels = [text.get_text() for text in legend.get_texts()]
    assert labels == (["measured", "expected"] if choice == "tanh" else ["tanh", "ReLU", "sigmoid", "expected"])
    assert len({line.get_linestyle() + str(line._dash_pattern) for line in figure.axes[1].lines[:4]}) >= 2


def test_a_number_in_a_headline_is_not_broken(memory):
    memory.forget = 0.0
    title = memory.figure().axes[1].get_title(loc="left")
    assert "\N{NO-BREAK SPACE}×\N{NO-BREAK SPACE}10" in title and " ×" not in title


@pytest.mark.parametrize("lost", [np.zeros, np.ones])
def test_map_can_be_pictured(lost):
    assert _base.png(a_map(diverged=lost(VALUES.shape, bool)).figure())
    log = Measure("loss", VALUES + 0.01, limits=(0.01, 10), scale="log", format=".1g")
    assert _base.png(a_map(measures={"loss": log}, diverged=lost(VALUES.shape, bool)).figure())


def test_picture_is_opaque_and_leaves_matplotlib_alone(widget):
    import matplotlib

    before = dict(matplotlib.rcParams)
    assert widget.figure().get_facecolor() == (1, 1, 1, 1)
    assert dict(matplotlib.rcParams) == before


# What the widgets say


def test_words_of_a_picture_are_11_pixels_high_on_a_phone(widget):
    figure = widget.figure()
    words = [text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip()]
    pixels = PHONE / (72 * figure.get_figwidth())
    small = {text.get_text(): text.get_size() * pixels for text in words if text.get_size() * pixels < 10.9}
    assert not small


def test_neuron_readouts_are_those_of_a_network(neuron):
    points = neuron.arrays()["points"]
    rng, network = np.random.default_rng(1), MLP(2, [Dense(1, ReLU())])
    for _ in range(50):
        w, b = rng.uniform(-2, 2, 2), rng.uniform(-2, 1)
        parameters = ({"weights": w.reshape(1, 2, 1), "bias": np.full((1, 1, 1), b)},)
        tape = network.forward(parameters, points)
        (gradient,), _ = network.backward(parameters, tape, np.full((1, 60, 1), 1 / 60))
        said = neuron_readouts(points, w, b)
        assert said.on == (tape[0].outputs > 0).sum()
        np.testing.assert_allclose(said.gradient, [*gradient["weights"].ravel(), *gradient["bias"].ravel()], atol=1e-15)


@pytest.mark.parametrize("w", [(0.1, 0.2), (0.7, 0.1), (1.1, 2.2), (-0.3, 0.6), (-1, -1), (0, 0)])
def test_at_the_critical_bias_the_unit_is_dead_and_just_above_it_is_not(w):
    corners = [[0, 0], [0, 1], [1, 0], [1, 1]]
    critical = round(neuron_readouts(corners, w, 0).critical, 2)
    at, above = neuron_readouts(corners, w, critical), neuron_readouts(corners, w, critical + 0.01)
    assert (at.state, at.on, at.largest, at.gradient) == ("dead", 0, 0, (0, 0, 0))
    assert (above.state, above.gradient[2] > 0) == ("alive", True)


def test_silent_is_not_dead():
    said = neuron_readouts([[0.5, 0.5]], (1, 1), -1.5)
    assert (said.state, said.gradient) == ("silent", (0, 0, 0))


def test_map_summary(grid_map):
    said = grid_map.summary("dead")
    assert said["median"] == np.median(grid_map.seeds("dead")[0, 4, 10])
    assert said["diverged"] == grid_map.arrays()["diverged"][0, 4, 10].sum()


def test_curves_read_outs(curves):
    place = (0, 1, 10, 0)
    values = curves._readouts["gradient at layer 30"][0][place]
    said = curves.said()
    assert said["gradient at layer 30"].split(" ")[0] == _base.shown(np.median(values), ".2g")
    assert said["layers"] == "30"
    assert curves.settings() == {"": place}
    assert curves.note == "Lines: median of 10 seeds. Bands: from the smallest to the largest of them."
    assert some_curves().note == ""
    assert some_curves(start={"c": 1.9, "kind": "v"}).settings() == {"": (1, 2)}


def test_explorer_offers_the_whole_catalogue(explorer):
    assert [each["name"] for each in explorer.functions] == [f.name for f in functions.pointwise()]
    for each in explorer.functions:
        if each["parameter"]:
            values = each["parameter"]["values"]
            assert values == sorted(values) and each["parameter"]["usual"] in values and 4 <= len(values) <= 12
        assert len(each["variants"]) == len((each["parameter"] or {"values": [0]})["values"])
        assert set(each["variants"][0]) == {"kinks", "corners", "jumps", "traits"}


def test_explorer_speaks_of_the_parameter_set(explorer):
    explorer.second, explorer.second_parameter, explorer.z = "elu", 0.49, -2.04
    assert explorer.z == -2
    (relu, elu) = explorer.shown().values()
    assert elu == ELU(0.5)
    assert explorer.said() == {"relu": ("0", "0"), "elu": ("−0.4323", "0.06767")}
    for third in explorer._variants:
        explorer.third = third
        assert explorer.figure()


def test_sides_of_kinks():
    assert sides(ReLU(), (0.0,)) == [[0.0, 0.0, 0.0]] or sides(ReLU(), (0.0,))[0][2] < 1e-8
    assert sides(ReLU().derivative, (0.0,)) == [[0.0, 0.0, 1.0]]
    assert sides(ELU(0.5).derivative, (0.0,)) == [[0.0, 0.5, 1.0]]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"first": "none"}, "first must be one of .*got 'none'"),
        ({"second": "relu7"}, "second must be one of 'none'.*got 'relu7'"),
        ({"z": 7}, "z must lie between -6 and 6; got 7"),
        ({"z": 10**400}, "z must lie between -6 and 6; got inf"),
    ],
)
def test_explorer_refuses(changes, message):
    with pytest.raises(ValueError, match=message):
        Explorer(**changes)


# Refusals


@pytest.mark.parametrize(
    ("points", "error", "message"),
    [
        ([0.1, 0.2], ValueError, r"points must have shape \(n, 2\).*got \(2,\).*columns"),
        (np.zeros((0, 2)), ValueError, r"points must have shape.*got \(0, 2\)"),
        ([[0.1, 0.2, 0.3]], ValueError, r"got \(1, 3\)"),
        ([[0.1, 1.2]], ValueError, r"points must lie in the unit square.*got 1\.2 in row 0.*Rescale"),
        ([[0.1, np.nan]], ValueError, "points must be finite; got nan"),
        ([["a", "b"]], TypeError, "points must hold real numbers"),
        ([[1j, 0]], TypeError, "points must hold real numbers.*complex"),
    ],
)
def test_neuron_refuses_points(points, error, message):
    with pytest.raises(error, match=message):
        Neuron(points)


@pytest.mark.parametrize("trait", RANGES)
@pytest.mark.parametrize("value", [-9, 9, np.nan, np.inf])
def test_neuron_refuses_settings(neuron, trait, value):
    with pytest.raises(ValueError, match=f"{trait} must lie between .* and .*; got"):
        setattr(neuron, trait, value)
    with pytest.raises(ValueError, match=f"{trait} must lie between"):
        Neuron([[0, 0]], **{trait: value})


@pytest.mark.parametrize(
    ("presets", "message"),
    [
        ({"x": (0, 0)}, r"presets must map labels to \(bias, w1, w2\); got 'x': \(0, 0\)"),
        ({1: (0, 0, 0)}, "presets must map labels"),
        ({"x": (0, 5, 0)}, "w1 must lie between -2 and 2.*got 5"),
    ],
)
def test_neuron_refuses_presets(presets, message):
    with pytest.raises(ValueError, match=message):
        Neuron([[0, 0]], presets=presets)


def test_names_are_slugs():
    with pytest.raises(ValueError, match="name must be lower-case letters.*got 'My neuron'"):
        Neuron([[0, 0]], name="My neuron")


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"measures": {}}, TypeError, "measures must map short names to Measure"),
        ({"measures": {"dead": VALUES}}, TypeError, "measures must map short names to Measure"),
        ({"choices": []}, ValueError, "measures.*must have shape"),
        ({"choices": ["a", "a"]}, ValueError, r"choices\['choice'\] must be one or more different names"),
        ({"choices": ["a"]}, ValueError, r"measures\['dead'\] must have shape \(1, 2, 3, 4\).*got \(2, 2, 3, 4\)"),
        ({"rows": COLUMNS}, ValueError, r"must have shape \(2, 3, 3, 4\)"),
        ({"diverged": np.zeros(VALUES.shape)}, ValueError, "diverged must be booleans.*got float64"),
        ({"diverged": np.zeros(3, bool)}, ValueError, r"diverged must be booleans.*got bool of shape \(3,\)"),
        ({"colours": [("red", "blue")]}, ValueError, "colours must hold one pair for each of 2 choices; got 1"),
        ({"choice": "c"}, ValueError, r"choice1 \(choice\) must be one of 'a', 'b'; got 'c'"),
        ({"measure": "c"}, ValueError, "measure must be one of 'dead'; got 'c'"),
        ({"row": 2}, ValueError, r"slider1 \(offset\) must be a place from 0 to 1; got 2"),
        ({"column": -1}, ValueError, r"slider2 \(rate\) must be a place from 0 to 2; got -1"),
    ],
)
def test_map_refuses(changes, error, message):
    with pytest.raises(error, match=message):
        a_map(**changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"values": VALUES[0]}, r"must have shape \(choices, rows, columns, seeds\); got \(2, 3, 4\)"),
        ({"values": VALUES + 1}, r"must lie within limits \(0.0, 1.0\); they reach from 1 to 2"),
        ({"values": VALUES * np.nan}, "values of 'x' must be finite"),
        ({"limits": (1, 0)}, r"limits must rise.*got \(1, 0\)"),
        ({"scale": "log"}, "positive on a log scale"),
        ({"scale": "cubic"}, "scale must be one of 'linear', 'log'; got 'cubic'"),
        ({"format": "d"}, "format must look like .*; got 'd'"),
    ],
)
def test_measure_refuses(changes, message):
    with pytest.raises(ValueError, match=message):
        Measure(**{"label": "x", "values": VALUES, **changes})


NOTHING = {"choices": None, "sliders": None, "panels": [a_panel(lines={"a": LINE[0, 0]})]}


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"panels": []}, TypeError, r"panels must be a list of Panel\(...\)"),
        ({"panels": [LINE]}, TypeError, r"panels must be a list of Panel\(...\)"),
        ({"panels": [a_panel()] * 4}, ValueError, "panels may be at most 3; got 4"),
        (NOTHING, ValueError, "at least one choice or slider"),
        ({"choices": {"kind": ["u", "u"]}}, ValueError, "choices.'kind'. must be one or more different names"),
        ({"choices": {"kind": ["u", "all"]}}, ValueError, "none of them 'all'"),
        ({"choices": {"kind": []}}, ValueError, "choices.'kind'. must be one or more"),
        ({"choices": {"kind": ["u", "v", "w"]}}, ValueError, r"must have shape \(3, 3, 5\).*got \(2, 3, 5\)"),
        ({"sliders": {"c": [1]}}, ValueError, "sliders.'c'. must have two or more places"),
        ({"sliders": {k: [0, 1] for k in "abcd"}}, ValueError, "sliders may be at most 3; got 4"),
        ({"panels": [a_panel(lines={"a": LINE[..., None, None]})]}, ValueError, "or that and an axis of seeds; got"),
        ({"panels": [a_panel(lines={"a": LINE[..., :1]})]}, ValueError, "must have 5 points, as x has"),
        (
            {"panels": [a_panel(marks={"m": [1, 2]})]},
            ValueError,
            r"marks.'m'. of 'p' must have shape \(2, 3\)",
        ),
        ({"readouts": {"r": (np.zeros(3), ".2f")}}, ValueError, r"readouts.'r'. must have shape \(2, 3\).*got \(3,\)"),
        ({"readouts": {"r": (np.full((2, 3), np.nan), ".2f")}}, ValueError, "readouts.'r'. must be finite"),
        ({"readouts": {"r": (np.zeros((2, 3)), "d")}}, ValueError, "format must look like"),
        ({"start": {"d": 1}}, ValueError, "a label in start must be one of 'kind', 'c'; got 'd'"),
        ({"start": {"kind": "w"}}, ValueError, r"choice1 \(kind\) must be one of 'u', 'v'; got 'w'"),
        ({"overlay": "c"}, ValueError, "overlay must be one of '', 'kind'; got 'c'"),
        ({"play": "kind"}, ValueError, "play must be one of '', 'c'; got 'kind'"),
        ({"looks": {"a": "relu7"}}, ValueError, "a look must be one of .*'identity'.*got 'relu7'"),
    ],
)
def test_curves_refuse(changes, error, message):
    with pytest.raises(error, match=message):
        some_curves(**changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"x": [0, 2, 1, 3, 4]}, "x of 'p' must be two or more rising numbers"),
        ({"x_scale": "log"}, "x of 'p' must be .* positive on a log scale"),
        ({"scale": "cubic"}, "scale must be one of 'linear', 'log'; got 'cubic'"),
        ({"lines": {}}, "lines of 'p' must map at least one name"),
        ({"lines": {"a": np.full(5, np.nan)}}, "lines of 'p' hold nothing that its linear axis could show"),
        ({"limits": (1, 0)}, r"limits of 'p' must rise.*got \(1.0, 0.0\)"),
        ({"limits": (0, 1), "scale": "log"}, "positive on a log scale"),
    ],
)
def test_panel_refuses(changes, message):
    with pytest.raises(ValueError, match=message):
        a_panel(**changes)


def test_curves_that_are_too_heavy_are_refused():
    noise = np.random.default_rng(0).random((2, 3, 20_000))
    with pytest.raises(ValueError, match=r"the lines take \d+,\d+ bytes, more than the 50,000.*fewer places"):
        some_curves(panels=[a_panel(x=np.arange(20_000), lines={"a": noise})])


@pytest.mark.parametrize(("trait", "value"), [("choice1", "w"), ("slider1", 3), ("slider1", -1)])
def test_curves_refuse_settings_off_the_grid(trait, value):
    with pytest.raises(ValueError, match=rf"{trait} \((kind|c)\) must be .*got {value!r}"):
        setattr(some_curves(), trait, value)


@pytest.mark.parametrize("values", [[], [[1, 2]], [np.inf]])
def test_axis_refuses(values):
    with pytest.raises(ValueError, match="values of 'rate' must be"):
        Axis("rate", values)


def test_setting_the_state_in_python(grid_map):
    seen = []
    grid_map.observe(seen.append, ["choice1", "slider2"])
    grid_map.choice1, grid_map.slider2 = "ELU", 3
    assert [(change["name"], change["new"]) for change in seen] == [("choice1", "ELU"), ("slider2", 3)]
    assert grid_map.cell == (2, 4, 3)


# Back-propagation


ONES = [(np.ones((n, m)), np.zeros(m)) for n, m in itertools.pairwise(SIZES)]
EXAMPLES = [((1, 0.5), 1), ((-1, 2), 0)]


def test_the_network_is_pictured_and_described_as_it_is(backpropagation):
    before = backpropagation.alt
    assert "activations are: inputs 1.00 and 0.50; layer 1 0.75 and 0.31" in before and "loss is 0.207" in before
    backpropagation.q = -2.0
    assert backpropagation.alt != before and _base.png(backpropagation.figure())
    assert backpropagation.passes()["gradients"][3].shape == (1, 1)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"layers": ONES[:3]}, r"layers must be \(weights, bias\) of shapes .*; got"),
        ({"layers": [(4 * w, b) for w, b in ONES]}, "must lie between -3 and 3, the ends of its slider; got 4.0"),
        ({"layers": [(np.nan * w, b) for w, b in ONES]}, "layers must be finite"),
        ({"examples": [((1, 2, 3), 0)]}, r"inputs of an example must have shape \(2,\); got \(3,\)"),
        ({"chosen": "W"}, "chosen must be one of 'U11'.*got 'W'"),
    ],
)
def test_backpropagation_refuses(changes, message):
    with pytest.raises(ValueError, match=message):
        Backpropagation(**{"layers": ONES, "examples": EXAMPLES, **changes})


def test_examples_are_called_after_their_numbers():
    widget = Backpropagation(ONES, EXAMPLES)
    assert [each["name"] for each in widget.examples] == ["x = (1, 0.5), y = 1", "x = (−1, 2), y = 0"]
    with pytest.raises(ValueError, match="example must be one of 'x = .*got 'x'"):
        widget.example = "x"


# Maps


SIDE = np.linspace(-1, 1, 5)
PLANES = np.array([0.0, 1.0])[:, None, None] * SIDE + SIDE[:, None]


def a_plane(**changes):
    given = {"values": PLANES, "extent": (-1, 1, -1, 1), "sliders": {"slope": [0, 1]}}
    return Maps(**{**given, **changes})


def test_maps_keep_heights_over_the_threshold_and_the_small_ones_best():
    widget = a_plane(threshold=0.5, strong=0.25)
    expected = np.clip(np.repeat(SIDE[:, None], 5, axis=1) - 0.5, -0.5, 0.5)
    np.testing.assert_allclose(widget.height(), expected, atol=0.022)
    assert widget.share() == 0.2
    widget.slider1 = 1
    assert widget.share() == np.mean(PLANES[1] > 0.5)
    fine = a_plane(values=PLANES / 100)
    np.testing.assert_allclose(fine.height(), PLANES[0] / 100, atol=0.0003)
    assert np.array_equal(np.sign(fine.height()), np.sign(PLANES[0]))


def test_maps_can_be_pictured(maps):
    before = maps.alt
    for maps.choice1, maps.slider1 in (("XOR", 0), ("line", 2)):
        assert _base.png(maps.figure())
    assert maps.alt == before and "hidden layers" in before
    for values in (PLANES + 9, PLANES - 9):
        assert _base.png(a_plane(values=values).figure())


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"values": PLANES[0]}, r"values must have shape \(2, 'rows', 'columns'\).*got \(5, 5\)"),
        ({"values": PLANES[:, :1]}, r"two or more rows and columns; got \(2, 1, 5\)"),
        ({"values": PLANES * np.nan}, "values must be finite"),
        ({"extent": (1, -1, -1, 1)}, r"extent must be \(left, right, low, high\), rising; got \(1, -1, -1, 1\)"),
        ({"strong": 0}, "strong must be positive"),
        ({"sliders": {}}, "Maps needs at least one choice or slider"),
        ({"points": {"XOR": (np.zeros((1, 2)), [0])}}, "an option in points must be one of ; got 'XOR'"),
        (
            {"sliders": {}, "choices": {"data": ["a", "b"]}, "points": {"a": (np.zeros((2, 2)), [0, 2])}},
            r"points\['a'\] must be x of shape \(n, 2\) and n labels, each 0 or 1",
        ),
        (
            {"values": np.random.default_rng(0).normal(size=(2, 300, 300))},
            "the maps take .* bytes, more than the 50,000.*fewer rows",
        ),
    ],
)
def test_maps_refuse(changes, message):
    with pytest.raises(ValueError, match=message):
        a_plane(**changes)


def test_maps_draw_the_lines_of_hidden_units():
    units = np.array([[[1, 0, 0.5], [0, 1, -0.25]], [[1, 1, 0], [np.nan] * 3]])
    widget = a_plane(units=units)
    assert widget.units().shape == (2, 3) and "Dashed lines" in widget.alt and "Dashed lines" not in a_plane().alt
    assert _base.png(widget.figure())
    widget.slider1 = 1
    np.testing.assert_array_equal(widget.units(), [[1, 1, 0]])
    with pytest.raises(ValueError, match=r"units must have shape \(2, 'units', 3\).*got \(2, 2\)"):
        a_plane(units=units[0, :, :2])
