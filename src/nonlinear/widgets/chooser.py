"""The chooser: a few questions that lead to advice, and behind each answer the numbers that speak for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import traitlets

from nonlinear.course.looks import BLUE, INK
from nonlinear.widgets._base import Widget, headline, module, number_format, one_of, pack, shown

MOST = 8


@dataclass(frozen=True)
class Evidence:
    """What was measured, and where.

    Parameters
    ----------
    text : str
        In a sentence or two.
    rows : mapping of str to (float, float, float)
        What is drawn: from a name to its lower end, middle and upper end; nothing is drawn without any.
    label : str
        What the rows show, with its unit.
    format : str
        How their numbers are written, as `shown` takes it.
    link, source : str
        The address of a page of the same site, and what the link says.
    """

    text: str
    rows: Mapping[str, tuple[float, float, float]] = field(default_factory=dict)
    label: str = ""
    format: str = ".2f"
    link: str = ""
    source: str = ""

    def __post_init__(self):
        number_format(self.format)
        if not np.isfinite([*self.rows.values()]).all() or any(len(row) != 3 for row in self.rows.values()):
            raise ValueError(f"rows must hold three finite numbers each; got {dict(self.rows)}.")


@dataclass(frozen=True)
class Option:
    """One answer to a question.

    Parameters
    ----------
    label : str
    then : str
        The name of the question or the advice that it leads to.
    evidence : Evidence, optional
    """

    label: str
    then: str
    evidence: Evidence | None = None


@dataclass(frozen=True)
class Question:
    """A question with its answers, from the short name that an address holds to the `Option`."""

    text: str
    options: Mapping[str, Option]


@dataclass(frozen=True)
class Advice:
    """Where the questions lead: what to do, and how far that carries."""

    text: str
    limits: str


class Chooser(Widget):
    """A decision tree to walk through: each answer shows the evidence behind it and the next question.

    Parameters
    ----------
    tree : mapping of str to Question or Advice
        By name. The first question is asked first, and an answer leads to what stands further down.
    opening : Evidence
        What is drawn before the first answer.
    answers : mapping of str to str, optional
        Answers at the start, by the names of questions.
    name : str

    Examples
    --------
    >>> numbers = Evidence("It was warm.", {"May": (9, 15, 21)}, "degrees", ".0f")
    >>> widget = Chooser({
    ...     "rain": Question("Does it rain?", {"yes": Option("Yes", "umbrella"), "no": Option("No", "hat", numbers)}),
    ...     "umbrella": Advice("Take an umbrella.", "Not in a storm."),
    ...     "hat": Advice("Take a hat.", "Not at night."),
    ... }, numbers)
    >>> widget.question1 = 2
    >>> widget.sentence()
    'Does it rain? No. It was warm. Take a hat. Not at night.'
    """

    _esm = module("chooser")
    picture_size = (5.2, 4.6)

    question1 = traitlets.Int().tag(sync=True)
    question2 = traitlets.Int().tag(sync=True)
    question3 = traitlets.Int().tag(sync=True)
    question4 = traitlets.Int().tag(sync=True)
    question5 = traitlets.Int().tag(sync=True)
    question6 = traitlets.Int().tag(sync=True)
    question7 = traitlets.Int().tag(sync=True)
    question8 = traitlets.Int().tag(sync=True)
    questions = traitlets.List().tag(sync=True)
    advice = traitlets.List().tag(sync=True)
    evidence = traitlets.List().tag(sync=True)

    def __init__(
        self,
        tree: Mapping[str, Question | Advice],
        opening: Evidence,
        answers: Mapping[str, str] | None = None,
        name: str = "chooser",
    ):
        _check(tree)
        asked = {key: node for key, node in tree.items() if isinstance(node, Question)}
        given = [key for key in tree if key not in asked]
        evidence = [opening, *(o.evidence for q in asked.values() for o in q.options.values() if o.evidence)]
        rows = [row for each in evidence for row in each.rows.values()]
        data, data_layout = pack({"rows": np.array(rows, np.float32).reshape(-1, 3)})
        self._tree, self._asked, self._opening = dict(tree), asked, opening
        traits = {key: f"question{n + 1}" for n, key in enumerate(asked)}
        places = {traits[key]: ["", *question.options] for key, question in asked.items()}
        chosen = {traits[one_of("a question", key, list(asked))]: answer for key, answer in (answers or {}).items()}
        super().__init__(
            name=name,
            shared=list(traits.values()),
            places=places,
            data=data,
            data_layout=data_layout,
            questions=[
                {"text": each.text, "options": [_option(o, asked, given, evidence) for o in each.options.values()]}
                for each in asked.values()
            ],
            advice=[[tree[key].text, tree[key].limits] for key in given],
            evidence=_described(evidence),
            **{trait: places[trait].index(one_of("an answer", each, places[trait])) for trait, each in chosen.items()},
        )

    @traitlets.validate(*(f"question{n + 1}" for n in range(MOST)))
    def _an_answer(self, proposal):
        trait, value = proposal["trait"].name, proposal["value"]
        return one_of(trait, value, range(len(self.places.get(trait, [""]))))

    @traitlets.default("room")
    def _room(self):
        asked, words = next(iter(self._asked.values())), f"{self._opening.text} {self._opening.source}"
        left, right = 45 + 52 * len(asked.options), 85 + 38 * len(self._opening.rows) + 21 * (1 + len(words) // 45)
        return [left + right + 75, max(left, right) + 78]

    def path(self) -> list[tuple[Question, Option | None]]:
        """Return the questions asked so far, with their answers; the last one may have none yet."""
        walked, at = [], next(iter(self._asked))
        while at in self._asked:
            question, place = self._asked[at], getattr(self, f"question{list(self._asked).index(at) + 1}")
            option = list(question.options.values())[place - 1] if place else None
            walked.append((question, option))
            at = option.then if option else ""
        return walked

    def advised(self) -> Advice | None:
        """Return the advice that the answers lead to, if they are all there."""
        _, option = self.path()[-1]
        return self._tree[option.then] if option else None

    def sentence(self) -> str:
        """Return questions, answers, evidence and advice as they are spoken."""
        said = []
        for question, option in self.path():
            said += [question.text, *([f"{option.label}."] if option else [])]
            said += [option.evidence.text] if option and option.evidence else []
        advised = self.advised()
        return " ".join([*said, *([advised.text, advised.limits] if advised else [])])

    def drawn(self) -> Evidence:
        """Return the evidence that is drawn: the last on the path that has rows."""
        found = [option.evidence for _, option in self.path() if option and option.evidence]
        return next((each for each in reversed(found) if each.rows), self._opening)

    @property
    def alt(self):
        ends = len(self._tree) - len(self._asked)
        first = next(iter(self._asked.values()))
        return (
            f"A chooser of {len(self._asked)} questions that lead to {ends} pieces of advice. It asks first: "
            f"{first.text} Each answer shows what was measured, as a row of dots with their ranges; before the first, "
            f"{self._opening.label}. {self._opening.text}"
        )

    def draw(self, figure):
        axis, evidence = figure.subplots(), self.drawn()
        rows = axis.get_yaxis_transform()
        for place, (name, (low, middle, high)) in enumerate(evidence.rows.items()):
            axis.plot([low, high], [place] * 2, color=BLUE, linewidth=2)
            axis.plot(middle, place, "o", color=BLUE, markersize=6)
            numbers = [shown(each, evidence.format) for each in (middle, low, high)]
            axis.text(0, place - 0.24, f"{name}: {numbers[0]} [{numbers[1]}, {numbers[2]}]", color=INK, transform=rows)
        axis.set(ylim=(len(evidence.rows) - 0.5, -0.7), yticks=[], xlabel=evidence.label)
        headline(axis, self.path()[-1][0].text)
        axis.spines[["top", "right", "left"]].set_visible(False)
        axis.margins(x=0.02)


def _check(tree: Mapping[str, Question | Advice]) -> None:
    names = list(tree)
    asked = [name for name in names if isinstance(tree[name], Question)]
    if not 1 <= len(asked) <= MOST or names[0] not in asked:
        raise ValueError(f"tree must begin with a question and have {MOST} of them at most; got {len(asked)}.")
    for place, name in enumerate(names):
        for option in tree[name].options.values() if name in asked else ():
            one_of(f"what an answer to {name!r} leads to, further down,", option.then, names[place + 1 :])


def _option(option: Option, asked: Mapping, given: Sequence[str], evidence: Sequence[Evidence]) -> dict:
    """Return an option as the script reads it; places are -1 where there is none."""
    return {
        "label": option.label,
        "question": list(asked).index(option.then) if option.then in asked else -1,
        "advice": -1 if option.then in asked else given.index(option.then),
        "evidence": evidence.index(option.evidence) if option.evidence else -1,
    }


def _described(evidence: Sequence[Evidence]) -> list[dict]:
    """Return all evidence as the script reads it, its rows as a place in the data."""
    starts = np.cumsum([0, *(len(each.rows) for each in evidence)]).tolist()
    return [
        {
            "text": each.text,
            "names": list(each.rows),
            "start": start,
            "label": each.label,
            "format": each.format,
            "link": each.link,
            "source": each.source,
        }
        for each, start in zip(evidence, starts, strict=False)
    ]
