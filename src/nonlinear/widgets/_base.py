"""What all widgets share on the Python side: their script, their data, their picture.

A widget draws itself in a page. Only its picture needs Matplotlib, which is imported where one is drawn.
"""

import base64
import io
import re
import zlib
from decimal import ROUND_HALF_UP, Decimal
from importlib import resources

import anywidget
import numpy as np
import traitlets

from nonlinear.activations import Activation
from nonlinear.course.looks import DARK, GREY, INK, LOOK, dashes
from nonlinear.course.text import minus
from nonlinear.special import Array

DTYPES = ("float64", "float32", "int32", "uint16", "uint8")
PICTURE_STYLE = {
    "font.size": 12,
    "axes.labelsize": 12,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": GREY,
    "xtick.color": INK,
    "ytick.color": INK,
    "hatch.linewidth": 0.8,
}


def module(name: str, *parts: str) -> str:
    """Return the script of a widget as one ES module without imports: the shared parts, further parts, ``<name>.js``.

    Parameters
    ----------
    name : str
    *parts : str
        Scripts that some widgets share, such as "_lines", or that compute, such as "geometry/contours".
    """
    folder = resources.files(__package__)
    files = [f"{part}.js" for part in ("geometry/numbers", "_shared", *parts, name)]
    return "\n".join((folder / file).read_text(encoding="utf-8") for file in files)


def one_of(name: str, value, known):
    """Return ``value`` if it is among the known ones, or refuse it."""
    if value not in known:
        raise ValueError(f"{name} must be one of {', '.join(map(repr, known))}; got {value!r}.")
    return value


def number_format(spec: str) -> str:
    """Return a format that Python and the scripts understand alike, or refuse it."""
    if not re.fullmatch(r"\.\d[f%g]", spec):
        raise ValueError(f"format must look like '.2f', '.1%' or '.3g'; got {spec!r}.")
    return spec


def look(whose: Activation | str) -> list[str]:
    """Return the colours, for light and for dark pages, and the dashes of a function's line."""
    name = whose if isinstance(whose, str) else whose.name
    colour, style, dark = LOOK[one_of("a look", name, list(LOOK))]
    return [colour, dark, dashes(style)]


def shown(value: float, spec: str) -> str:
    """Return a number as the scripts write it: a true minus sign, halves away from 0, few exponents.

    >>> print(shown(-0.125, ".2f"), shown(0.12345, ".1%"), shown(123456.0, ".2g"), shown(1.26e-7, ".2g"), sep=", ")
    −0.13, 12.3%, 120000, 1.3 × 10⁻⁷
    """
    digits, kind = int(spec[1]), spec[2]
    exact = Decimal(float(value) * (100 if kind == "%" else 1))
    last = exact.adjusted() + 1 - max(digits, 1) if kind == "g" else -digits
    rounded = exact.quantize(Decimal(1).scaleb(last), ROUND_HALF_UP)
    if kind != "g":
        text = f"{rounded:f}" + kind.strip("f")
        return minus(text) if re.search("[1-9]", text) else text.replace("-", "")
    sign = "−" if rounded < 0 else ""
    if rounded == 0 or 1e-6 <= abs(rounded) < 1e6:
        return sign + np.format_float_positional(abs(float(rounded)), trim="-")
    mantissa, power = np.format_float_scientific(abs(float(rounded)), trim="-", exp_digits=1).split("e")
    return sign + scientific(mantissa, int(power))


def scientific(mantissa: str, power: int) -> str:
    """Return a number as a multiple of a power of ten.

    >>> print(scientific("1", 4), scientific("2.5", -12), sep=", ")
    10⁴, 2.5 × 10⁻¹²
    """
    ten = "10" + str(power).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return ten if mantissa == "1" else f"{mantissa} × {ten}"


def pack(arrays: dict[str, Array]) -> tuple[bytes, list[dict]]:
    """Return arrays as compressed bytes, exactly, and the layout needed to read them.

    Each array starts at a multiple of 8 bytes, little-endian, in C order, as JavaScript's typed arrays like it.

    Parameters
    ----------
    arrays : dict of array
        Of the types in ``DTYPES``.

    Returns
    -------
    data : bytes
        zlib.
    layout : list of dict
        Name, dtype and shape of each array, in order.

    Raises
    ------
    TypeError
        For an array of another type.
    """
    blocks, layout = [], []
    for name, array in arrays.items():
        if array.dtype.name not in DTYPES:
            raise TypeError(f"{name} must be one of {', '.join(DTYPES)}; got {array.dtype}. Convert it with astype.")
        block = array.astype(array.dtype.newbyteorder("<")).tobytes()
        blocks.append(block + bytes(-len(block) % 8))
        layout.append({"name": name, "dtype": array.dtype.name, "shape": list(array.shape)})
    return zlib.compress(b"".join(blocks), 9), layout


def unpack(data: bytes, layout: list[dict]) -> dict[str, Array]:
    """Return the arrays that `pack` packed.

    >>> unpack(*pack({"x": np.arange(3.0)}))
    {'x': array([0., 1., 2.])}
    """
    arrays, offset, buffer = {}, 0, zlib.decompress(data)
    for entry in layout:
        dtype, size = np.dtype(entry["dtype"]).newbyteorder("<"), int(np.prod(entry["shape"]))
        array = np.frombuffer(buffer, dtype, size, offset).reshape(entry["shape"])
        arrays[entry["name"]] = array.astype(entry["dtype"])
        offset += -(-array.nbytes // 8) * 8
    return arrays


def headline(axis, sentence: str) -> None:
    """Write a sentence above a drawing, in as many lines as it needs; a number stays in one of them."""
    whole = sentence.replace(" × ", "\N{NO-BREAK SPACE}×\N{NO-BREAK SPACE}")
    axis.set_title(whole, fontsize=12, loc="left", wrap=True)


def png(figure) -> str:
    """Return a figure as base64 text of a PNG, twice as fine as a phone's 390 pixels need."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    buffer, figure.dpi = io.BytesIO(), 200
    FigureCanvasAgg(figure).print_png(buffer, metadata={"Software": None})  # `savefig` draws twice
    return base64.b64encode(buffer.getvalue()).decode("ascii")


class Widget(anywidget.AnyWidget):
    """A figure with native controls, that also has a picture and words for where it cannot run.

    A subclass sets ``_esm`` to its `module`, ``picture_size`` in inches and ``shared``, and defines `draw` and `alt`.

    Attributes
    ----------
    name : str
        Unique on its page: it is what the address of a shared state starts with.
    shared : list of str
        The traits that make up the state.
    places : dict of str to list
        Of those that count places on an axis, the values there: an address holds the values.
    room : list of int
        About how high it is, in pixels, where it is 358 and 736 pixels wide: a page keeps this free until it is drawn.
    """

    name = traitlets.Unicode().tag(sync=True)
    shared = traitlets.List(traitlets.Unicode()).tag(sync=True)
    places = traitlets.Dict().tag(sync=True)
    room = traitlets.List().tag(sync=True)
    data = traitlets.Bytes().tag(sync=True)
    data_layout = traitlets.List().tag(sync=True)

    @traitlets.validate("name")
    def _name_is_a_slug(self, proposal):
        if not re.fullmatch(r"[a-z][a-z0-9-]*", proposal["value"]):
            raise ValueError(
                f"name must be lower-case letters, digits and hyphens, such as 'neuron'; got {proposal['value']!r}."
            )
        return proposal["value"]

    @property
    def alt(self) -> str:
        """What the picture shows, in words; the same at every run."""
        raise NotImplementedError

    def draw(self, figure) -> None:
        """Draw the present state on an empty Matplotlib figure."""
        raise NotImplementedError

    def arrays(self) -> dict[str, Array]:
        """Return the data that the widget was made from."""
        return unpack(self.data, self.data_layout)

    def figure(self):
        """Return the present state as a Matplotlib figure: dark ink on white, readable 390 pixels wide."""
        import matplotlib
        from matplotlib.figure import Figure

        with matplotlib.rc_context(PICTURE_STYLE):
            figure = Figure(figsize=self.picture_size, layout="constrained", facecolor="white")
            self.draw(figure)
        return figure

    def _repr_mimebundle_(self, **kwargs):
        from nonlinear.course import vector

        data, metadata = super()._repr_mimebundle_(**kwargs)
        pictures = {"image/png": png(self.figure())}
        if vector.wanted():
            pictures["image/svg+xml"] = vector.svg(self.figure(), DARK)
        return {**data, **pictures, "text/plain": self.alt}, metadata
