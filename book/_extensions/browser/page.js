// Runs the cells of the page: one Python for all of them, from the site itself. Loaded by start.js.
import {Cell, Kept} from "./cell.js";
import {keep} from "./keep.js";
import {button, element, Widgets} from "./outputs.js";
import {Python} from "./python.js";

const NAMES = {numpy: "NumPy", matplotlib: "Matplotlib"};
const STOPPED = "stopped";
const GONE = "What Python had computed is gone; the next run starts afresh.";
const PATIENCE = 400; // ms that an answer to a moved control may take before the page says that Python works on it

/** The line at the bottom of the window that says what Python does; words that end in "…" get a clock. */
function makeBar(actions) {
  const words = element("span"), clock = element("span"), bar = element("div", "run-bar", words, clock);
  const buttons = Object.entries(actions).map(([name, act]) => button(name, act));
  let since, now = "";
  bar.append(...buttons);
  bar.hidden = true;
  bar.setAttribute("role", "region");
  bar.setAttribute("aria-label", "Python on this page");
  words.setAttribute("role", "status");
  clock.setAttribute("aria-hidden", "true");                    // a reader who listens does not want every second
  document.body.append(bar);
  setInterval(() => {
    clock.textContent = now.endsWith("…") ? `${Math.round((performance.now() - since) / 1000)} s` : "";
  }, 1000);
  return (text, ...offered) => {
    if (text !== now) [now, since, clock.textContent] = [text, performance.now(), ""];
    words.textContent = text;
    bar.hidden = false;
    for (const each of buttons) each.hidden = !offered.includes(each.textContent);
  };
}

/** The cells of the page and what happens to them. */
class Page {
  constructor({key, first, all, pyodide}, {cells, starters}) {
    this.sizes = `${first} MB, ${all} MB with figures`;
    this.folders = [key.split(" ")[1], pyodide];
    this.kept = new Kept(key);
    this.cells = cells.map((cell, order) => new Cell(cell, order, this));
    this.starters = starters.map((starter) => this.starter(starter));
    this.byId = new Map([...this.cells, ...this.starters].map((cell) => [cell.id, cell]));
    this.python = new Python(pyodide, (message) => this.hear(message), (reason) => this.ended(reason));
    this.widgets = new Widgets((widget, values) => this.answer(widget, values));
    this.say = makeBar({
      "Run all": () => this.runThese(this.cells, () => true),
      Stop: () => this.python.end(STOPPED),
      Retry: () => this.again(),
      "Reset all": () => this.reset(),
    });
    const edits = Object.entries(this.kept.all());
    for (const [id, code] of edits) this.byId.get(id)?.recall(code);
    if (edits.length) this.say("This page has code that you edited on an earlier visit.", "Run all", "Reset all");
  }

  /** The starter of an exercise, which runs after the cells that stand above it. */
  starter(starter) {
    const made = new Cell(starter, -1, this);
    const isAbove = ({tools}) => tools && made.tools?.compareDocumentPosition(tools) & Node.DOCUMENT_POSITION_PRECEDING;
    made.order = (this.cells.findLast(isAbove)?.order ?? -1) + 0.5;
    return made;
  }

  /** A press of a button that was in the page from the start. */
  press(pressed) {
    const cell = this.byId.get(pressed.parentElement.dataset.cell);
    if (pressed.className === "run-button") return this.run(cell);
    cell.edit();
    cell.editor.area.focus();
  }

  /** Run a cell, and before it those above that have not run, if it needs them. */
  run(cell) {
    const alone = cell.alone && !cell.edited;
    const before = this.cells.filter(({order, ran}) => !alone && order < cell.order && !ran);
    return this.runThese([...before, cell], (each) => each === cell || each.edited);
  }

  /** Run some cells in their order, until one fails; `shows` says which of them show what they give. */
  async runThese(cells, shows) {
    if (this.busy) return cells.at(-1).say("Python still runs; press again when it is done.");
    this.busy = true;
    this.again = () => this.runThese(cells, shows);
    try {
      if (!this.python.worker) await this.load();
      this.say(await this.through(cells, shows), "Run all", "Reset all");
    } catch {}                                                  // `ended` has said why
    this.busy = false;
  }

  /** Load Python, and have the browser keep it; that is said where the browser may. */
  async load() {
    const words = `Loading Python from this site (${this.sizes}`;
    this.say(`${words}) …`);
    const cache = await keep(this.folders);
    this.say(cache ? `${words}, kept for later visits if there is room) …` : `${words}) …`, "Stop");
    await this.python.start(cache);
  }

  /** Run the cells, and return what there is to say of it. */
  async through(cells, shows) {
    for (const [k, cell] of cells.entries()) {
      this.progress = cells.length > 1 ? `Running cell ${k + 1} of ${cells.length} …` : "Running …";
      this.say(this.progress, "Stop");
      cell.begin(shows(cell));
      const well = await this.python.run(cell.id, cell.code, cell.shows);
      cell.finish(well);
      if (!well) return failure(cell, cells.at(-1));
    }
    return cells.length > 1 ? `${cells.length} cells have run.` : "The cell has run.";
  }

  /** Python is gone: by Stop, or because it did not load or could not go on. */
  ended(reason) {
    const words = reason === STOPPED ? "Stopped." : `Python ended: ${reason}.`;
    if (this.progress) this.say(`${words} ${GONE}`, "Run all", "Reset all");
    else if (reason === STOPPED) this.say(words, "Run all");
    else this.say(`Python did not load: ${reason}.`, "Retry");
    for (const cell of this.byId.values()) cell.lose(words);
    clearTimeout(this.late);
    this.widgets.forget();
    this.progress = undefined;
  }

  /** Tell Python what the reader has set in a widget; an answer that takes long can be stopped. */
  answer(widget, values) {
    this.python.set(widget, values);
    this.late = setTimeout(() => {
      this.isLate = !this.busy;
      if (this.isLate) this.say("Running …", "Stop");
    }, PATIENCE);
  }

  /** Python has answered. */
  settle() {
    clearTimeout(this.late);
    if (this.isLate && !this.busy) this.say("Python has answered.", "Run all", "Reset all");
    this.isLate = false;
    this.widgets.next();
  }

  hear(message) {
    if (message.loading) this.say(`Loading ${NAMES[message.loading] ?? message.loading} …`, "Stop");
    else if (message.running) this.say(this.progress, "Stop");
    else if (message.settled) this.settle();
    else if (message.changes) this.widgets.change(message);
    else if (message.cell) this.byId.get(message.cell).hear(message);
  }

  /** Bring back the lesson's code and output everywhere, and forget what was kept. */
  reset() {
    for (const cell of this.byId.values()) if (cell.restorer) cell.restore();
    this.say("The page is as it came.", "Run all");
  }
}

/** Say that a cell failed, and show it if it is not the one that was asked for. */
function failure(cell, asked) {
  if (cell === asked) return "The cell ended with an error.";
  cell.tools?.scrollIntoView({block: "center"});
  if (cell.tools) return "A cell ended with an error; those after it have not run.";
  return `A cell that the page does not show ended with an error: ${cell.error}.`;
}

/** Get ready to run the cells of this page; `options` are the attributes of the script in the page. */
export async function open(options) {
  const answer = await fetch(new URL(`${options.lesson}.json`, import.meta.url));
  if (!answer.ok) throw new Error(`${answer.status}`);
  return new Page(options, await answer.json());
}
