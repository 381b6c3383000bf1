// What every widget of the course shares. `_base.py` puts this text before a widget's own, and the two are one ES module.
//
// A widget is a function build(stage). It adds controls, drawings and text to the stage, each with a function that brings
// it up to date, and returns situation(): the present state, computed once and handed to all of them.

const STYLE = `
:host { --ink: #1a1a1a; --paper: #ffffff; --faint: #1a1a1a26; --soft: #55595f; --blue: #0b62c4;
  display: block; container-type: inline-size; max-width: 46rem; margin: 1rem 0; color: var(--ink); line-height: 1.45; }
:host(.dark) { --ink: #e8e8e8; --paper: #14181e; --faint: #e8e8e833; --soft: #b4bac2; --blue: #6cb0ff; }
svg { display: block; width: 100%; overflow: visible; }
svg text { fill: var(--ink); font-family: inherit; font-size: 12px; font-variant-numeric: tabular-nums; }
svg .halo { paint-order: stroke; stroke: var(--paper); stroke-width: 4px; stroke-linejoin: round; }
svg .soft { fill: var(--soft); }
p { margin: .5rem 0; }
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
button:hover { border-color: var(--blue); }
:focus-visible { outline: 3px solid var(--blue); outline-offset: 2px; border-radius: .25rem; }
.spoken { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
`;

// ---- nodes

function set(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
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

// ---- numbers

/** The number nearest to `value` between `low` and `high`; `low` for what is not a number. */
function within(value, low, high) {
  return Math.min(high, Math.max(low, Number.isFinite(Number(value)) ? Number(value) : low));
}

/** A number with a true minus sign and no minus zero; `spec` is a subset of Python's: ".2f", ".1%" or ".3g". */
function format(value, spec) {
  const [, digits, kind] = /^\.(\d)([f%g])$/.exec(spec);
  const text = {
    "f": () => value.toFixed(digits),
    "%": () => (100 * value).toFixed(digits) + "%",
    "g": () => {
      const rounded = Number(value.toPrecision(digits));
      return Math.abs(rounded) < 1e6 ? String(rounded) : rounded.toExponential().replace("+", "");
    },
  }[kind]();
  return (/[1-9]/.test(text) ? text : text.replace("-", "")).replaceAll("-", "−");
}

// ---- scales and axes

/** Round steps of 1, 2 or 5 times a power of ten, about `count` of them. */
function steps(low, high, count) {
  const rough = (high - low) / count, power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map(k => k * power).find(size => size >= 0.7 * rough);
  const first = Math.ceil(low / step - 1e-9), last = Math.floor(high / step + 1e-9);
  return Array.from({length: last - first + 1}, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/** Powers of ten: at most ten of them, and with 2 and 5 between them where there would be fewer than three. */
function decades(low, high) {
  const first = Math.floor(Math.log10(low)), last = Math.ceil(Math.log10(high));
  const powers = Array.from({length: 1 + last - first}, (_, i) => first + i), inside = t => low <= t && t <= high;
  const ticks = leading => powers.flatMap(power => leading.map(k => Number(`${k}e${power}`))).filter(inside);
  if (ticks([1]).length < 3) return ticks([1, 2, 5]);
  return ticks([1]).filter((_, i, all) => i % Math.ceil(all.length / 10) === 0);
}

/** Maps a value to pixels; `.ticks(count)` are the values worth a label. */
function scale([low, high], [start, end], kind = "linear") {
  const flat = kind === "log" ? Math.log10 : value => value;
  const position = value => start + (flat(value) - flat(low)) / (flat(high) - flat(low)) * (end - start);
  position.ticks = count => kind === "log" ? decades(low, high) : steps(low, high, count);
  return position;
}

/** Tick marks and labels below (`y`) or to the left of (`x`) a drawing; `grid` is where the lines across it end. */
function axis(parent, position, {x, y, count = 4, ticks = position.ticks(count), text = t => format(t, ".6g"), grid}) {
  for (const tick of ticks) {
    const at = position(tick), across = y === undefined;
    const line = across ? {x1: x - 5, x2: grid ?? x, y1: at, y2: at} : {x1: at, x2: at, y1: y + 5, y2: grid ?? y};
    svg("line", {...line, stroke: "var(--faint)"}, parent);
    svg("text", across ? {x: x - 8, y: at + 4, "text-anchor": "end"} : {x: at, y: y + 18, "text-anchor": "middle"}, parent, text(tick));
  }
}

// ---- data

const ARRAYS = {float64: Float64Array, float32: Float32Array, int32: Int32Array, uint16: Uint16Array, uint8: Uint8Array};

/** The arrays that `_base.pack` packed: {name: typed array}. */
async function unpack(packed, layout) {
  if (!packed?.byteLength) throw new Error("its data are missing.");
  if (!globalThis.DecompressionStream) throw new Error("this browser cannot unpack its data; one released since 2023 can.");
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  const damaged = () => { throw new Error("its data arrived damaged; loading the page again may help."); };
  const bytes = await new Response(stream).arrayBuffer().catch(damaged);
  const arrays = {};
  let offset = 0;
  for (const {name, dtype, shape} of layout ?? damaged()) {
    const size = shape.reduce((product, length) => product * length, 1), length = size * ARRAYS[dtype].BYTES_PER_ELEMENT;
    if (offset + length > bytes.byteLength) damaged();
    arrays[name] = new ARRAYS[dtype](bytes, offset, size);
    offset += Math.ceil(length / 8) * 8;
  }
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

class Stage {
  constructor(model, el) {
    this.model = model;
    this.refreshers = [];
    this.host = html("div", {}, el);
    this.host.dataset.lmSuppressShortcuts = "true";                  // in JupyterLab the arrow keys belong to the sliders
    this.root = this.host.attachShadow({mode: "open"});
    this.closers = [followTheme(this.host), () => cancelAnimationFrame(this.frame), () => clearTimeout(this.speaking)];
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
    this.voice = set(html("p", {className: "spoken"}, this.root), {role: "status"});
    const queue = () => this.queue();
    for (const name of this.model.get("shared")) {
      this.model.on(`change:${name}`, queue);
      this.closers.push(() => this.model.off(`change:${name}`, queue));
    }
    this.draw();
  }

  queue() {
    if (!this.situation) return;
    this.frame ??= requestAnimationFrame(() => { this.frame = null; this.draw(); });
  }

  draw() {
    const now = this.situation(), first = this.host.dataset.drawn === undefined;
    for (const refresh of this.refreshers) refresh(now);
    if (!first && this.host.dataset.drawn !== now.drawn) this.say(now.spoken);
    this.host.dataset.drawn = now.drawn;
  }

  /** Speaks when the reader pauses, not at every step of a drag. */
  say(words) {
    clearTimeout(this.speaking);
    this.speaking = setTimeout(() => { this.voice.textContent = words; }, 700);
  }

  close() {
    for (const finish of this.closers.splice(0)) finish();
    this.host.remove();
  }
}

/** A drawing in CSS pixels: lay(svg, width) draws what stays and returns the update; a new width lays it out anew. */
function panel(stage, parent, lay) {
  const frame = html("div", {}, parent), drawing = svg("svg", {role: "img"}, frame);
  let width, update;
  const observer = new ResizeObserver(() => { if (Math.round(frame.clientWidth) !== width) stage.queue(); });
  observer.observe(frame);
  stage.closers.push(() => observer.disconnect());
  stage.refreshers.push(now => {
    const room = Math.round(frame.clientWidth) || 640;
    if (room !== width) {
      drawing.replaceChildren();
      update = lay(drawing, width = room);
    }
    update(now);
  });
}

/** Gives a drawing its size, one unit to the pixel. */
function size(drawing, width, height) {
  set(drawing, {viewBox: `0 0 ${width} ${height}`, width, height});
}

// ---- controls

function control(parent, label) {
  const row = html("label", {className: "control"}, parent);
  html("span", {textContent: label}, row);
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
  const row = control(parent, label), name = row.firstChild, shown = html("span", {className: "value"}, row);
  const input = set(html("input", {type: "range", min, max, step}, row), {"aria-label": spoken});
  input.addEventListener("input", () => stage.change(write(Number(input.value))));
  stage.refreshers.push(now => {
    adapt?.(now, {row, input, name});
    input.value = read(now);
    shown.textContent = text(read(now), now);
    input.setAttribute("aria-valuetext", shown.textContent);
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
 * a number or, where that depends on the situation, a function that returns it.
 */
function player(stage, parent, {trait, label, last, step = 1, wait = 250}) {
  const control = html("button", {type: "button"}, parent), end = () => typeof last === "function" ? last() : last;
  let ticking, place;
  const show = () => { control.textContent = `${ticking ? "Stop" : "Play"}: ${label}`; };
  const stop = () => { ticking = clearInterval(ticking); show(); };
  const move = value => stage.change({[trait]: place = value});
  control.addEventListener("click", () => {
    if (ticking) return stop();
    if (stage.model.get(trait) >= end()) move(0);
    place = stage.model.get(trait);
    ticking = setInterval(() => {
      if (stage.model.get(trait) !== place) return stop();           // the reader has taken over
      move(Math.min(place + step, end()));
      if (place >= end()) stop();
    }, wait);
    show();
  });
  stage.closers.push(stop);
  show();
}

// ---- the whole

/** The render function of a widget; what goes wrong becomes a sentence, and `data-problem` tells the page to keep its picture. */
function widget(build) {
  return async function render({model, el}) {
    const stage = new Stage(model, el);
    try {
      stage.arrays = await unpack(model.get("data"), model.get("data_layout"));
      stage.start(build(stage));
    } catch (error) {
      stage.close();
      el.dataset.problem = error.message;
      const sentence = `This interactive figure could not start: ${error.message}`;
      set(html("p", {className: "widget-problem", textContent: sentence}, el), {role: "status"});
    }
    return () => stage.close();
  };
}
