"""What the tests of widgets do with a page that shows one: set its traits, wait for the drawing, open its tables."""

DRAWN = "el.firstElementChild.dataset.drawn"
FRAMES = """async () => {
  for (let n = 0; n < 3; n++) await new Promise(requestAnimationFrame);
}"""


def answered(page):
    """Wait until a widget has answered what was done to it: another size is seen in one frame and drawn in the next."""
    page.evaluate(FRAMES)


def drawn(page) -> str:
    """Return the state that the widget drew last, after the frame in which it draws."""
    answered(page)
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
