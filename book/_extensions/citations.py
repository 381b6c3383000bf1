"""Citations as plain text, for copies of the lessons outside the book."""

import re

from pybtex.database import parse_file
from pybtex.plugin import find_plugin

LARGE_GROUP = 3


class Citations:
    """Cites works by author and year, and remembers which.

    Parameters
    ----------
    bibliography : str or path, optional
        A BibTeX file. Without one, citing anything is an error.
    """

    def __init__(self, bibliography=None):
        self.works = parse_file(str(bibliography)).entries if bibliography else {}
        self.cited = {}

    def work(self, key):
        """Return a work by its key, and note that it was cited."""
        if key not in self.works:
            raise ValueError(f"no reference {key!r} in the bibliography; add it, or correct the key.")
        self.cited[key] = self.works[key]
        return self.works[key]

    def textual(self, keys):
        """Return ``Author et al. (2012)``; several keys are separated by commas."""
        works = [self.work(key.strip()) for key in keys.split(",")]
        return ", ".join(f"{authors(work)} ({year(work)})" for work in works)

    def parenthetical(self, keys):
        """Return ``(Author et al., 2012)``; several keys are separated by commas."""
        works = [self.work(key.strip()) for key in keys.split(",")]
        return f"({'; '.join(f'{authors(work)}, {year(work)}' for work in works)})"

    def references(self):
        """Return the works cited so far as a Markdown list, by author and year; an empty string for none."""
        style = find_plugin("pybtex.style.formatting", "unsrt")()
        backend = find_plugin("pybtex.backends", "markdown")()
        works = sorted(self.cited.values(), key=lambda work: (authors(work), year(work), work.key))
        return "\n".join(f"- {one_line(entry.text.render(backend))}" for entry in style.format_entries(works))


def one_line(text):
    """Return Markdown on one line, without the escapes that Markdown does not need."""
    return re.sub(r"\\([-.()])", r"\1", " ".join(text.split()))


def year(work):
    """Return the year of a work."""
    return work.fields.get("year", "no year")


def authors(work):
    """Return the family names of the authors, or the editors: one, two, or the first and "et al."."""
    people = work.persons.get("author") or work.persons.get("editor") or []
    names = [" ".join(person.prelast_names + person.last_names).strip("{}") for person in people]
    if not names:
        return work.fields.get("organization") or work.fields["title"].strip("{}")
    if len(names) >= LARGE_GROUP:
        return f"{names[0]} et al."
    return " and ".join(names)
