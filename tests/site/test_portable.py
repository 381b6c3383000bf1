"""Portable copies: plain Markdown, embedded pictures, nothing that only the book understands."""

import doctest
import re
import subprocess
import sys
from types import SimpleNamespace

import nbformat
import portable
import pytest
import yaml
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from portable import PortableError, Target, opening, portable_copy
from portable.myst import EXTENSIONS

from tests.site.pages import ROOT, every_lesson

BIBLIOGRAPHY = """
@article{one, author = {Lu, Lu}, title = {Dying {ReLU}}, journal = {J}, year = {2020}}
@article{two, author = {He, Kai and Zhang, Xi}, title = {Deep}, journal = {J}, year = {2015}}
@article{many, author = {Nair, V. and Hinton, G. and Third, T.}, title = {Units}, journal = {J}, year = {2010}}
"""
PAGES = {
    "book/other": Target("Another page"),
    "book/public": Target("A public page", "", "https://example.org/public"),
    "book/notation": Target("Notation and glossary", "", "https://example.org/notation"),
}
# Roles, directive fences, targets.
MYST = re.compile(r"\{[\w:+.-]+\}`|^\s*(`{3,}|:{3,}|~{3,})\s*\{|^\([\w:.+-]+\)=", re.MULTILINE)


@pytest.fixture
def bibliography(tmp_path):
    """A small BibTeX file."""
    path = tmp_path / "references.bib"
    path.write_text(BIBLIOGRAPHY)
    return path


def glued(name, value):
    """Return a cell that has glued one value, as a stored notebook holds it."""
    data = {f"{portable.GLUE_PREFIX}text/plain": repr(value)}
    metadata = {"scrapbook": {"name": name, "mime_prefix": portable.GLUE_PREFIX}}
    output = new_output("display_data", data, metadata=metadata)
    return new_code_cell(f"glue({name!r}, {value!r})", outputs=[output])


def text_of(text, *cells, **options):
    """Return the plain text of one Markdown cell, copied after some other cells."""
    copy = portable_copy(new_notebook(cells=[*cells, new_markdown_cell(text)]), pages=PAGES, **options)
    return "\n\n".join(cell.source for cell in copy.cells if cell.cell_type == "markdown")


def test_a_starter_comes_from_the_solution():
    """The copy shows the code as the page does."""
    cell = new_code_cell("# solve\nx = 1\n# check\nassert x", metadata={"exercise": "ex"})
    assert text_of("```{starter} ex\n```", cell) == "```python\n# your turn\n...\n# check\nassert x\n```"
    with pytest.raises(PortableError, match="no solution cell for the exercise 'other'"):
        text_of("```{starter} other\n```", cell)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("{math}`x^2`", "$x^2$"),
        ("{doc}`other`", "*Another page*"),
        ("{doc}`public`", "[A public page](https://example.org/public)"),
        ("{doc}`this page <public>`", "[this page](https://example.org/public)"),
        ("[a page](other.md)", "*a page*"),
        ("[a page](public.ipynb#here)", "[a page](https://example.org/public)"),
        ("[a site](https://example.org)", "[a site](https://example.org)"),
        ("{kbd}`Tab` {abbr}`SGD`", "<kbd>Tab</kbd> SGD"),
        ("**{term}`dead`**", "**[dead](https://example.org/notation#term-dead)**"),
        ("{term}`is at rest <resting unit>`", "[is at rest](https://example.org/notation#term-resting-unit)"),
        ("shown {claim}`0.2`", "shown "),
        ("`` {ref}`x` `` is code", "`` {ref}`x` `` is code"),
        ("$f[0](z)$ is maths", "$f[0](z)$ is maths"),
        ("% a comment\ntext\n+++\nmore", "text\n\nmore"),
        ("(here)=\n## Title\n\nSee {ref}`here`.", "## Title\n\nSee *Title*."),
        ("See {ref}`that <here>`.\n\n(here)=\n## Title", "See *that*.\n\n## Title"),
        ("$$ a $$ (eq-a)\n\nBy {eq}`eq-a`.", "$$\na \\tag{1}\n$$\n\nBy (1)."),
        ("$$ a $$ (a)\n\n```{math}\n:label: b\nx\n```\n\n{eq}`b`", "$$\na \\tag{1}\n$$\n\n$$\nx \\tag{2}\n$$\n\n(2)"),
        ("[the slope {math}`y`](https://example.org)", "[the slope $y$](https://example.org)"),
        ('[a `[0]`](other.md "More")', "*a `[0]`*"),
        (r"\{ref}`x` is escaped", r"\{ref}`x` is escaped"),
        ("    {ref}`x`", "    {ref}`x`"),
        ("| a | b |\n| - | - |\n| {math}`x` | {kbd}`y` |", "| a | b |\n| - | - |\n| $x$ | <kbd>y</kbd> |"),
        ("```\na\n\n\nb\n```\n+++\nc", "```\na\n\n\nb\n```\n\nc"),
        ("```python\n{ref}`x`\n```", "```python\n{ref}`x`\n```"),
        ("```{note}\nText {math}`x`.\n```", "> **Note**\n>\n> Text $x$."),
        (":::{admonition} Title\n:class: tip\nText.\n:::", "> **Title**\n>\n> Text."),
        ("- item\n\n  ```{tip}\n  Text.\n  ```", "- item\n\n  > **Tip**\n  >\n  > Text."),
        ("- ```{tip}\n  Text.\n  ```\n- more", "- > **Tip**\n  >\n  > Text.\n\n- more"),
        ("- a\n\n  ```{exercise-end}\n  ```\n\n- b", "- a\n\n- b"),
        ("> ```{tip}\n> Text.\n> ```", "> > **Tip**\n> >\n> > Text."),
        (":::{note} One\ntwo.\n:::", "> **Note**\n>\n> One\n> two."),
        ("```{math}\n---\nlabel: eq-b\n---\nx\n```", "$$\nx \\tag{1}\n$$"),
        ("````{note}\n```{tip}\nInner.\n```\n````", "> **Note**\n>\n> > **Tip**\n> >\n> > Inner."),
        ("```{code-block} python\nx = 1\n```", "```python\nx = 1\n```"),
        ("```{math}\n:label: eq-b\nx\n```", "$$\nx \\tag{1}\n$$"),
        ("```{dropdown} More\nText.\n```", "<details>\n<summary>More</summary>\n\nText.\n\n</details>"),
    ],
)
def test_text(text, plain):
    """Each construct has one plain form."""
    assert text_of(text) == plain


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("{cite:t}`one`", "Lu (2020)"),
        ("{cite:p}`two`", "(He and Zhang, 2015)"),
        ("{cite:p}`many, one`", "(Nair et al., 2010; Lu, 2020)"),
    ],
)
def test_citations_and_their_list(bibliography, text, plain):
    """A citation names author and year, and the work appears in the list at the end."""
    copied = text_of(text, bibliography=bibliography)
    assert copied.startswith(plain)
    assert "## References\n\n- " in copied
    assert copied.count("\n- ") == text.count(",") + 1


def test_references_stand_where_the_lesson_has_them(bibliography):
    """A bibliography directive keeps its place."""
    copied = text_of("{cite:t}`one`\n\n## Sources\n\n```{bibliography}\n```\n\nThe end.", bibliography=bibliography)
    assert re.search(r"## Sources\n\n- .*Dying ReLU.*\n\nThe end\.$", copied)


@pytest.mark.parametrize(
    ("value", "text", "plain"), [(0.1234, "rate:.2f", "0.12"), (7, "rate", "7"), ("a 'b'", "rate", "a 'b'")]
)
def test_glue(value, text, plain):
    """Printed values stand in the text, formatted as asked; the cell that only glues is gone."""
    copy = portable_copy(new_notebook(cells=[glued("rate", value), new_markdown_cell(f"{{glue:text}}`{text}`")]))
    assert [cell.source for cell in copy.cells] == [plain]


def test_exercises_and_solutions():
    """Exercises are numbered; a solution folds, unless it goes on over the next cells."""
    first = "```{exercise} Down\n:label: a\nHow far?\n```\n\n```{solution} a\nFar.\n```"
    second = "```{exercise-start}\n:label: b\n```\nAnd {ref}`a`?\n```{exercise-end}\n```"
    gated = "```{solution-start} b\n```\nSo:\n\n```{solution-end}\n```"
    copied = text_of("\n\n".join([first, second, gated]))
    assert "#### Exercise 1: Down\n\nHow far?" in copied
    assert "<summary>Solution to Exercise 1</summary>\n\nFar." in copied
    assert "#### Exercise 2\n\nAnd *Exercise 1*?" in copied
    assert copied.endswith("#### Solution to Exercise 2\n\nSo:")


def test_a_protocol_is_one_line():
    """In the order of the page, with its numbers in place."""
    copied = text_of("```{protocol}\n:seeds: {glue:text}`n`\n:data: $x$\n```", glued("n", "10"))
    assert copied == "**Data** $x$ · **Seeds** 10"


def test_quiz():
    """A quiz becomes a question whose answers open to their feedback."""
    copied = text_of(":::{quiz} How {math}`x`?\n- [ ] So\n  Why not.\n- [x] Thus\n  Why.\n:::")
    assert copied.startswith("**How $x$?**\n\n<details>\n<summary>So</summary>\n\n*Not quite.* Why not.")
    assert "<summary>Thus</summary>\n\n*Yes, that is right.* Why." in copied


def test_figures_widgets_and_hidden_cells():
    """Pictures stay, widget views go, captions follow in words, hidden cells are folded."""
    data = {"image/png": "iVBORw0KGgo=", portable.WIDGET_VIEW: {"model_id": "x"}, "text/plain": "words"}
    data["image/svg+xml"] = "<svg/>"
    figure = {"mystnb": {"figure": {"caption": "A line {math}`y`.", "name": "fig-a"}}}
    shown = new_code_cell("draw()", outputs=[new_output("display_data", data)], metadata=figure)
    hidden = new_code_cell("x = 1", metadata={"tags": ["remove-cell"]})
    cells = [shown, hidden, new_markdown_cell("{numref}`fig-a` and {numref}`figure %s <fig-a>`")]
    kernel = {"name": "python3", "display_name": "Python 3"}
    copy = portable_copy(new_notebook(cells=cells, metadata={"widgets": {}, "kernelspec": kernel}))
    picture, caption, folded, text = copy.cells
    assert set(picture.outputs[0].data) == {"image/png", "text/plain"}
    assert caption.source == "**Figure 1.** A line $y$."
    assert folded.metadata == {"jupyter": {"source_hidden": True}}
    assert text.source == "*Figure 1* and *figure 1*"
    assert copy.metadata == {"kernelspec": kernel}


def test_numbers_begin_with_that_of_the_lesson():
    """In the title, at figures and at exercises; the time of the lesson stands where the text asks for it."""
    figure = {"mystnb": {"figure": {"caption": "A line.", "name": "fig-a"}}}
    text = "# Title\n\n{numref}`fig-a`, {time}`this lesson`.\n\n```{exercise}\n:label: a\nWhy?\n```"
    cells = [new_markdown_cell(text), new_code_cell("draw()", metadata=figure)]
    copy = portable_copy(new_notebook(cells=cells), number=11, time="35 minutes")
    assert copy.cells[0].source == "# 11 Title\n\n*Figure 11.1*, 35 minutes.\n\n#### Exercise 11.1\n\nWhy?"
    assert copy.cells[2].source == "**Figure 11.1.** A line."


def test_printed_text_is_in_one_piece():
    """However the kernel has cut it."""
    pieces = [new_output("stream", name="stdout", text=text) for text in ("one", "\ntwo\n")]
    copy = portable_copy(new_notebook(cells=[new_code_cell("print()", outputs=pieces)]))
    assert [output.text for output in copy.cells[0].outputs] == ["one\ntwo\n"]


@pytest.mark.parametrize(
    ("text", "culprit"),
    [
        ("{nonsense}`x`", "role 'nonsense'"),
        ("```{nonsense} x\n```", "directive 'nonsense'"),
        ("{glue:text}`nothing`", "glued value 'nothing'"),
        ("{ref}`nowhere`", "label 'nowhere'"),
        ("{doc}`nowhere`", "page 'nowhere'"),
        ("{cite:p}`nobody`", "reference 'nobody'"),
        ("```{solution} none\n```", "exercise 'none'"),
        ("```{exercise}\nNo label.\n```", "exercise with the label"),
        ("![a](picture.png)", "picture 'picture.png'"),
        ("```{quiz} Why?\n- [ ] a\n  b\n```", "two answers"),
        ("```{note} A `word`.\n```", "write `:::{note}`"),
    ],
)
def test_what_has_no_plain_form_is_an_error(text, culprit):
    """The message names the cell and the culprit."""
    notebook = new_notebook(cells=[new_markdown_cell(text, id="cell-x")])
    with pytest.raises(PortableError, match="cell-x") as caught:
        portable_copy(notebook)
    assert culprit in str(caught.value)


def test_the_lesson_itself_is_left_alone():
    """Copying changes nothing in the notebook it was given."""
    notebook = new_notebook(cells=[glued("rate", 1), new_markdown_cell("{glue:text}`rate`")])
    before = nbformat.writes(notebook)
    portable_copy(notebook)
    assert nbformat.writes(notebook) == before


def test_the_parser_reads_what_the_book_reads():
    """The extensions of Markdown are those of the book's settings."""
    settings = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))
    assert set(settings["parse"]["myst_enable_extensions"]) == EXTENSIONS


def test_docstrings():
    """The examples in the modules hold."""
    assert doctest.testmod(portable).failed == 0
    assert doctest.testmod(opening).failed == 0


# ---- its first cells


def first_cells(**settings):
    """Return the note and the check of a copy."""
    return opening.opening("Title", "nonlinear.lessons.zero_centring", book="Book", package="ours", **settings)


FOREIGN = {
    "nothing": {},
    "a package": {"nonlinear/__init__.py": "", "nonlinear/lessons.py": ""},
    "a module": {"nonlinear.py": "def relu(z): return max(z, 0)"},
}


def printed(cell, folder):
    """Return what a cell prints where only the standard library and a folder can be imported from."""
    command = [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.append({str(folder)!r})\n{cell.source}"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("found", FOREIGN)
def test_another_package_of_the_same_name_is_noticed(tmp_path, found):
    """What is wrong and how to get the right package is one sentence in the first code cell."""
    for name, source in FOREIGN[found].items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(source)
    told = printed(first_cells()[1], tmp_path)
    assert told.startswith("No module named 'nonlinear")
    assert "needs the course's own package, `ours`" in told and "`pip uninstall nonlinear`" in told
    assert "`pip install .` in the folder of the course's source" in told


def test_the_right_package_is_passed_in_silence(capsys):
    """Nothing is printed where the lesson can run."""
    exec(first_cells()[1].source, {})
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("repository", "words"),
    [("", "pip install .` in the folder"), ("https://github.com/a/b", "pip install git+https://github.com/a/b`")],
)
def test_how_to_install_follows_from_the_address(repository, words):
    """In the note and in the check; the package index is not where to look."""
    for cell in first_cells(repository=repository):
        assert words in cell.source
        assert "pip install nonlinear" not in cell.source
    assert ("google.colab" in first_cells(repository=repository)[1].source) is bool(repository)


def test_the_right_package_is_installed_in_colab_alone(monkeypatch):
    """Elsewhere the reader decides what is installed."""
    cell, ran = first_cells(repository="https://github.com/a/b")[1], []
    names = {"get_ipython": lambda: SimpleNamespace(run_line_magic=lambda *words: ran.append(words))}
    exec(cell.source, dict(names))
    assert ran == []
    monkeypatch.setitem(sys.modules, "google.colab", SimpleNamespace())
    exec(cell.source, dict(names))
    assert ran == [("pip", "install --quiet git+https://github.com/a/b")]


# ---- the copies on the site


def downloaded(site, lesson):
    """Return the copy that the site offers."""
    return nbformat.read(site / f"{lesson}.ipynb", as_version=4)


@every_lesson
def test_copy_is_plain(site, lesson):
    """No role, no directive, no target is left; the notebook is valid; pictures are inside."""
    copy = downloaded(site, lesson)
    nbformat.validate(copy)
    assert len({cell.id for cell in copy.cells}) == len(copy.cells)
    for cell in copy.cells:
        if cell.cell_type == "markdown":
            prose = re.sub(r"^```.*?^```|``.*?``", "", cell.source, flags=re.DOTALL | re.MULTILINE)
            assert not MYST.search(prose), cell.source
    assert any("image/png" in output.get("data", {}) for cell in copy.cells for output in cell.get("outputs", []))


@every_lesson
def test_copy_has_all_the_text(site, lesson):
    """Each paragraph without markup is in the copy, word for word."""
    source = nbformat.read(ROOT / f"{lesson}.ipynb", as_version=4)
    copied = "\n".join(cell.source for cell in downloaded(site, lesson).cells)
    for cell in source.cells:
        for paragraph in cell.source.split("\n\n") if cell.cell_type == "markdown" else []:
            if not re.search(r"[{}\[\]()%+`:]|^\s|^# ", paragraph):  # the copy's title has a number
                assert paragraph in copied


@every_lesson
def test_copy_has_all_the_code(site, lesson, capsys):
    """A first cell, which finds the package and says nothing, and those that tests/test_lessons.py runs in a folder."""
    cells = [cell for cell in nbformat.read(ROOT / f"{lesson}.ipynb", as_version=4).cells if cell.cell_type == "code"]
    check, *code = (cell.source for cell in downloaded(site, lesson).cells if cell.cell_type == "code")
    assert code == [cell.source for cell in cells if not portable.only_glues(cell)]
    exec(check, {})
    assert capsys.readouterr().out == ""
