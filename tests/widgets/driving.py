"""What the tests of widgets do with a page that shows one: set its traits, wait for the drawing, open its tables."""

DRAWN = "el.firstElementChild.dataset.drawn"


def drawn(page) -> str:
    """Return the state that the widget drew last, after the frame in which it draws."""
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return page.evaluate(DRAWN)


def put(page, **traits) -> str:
    """Set traits from outside, as Python, a link or a page address would; return what is drawn then."""
    page.evaluate("traits => { for (const name in traits) model.set(name, traits[name]); }", traits)
    return drawn(page)


def a_table(page, number=0) -> tuple[list[str], list[list[str]]]:
    """Open the tables, which the widget then makes; return the heads, and the rows of one of them as lists of texts."""
    page.get_by_text("As a table").click()
    table = page.locator(".data table").nth(number)
    table.locator("thead tr").first.wait_for(state="attached")
    cells = "all => all.map(row => [...row.cells].map(cell => cell.textContent))"
    (head,), rows = (table.locator(f"{part} tr").evaluate_all(cells) for part in ("thead", "tbody"))
    return head, rows
