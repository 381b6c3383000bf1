// What every widget of the course shares. `_base.py` puts this text before a widget's own, and the two are one ES module.
//
// A widget is a function build(stage). It adds controls, drawings and text to the stage, each with a function that brings
// it up to date, and returns situation(): the present state, computed once and handed to all of them.

const STYLE = `
:host { --ink: #1a1a1a; --paper: var(--nl-paper, #ffffff); --faint: #1a1a1a26; --soft: #55595f; --blue: #0b62c4;
  display: block; container-type: inline-size; isolation: isolate; max-width: 46rem; margin: 1rem 0; color: var(--ink); line-height: 1.45;
  direction: ltr; text-align: left; }
:host(.dark) { --ink: #e8e8e8; --paper: var(--nl-paper, #14181e); --faint: #e8e8e833; --soft: #b4bac2; --blue: #6cb0ff; }
@media (forced-colors: active) {                                     /* the reader's own colours, whatever the theme */
  :host, :host(.dark) { --ink: CanvasText; --paper: Canvas; --faint: GrayText; --soft: CanvasText; --blue: Highlight; }
  * { --light: CanvasText !important; --dark: CanvasText !important; }
}
svg { display: block; width: 100%; overflow: visible; }
svg text { fill: var(--ink); font-family: inherit; font-size: 12px; font-variant-numeric: tabular-nums; }
svg .halo { paint-order: stroke; stroke: var(--paper); stroke-width: 4px; stroke-linejoin: round; }
svg .soft { fill: var(--soft); }
svg.grab { touch-action: pan-y; user-select: none; -webkit-user-select: none; }
p { margin: .5rem 0; }
dl { display: grid; grid-template-columns: 1fr auto; gap: .1rem .75rem; margin: .5rem 0; }
dt, dd { margin: 0; }
dd { text-align: right; font-weight: 600; font-variant-numeric: tabular-nums; }
.layout { display: grid; gap: .5rem 1.75rem; grid-template-columns: minmax(0, 1fr); }
@container (min-width: 36rem) {
  .layout { grid-template-columns: minmax(0, 24rem) minmax(0, 1fr); align-items: start; }
  dl.wide { grid-template-columns: 1fr auto 1fr auto; column-gap: 1.5rem; }
}
.status { border: 2px solid var(--blue); border-left-width: .5rem; border-radius: .3rem; padding: .45rem .7rem; margin: .35rem 0 .75rem; }
.buttons { display: flex; flex-wrap: wrap; gap: .5rem; margin: .5rem 0; }
.note { color: var(--soft); font-size: .875em; }
.pair { display: grid; gap: .25rem 1.5rem; grid-template-columns: minmax(0, 1fr); }
@container (min-width: 36rem) { .pair { grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); } }
.control { display: grid; grid-template-columns: 1fr auto; column-gap: .75rem; align-items: baseline; }
.control .value { font-weight: 600; font-variant-numeric: tabular-nums; }
.control input, .control select { grid-column: 1 / -1; width: 100%; min-height: 2.25rem; margin: 0; font: inherit;
  box-sizing: border-box; accent-color: var(--blue); }
.control input { cursor: pointer; touch-action: pan-y; }
:host(.dark) .control input { color-scheme: dark; }
select, button { font: inherit; color: var(--ink); background: var(--paper); border: 1px solid var(--soft); border-radius: .4rem; }
.control select { min-height: 2.75rem; padding: 0 .6rem; margin-bottom: .35rem; }
button { min-height: 2.75rem; padding: 0 1rem; cursor: pointer; }
button:hover, summary:hover { border-color: var(--blue); }
summary { display: inline-flex; align-items: center; min-height: 2.75rem; padding: 0 1rem; box-sizing: border-box; cursor: pointer;
  border: 1px solid var(--soft); border-radius: .4rem; list-style: none; }
summary::-webkit-details-marker { display: none; }
summary::before { content: "▸"; content: "▸" / ""; margin-right: .5em; }
details[open] { flex-basis: 100%; min-width: 0; }
details[open] summary::before { content: "▾"; content: "▾" / ""; }
.data { overflow-x: auto; margin: .75rem 0; }
.data table { width: auto; border-collapse: collapse; margin: 0; font-size: .875em; font-variant-numeric: tabular-nums; table-layout: auto; }
.data caption { text-align: left; font-weight: 600; padding: .15rem 0; }
.data :is(th, td) { width: auto; padding: .2rem 1.25rem .2rem 0; border-bottom: 1px solid var(--faint); text-align: right; white-space: nowrap; }
.data :is(th, td):first-child { text-align: left; }
.data tbody th { font-weight: 600; }
.data thead th { font-weight: 400; color: var(--soft); }
:focus-visible { outline: 3px solid var(--blue); outline-offset: 2px; border-radius: .25rem; }
.spoken { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
`;

// ---- nodes

function set(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value);   // what has not changed is not drawn again
  }
  return node;
}

function html(name, properties = {}, parent = null) {
  const node = Object.assign(document.createElement(name), properties);
  parent?.append(node);
  return node;
}

function svg(name, attributes = {}, parent = null, text = "") {
  const node = set(document.createElementNS("http://www.w3.org/2000/svg", name), attributes);
  node.textContent = text;
  parent?.append(node);
  return node;
}

/** Gives a node another text, if it has not this one. */
function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

// ---- axes

/** Tick marks and labels below (`y`) or to the left of (`x`) a drawing; `grid` is where the lines across it end. */
function axis(parent, position, {x, y, count = 4, ticks = position.ticks(count), texts = tickTexts(ticks), grid}) {
  for (const [n, tick] of ticks.entries()) {
    const at = position(tick), across = y === undefined;
    const line = across ? {x1: x - 5, x2: grid ?? x, y1: at, y2: at} : {x1: at, x2: at, y1: y + 5, y2: grid ?? y};
    svg("line", {...line, stroke: "var(--faint)"}, parent);
    svg("text", across ? {x: x - 8, y: at + 4, "text-anchor": "end"} : {x: at, y: y + 18, "text-anchor": "middle"}, parent, texts[n]);
  }
}

// ---- data

class Problem extends Error {}                                       // its message is for the reader

const DAMAGED = "its data arrived damaged; loading the page again may help.";
const TOO_OLD = "this browser is too old for it; one released since 2023 can show it.";

const ARRAYS = {float64: Float64Array, float32: Float32Array, int32: Int32Array, uint16: Uint16Array, uint8: Uint8Array};

const UNPACKED = new WeakMap();                                      // by their packed form: a promise of arrays

/** The arrays of a model; they are unpacked when first asked for. */
async function arraysOf(model) {
  const packed = model.get("data");
  if (!packed?.byteLength) throw new Problem("its data are missing.");
  if (!UNPACKED.has(packed)) UNPACKED.set(packed, unpack(packed, model.get("data_layout")));
  return UNPACKED.get(packed);
}

/** The arrays that `_base.pack` packed: {name: typed array}. */
async function unpack(packed, layout) {
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  const damaged = () => { throw new Problem(DAMAGED); };
  const bytes = await new Response(stream).arrayBuffer().catch(damaged);
  const arrays = {};
  let offset = 0;
  for (const {name, dtype, shape} of layout ?? damaged()) {
    const size = shape.reduce((product, length) => product * length, 1), length = size * ARRAYS[dtype].BYTES_PER_ELEMENT;
    if (offset + length > bytes.byteLength) damaged();
    arrays[name] = new ARRAYS[dtype](bytes, offset, size);
    offset += Math.ceil(length / 8) * 8;
  }
  if (offset !== bytes.byteLength) damaged();
  return arrays;
}

// ---- theme

/** The book's choice first, then JupyterLab's, then the system's. */
function isDark() {
  const book = document.documentElement.dataset.theme, lab = document.body.dataset.jpThemeLight;
  if (book) return book === "dark";
  return lab ? lab === "false" : matchMedia("(prefers-color-scheme: dark)").matches;
}

function followTheme(host) {
  const paint = () => host.classList.toggle("dark", isDark());
  const observer = new MutationObserver(paint), system = matchMedia("(prefers-color-scheme: dark)");
  observer.observe(document.documentElement, {attributeFilter: ["data-theme"]});
  observer.observe(document.body, {attributeFilter: ["data-jp-theme-light"]});
  system.addEventListener("change", paint);
  paint();
  return () => { observer.disconnect(); system.removeEventListener("change", paint); };
}

// ---- the stage: where one widget lives on one page

const STARTS = new WeakMap();                                        // the shared traits of each model when it was first shown

class Stage {
  constructor(model, el) {
    this.model = model;
    this.refreshers = [];
    const title = `Interactive figure: ${model.get("name").replaceAll("-", " ")}`;
    this.host = set(html("div", {}, el), {role: "group", "aria-label": title});
    this.host.dataset.lmSuppressShortcuts = "true";                  // in JupyterLab the arrow keys belong to the sliders
    this.root = this.host.attachShadow({mode: "open"});
    this.closers = [followTheme(this.host), () => cancelAnimationFrame(this.frame), () => clearTimeout(this.speaking),
      () => { this.pieces = null; }];
    this.style(STYLE);
  }

  style(text) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    this.root.adoptedStyleSheets = [...this.root.adoptedStyleSheets, sheet];
  }

  /** Sets traits on behalf of the reader. */
  change(traits) {
    for (const [name, value] of Object.entries(traits)) this.model.set(name, value);
    this.model.save_changes();
  }

  /** Draws `situation()` now and whenever a shared trait changes, once per frame. */
  start(situation) {
    this.situation = situation;
    this.tools();
    this.voice = set(html("p", {className: "spoken"}, this.root), {role: "status"});
    this.keepHeight();
    const queue = () => this.queue();
    for (const name of this.model.get("shared")) {
      this.model.on(`change:${name}`, queue);
      this.closers.push(() => this.model.off(`change:${name}`, queue));
    }
    this.draw();
  }

  /**
   * While the reader drags, the widget gets no lower: a line of text less must not move what stands below. Whatever is
   * pressed or chosen, and another width, lets it go.
   */
  keepHeight() {
    const {host, root} = this;
    let width, height, kept = false;
    const observer = new ResizeObserver(([{contentRect}]) => {
      if (contentRect.width !== width) keep(false);
      height = Math.max(kept ? height : 0, contentRect.height);
      width = contentRect.width;
      if (kept) keep(true);
    });
    const keep = wanted => { host.style.minHeight = (kept = wanted && height > 0) ? `${height}px` : ""; };
    observer.observe(host);
    this.closers.push(() => observer.disconnect());
    root.addEventListener("input", ({target}) => keep(target.type === "range"));
    root.addEventListener("pointerdown", ({target}) => { if (target.closest(".grab")) keep(true); });
    root.addEventListener("click", ({target}) => { if (target.closest("button, summary")) keep(false); });
  }

  /** The buttons that every widget ends with. Only a page gives its models links. */
  tools() {
    const {model} = this, row = html("div", {className: "buttons tools"}, this.root);
    if (!STARTS.has(model)) STARTS.set(model, Object.fromEntries(model.get("shared").map(name => [name, model.get(name)])));
    button(this, row, "Reset", STARTS.get(model));
    if (model.link) this.copier(row);
    this.tables(row);
  }

  /** What is drawn, as tables, which are made when the reader asks for them: `now.tables()` returns {caption, head, rows}. */
  tables(row) {
    const details = html("details", {}, row);
    html("summary", {textContent: "As a table"}, details);
    const room = html("div", {}, details), fill = now => details.open && room.replaceChildren(...now.tables().map(tableOf));
    details.addEventListener("toggle", () => fill(this.now));
    this.refreshers.push(fill);
  }

  copier(row) {
    const {model} = this, copy = html("button", {type: "button", textContent: "Copy link"}, row);
    let back;
    copy.addEventListener("click", async () => {
      const link = model.link(), copied = navigator.clipboard?.writeText(link) ?? Promise.reject();
      const words = await copied.then(() => "Link copied", () => "The link is in the address bar");
      copy.textContent = words;
      clearTimeout(back);
      back = setTimeout(() => { copy.textContent = "Copy link"; }, 2500);
    });
    this.closers.push(() => clearTimeout(back));
  }

  queue() {
    if (!this.situation) return;
    this.frame ??= requestAnimationFrame(() => { this.frame = null; this.draw(); });
  }

  draw() {
    const now = this.now = this.situation(), first = this.host.dataset.drawn === undefined;
    for (const refresh of this.refreshers) refresh(now);
    if (!first && this.host.dataset.drawn !== now.drawn) this.say(now.spoken);
    this.host.dataset.drawn = now.drawn;
  }

  /** Does what the next step may need, a piece at a time, while the page is idle; the next call replaces what is left. */
  ahead(pieces) {
    const idle = globalThis.requestIdleCallback ?? (work => setTimeout(work, 100));
    const next = () => {
      if (this.pieces !== pieces || !pieces.length) return;
      pieces.shift()();
      idle(next);
    };
    this.pieces = pieces;
    idle(next);
  }

  /** Speaks when the reader pauses, not at every step of a drag; what was said is not left to be read once more. */
  say(words) {
    clearTimeout(this.speaking);
    this.speaking = setTimeout(() => {
      this.voice.textContent = words;
      this.speaking = setTimeout(() => { this.voice.textContent = ""; }, 10000);
    }, 700);
  }

  close() {
    for (const finish of this.closers.splice(0)) finish();
    this.host.remove();
  }
}

/**
 * A drawing in CSS pixels: lay(svg, width, now) draws what stays and returns the update. It is laid out anew for another
 * width, and where `layout(now)`, what its outline depends on, has become another.
 */
function panel(stage, parent, lay, layout = () => "") {
  const frame = html("div", {}, parent), drawing = svg("svg", {role: "img"}, frame);
  let room, width, outline, update;
  const measure = () => { room = Math.round(frame.clientWidth) || 640; };
  const observer = new ResizeObserver(() => {
    measure();
    if (room !== width) stage.queue();
  });
  observer.observe(frame);
  stage.closers.push(() => observer.disconnect());
  stage.refreshers.push(now => {
    if (!width) measure();                                           // only once: asking makes the browser lay out the page
    const wanted = layout(now);
    if (room !== width || wanted !== outline) {
      [width, outline] = [room, wanted];
      drawing.replaceChildren();
      update = lay(drawing, width, now);
    }
    update(now);
  });
}

/** Gives a drawing its size, one unit to the pixel. */
function size(drawing, width, height) {
  set(drawing, {viewBox: `0 0 ${width} ${height}`, width, height});
}

// ---- tables

const MOST_ROWS = 30;

/** At most `most` of a list's entries, evenly spread, with the first and the last. */
function thinned(list, most = MOST_ROWS) {
  if (list.length <= most) return list;
  return Array.from({length: most}, (_, n) => list[Math.round(n * (list.length - 1) / (most - 1))]);
}

/** A table whose first column names its rows; it scrolls by itself where it is too wide, in a frame that keys can reach. */
function tableOf({caption, head, rows}) {
  const frame = set(html("div", {className: "data", tabIndex: 0}), {role: "group", "aria-label": "Table"});
  const table = html("table", {}, frame);
  html("caption", {textContent: caption}, table);
  const line = (parent, texts, scope) => {
    const row = html("tr", {}, parent);
    texts.forEach((text, n) => {
      const heads = scope === "col" || n === 0;
      set(html(heads ? "th" : "td", {textContent: text}, row), heads ? {scope} : {});
    });
  };
  line(html("thead", {}, table), head, "col");
  const body = html("tbody", {}, table);
  for (const texts of rows) line(body, texts, "row");
  return frame;
}

// ---- grabbing

/**
 * Lets the reader drag what is drawn. `take(place)` is called where a pointer goes down, [x, y] in the drawing, and returns
 * what its moves do, or nothing. A finger that sets out upwards or downwards scrolls the page and changes nothing.
 */
function grab(drawing, take) {
  let pull, from;
  const place = ({clientX, clientY}) => {
    const {left, top} = drawing.getBoundingClientRect();
    return [clientX - left, clientY - top];
  };
  const sideways = ([x, y]) => Math.abs(x - from[0]) > Math.abs(y - from[1]);
  drawing.classList.add("grab");
  drawing.onpointerdown = event => {
    if (event.button || !event.isPrimary) return;
    const here = place(event), finger = event.pointerType === "touch";
    [pull, from] = [take(here), finger ? here : null];
    if (!pull) return;
    drawing.setPointerCapture(event.pointerId);
    if (!finger) pull(here);
  };
  drawing.onpointermove = event => {
    if (!pull) return;
    const here = place(event);
    if (from && Math.hypot(here[0] - from[0], here[1] - from[1]) < 5) return;
    if (from && !sideways(here)) return pull = null;
    from = null;
    pull(here);
  };
  drawing.onpointerup = event => {
    if (pull && from) pull(place(event));                            // a tap
    pull = null;
  };
  drawing.onpointercancel = () => { pull = null; };
}

// ---- controls

/** The words of a control, for the eye: the input itself has a name and a value. */
function control(parent, label) {
  const row = html("label", {className: "control"}, parent);
  set(html("span", {textContent: label}, row), {"aria-hidden": "true"});
  return row;
}

/**
 * A native slider for the numeric trait `trait`; text(value) is shown, and spoken, as its value.
 *
 * A slider over something else than the values of one trait has `read(now)`, its position, and `write(position)`, the
 * traits that belong to it; one that changes with the rest has `adapt(now, {row, input, name})`.
 */
function slider(stage, parent, {trait, label, spoken = label, min, max, step = 1, text,
  read = now => now[trait], write = position => ({[trait]: position}), adapt}) {
  const row = control(parent, label), name = row.firstChild;
  const shown = set(html("span", {className: "value"}, row), {"aria-hidden": "true"});
  const input = set(html("input", {type: "range", min, max, step}, row), {"aria-label": spoken});
  input.addEventListener("input", () => stage.change(write(Number(input.value))));
  stage.refreshers.push(now => {
    adapt?.(now, {row, input, name});
    input.value = read(now);
    setText(shown, text(read(now), now));
    set(input, {"aria-valuetext": shown.textContent});
  });
}

/** A native drop-down list for the text trait `trait`; `options` are [value, label] pairs; `write(value)` may set more traits. */
function select(stage, parent, {trait, label, options, write = value => ({[trait]: value})}) {
  const input = set(html("select", {}, control(parent, label)), {"aria-label": label});
  for (const [value, name] of options) html("option", {value, textContent: name}, input);
  input.addEventListener("change", () => stage.change(write(input.value)));
  stage.refreshers.push(now => { input.value = now[trait]; });
}

/** A button that sets traits. */
function button(stage, parent, label, traits) {
  html("button", {type: "button", textContent: label}, parent).addEventListener("click", () => stage.change(traits));
}

/**
 * A button that moves the slider of `trait` on by itself, from where it is (from the start, if at the end) to `last`,
 * a number or, where that depends on the situation, a function that returns it. For readers who want less motion it is
 * one step at a time.
 */
function player(stage, parent, {trait, label, last, step = 1, wait = 250}) {
  const control = html("button", {type: "button"}, parent), end = () => typeof last === "function" ? last() : last;
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  let ticking, place;
  const show = () => { control.textContent = `${ticking ? "Stop" : calm.matches ? "Next" : "Play"}: ${label}`; };
  const stop = () => { ticking = clearInterval(ticking); show(); };
  const move = value => stage.change({[trait]: place = value});
  const advance = () => move(Math.min(place + step, end()));
  control.addEventListener("click", () => {
    if (ticking) return stop();
    const done = stage.model.get(trait) >= end();
    if (done) move(0);
    place = stage.model.get(trait);
    if (calm.matches) return done ? undefined : advance();
    ticking = setInterval(() => {
      if (stage.model.get(trait) !== place) return stop();           // the reader has taken over
      advance();
      if (place >= end()) stop();
    }, wait);
    show();
  });
  calm.addEventListener("change", stop);
  stage.closers.push(stop, () => calm.removeEventListener("change", stop));
  show();
}

// ---- the whole

/** Whether the browser has what all widgets stand on. */
function capable() {
  return "adoptedStyleSheets" in document && "replaceSync" in CSSStyleSheet.prototype
    && "DecompressionStream" in globalThis && "ResizeObserver" in globalThis;
}

/**
 * A widget: `initialize` unpacks its data, ahead of time where there is time, and `render` draws it. What goes wrong
 * becomes a sentence, and `data-problem` tells the page to keep its picture.
 */
function widget(build) {
  const initialize = ({model}) => { if (capable()) arraysOf(model).catch(() => {}); };
  const render = async ({model, el}) => {
    let stage;
    try {
      if (!capable()) throw new Problem(TOO_OLD);
      const arrays = await arraysOf(model);
      stage = new Stage(model, el);
      stage.arrays = arrays;
      stage.start(build(stage));
    } catch (error) {
      stage?.close();
      console.debug(error);
      el.dataset.problem = error instanceof Problem ? error.message : DAMAGED;
      const sentence = `This interactive figure could not start: ${el.dataset.problem}`;
      set(html("p", {className: "widget-problem", textContent: sentence}, el), {role: "status"});
    }
    return () => stage?.close();
  };
  return {initialize, render};
}
