"""The Sphinx extensions of the book: what they write, and what they refuse."""

import base64
import doctest
import hashlib
import importlib
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from types import SimpleNamespace

import address
import code_links
import csp
import execution
import figure_file
import figures
import fresh_cache
import functions
import lean
import mathml
import minus
import names
import nbformat
import notebooks
import numpy as np
import pytest
import quiz
import reference
import sources
import spoken
import stacked
import starters
import static_widgets
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from normalise_notebooks import METADATA
from sphinx.errors import ConfigError, ExtensionError

from nonlinear.activations import CATALOGUE
from nonlinear.activations.names import CHECKED, FRAMEWORKS
from nonlinear.course.functions import pointwise
from nonlinear.course.text import Table, formula
from tests.site.pages import ROOT, modules

EXTENSIONS = ROOT / "book" / "_extensions"
MODULE = "function render() {}\nexport default {render};\n"
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


# ---- one setting for every public link


@pytest.mark.parametrize(
    ("repository", "expected"),
    [
        ("", ""),
        ("https://github.com/Owner/course", "https://owner.github.io/course/"),
        ("https://github.com/owner/course/", "https://owner.github.io/course/"),
        ("https://github.com/owner/owner.github.io", "https://owner.github.io/"),
    ],
)
def test_site_address(repository, expected):
    """The site's address follows from the repository's."""
    assert address.site_address(repository) == expected


@pytest.mark.parametrize("repository", ["github.com/owner/course", "https://github.com/owner", "http://github.com/a/b"])
def test_a_wrong_address_is_an_error(repository):
    """The message shows the value and the form it should have."""
    with pytest.raises(ConfigError, match="https://github.com/owner/name") as caught:
        address.site_address(repository)
    assert repr(repository) in str(caught.value)


def derived(repository, baseurl=""):
    """Return the settings that follow from a repository's address."""
    config = SimpleNamespace(html_theme_options={"repository_url": repository}, html_baseurl=baseurl)
    address.derive(None, config)
    return config


def test_without_an_address_there_are_no_buttons():
    """Nothing half-made while the setting is empty."""
    config = derived("")
    assert config.html_baseurl == ""
    assert not any(config.html_theme_options.values())


def test_with_an_address_there_are():
    """The one setting brings buttons, the site's address, and the prefix of the page for what is not found."""
    config = derived("https://github.com/owner/course")
    assert config.html_baseurl == "https://owner.github.io/course/"
    assert config.notfound_urls_prefix == "/course/"
    assert config.html_theme_options["use_repository_button"]
    assert (
        derived("https://github.com/owner/course", "https://course.example/").html_baseurl == "https://course.example/"
    )


# ---- policy


def test_policy_allows_each_inline_script_by_hash():
    """Inline code is hashed; data and linked scripts are not."""
    code = "let x = 1;"
    html = f'<script>{code}</script><script type="application/json">{{}}</script><script src="a.js"></script>'
    expected = base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()
    assert csp.policy(html).count("sha256-") == 1
    assert f"'sha256-{expected}'" in csp.policy(html)


def test_policy_is_written_once():
    """A page that has its policy stays as it is."""
    page = csp.protect(f"<head>{csp.CHARSET}</head>")
    assert page.count("Content-Security-Policy") == 1
    assert csp.protect(page) == page


# ---- formulas


def set_formula(tex, display=False):
    """Return the presentation part of a formula."""
    (content,) = re.findall(r"<semantics>(.*)<annotation", mathml.convert(tex, display))
    return content


@pytest.mark.parametrize(
    ("tex", "parts"),
    [
        ("0 < x", ['<mo form="infix">&lt;</mo>']),
        ("a = -1", ['<mo form="prefix">−</mo><mn>1']),
        ("a - 1", ['<mo form="infix">−</mo>']),
        ("|x| - |y|", ['form="postfix">|</mo><mo form="infix">−</mo><mo stretchy="false" form="prefix">|']),
        ("e^{-x+1}", ['<mo form="infix" lspace="0" rspace="0">+</mo>']),
        ("2 \\max(0, z)", ['<mn>2</mn><mspace width="0.167em" /><mi>max</mi><mo stretchy="false">(']),
        ("\\log_2 x", ['</msub><mspace width="0.167em" /><mi>x</mi>']),
        ("\\max_j x_j", ["<munder><mo", 'movablelimits="true">max</mo>']),
        ("f'(z)", ["<mi>f</mi><mo", ">′</mo>"]),
        ("f'^2", ["<msup><mrow><mi>f</mi><mo", ">′</mo></mrow><mn>2</mn></msup>"]),
        ("\\mathrm{SELU}(z)", ["<mi>SELU</mi>"]),
        ("\\Phi", ['<mi mathvariant="normal">Φ</mi>']),
        ("\\mathbf{1} A^{\\mathsf T}", ["<mn>𝟏</mn>", "<mi>𝖳</mi>"]),
        ("\\bar x", ['<mover accent="true">', '<mo stretchy="false">¯</mo>']),
        ("a_1 + \\dots + a_n", ["<mi>⋯</mi>"]),
        ("a_1, \\dots, a_n", ["<mi>…</mi>"]),
        ("a \\\\ b", ["<mtable", "<mtr><mtd><mi>b</mi></mtd></mtr>"]),
        (
            "\\begin{aligned} a &= 1 \\\\[.4em] b &= 2 \\end{aligned}",
            ['class="aligned"', '<mtd><mo form="infix">=</mo>'],
        ),
        ("\\begin{cases} 1 & z > 0 \\\\ 0 & z \\le 0 \\end{cases}", ['class="cases"']),
    ],
)
def test_formulas_by_tex_rules(tex, parts):
    """What browsers would set otherwise than TeX is marked in the MathML."""
    content = set_formula(tex)
    assert all(part in content for part in parts), content


@pytest.mark.parametrize(
    "tex", ["\\foo x", "\\frac{1", "x_", "\\begin{foo} 1 \\end{foo}", "x}", "\\left( x", "$x$", "a & b", "\\mathcal L"]
)
def test_a_formula_that_cannot_be_set_is_quoted(tex):
    """It would stand on the page in pieces."""
    with pytest.raises(ValueError, match="cannot be converted") as caught:
        mathml.convert(tex)
    assert repr(tex) in str(caught.value)


FORMULAS = """
The slope ($x$), of $y$. Then

$$
z = 1
$$ (one)

and {eq}`one`.
"""


def test_formulas_of_a_page(tmp_path):
    """In the text with what touches them, numbered, and in the HTML of a cell; TeX is their annotation."""
    table = new_output("display_data", {"text/html": Table([["a", formula("x < 1")]], ["b", "c"], "d")._repr_html_()})
    code, log, page = build(tmp_path, page_with(new_markdown_cell(FORMULAS), new_code_cell("t", outputs=[table])))
    assert code == 0, log
    assert re.search(r'<span class="with-formula">\(<span class="math.{,40}><math>.*</math></span>\),</span> of', page)
    assert re.search(r"</math></span>\.</span> Then", page)
    assert '<math display="block">' in page and '<span class="eqno">(1)' in page
    assert '<annotation encoding="application/x-tex">x &lt; 1</annotation>' in page and "\\(" not in page
    assert page.count("formulas.css") == 1
    style = (tmp_path / "html" / "_static" / "formulas.css").read_text()
    assert "data:font/woff2;base64," in style and "OFL" in style
    head = page.partition("</head>")[0]
    family = re.search(r'font-family: ("[^"]*");\n  src', style)[1]
    assert head.index("formulas.css") < head.index(f"document.fonts.load('1em {family}')")


# ---- folds


def test_what_is_folded_is_closed_and_needs_no_script(tmp_path):
    """An answer and a solution: the title opens them, with its formula and without a link; another admonition stays."""
    text = """:::{admonition} Of $x$
:class: dropdown
One.
:::

:::{exercise}
:label: two
What?
:::

:::{solution} two
:class: dropdown
That.
:::

:::{tip}
Three.
:::
"""
    conf = (
        CONF.replace("['dollarmath']", "['dollarmath', 'colon_fence']") + "extensions += ['sphinx_exercise', 'folds']\n"
    )
    code, log, page = build(tmp_path, page_with(new_markdown_cell(text)), conf=conf)
    assert code == 0, log
    answer, solution = re.findall(r"<details .*?</details>", page, re.DOTALL)
    assert re.match(
        r'<details class="admonition dropdown">\s*<summary class="admonition-title">\s*<span>Of <span class="math',
        answer,
    )
    assert "One." in answer and "That." in solution and "open" not in (answer + solution).replace("</", "")
    assert re.match(
        r'<details class="admonition solution dropdown" id="[^"]+">\s*<summary[^<]*<span>Solution to[^<]*1</', solution
    )
    assert '<div class="tip admonition">' in page or '<div class="admonition tip">' in page


# ---- only what a page uses


@pytest.mark.parametrize(
    ("css", "kept"),
    [
        (".a{x:1}.b{x:1}#c{x:1}p{x:1}", ".a{x:1}p{x:1}"),
        (".b .a, .a > p { x: 1 }", ".a > p{x: 1}"),
        (".a:not(.b){x:1}.a:is(.b,p){x:1}.b:hover{x:1}", ".a:not(.b){x:1}.a:is(.b,p){x:1}"),
        ("@media print{.b{x:1}}@media print{.a{x:1}.b{x:1}}", "@media print{.a{x:1}}"),
        ("@keyframes turn{to{x:1}}", "@keyframes turn{to{x:1}}"),
        ('.a::after{content:"}"}.b{x:1}', '.a::after{content:"}"}'),
        (".a{background:url(\"data:image/svg+xml,<path d='M0(1)'/>{}\")}.b{x:1}", None),
        ("@font-face{src:url(../vendor/fontawesome/x.woff2)}@font-face{src:url(y)}", "@font-face{src:url(y)}"),
        ('@charset "utf-8";/* .a{} */.a\\:hover{x:1}.a{x:1}', ".a{x:1}"),
    ],
)
def test_rules_that_no_page_can_meet_are_left_out(css, kept):
    """The others stay as they are."""
    assert lean.pruned(css, {"a"}) == (css.removesuffix(".b{x:1}") if kept is None else kept)


@pytest.mark.parametrize(
    ("css", "kept"),
    [
        ('html[data-theme="dark"] .a{x:1}', '@media not print{html[data-theme="dark"] .a{x:1}}'),
        ("[data-theme=light] .a,p{x:1}", "[data-theme=light] .a,p{x:1}@media print{[data-theme] .a{x:1}}"),
        ('.a:not([data-theme="dark"]){x:1}', '.a:not([data-theme="dark"]){x:1}'),
        ("[data-theme='dark'] .a,p{x:1}", "@media not print{[data-theme='dark'] .a{x:1}}p{x:1}"),
        ("@media screen{[data-theme=dark] .a{x:1}}", "@media screen{@media not print{[data-theme=dark] .a{x:1}}}"),
    ],
)
def test_paper_has_the_rules_of_the_light_theme(css, kept):
    assert lean.pruned(css, {"a"}) == kept


PAGE_OF_THE_THEME = """<head>
<script data-cfasync="false">theme()</script>
<link href="_static/a.css" rel="stylesheet" />
<link rel="stylesheet" type="text/css" href="_static/formulas.css" />
<link rel="stylesheet" type="text/css" href="_static/b.css?v=1" />
<script>two()</script>
<script src="_static/one.js?v=2"></script>
<script>DOCUMENTATION_OPTIONS.pagename = 'x';</script>
<script defer="defer" src="_static/page.js"></script>
<script async="async" src="_static/static_widgets.js"></script>
<script src="_static/searchtools.js"></script>
    <link rel="next" title="Next" href="next.html" />
</head><body class="used"><i class="far fa-moon"></i><script type="application/json">{}</script></body>"""


def test_a_page_gets_one_style_sheet_and_one_script(tmp_path):
    """In their order; scripts of the page come first, data stays, and the theme's search goes."""
    files = {
        "a.css": '@import "c.css";.used{x:2}',
        "b.css": ".absent{x:1}.used{x:3}",
        "c.css": ".used{x:1}",
        "one.js": "one()",
    }
    (tmp_path / "_static").mkdir()
    for name, text in files.items():
        (tmp_path / "_static" / name).write_text(text)
    (tmp_path / "index.html").write_text(PAGE_OF_THE_THEME)
    lean.Site(tmp_path).write()
    page = (tmp_path / "index.html").read_text()
    (sheet,) = re.findall(r'rel="stylesheet" href="(_static/\w{12}\.css)"', page)
    assert (tmp_path / sheet).read_text() == ".used{x:1}.used{x:2}.used{x:3}"
    ours, shared = re.findall(r'<script defer[^>]* src="([^"]*)"', page)
    assert (
        ours == "_static/page.js"
        and (tmp_path / shared).read_text() == "two()\n;one()"
        and "theme()" not in page
        and "dataset.theme" in page
    )
    assert 'rel="next"' not in page
    assert "formulas.css" in page and "searchtools" not in page and "application/json" in page
    assert '<script async="async" src="_static/static_widgets.js"></script>' in page
    assert "far" not in page and '<svg class="icon"' in page


# ---- figures


DRAWING = (
    '<svg id="dark" width="{0}" height="300" viewBox="0 0 {1} 216" xmlns="http://www.w3.org/2000/svg">'
    "<style>svg{{--0b62c4:#0b62c4;--ffffff:#ffffff}}svg:target{{--0b62c4:#6cb0ff;--ffffff:#121212}}</style>"
    '<path style="fill: var(--ffffff)"/><text style="fill: var(--0b62c4)">rate</text></svg>'
)
PAGE_WITH_PICTURES = """<h1>Rates &amp; more<a>#</a></h1>
<img alt="a widget" src="../_images/w.svg" />
<figure class="align-default" id="fig-rates">
<img alt="Two &quot;lines&quot;" src="../_images/f.svg" style="x" />
<figcaption><p><span class="caption-number">Fig. 3 </span></p></figcaption>
</figure>"""


@pytest.fixture
def pictures(tmp_path):
    """A finished site of one page with a widget's picture and a figure, after the extension has seen it."""
    for name in ("book", "_images"):
        (tmp_path / name).mkdir()
    wide, narrow = DRAWING.format(690, 496.8), DRAWING.format(360, 259.2)
    (tmp_path / "_images" / "w.svg").write_text(wide)
    (tmp_path / "_images" / "f.svg").write_text(f"{wide}\n{narrow}")
    (tmp_path / "book" / "page.html").write_text(PAGE_WITH_PICTURES)
    figures.Pictures(tmp_path, "Course", "https://example.org/").write()
    return tmp_path


def test_a_page_names_a_picture_for_light_and_dark_and_a_figure_for_phones_too(pictures):
    page = (pictures / "book" / "page.html").read_text()
    addresses = re.findall(
        r'<img class="for-(light|dark) [^"]*" src="([^"]*)" alt="[^"]+" width="690" height="300"', page
    )
    both = [("light", ""), ("dark", "#dark")]
    assert addresses == [(kind, f"../_images/{name}.svg{end}") for name in "wf" for kind, end in both]
    sources = re.findall(r'<source media="([^"]*)" srcset="([^"]*)" width="360" height="300" />', page)
    assert sources == [(figures.NARROW, f"../_images/f-phone.svg{end}") for _, end in both]
    assert (pictures / "_images" / "f.svg").read_text() == DRAWING.format(690, 496.8)
    assert (pictures / "_images" / "f-phone.svg").read_text() == DRAWING.format(360, 259.2)


def test_a_figure_can_be_taken_away_with_its_source_and_licence(pictures):
    """Any drawing program shows it: no variables, on white, its words words; where it is from stands below it."""
    (link,) = re.findall(r'<a class="figure-file"[^>]*>', (pictures / "book" / "page.html").read_text())
    assert 'href="../_images/fig-rates.svg" download' in link and 'aria-label="Download Fig. 3 as SVG"' in link
    text = (pictures / "_images" / "fig-rates.svg").read_text()
    root, svg = ET.fromstring(text), "{http://www.w3.org/2000/svg}"
    assert "var(" not in text and "#0b62c4" in text and "#6cb0ff" not in text and "target" not in text
    assert root.find(f"{svg}title").text == "Rates & more, Fig. 3" and root.find(f"{svg}desc").text == 'Two "lines"'
    words = [each.text for each in root.iter(f"{svg}text")]
    assert words == ["rate", "Course. Rates & more, Fig. 3. CC BY 4.0.", "https://example.org/book/page.html#fig-rates"]
    assert figure_file.LICENCE_ADDRESS in text and root.find(f"{svg}metadata") is not None
    across, down = map(float, root.get("viewBox").split()[2:])
    lowest = max(float(each.get("y", 0)) for each in root.iter(f"{svg}text"))
    assert 216 < lowest < down and float(root.get("height")) / down == pytest.approx(690 / across, abs=0.01)


def test_examples_of_the_extensions_hold():
    assert sum(doctest.testmod(module).failed for module in (figure_file, figures, lean, minus, spoken, stacked)) == 0


# ---- notebook cache


@pytest.fixture
def project(tmp_path):
    """A folder with one source file and an empty cache that is up to date."""
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "module.py").write_text("x = 1\n")
    fresh_cache.refresh(tmp_path / "cache", fresh_cache.fingerprint(tmp_path))
    (tmp_path / "cache" / "stored").touch()
    return tmp_path


DECISIVE = "src/module.py src/new.js src/data.npz requirements.txt pyproject.toml book/_extensions/execution.py".split()


@pytest.mark.parametrize("name", DECISIVE)
def test_cache_is_dropped_when_a_source_changes(project, name):
    """What the lessons import, what is installed and how they are run decides over their stored outputs."""
    (project / name).parent.mkdir(parents=True, exist_ok=True)
    (project / name).write_text("x = 2\n")
    assert fresh_cache.refresh(project / "cache", fresh_cache.fingerprint(project))
    assert not (project / "cache" / "stored").exists()


@pytest.mark.parametrize("name", ["src/module.pyc", "README.md"])
def test_cache_is_kept_otherwise(project, name):
    """Compiled files and other texts do not matter."""
    (project / name).write_text("x = 2\n")
    assert not fresh_cache.refresh(project / "cache", fresh_cache.fingerprint(project))
    assert (project / "cache" / "stored").exists()


# ---- execution before the pages are read


def test_missing_lessons_are_executed_and_those_that_fail_are_not_kept(tmp_path):
    """Each in a kernel of its own, with one thread of the OpenBLAS kernel that the tests do not set."""
    sources = {
        "good": "import os\nx = 1\nprint(os.environ['OPENBLAS_CORETYPE'], os.environ['OPENBLAS_NUM_THREADS'])",
        "new": "print('x' in globals())",
        "bad": "1 / 0",
    }
    paths = {name: tmp_path / f"{name}.ipynb" for name in sources}
    for name, source in sources.items():
        nbformat.write(new_notebook(cells=[new_code_cell(source)], metadata=METADATA), paths[name])
    with notebooks.opened(tmp_path / "cache") as store:
        with pytest.raises(ExtensionError, match="(?s)bad.ipynb failed.*ZeroDivisionError"):
            execution.fill(store, paths.values(), timeout=120)
        assert [name for name, path in paths.items() if execution.is_missing(store, path)] == ["bad"]
        shown = [store.merge_match_into_file(paths[name])[1].cells[0].outputs[0].text for name in ("good", "new")]
    assert shown == ["Prescott 1\n", "False\n"]


# ---- widgets


def test_hoisted_code_is_a_classic_script(tmp_path):
    """Each distinct source becomes one file without module syntax, which also loads from `file://`."""
    keys = {static_widgets.hoist(MODULE, tmp_path), static_widgets.hoist(MODULE, tmp_path)}
    keys.add(static_widgets.hoist(MODULE + "// other\n", tmp_path))
    assert {path.stem for path in tmp_path.iterdir()} == keys and len(keys) == 2
    assert not any("export" in path.read_text() for path in tmp_path.iterdir())


@pytest.mark.parametrize("module", ["", MODULE * 2, f'import x from "y";\n{MODULE}', f"{MODULE}export const a = 1;\n"])
def test_other_modules_are_refused(module):
    """The host has no module loader."""
    with pytest.raises(ExtensionError, match="exactly one `export default` and no import"):
        static_widgets.classic_script(module)


def stored(model, module="anywidget", **state):
    """Return a model as a notebook stores it."""
    return {"model_name": model, "model_module": module, "model_module_version": "", "state": state}


def anywidget(**state):
    """Return a stored anywidget."""
    return stored("AnyModel", _esm=MODULE, **{"name": "neuron", "shared": []} | state)


@pytest.mark.parametrize(
    ("models", "words"),
    [
        ([anywidget(), stored("LayoutModel", "@jupyter-widgets/base")], None),
        ([anywidget(), stored("LinkModel", "@jupyter-widgets/controls")], None),
        ([stored("IntSliderModel", "@jupyter-widgets/controls")], "a IntSliderModel needs a kernel"),
        ([stored("VBoxModel", "@jupyter-widgets/controls")], "a VBoxModel needs a kernel"),
        ([anywidget(), anywidget()], "2 widgets are called 'neuron'"),
        ([anywidget(_css="p {}")], "stylesheet in `_css`"),
    ],
)
def test_problems_of_widgets(models, words):
    """What would be dead or ambiguous on the page has a sentence."""
    found = list(static_widgets.problems(dict(enumerate(models))))
    assert len(found) == (words is not None)
    assert all(words in sentence for sentence in found)


def test_state_cannot_close_its_element():
    """Text inside the state stays inside."""
    assert static_widgets.state_element({"a": "</script>"}).count("</script>") == 1


# ---- quiz


def test_room_is_kept_for_a_widget():
    """Its box says how high it will be, on a phone and on a wide page."""
    view = f'<div class="nl-widget"><script type="{static_widgets.WIDGET_VIEW}">{{"model_id": "m"}}</script><img>'
    page = static_widgets.reserve_room(view, {"m": {"state": {"room": [900, 500]}}})
    assert page == view.replace('"nl-widget"', '"nl-widget" style="--narrow: 900px; --wide: 500px"')
    assert "--narrow: 0px" in static_widgets.reserve_room(view, {})


GOOD = ["- [ ] One", "  Because.", "- [x] Two $x$", "", "  Because of {math}`x`.", "  And more."]


def test_answers():
    """The first line of an answer is the answer; the lines below it are feedback."""
    one, two = quiz.parse_answers(GOOD)
    assert (one.text, one.right, one.feedback) == ("One", False, "Because.")
    assert (two.text, two.right, two.feedback) == ("Two $x$", True, "Because of {math}`x`.\nAnd more.")


BAD_QUIZZES = {
    "needs at least two answers; got 0": [],
    "needs at least two answers; got 1": GOOD[2:],
    "needs a right answer": [*GOOD[:2], "- [ ] Two", "  No."],
    "'Two' has none": [*GOOD[:2], "- [x] Two"],
    "holds answers only; got 'Text.'": ["Text.", *GOOD],
}


@pytest.mark.parametrize(("words", "lines"), BAD_QUIZZES.items())
def test_bad_quizzes(words, lines):
    """The message says what is wrong and how to write it."""
    with pytest.raises(ValueError, match="quiz|answer") as caught:
        quiz.parse_answers(lines)
    assert words in str(caught.value)


# ---- a strict build of one page


CONF = f"""
import sys
sys.path.insert(0, {str(EXTENSIONS)!r})
extensions = ['myst_nb', 'formulas', 'figures', 'names', 'functions', 'reference', 'static_widgets', 'quiz', 'claims']
extensions += ['sources', 'protocol', 'code_links', 'csp', 'refused', 'ids']
project, nb_execution_mode, nb_ipywidgets_js, html_math_renderer = 'small', 'off', {{}}, 'mathml'
nb_output_stderr, myst_enable_extensions, html_theme = 'remove', ['dollarmath'], 'basic'
"""


def build(folder, *notebooks, conf=CONF, options=("-W", "--keep-going")):
    """Build notebooks as the book is built, the first as the root; return the exit code, the log and the pages."""
    source, names = folder / "source", ["index", *map(str, range(1, len(notebooks)))]
    source.mkdir(exist_ok=True)
    for name, notebook in zip(names, notebooks, strict=True):
        nbformat.write(notebook, source / f"{name}.ipynb")
    (source / "conf.py").write_text(conf)
    command = [sys.executable, "-m", "sphinx", "-n", *options, "-b", "html", source, folder / "html"]
    home = {name: value for name, value in os.environ.items() if name != "MPLCONFIGDIR"} | {"HOME": str(folder)}
    run = subprocess.run(command, env=home, capture_output=True, text=True, timeout=120)
    written = [page for name in names if (page := folder / "html" / f"{name}.html").is_file()]
    return run.returncode, run.stdout + run.stderr, "".join(page.read_text() for page in written)


def page_with(*cells, **models):
    """Return a notebook with a title, some cells and some stored widget models."""
    state = {"version_major": 2, "version_minor": 0, "state": models}
    widgets = {static_widgets.WIDGET_STATE: state} if models else {}
    metadata = {"widgets": widgets, "language_info": {"name": "python", "pygments_lexer": "python"}}
    return new_notebook(cells=[new_markdown_cell("# Title"), *cells], metadata=metadata)


def shown(**data):
    """Return a code cell that shows a widget with a picture."""
    view = {static_widgets.WIDGET_VIEW: {"model_id": "m", "version_major": 2, "version_minor": 0}}
    return new_code_cell("show()", outputs=[new_output("display_data", {**view, "image/png": PIXEL, **data})])


def test_strict_build_of_a_good_page(tmp_path):
    """A quiz, a claim and a widget: all are in the page, with picture, code and state."""
    question = "```{quiz} How *much* is $x$?\n:label: much\n" + "\n".join(GOOD) + "\n```"
    claimed = new_code_cell("1 + 1", metadata={"claims": ["0.2"]})
    widget = shown(**{"text/plain": "A line with one kink."})
    code, log, page = build(tmp_path, page_with(new_markdown_cell(question), claimed, widget, m=anywidget()))
    assert code == 0, log
    assert '<fieldset class="quiz" id="much">' in page and page.count('type="radio" name="much"') == 2
    assert page.count('id="claim-0-2"') == 1
    assert 'alt="A line with one kink."' in page
    for part in ("static_widgets.js", 'src="_static/widgets/', static_widgets.WIDGET_STATE):
        assert page.count(part) == 1


FAULTS = {
    "a IntSliderModel needs a kernel": page_with(
        shown(**{"text/plain": "words"}), m=stored("IntSliderModel", "@jupyter-widgets/controls")
    ),
    "a widget needs a picture (image/png) and a description": page_with(shown(), m=anywidget()),
    "a figure has no alternative text": page_with(
        new_code_cell("draw()", outputs=[new_output("display_data", {"image/png": PIXEL})])
    ),
    "the formula 'x + \\\\foo' cannot be converted": page_with(new_markdown_cell("So $x + \\foo$.")),
    "two elements of the page index have the id 'much'": page_with(
        new_markdown_cell("## Much\n\n```{quiz} How much?\n:label: much\n" + "\n".join(GOOD) + "\n```")
    ),
    "there is no claim '0.99' in book/claims.json": page_with(new_code_cell("1", metadata={"claims": ["0.99"]})),
    "a quiz needs a right answer": page_with(new_markdown_cell("```{quiz} Why?\n- [ ] a\n  b\n- [ ] c\n  d\n```")),
}


@pytest.mark.parametrize("words", FAULTS)
def test_strict_build_fails(tmp_path, words):
    """Each fault stops a strict build, and the log says which."""
    code, log, _ = build(tmp_path, FAULTS[words], options=["-W"])
    assert code != 0
    assert words in log
    assert not (tmp_path / "html" / ".doctrees" / "index.doctree").exists(), "the next build would not look again"


# ---- what is kept of a page that was refused


EXECUTE = CONF.replace("'off'", "'cache'").replace("'refused'", "'refused', 'fonts'")
FAULTY = "import pathlib\nif pathlib.Path('faulty').exists():\n    {}\nelse:\n    print('all', 'well')"
FONTS = "import matplotlib, pathlib\nprint(len([*pathlib.Path(matplotlib.get_cachedir()).glob('fontlist*')]), 'list')"
SHOWING = {
    "no alternative text": f"from IPython.display import *; display({{'image/png': '{PIXEL}'}}, raw=True)",
    "a IntSliderModel needs a kernel": "from ipywidgets import IntSlider; display(IntSlider())",
}


def executable(*sources, tags=()):
    """Return a page with some cells, the last of which may be tagged."""
    page = page_with(*map(new_code_cell, sources))
    page.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    page.cells[-1].metadata["tags"] = list(tags)
    return page


def test_a_page_that_was_refused_is_executed_again(tmp_path):
    """The log says what was refused, in its own words; once the cause has gone, the next build finds all in order."""
    noisy = [FAULTY.format(f"import sys; print('{words}', file=sys.stderr)") for words in ("a notice", "one unseen")]
    pages = [executable(FAULTY.format(source), FONTS) for source in SHOWING.values()]
    pages.append(executable(*noisy, tags=["remove-cell"]))
    contents = new_markdown_cell("```{toctree}\n" + "\n".join(map(str, range(1, len(pages) + 1))) + "\n```")
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "faulty").touch()
    code, log, text = build(tmp_path, page_with(contents), *pages, conf=EXECUTE)
    assert code != 0
    expected = [*SHOWING, "wrote to stderr: a notice", "wrote to stderr: one unseen"]
    assert not [words for words in expected if words not in log], log
    assert text.count("1 list") == 2, "Matplotlib would have to list the fonts while a lesson is executed, and say so"
    (tmp_path / "source" / "faulty").unlink()
    code, log, text = build(tmp_path, page_with(contents), *pages, conf=EXECUTE)
    assert code == 0, log
    assert text.count("all well") == 3


# ---- exercises from their solutions

SOLVED = "def f(z):\n    # solve\n    return 2 * z\n# check\nassert f(3) == 6"


# ---- numbers that lead to their cells


def giver(name, text, id, *tags):
    """Return a code cell that has handed a number to the text."""
    scrapbook = {"name": name, "mime_prefix": "application/papermill.record/"}
    record = new_output("display_data", {sources.RECORD: repr(text)}, metadata={"scrapbook": scrapbook})
    return new_code_cell(f"glue({name}={text!r})", outputs=[record], id=id, metadata={"tags": list(tags)})


def test_a_number_leads_to_its_cell(tmp_path):
    """A shown cell carries the anchor; one that the page leaves out is listed at the end, if the text quotes it."""
    notebook = page_with(
        new_markdown_cell("Of {glue:text}`share`, {glue:text}`level` remain."),
        giver("share", "0.92", "first"),
        giver("level", "0.10", "second", "remove-cell"),
        giver("other", "0.30", "third", "remove-cell"),
    )
    code, log, page = build(tmp_path, notebook)
    assert code == 0, log
    assert re.findall(r'<a class="source[^"]*" href="#([\w-]+)"><span class="pasted-text">(.*?)</span>', page) == [
        ("code-first", "0.92"),
        ("code-second", "0.10"),
    ]
    text, folded = page.split('<details class="sources">')
    assert 'id="code-first"' in text and 'id="code-second"' in folded.split("</details>")[0]
    assert "code-third" not in page


def test_captions_and_alternative_texts_quote(tmp_path):
    """Both take their numbers from the same cells as the text."""
    figure = {"image": {"alt": "A line up to {glue:text}`top`."}, "figure": {"caption": "Up to {glue:text}`top`."}}
    picture = new_output("display_data", {"image/png": PIXEL, "text/plain": "picture"})
    drawn = new_code_cell("draw()", outputs=[picture], id="drawn", metadata={"mystnb": figure})
    code, log, page = build(tmp_path, page_with(giver("top", "0.92", "first"), drawn))
    assert code == 0, log
    assert 'alt="A line up to 0.92."' in page
    assert re.search(r'Up to <a class="source[^>]*><span class="pasted-text">0\.92</span></a>', page)


def test_an_alternative_text_quotes_nothing_unknown(tmp_path):
    """A name that no output holds fails the build."""
    picture = new_output("display_data", {"image/png": PIXEL, "text/plain": "picture"})
    metadata = {"mystnb": {"image": {"alt": "Up to {glue:text}`tip`."}}}
    drawn = new_code_cell("draw()", outputs=[picture], id="drawn", metadata=metadata)
    code, log, _ = build(tmp_path, page_with(drawn))
    assert code and "no stored output of the notebook holds 'tip'" in log


# ---- names that lead to their source


@pytest.mark.parametrize(
    ("code", "name", "target"),
    [
        ("from nonlinear.activations import ReLU", "ReLU", ("nonlinear.activations.rectified", "ReLU")),
        ("from nonlinear.network import MLP as Net", "Net", ("nonlinear.network", "MLP")),
        ("from nonlinear.course.plotting import INK", "INK", ("nonlinear.course.looks", "INK")),
        ("from nonlinear.activations import CATALOGUE", "CATALOGUE", ("nonlinear.activations.catalogue", "CATALOGUE")),
        ("def f():\n    from nonlinear.training import last", "last", ("nonlinear.training", "last")),
    ],
)
def test_what_a_name_in_code_leads_to(code, name, target):
    """Functions and classes lead to where they are defined, constants to the module that assigns them."""
    assert code_links.imported(code) == {name: target}


@pytest.mark.parametrize("code", ["from numpy import pi", "import nonlinear", "half a line (", "x = 3"])
def test_other_names_lead_nowhere(code):
    """Other packages, and what is no Python, are left alone."""
    assert code_links.imported(code) == {}


def test_code_leads_to_source_pages(tmp_path):
    """Each name is a link at its first place in a cell, to an anchor that is there."""
    code = new_code_cell("from nonlinear import losses\nfrom nonlinear.network import MLP\nMLP, losses.Loss, MLP")
    status, log, page = build(tmp_path, page_with(code))
    assert status == 0, log
    found = re.findall(r'<a class="n code-link" href="([^"#]*)(?:#(\w+))?">(\w+)</a>', page)
    assert [name for _, _, name in found] == ["losses", "MLP", "Loss"]
    for target, name, text in found:
        source = (tmp_path / "html" / target).read_text()
        assert text == "losses" or f'id="{name}"' in source


# ---- what a screen reader is told


def test_code_is_named_and_exercises_are_headings(tmp_path):
    """A fold has the number of the code that it holds, an output that of the code before; claims have theirs."""
    output = new_output("stream", text="2")
    cells = [
        new_code_cell("1", metadata={"tags": ["hide-input"]}),
        new_code_cell("print(2)", outputs=[output], metadata={"claims": ["0.2", "0.3"]}),
        new_markdown_cell("```{exercise}\nWhat?\n```"),
    ]
    conf = CONF + "extensions += ['sphinx_exercise', 'spoken']\n"
    code, log, page = build(tmp_path, page_with(*cells), conf=conf)
    assert code == 0, log
    assert re.findall('role="group" aria-label="(.*?)"', page) == ["Code 1", "Code 2", "Output of code 2"]
    folds, claims = re.findall("<summary[^>]*>.*?</summary>", page, re.DOTALL)
    words = re.sub("<[^>]*>", "", folds).split()
    assert "aria-label" not in folds and words.count("1") == 2
    assert re.sub("<[^>]*>", "", claims) == "2 claims: 0.2, 0.3"
    assert re.search(r'role="heading" aria-level="3"><span class="caption-number">Exercise 1', page)


def test_a_cited_work_is_described_without_its_address():
    """It follows the name of each citation; an address spelled out says nothing, and nobody can follow it there."""
    link = '<a class="reference internal" href="r.html#id1" title="Ann Lee. On it. 2010. {}"><span>Lee, 2010</span></a>'
    for end in ("URL: https://example.org/a.pdf.", "doi:10.1/a."):
        context = {"body": link.format(end)}
        spoken.name_parts(None, "", "", context, None)
        assert context["body"] == link.format("").replace('. "', '."')


# ---- tables on a phone


def test_the_cells_of_a_table_of_prose_know_their_heads(tmp_path):
    """Not those of one with short cells, and not those of two columns."""
    long, short = "| {0} | a & {0} | {0} |", "| {0} | {0} |"
    words = "word " * 12
    tables = [
        ["| head | *cause* & <end> | $x$ |", "|---|---|---|", long.format(words), long.format("b")],
        ["| head | cause | end |", "|---|---|---|", long.format("c")],
        ["| head | cause |", "|---|---|", short.format(words * 2)],
    ]
    text = "\n\nThen\n\n".join("\n".join(lines) for lines in tables)
    conf = CONF + "extensions += ['stacked']\n"
    code, log, page = build(tmp_path, page_with(new_markdown_cell(text)), conf=conf)
    assert code == 0, log
    classes = [names.split() for names in re.findall('<table class="(.*?)"', page)]
    assert ["stacked" in names for names in classes] == [True, False, False]
    heads = re.findall('<td data-head="(.*?)"', page)
    assert heads == ["head", "cause &amp; &lt;end&gt;", "x"] * 2


# ---- how an experiment was run


def test_a_protocol_is_one_line_in_one_order(tmp_path):
    """Whatever the order in the source."""
    text = new_markdown_cell("```{protocol}\n:seeds: 10\n:data: digits, $x$\n```")
    code, log, page = build(tmp_path, page_with(text))
    assert code == 0, log
    line = re.search(r'<p class="protocol">(.*?)</p>', page)[1]
    assert line.index("Data") < line.index("digits") < line.index("Seeds") < line.index("10")


def test_the_parts_of_a_protocol_end(tmp_path):
    """For who does not see the gaps between them."""
    text = new_markdown_cell("```{protocol}\n:seeds: 10\n:data: digits\n```")
    code, log, page = build(tmp_path, page_with(text))
    assert code == 0, log
    line = re.search(r'<p class="protocol">(.*?)</p>', page)[1]
    assert re.sub("<[^>]*>", "", line).strip() == "Data digits; Seeds 10."


def test_a_protocol_without_seeds_fails(tmp_path):
    """Every experiment has some."""
    code, log, _ = build(tmp_path, page_with(new_markdown_cell("```{protocol}\n:data: digits\n```")))
    assert code and "a protocol says how many seeds there are" in log


def test_a_starter_is_its_solution_without_the_answer():
    """The rest of the cell stays, at its indentation."""
    assert starters.starter(SOLVED) == "def f(z):\n    # your turn\n    ...\n# check\nassert f(3) == 6"


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("x = 1", "got none"),
        ("# check\nassert 1\n# solve\nx = 1", "after it"),
        ("# solve\n# check\nassert 1", "code between"),
        ("# solve\nx = 1\n# check", "a check after"),
        ("# solve\nx = 1\n# solve\n# check\nassert 1", "needs one line"),
    ],
)
def test_a_solution_without_its_marks_is_refused(source, problem):
    """An exercise without a gap or without a check teaches nothing."""
    with pytest.raises(ValueError, match=problem):
        starters.starter(source)


def test_an_exercise_has_one_solution():
    """Two cells with one label would leave open which of them the exercise shows."""
    cell = new_code_cell(SOLVED, metadata={"exercise": "ex"})
    assert starters.starters([cell, new_markdown_cell("text")]) == {"ex": starters.starter(SOLVED)}
    with pytest.raises(ValueError, match="two cells.*'ex'"):
        starters.starters([cell, cell])


# ---- the reference of the functions and their names elsewhere


PAGE = (ROOT / "book" / "activation-names.md").read_text("utf-8")
STRAIGHT = {
    "value": {"step", "hard_sigmoid", "two_relu", "hard_tanh", "soft_shrink", "hard_shrink"},
    "slope": {
        "step",
        "hard_sigmoid",
        "two_relu",
        "hard_tanh",
        "soft_shrink",
        "hard_shrink",
        "squared_relu",
        "sparse_plus",
        "hard_swish",
    },
}
CARDS = (ROOT / "book" / "formulas.md").read_text("utf-8")


@pytest.mark.parametrize("library", names.LIBRARIES)
def test_every_name_of_a_library_is_on_the_page(library):
    """Each leads to the description of a function, or stands among those that lead nowhere."""
    assert f"\n```{{names}} {library}\n```" in PAGE and f"\n```{{names}} {library}\n:missing:\n```" in PAGE
    table, others = ("\n".join(make(library)) for make in (names.there_to_here, names.missing))
    for namespace, prefix in names.LIBRARIES[library].items():
        for name, entry in FRAMEWORKS[namespace].items():
            assert f"`{prefix}{name}`" in (table if entry.ours else others), name
            assert entry.note in (table if entry.ours else others), name
            assert entry.ours is None or f"(#function-{entry.ours.name})" in table
            if entry.ours:
                assert names.plain(name) in names.plain(names.called(type(entry.ours), library))


def test_every_namespace_belongs_to_a_library():
    """A new one has to be given its place, and the page says what was compared."""
    assert {name for spaces in names.LIBRARIES.values() for name in spaces} == set(FRAMEWORKS)
    for library, version in CHECKED.items():
        assert f"{names.TITLES[library]} {version}" in PAGE


def test_every_function_is_described_on_the_page():
    """By its signature, formulas and source, under the heading of its family."""
    for cls in CATALOGUE.values():
        heading = cls.family[0].upper() + cls.family[1:]
        assert f"```{{functions}} {cls.family}\n" in CARDS.partition(f"\n## {heading}\n")[2]
        text = "\n".join(functions.description(cls))
        formulas = [part.replace(" = ", " &= ", 1) for part in cls()._repr_latex_().strip("$").split(r" \qquad ", 1)]
        assert all(formula in text for formula in formulas), cls
        assert cls.source in text and f"(function-{cls.name})=" in text
    (elu,) = (functions.description(cls) for name, cls in CATALOGUE.items() if name == "elu")
    assert elu[1] == "**`ELU(alpha=1)`**"
    assert r"`alpha`, in the formula $\alpha$, lies in (0, ∞) and can be learned. Source:" in elu[7]


def test_the_table_has_a_row_for_each_function():
    """Two names of one function share a row; what a cell is sorted by is what it says."""
    rows = functions.table().splitlines()[2:-1]
    named = [re.findall(r'#function-([\w-]+)"', row) for row in rows]
    expected = [functions.anchor(f).removeprefix("function-") for f in pointwise()]
    assert [name for names in named for name in names] == expected
    assert ["silu", "swish"] in named and sum(len(names) > 1 for names in named) == 1
    for row in rows:
        for value, text in re.findall(r'<td data-value="([^"]+)">(−?[\d.]+)</td>', row):
            assert float(value) == pytest.approx(float(text.replace("−", "-")), abs=6e-4)


@pytest.mark.parametrize("f", pointwise(), ids=lambda f: f.name)
def test_a_drawing_shows_the_function(f):
    """Through the points of its lines the function goes, and a straight piece needs no more than its ends."""
    for kind, line in {"value": f, "slope": f.derivative}.items():
        (path,) = re.findall(f'class="{kind}" d="([^"]+)"', functions.drawing(f))
        points = np.array([float(number) for number in re.findall(r"-?[\d.]+(?:e-?\d+)?", path)]).reshape(-1, 2)
        inside = np.all(np.abs(points[:, :1] - [*f.traits.kinks, np.inf]) > 0.02, axis=1)
        truth = np.clip(line(points[inside, 0]), -9, 9)
        np.testing.assert_allclose(-points[inside, 1], truth, atol=0.06)
        assert (len(points) < 12) == (f.family == "piecewise linear" or f.name in STRAIGHT[kind]), points


@pytest.mark.parametrize(
    ("name", "words"),
    [("hard_tanh", "at −1 and 1 their slope is 1, ours 0"), ("leaky_relu", "at 0 their slope is 1, ours 0.01")],
)
def test_slopes_at_kinks_are_remarked_on(name, words):
    """Where a library chooses another slope, the table says so."""
    assert words in names.remarks(FRAMEWORKS["jax.nn"][name])


@pytest.mark.parametrize(
    ("directive", "words"),
    [
        ("names} tensorflow", "names knows torch, jax, keras; got 'tensorflow'"),
        ("functions} waves", "functions knows the families S-shaped,"),
    ],
)
def test_an_unknown_table_stops_the_build(tmp_path, directive, words):
    """The message names what there is."""
    code, log, _ = build(tmp_path, page_with(new_markdown_cell(f"```{{{directive}\n```")))
    assert code != 0
    assert words in log


# ---- the reference of the library


REFERENCE = [(ROOT / "book" / f"{name}.md").read_text("utf-8") for name in ("api", "api-networks", "api-measuring")]


def test_every_module_is_in_the_reference():
    """On one of its pages, and in the list of all names."""
    (listed,) = re.findall(r"```{modules}\n(.*?)```", REFERENCE[0], re.DOTALL)
    assert set(listed.split()) == modules()
    assert sorted(re.findall(r"automodule:: nonlinear\.(\S+)", "".join(REFERENCE))) == sorted(modules())


@pytest.mark.parametrize("module", sorted(modules()))
def test_every_public_name_has_a_docstring(module):
    """Autodoc leaves out what has none."""
    module = importlib.import_module(f"nonlinear.{module}")
    assert module.__doc__
    for name in reference.public_names(module):
        assert isinstance(getattr(module, name), dict | tuple) or getattr(module, name).__doc__, name


@pytest.mark.parametrize(
    ("target", "module", "expected"),
    [
        ("Step", "nonlinear.recording", "nonlinear.training.Step"),
        ("Step", "nonlinear.activations", "nonlinear.activations.Step"),
        ("Step.copy", None, "nonlinear.training.Step.copy"),
        ("Step.loss", "nonlinear.training", "nonlinear.training.Step"),
        ("nonlinear.gradcheck.functions.check_network", None, "nonlinear.gradcheck.check_network"),
        ("copy", None, None),
        ("Step", None, None),
        ("Nothing", None, None),
    ],
)
def test_a_name_leads_to_what_the_module_means_by_it(target, module, expected):
    """However it is imported; where two have the name and none is meant, nowhere, which stops the build."""
    documented = ["nonlinear.activations.Step", "nonlinear.training.Step", "nonlinear.training.Step.copy"]
    assert reference.home([*documented, "nonlinear.gradcheck.check_network"], target, module) == expected


def test_an_unknown_module_stops_the_build(tmp_path):
    """The message names it."""
    code, log, _ = build(tmp_path, page_with(new_markdown_cell("```{modules}\nactivation\n```")))
    assert code != 0
    assert "No module named 'nonlinear.activation'" in log
