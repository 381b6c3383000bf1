"""What lessons show: tables and spreads."""

from pathlib import Path

import pytest

import nonlinear
from nonlinear.course.text import Table, formula


def test_a_table_escapes_what_it_holds_and_marks_formulas():
    text = Table([["a < b", formula(r"x < y")]], ["f & g", "f(z)"], 'so-called "table"')._repr_html_()
    assert '<th scope="row">a &lt; b</th>' in text and "f &amp; g" in text
    assert r'<td><span class="math notranslate nohighlight">\(x &lt; y\)</span></td>' in text
    assert 'aria-label="so-called &quot;table&quot;"' in text and 'tabindex="0"' in text


def test_the_true_minus_is_set_in_one_place_for_all_that_a_course_shows():
    package = Path(nonlinear.__file__).parent
    files = [path for path in package.rglob("*.py") if 'replace("-", "−")' in path.read_text("utf-8")]
    assert {path.relative_to(package).as_posix() for path in files} == {"arrays.py", "course/text.py"}  # intervals' own


def test_a_table_is_rectangular():
    with pytest.raises(ValueError, match="each row must have 2 cells"):
        Table([["a"]], ["x", "y"], "t")


def test_a_column_without_a_name_has_no_header():
    """An empty header cell is one that a screen reader announces and that says nothing."""
    assert (
        '<thead><tr><td></td><th scope="col">x</th></tr></thead>' in Table([["a", "b"]], ["", "x"], "t")._repr_html_()
    )


@pytest.mark.parametrize(
    "text, shown",
    [("-3 [-4, -.5]", "−3 [−4, -.5]"), ("8e-09", "8e-09"), ("tanh -1", "tanh −1"), ("0.1-0.3", "0.1-0.3")],
)
def test_a_page_shows_a_negative_number_with_a_minus_sign(text, shown):
    assert f"<td>{shown}</td>" in Table([["a", text]], ["", "x"], "t")._repr_html_()


def test_a_formula_keeps_its_hyphens():
    assert r"\(-1\)" in Table([["a", formula("-1")]], ["", "x"], "t")._repr_html_()
