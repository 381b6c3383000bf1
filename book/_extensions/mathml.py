r"""TeX formulas as MathML that every browser sets alike.

``latex2mathml`` reads the TeX. What it writes is right for browsers of MathML 3; today's know the smaller MathML Core,
without alignment of columns, alphabets other than italic, and TeX's rules for the space around signs. So its result is
put right here: :func:`convert` does all of it.
"""

import html
import re
from xml.etree.ElementTree import Element, tostring

from latex2mathml.converter import convert_to_element

# What latex2mathml calls the environments of amsmath. A distance after a line break is left to the style sheet.
SYNONYMS = {"aligned": "split", "gathered": "matrix"}
ENVIRONMENTS = {"split", "cases", "matrix", "pmatrix", "bmatrix", "vmatrix"}
ENVIRONMENT = re.compile(r"\\(begin|end)\{(\w+\*?)\}")
BREAK = re.compile(r"\\\\\s*\[[^\]]*\]")
CHILDREN = {"mfrac": 2, "msub": 2, "msup": 2, "msubsup": 3, "munder": 2, "mover": 2, "munderover": 3, "mroot": 2}
SCRIPTS = {"msub", "msup", "msubsup", "munder", "mover", "munderover"}
ROWS = {"math", "mrow", "mtd", "msqrt", "mstyle", "mpadded"}

# Unicode's alphabets, by the first capital, small letter and digit; exceptions are letters that were there before.
ALPHABETS = {
    "bold": (0x1D400, 0x1D41A, 0x1D7CE),
    "sans-serif": (0x1D5A0, 0x1D5BA, 0x1D7E2),
    "double-struck": (0x1D538, 0x1D552, 0x1D7D8),
    "monospace": (0x1D670, 0x1D68A, 0x1D7F6),
}
EARLIER = dict(zip("CHNPQRZ", "ℂℍℕℙℚℝℤ", strict=True))

FENCES, OPENING = set("()[]{}|‖⟨⟩⌈⌉⌊⌋"), set("([{⟨⌈⌊")
SIGNS, RELATIONS, LARGE = set("+−±∓"), set("=<>≤≥≈≠≪≫∼∈←→⇒"), set("∑∏")
CLOSE = SIGNS | RELATIONS | set(",∗⋅·")  # what stands close in indices and exponents
PRIMES, ACCENTS = set("′″‴"), set("^~¯˙¨→")
WITH_LIMITS = {"max", "min", "lim", "sup", "inf"}
THIN = "0.167em"
IN_HTML = re.compile(r'(<span class="math notranslate nohighlight">)\\\((.*?)\\\)(</span>)', re.DOTALL)


def convert(tex, display=False):
    r"""Return a formula as a ``math`` element in a string, with its TeX as annotation.

    Parameters
    ----------
    tex : str
        A formula of TeX's mathematics mode, without dollars.
    display : bool
        On a line of its own, with large operators and their limits above and below.

    Raises
    ------
    ValueError
        If the formula cannot be converted; the message quotes it.

    Examples
    --------
    >>> convert("x")
    '<math><semantics><mi>x</mi><annotation encoding="application/x-tex">x</annotation></semantics></math>'
    """
    tex = " ".join(tex.split())
    try:
        content = tidy(read(plain(tex), display))
    except ValueError as error:
        raise ValueError(f"the formula {tex!r} cannot be converted: {error}") from error
    math = Element("math", {"display": "block"} if display else {})
    semantics, annotation = Element("semantics"), Element("annotation", encoding="application/x-tex")
    annotation.text = tex
    semantics.extend([content, annotation])
    math.append(semantics)
    return tostring(math, encoding="unicode")


def set_in_html(text, to_mathml=convert):
    r"""Return HTML with the formulas that stand in it as ``nonlinear.course.text`` writes them, set.

    >>> set_in_html(r'<td><span class="math notranslate nohighlight">\(x\)</span></td>', lambda tex: f"<i>{tex}</i>")
    '<td><span class="math notranslate nohighlight"><i>x</i></span></td>'
    """
    return IN_HTML.sub(lambda found: f"{found[1]}{to_mathml(html.unescape(found[2]))}{found[3]}", text)


def read(tex, display):
    """Return what latex2mathml makes of a formula."""
    try:
        return convert_to_element(tex, display="block" if display else "inline")[0]
    except Exception as error:  # a dozen of its own, and Python's where a formula ends too early
        raise ValueError(str(error) or type(error).__name__) from error


def plain(tex):
    r"""Return TeX in the words of latex2mathml.

    >>> plain(r"\begin{aligned} a &= b \\[.4em] &= c \end{aligned}")
    '\\begin{split} a &= b \\\\ &= c \\end{split}'
    """

    def known(found):
        name = SYNONYMS.get(found[2], found[2])
        if name not in ENVIRONMENTS:
            raise ValueError(f"no environment {found[2]!r} here")
        return rf"\{found[1]}{{{name}}}"

    if r"\\" in tex and not ENVIRONMENT.search(tex):
        tex = rf"\begin{{aligned}}{tex}\end{{aligned}}"
    return BREAK.sub(r"\\\\", ENVIRONMENT.sub(known, tex))


def tidy(content):
    """Put an element that latex2mathml has written right, from its leaves up, and return it."""
    for element in list(content.iter()):
        tidy_leaf(element)
    content = without_groups(content)
    for element in list(content.iter()):
        put_accent(element)
        put_prime(element)
        put_limits(element)
        arrange(element)
    for row in list(content.iter()):
        if row.tag in ROWS:
            set_row(row)
    for element in list(content.iter()):
        if element.tag in SCRIPTS:
            close_scripts(element)
    return content


# ---- leaves


def tidy_leaf(element):
    """Give a leaf its characters, and the element that MathML has for them."""
    check(element)
    element.text = text = html.unescape(element.text or "")
    variant = element.attrib.pop("mathvariant", None)
    if text in {"∂", "…"} or (element.tag == "mo" and text == "∞"):
        element.tag = "mi"
    if text == "∇" or (element.tag == "mi" and (variant == "normal" or re.fullmatch("[Α-Ω]", text))):
        element.tag = "mi"
        element.set("mathvariant", "normal")
    elif variant in ALPHABETS:
        element.text = "".join(map(letters(variant), text))
    elif variant:
        raise ValueError(f"no alphabet {variant!r} here")
    if text == "*":
        element.text = "∗"


def check(element):
    """Refuse what latex2mathml has passed on because it did not understand it."""
    text = element.text or ""
    if element.tag == "mi" and re.match(r"\\|[&${}]$", text):
        raise ValueError(f"{text} is not understood")
    if len(element) != CHILDREN.get(element.tag, len(element)):
        raise ValueError(f"{element.tag} needs {CHILDREN[element.tag]} parts")


def letters(variant):
    """Return what takes a letter or digit to the same in one of Unicode's alphabets.

    >>> letters("bold")("W"), letters("double-struck")("R")
    ('𝐖', 'ℝ')
    """
    capital, small, digit = ALPHABETS[variant]

    def letter(character):
        if variant == "double-struck" and character in EARLIER:
            return EARLIER[character]
        for first, last, start in (("A", "Z", capital), ("a", "z", small), ("0", "9", digit)):
            if first <= character <= last:
                return chr(start + ord(character) - ord(first))
        raise ValueError(f"{character!r} is in no alphabet {variant!r}")

    return letter


# ---- structure


def without_groups(element):
    """Return an element without the groups that hold one thing only, and with words instead of rows of letters."""
    element[:] = [without_groups(child) for child in element]
    if element.tag != "mrow":
        return element
    if len(element) > 1 and all(child.tag == "mi" and child.get("mathvariant") == "normal" for child in element):
        word = Element("mi")
        word.text = "".join(child.text for child in element)
        return word
    if len(element) != 1:
        return element
    if element[0].tag == "mo" and not element[0].get("stretchy") == "true":
        element[0].attrib.update(lspace="0", rspace="0")
    return element[0]


def put_accent(element):
    """Set the mark above a single letter close to it, and no wider than it is."""
    if element.tag == "mover" and element[1].text in ACCENTS and len(element[0].text) == 1:
        element.set("accent", "true")
        element[1].set("stretchy", "false")


def put_prime(element):
    """Write a prime beside what it belongs to: the font's stand high already, and would be too small as exponents."""
    if element.tag not in {"msup", "msubsup"} or not set(element[-1].itertext()) & PRIMES:
        return
    *base, script = element
    primes = script if script.tag == "mrow" else [script]
    element[:] = [primed(base[0], primes[0].text), *base[1:], *primes[1:]]
    element.tag = {1: "mrow", 2: "msub" if len(base) == 2 else "msup", 3: "msubsup"}[len(element)]
    if element.tag == "mrow":
        element[:] = element[0]


def primed(base, text):
    """Return a base and its prime."""
    row, prime = Element("mrow"), Element("mo", form="postfix", lspace="0", rspace="0")
    prime.text = text
    row.extend([base, prime])
    return row


def put_limits(element):
    """Write the limits of an operator as such: they stand below and above it on a line of its own, else beside it."""
    if element.tag in {"msub", "msup", "msubsup"} and element[0].text in WITH_LIMITS | LARGE:
        element.tag = {"msub": "munder", "msup": "mover", "msubsup": "munderover"}[element.tag]
    if element.tag in {"munder", "munderover"} and element[0].text in WITH_LIMITS:
        element[0].tag = "mo"
        element[0].attrib.update(form="prefix", lspace="0", rspace="0", movablelimits="true")


def arrange(element):
    """Say by a class how the columns of a table stand, and drop the attributes that browsers no longer read."""
    if element.tag == "mtable":
        first = element[0][0].get("columnalign")
        element.attrib.pop("columnspacing", None)
        element.attrib.pop("rowspacing", None)
        if first:
            element.set("class", {"right": "aligned", "left": "cases"}[first])
    if element.tag == "mtd":
        element.attrib.pop("columnalign", None)
        element[:] = [child for child in element if child.tag != "mi" or child.text]


# ---- the space around signs, by TeX's rules


def core(element):
    """Return what an element is about: the base of something with scripts."""
    while element.tag in SCRIPTS:
        element = element[0]
    return element


def is_function(element):
    """Tell whether an element is the name of a function, such as log."""
    base = core(element)
    return base.tag in {"mi", "mo"} and len(base.text) > 1 and base.text.isalpha()


def is_operator(element):
    """Tell whether an element is a sign that joins two others, or separates them."""
    return core(element).tag == "mo" and core(element).text not in FENCES and not is_function(element)


def set_row(row):
    """Set the signs of a row: which belong to what follows, which join two things; thin spaces around functions."""
    inside = False
    children = list(row)
    for place, child in enumerate(children):
        before = next((each for each in reversed(children[:place]) if each.tag != "mspace"), None)
        after = children[place + 1] if place + 1 < len(children) else None
        base = core(child)
        if is_function(child):
            set_function(row, child, children[place - 1] if place else None, after)
        elif base.text in SIGNS and base.tag == "mo":
            base.set("form", "infix" if before is not None and ends_term(before) else "prefix")
        elif base.text in RELATIONS and base.tag == "mo":
            base.set("form", "infix")
        elif base.text == "/":
            base.attrib.update(lspace="0", rspace="0")
        elif base.text == "|":
            base.attrib.update(form="postfix" if inside else "prefix", stretchy=base.get("stretchy", "false"))
            inside = not inside
        elif base.text == "…" and after is not None and after.text in SIGNS:
            base.text = "⋯"


def ends_term(element):
    """Tell whether a sign after an element joins it with what follows."""
    base = core(element)
    if base.text in OPENING:
        return False
    if base.text == "|":
        return base.get("form") == "postfix"
    return not is_operator(element) and not is_function(element)


def set_function(row, name, before, after):
    """Put the name of a function into its place: TeX's thin spaces, except before a parenthesis."""
    base = core(name)
    if base.get("movablelimits") is None:
        base.tag = "mi"
        base.attrib.clear()
    if after is not None and after.tag != "mspace" and not is_operator(after) and core(after).text not in FENCES:
        row.insert(list(row).index(name) + 1, Element("mspace", width=THIN))
    if before is not None and before.tag != "mspace" and ends_term(before):
        row.insert(list(row).index(name), Element("mspace", width=THIN))


def close_scripts(element):
    """Leave no space around the signs of indices and exponents."""
    for script in element[1:]:
        for sign in script.iter("mo"):
            if sign.text in CLOSE:
                sign.attrib.update(lspace="0", rspace="0")
