"""Figures as SVG: the same at every run, small, and with colours for dark pages."""

import re

import matplotlib
import pytest
from matplotlib.figure import Figure

from nonlinear.course import vector
from nonlinear.course.plotting import BLUE, DARK, PHONE, WIDTH, in_style, subplots


@in_style
def picture():
    """Return a figure with a line, a hatched ground, words and a colour that has no partner."""
    figure, axis = subplots()
    axis.plot([0, 1 / 3], [1, 2], color=BLUE, label="rate")
    axis.axvspan(0, 0.1, facecolor="#ececef", hatch="//")
    axis.plot([0, 1], [1, 1], color="#123456")
    axis.text(0.2, 1.5, "less & more", style="italic", size=12)
    return figure


def test_an_svg_is_the_same_at_every_run():
    """Its identifiers do not depend on chance, its text not on the day or the reader's settings."""
    with matplotlib.rc_context({"svg.hashsalt": None, "svg.fonttype": "path"}):
        assert vector.svg(picture(), DARK) == vector.svg(picture(), DARK)


def test_colours_of_the_palette_have_a_partner_on_dark_pages():
    """Lines, words and grounds, those of hatchings too; a colour without a partner stays."""
    style, drawing = re.fullmatch(
        r"<svg[^>]*><style>(.*?)</style>(.*)", vector.svg(picture(), DARK), re.DOTALL
    ).groups()
    light, dark = (dict(re.findall(r"--(\w+):(#\w+)", part)) for part in style.split("}svg:target{"))
    assert all(f"#{name}" == colour for name, colour in light.items()) and set(light) == set(dark)
    assert dark[BLUE[1:]] == DARK[BLUE] and dark["ececef"] == vector.GROUNDS["#ececef"]
    assert set(re.findall(r"#[0-9a-f]{6}\b", drawing)) == {"#123456"}
    assert all(f"var(--{name})" in drawing for name in light)


def test_an_svg_has_the_size_of_the_page_and_no_long_numbers():
    figure = picture()
    text = vector.svg(figure, DARK)
    assert f'width="{100 * figure.get_figwidth():.0f}" height="{100 * figure.get_figheight():.0f}"' in text
    assert not re.search(r' d="[^"]*\d\.\d{2}', text)
    assert "<!--" not in text and "<metadata>" not in text and "<?xml" not in text


def test_words_stay_words_in_the_font_of_the_reader():
    """One family for the figure; sizes and slant stay with the words."""
    text = vector.svg(picture(), DARK)
    assert f'font-family="{vector.FAMILY}"' in text and "DejaVu" not in text
    style, words = re.search(r'<text style="([^"]*)"[^>]*>(less[^<]*)<', text).groups()
    assert words == "less &amp; more" and "font-size: 12px" in style and "font-style: italic" in style
    assert {"0.0", "1.0"} <= set(re.findall(r"<text[^>]*>([^<]*)<", text))


def test_a_figure_is_drawn_for_the_page_and_for_a_phone(monkeypatch):
    monkeypatch.setenv(vector.SWITCH, "svg")
    page, phone = picture()._repr_svg_().split("</svg>\n<svg")
    assert f'width="{100 * WIDTH:.0f}"' in page[:250] and f'width="{100 * PHONE:.0f}"' in phone[:250]


def test_a_png_is_as_fine_after_an_svg(monkeypatch):
    drawn = picture()
    alone = drawn._repr_png_()
    monkeypatch.setenv(vector.SWITCH, "svg")
    assert drawn._repr_svg_() and drawn._repr_png_() == alone


@pytest.mark.parametrize("setting", ["", "svg"])
def test_figures_are_svg_where_the_book_is_built_only(monkeypatch, setting):
    """Stored notebooks and other programs see PNG."""
    monkeypatch.setenv(vector.SWITCH, setting)
    assert (picture()._repr_svg_() is None) is (setting == "")
    assert isinstance(picture(), Figure) and picture()._repr_png_()[0].startswith(b"\x89PNG")
