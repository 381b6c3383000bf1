// Lets the keyboard scroll what is wider than the page: formulas and tables become tab stops while they overflow.
const WIDE = {".math": "Wide formula", ".pst-scrollable-table-container": "Wide table"};

function updateTabStop(element, name) {
  const attributes = {tabindex: "0", role: "group", "aria-label": name};
  const wide = element.scrollWidth > element.clientWidth;
  for (const [key, value] of Object.entries(attributes)) wide ? element.setAttribute(key, value) : element.removeAttribute(key);
}

for (const [selector, name] of Object.entries(WIDE)) {
  const observer = new ResizeObserver((entries) => entries.forEach(({target}) => updateTabStop(target, name)));
  document.querySelectorAll(`.bd-article ${selector}`).forEach((element) => observer.observe(element));
}

// The button that copies a block of code is named after the block, as the build has named that, and says that it has copied.
{
  const article = document.querySelector(".bd-article");
  const nameButtons = () => article.querySelectorAll("button.copybtn").forEach((button) => {
    const block = button.closest("[role='group']").getAttribute("aria-label").toLowerCase();
    button.setAttribute("aria-label", `${button.dataset.tooltip} ${block}`);
  });
  if (article) {
    new MutationObserver(nameButtons).observe(article, {subtree: true, childList: true, attributeFilter: ["data-tooltip"]});
    nameButtons();
  }
}

// Leads from a field of the search to its page. A form would not do everywhere: a page that was opened from a file is
// not "self" to the policy, for Firefox.
for (const form of document.querySelectorAll("form.bd-search")) {
  form.addEventListener("submit", (event) => {
    const address = Object.assign(new URL(form.action), {search: new URLSearchParams(new FormData(form)), hash: ""});
    event.preventDefault();
    location.assign(address);
  });
}

// Copies formulas as TeX: a formula, or a part of one, by itself; within copied text, between dollars.
const texOf = (math) => math.querySelector("annotation").textContent;

function withTex(fragment) {
  for (const math of fragment.querySelectorAll("math")) {
    const dollars = math.getAttribute("display") === "block" ? "$$" : "$";
    math.replaceWith(`${dollars}${texOf(math)}${dollars}`);
  }
  return fragment;
}

/** The text of a part of the page, with the line breaks that it has there. */
function shownText(fragment) {
  const place = document.createElement("div");
  place.style.cssText = "position: fixed; top: 0; opacity: 0; pointer-events: none";
  place.append(fragment);
  document.body.append(place);
  const text = place.innerText;
  place.remove();
  return text;
}

document.addEventListener("copy", (event) => {
  const selection = getSelection();
  if (selection.isCollapsed) return;
  const range = selection.getRangeAt(0), place = range.commonAncestorContainer;
  const within = (place.nodeType === Node.ELEMENT_NODE ? place : place.parentElement).closest("math");
  const copied = range.cloneContents();
  if (!within && !copied.querySelector("math")) return;
  event.clipboardData.setData("text/plain", within ? texOf(within) : shownText(withTex(copied)));
  event.preventDefault();
});

// The presenter view of a lesson is loaded when it is asked for: by its button, by the key p, or in the address.
{
  const button = document.querySelector(".nl-present");

  const present = () => {
    if (globalThis.presentLesson) return presentLesson();
    if (document.querySelector("script[src*='present.js']")) return;             // on its way
    document.head.append(Object.assign(document.createElement("script"), {src: button.dataset.script}));
  };

  if (button) {
    button.hidden = false;
    button.addEventListener("click", present);
    addEventListener("keydown", (event) => {
      const writing = event.composedPath()[0].matches?.("input, select, textarea, [contenteditable]");
      if (event.key === "p" && !writing && !event.ctrlKey && !event.metaKey && !event.altKey) present();
    });
    if (new URLSearchParams(location.search).has("present")) present();
  }
}
