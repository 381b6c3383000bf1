// Lets the keyboard scroll what is wider than the page: formulas and tables become tab stops while they overflow.
const WIDE = {".math": "Wide formula", ".pst-scrollable-table-container": "Wide table"};

function updateTabStop(element, name) {
  const attributes = {tabindex: "0", role: "group", "aria-label": name};
  const wide = element.scrollWidth > element.clientWidth;
  for (const [key, value] of Object.entries(attributes)) wide ? element.setAttribute(key, value) : element.removeAttribute(key);
}

for (const [selector, name] of Object.entries(WIDE)) {
  const observer = new ResizeObserver((entries) => entries.forEach(({target}) => updateTabStop(target, name)));
  document.querySelectorAll(`.bd-article div${selector}`).forEach((element) => observer.observe(element));
}
