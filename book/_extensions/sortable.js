// Makes the columns of a table sortable. Each heading becomes a button, which sorts by its column and then turns the
// order round; aria-sort says which it is. Without a script the table is as it was written.
function sort(table, heading, order) {
  for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
  heading.setAttribute("aria-sort", order < 0 ? "descending" : "ascending");
  const of = (row) => {
    const {dataset, textContent} = row.cells[heading.cellIndex];
    return "value" in dataset ? parseFloat(dataset.value.replace("inf", "Infinity")) : textContent.toLowerCase();
  };
  const [body] = table.tBodies;
  body.append(...[...body.rows].sort((one, two) => compare(of(one), of(two), order)));
}

// What is not a number stands last in either order.
function compare(one, two, order) {
  if (typeof one === "string") return order * one.localeCompare(two);
  if (isNaN(one) || isNaN(two)) return isNaN(one) - isNaN(two);
  return order * (one > two) - order * (one < two);
}

for (const table of document.querySelectorAll("table.sortable")) {
  for (const heading of table.tHead.rows[0].cells) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    button.addEventListener("click", () => {
      sort(table, heading, heading.getAttribute("aria-sort") === "ascending" ? -1 : 1);
    });
    heading.append(button);
  }
}
