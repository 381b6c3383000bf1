// A small editor for a cell: a text area over the same text, coloured as the page colours code.
import {element} from "./outputs.js";

let editors = 0;
const KEYWORDS = new Set(`and as assert async await break class continue def del elif else except finally for from
  global if import in is lambda nonlocal not or pass raise return try while with yield`.split(/\s+/));
const CONSTANTS = new Set(["True", "False", "None"]);
const TOKEN = new RegExp([
  String.raw`(?<c1>#.*)`,
  String.raw`(?<s1>\b[fFrRbBuU]{0,2}(?:"""[^]*?(?:"""|$)|'''[^]*?(?:'''|$)|"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?))`,
  String.raw`(?<mi>\b(?:0[xXbBoO][\da-fA-F_]+|\d[\d_]*\.?[\d_]*(?:[eE][+-]?\d+)?j?)|\.\d+(?:[eE][+-]?\d+)?)`,
  String.raw`(?<n>[\p{L}_][\p{L}\p{N}_]*)`,
  String.raw`(?<o>[-+*/%=<>!&|^~@:]+)`,
].join("|"), "gu");
const INDENT = "    ";

/** The class that the page gives to a piece of code. */
function kind(groups) {
  const [name, text] = Object.entries(groups).find(([, found]) => found !== undefined);
  if (name !== "n") return name;
  return KEYWORDS.has(text) ? "k" : CONSTANTS.has(text) ? "kc" : "n";
}

/** Code as nodes, coloured. */
export function coloured(code) {
  const nodes = [];
  let end = 0;
  for (const found of code.matchAll(TOKEN)) {
    nodes.push(code.slice(end, found.index), element("span", kind(found.groups), found[0]));
    end = found.index + found[0].length;
  }
  return [...nodes, code.slice(end)];
}

/** Put text where the cursor is, so that the browser can undo it. */
function insert(area, text) {
  if (!document.execCommand("insertText", false, text)) {
    area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
    area.dispatchEvent(new Event("input"));
  }
}

/** A new line starts where the last one did, and further right after a colon. */
function newLine(area) {
  const line = area.value.slice(0, area.selectionStart).split("\n").at(-1);
  insert(area, `\n${line.match(/^\s*/)[0]}${/:\s*$/.test(line) ? INDENT : ""}`);
}

/**
 * Make an editor.
 * @param {string} code   what it starts with
 * @param {string} label  what it holds, for readers who do not see it
 * @param {{change: function(string), run: function()}} tell
 */
export function editor(code, label, tell) {
  const behind = element("pre"), area = element("textarea");
  const help = element("p", "run-help", "Ctrl+Enter runs the cell. Tab indents; Escape, then Tab, leaves.");
  const box = element("div", "run-editor", element("div", "run-code highlight", behind, area), help);
  let tabLeaves = false;
  help.id = `run-help-${editors += 1}`;
  behind.setAttribute("aria-hidden", "true");
  Object.assign(area, {value: code, spellcheck: false, autocapitalize: "off", autocomplete: "off", wrap: "off"});
  const attributes = {"aria-label": label, "aria-describedby": help.id, autocorrect: "off"};
  for (const [name, value] of Object.entries(attributes)) area.setAttribute(name, value);
  const paint = () => behind.replaceChildren(...coloured(`${area.value}\n`));
  area.addEventListener("input", () => {
    paint();
    tell.change(area.value);
  });
  area.addEventListener("scroll", () => { behind.scrollLeft = area.scrollLeft; });
  area.addEventListener("keydown", (event) => {
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey && !event.shiftKey && !event.isComposing;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) tell.run();
    else if (event.key === "Enter" && plain) newLine(area);
    else if (event.key === "Tab" && plain && !tabLeaves) insert(area, INDENT);
    else {
      tabLeaves = event.key === "Escape" || (tabLeaves && event.key === "Tab");
      return;
    }
    event.preventDefault();
  });
  area.addEventListener("blur", () => { tabLeaves = false; });
  paint();
  return {box, area};
}
