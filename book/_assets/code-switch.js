// The button "Code" unfolds, or folds, all the cells of the page whose code is out of the way. The choice is kept where the
// browser allows it, and holds on every page and in print.
const KEY = "nonlinear-code";
const button = document.querySelector(".nl-code-switch");
const folded = document.querySelectorAll("div.cell details.hide");

const remembered = () => { try { return localStorage.getItem(KEY) === "open"; } catch { return false; } };
const remember = (open) => { try { localStorage.setItem(KEY, open ? "open" : "folded"); } catch { /* not kept, then */ } };

function show(open) {
  folded.forEach((details) => { details.open = open; });
  button.setAttribute("aria-pressed", String(open));
}

if (button && folded.length) {
  button.hidden = false;
  show(remembered());
  button.addEventListener("click", () => {
    const open = button.getAttribute("aria-pressed") !== "true";
    show(open);
    remember(open);
  });
}
