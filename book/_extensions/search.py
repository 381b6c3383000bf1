"""Search the articles: an index of their sections, which the page of the search alone loads.

Sphinx's own search reads its snippets from whole pages, navigation and hidden code included, over a connection that a
page opened from a file does not have. Here the index holds what a reader reads: for each page, its sections with their
titles and their text. ``search.js`` looks in it, and ``SYNONYMS`` knows what else people call the things of the course.
"""

import json
import re
from pathlib import Path

from bs4 import BeautifulSoup
from notebooks import is_notebook

SCRIPT, INDEX = "search.js", "search-index.js"

# What a reader may type (words such as *is* and *not* do not count), the course's word for it, the pages to come first.
SYNONYMS = (
    ("uat, universal approximation, universal approximation theorem", "approximat", "book/what-non-linearity-buys"),
    ("xor, linearly separable, nonlinearity, why activation functions", "linear", "book/what-non-linearity-buys"),
    ("swish, silu, gelu, mish, elu, selu, prelu, leaky relu, list of activation functions", "", "book/the-catalogue"),
    (
        "backprop, backpropagation, back propagation, autograd, chain rule, gradient check, gradient checking",
        "propagation",
        "book/where-gradients-come-from",
    ),
    (
        "nan, inf, overflow, underflow, logsumexp, log-sum-exp, float16, bfloat16",
        "overflow",
        "book/what-the-machine-computes",
    ),
    (
        "loss is stuck, stuck loss, loss stuck, loss not decreasing, loss does not decrease, loss plateau, "
        "loss is flat, loss jumps, loss spikes, network does not learn, not learning, model not training, "
        "accuracy stays at 10, accuracy at chance, accuracy not improving, "
        "gradients zero, zero gradients, gradient is zero, gradients are none, "
        "nan loss, loss is nan, loss nan, debug training, pytorch hooks, "
        "tensorboard, weights and biases, wandb",
        "stuck",
        "book/my-loss-is-stuck",
    ),
    ("training stalls, saturation, saturating", "stall", "book/saturated-neurons"),
    (
        "vanishing, vanishing gradient, exploding, exploding gradient, exploding gradients, batch norm, batchnorm, "
        "layer norm, residual connections, skip connections",
        "",
        "book/vanishing-gradients, book/my-loss-is-stuck",
    ),
    ("xavier, xavier init, xavier initialization, glorot", "glorot", "book/initialisation"),
    ("he, he init, he initialization, kaiming, kaiming init", "he", "book/initialisation"),
    ("initialization, weight init, initialize", "initialis", "book/initialisation"),
    ("zero-centered, zero centered, zero centering, zigzag, zig zag", "centred", "book/zero-centring"),
    (
        "expensive activation, computational cost, slow activation, speed of activations, fast sigmoid, exponential",
        "expensive",
        "book/is-exp-expensive",
    ),
    ("relu vs tanh, relu vs sigmoid, six times faster, alexnet, best activation function", "", "book/relu"),
    (
        "dying relu, dying relus, dead relu, dead relus, dead neuron, dead neurons, dead unit, dead units, relu death",
        "dead",
        "book/how-a-relu-dies, book/my-loss-is-stuck",
    ),
    (
        "revive, revival, resurrect, recover dead relu, dead forever, dead permanently, irreversible, dormant neurons",
        "revived",
        "book/dead-forever",
    ),
    (
        "maxout, self-normalizing, self normalizing, self-normalizing neural networks, snn, alpha dropout",
        "maxout",
        "book/self-normalisation",
    ),
    (
        "fix dying relu, fix dead neurons, prevent dead neurons, leaky relu vs relu, elu vs relu, "
        "prelu vs leaky relu, gradient clipping, warmup, warm-up, positive bias",
        "remed",
        "book/remedies",
    ),
    (
        "softmax vs sigmoid, output activation, last layer, logits, cross entropy vs mse, bce, temperature scaling, "
        "calibration, expected calibration error, ece, multi-label, multilabel, threshold, softmax twice",
        "output",
        "book/output-layers",
    ),
    (
        "which activation function, which activation, choose activation function, hidden activation, decision guide, "
        "cheat sheet, relu vs gelu, gelu vs swish, gelu vs relu, default activation, benchmark of activation functions",
        "choos",
        "book/choosing",
    ),
    (
        "lstm, gru, rnn, recurrent, recurrent network, forget bias, forget gate bias, chrono initialisation, "
        "swiglu, geglu, glu, gated linear unit, swish vs relu, mish vs swish",
        "gate",
        "book/gates",
    ),
    (
        "debug neural network, debugging, overfit one batch, overfit a single batch, learning rate finder, lr finder, "
        "lr range test, sanity check, update ratio, healthy network",
        "diagnos",
        "book/lab",
    ),
)

LEFT_OUT = {"annotation", "img", "summary", "button", "noscript", "script", "style"}
LEFT_OUT_CLASSES = {
    "highlight",
    "headerlink",
    "solution",
    "claims",
    "claim",
    "nl-widget",
    "quiz",
    "run-tools",
    "sources",
}
HEADING = re.compile("h[1-4]")
SOURCE_TITLE = re.compile("<h1>([^<]+)")
DEFINED = re.compile(r'<span id="([^"]+)" class="definition">')
KINDS = ("Lesson", "Page", "Reference", "Source")  # in the order in which they are found


def sections(article):
    """Return the sections of an article, each without those within it, as [anchor, title, text].

    >>> html = '<section id="a"><h1>A</h1><p>One.</p><section id="b"><h2>B</h2><pre class="highlight">x</pre></section>'
    >>> sections(BeautifulSoup(html, "html.parser"))
    [['a', 'A', 'One.'], ['b', 'B', '']]
    """
    for part in article.find_all(is_left_out):
        part.decompose()
    for sign, name in {"/": "mfrac", "^": "msup"}.items():
        for part in article.find_all(name):
            part.insert(1, sign)
    return [section(part) for part in reversed(article.find_all(is_entry))][::-1]


def is_left_out(part):
    """Tell whether an element is no text to be found; a formula within a line is."""
    classes = set(part.get("class", ()))
    return part.name in LEFT_OUT or bool(classes & LEFT_OUT_CLASSES) or (part.name == "div" and "math" in classes)


def is_entry(part):
    """Tell whether an element is a section of a text, or a name of the reference."""
    if part.name == "section":
        return part.find(HEADING, recursive=False) is not None
    return part.name == "dt" and "sig" in part.get("class", ()) and "id" in part.attrs


def section(part):
    """Take one section out of the article."""
    if part.name == "dt":
        body = part.find_next_sibling("dd").extract()
        return [part["id"], words(part.select_one(".sig-name")), words(body)]
    heading = part.find(HEADING, recursive=False).extract()
    return [part["id"], words(heading), words(part.extract())]


def words(part):
    """Return the text of an element in one line; what is not set within a line is kept apart."""
    for block in part.find_all(["p", "li", "td", "th", "dt", "dd", "div", "figcaption"]):
        block.append(" ")
    return " ".join(part.get_text().split())


def kind(app, name):
    """Return the place of a page in `KINDS`."""
    if name.startswith("source/"):
        return 3
    return 2 if name.startswith("book/api") else 0 if is_notebook(app, name) else 1


def page(app, name):
    """Return what the index holds of one page; of a source page, the names that are defined in it."""
    html = (Path(app.outdir) / f"{name}.html").read_text("utf-8")
    if name.startswith("source/"):
        found = [["", SOURCE_TITLE.search(html)[1], " ".join(DEFINED.findall(html))]]
    else:
        article = "<article" + html.partition("<article")[2].partition("</article>")[0]
        found = sections(BeautifulSoup(article, "html.parser"))
    return {"address": f"{name}.html", "kind": kind(app, name), "sections": found}


def index(app):
    """Return the index of a finished build."""
    folder = Path(app.outdir)
    sources = sorted(path.relative_to(folder).with_suffix("").as_posix() for path in folder.glob("source/**/*.html"))
    names = [name for name in sorted(app.env.found_docs) if name in app.env.titles]
    synonyms = [
        [phrases.split(", "), word, [f"{each}.html" for each in pages.split(", ") if each in names]]
        for phrases, word, pages in SYNONYMS
    ]
    return {
        "kinds": KINDS,
        "synonyms": [each for each in synonyms if each[2]],
        "pages": [page(app, name) for name in [*names, *sources]],
    }


def write_index(app, error):
    """Write the index of a finished HTML build."""
    if error or app.builder.format != "html":
        return
    text = json.dumps(index(app), ensure_ascii=False, separators=(",", ":"))
    folder = Path(app.outdir) / "_static"
    (folder / INDEX).write_text(f"const searchIndex = {text};\n", "utf-8")
    (folder / SCRIPT).write_text(Path(__file__).with_name(SCRIPT).read_text("utf-8"), "utf-8")


def replace_search(app):
    """Have Sphinx write no index of its own."""
    app.builder.search = False


def setup(app):
    """Connect the extension to Sphinx."""
    app.connect("builder-inited", replace_search)
    app.connect("html-collect-pages", lambda app: [("search", {"title": "Search"}, "search.html")])
    app.connect("build-finished", write_index)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
