// The static host: runs anywidgets on a page without a kernel. Written by static_widgets.py next to the widgets' code.
(() => {
  const STATE = 'script[type="application/vnd.jupyter.widget-state+json"]';
  const VIEW = 'script[type="application/vnd.jupyter.widget-view+json"]';
  const WRITE_DELAY = 250;                                      // ms; browsers refuse too frequent changes of the address
  const SETTLED = 1500;                                         // ms after loading during which a page still moves
  const NEAR_TOP = 120;                                         // px
  const AHEAD = "600px";                                        // start a widget before it scrolls into view

  /** What a widget knows of its model: the part of anywidget's interface that needs no kernel. */
  class Model {
    constructor(state) {
      this.state = state;
      this.listeners = new Map();
    }

    get(name) {
      return this.state[name];
    }

    set(name, value) {
      if (typeof name === "object") return Object.entries(name).forEach(([key, each]) => this.set(key, each));
      if (Object.is(this.state[name], value)) return;
      this.state[name] = value;
      this.tell(`change:${name}`, value);
      this.tell("change");
    }

    save_changes() {}

    /** The address of this page with the present state of this model. */
    link() {
      writeAddress(this);
      return `${location.href.split("#")[0]}#${describe(this)}`;
    }

    on(events, listener) {
      for (const event of events.split(/\s+/)) {
        if (!this.listeners.has(event)) this.listeners.set(event, new Set());
        this.listeners.get(event).add(listener);
      }
    }

    off(events, listener) {
      if (!events) return this.listeners.clear();
      for (const event of events.split(/\s+/)) {
        if (listener) this.listeners.get(event)?.delete(listener);
        else this.listeners.delete(event);
      }
    }

    tell(event, value) {
      for (const listener of [...(this.listeners.get(event) ?? [])]) listener(this, value);
    }
  }

  /** Bytes from base64. */
  function decode(text) {
    const characters = atob(text), bytes = new Uint8Array(characters.length);
    for (let i = 0; i < bytes.length; i++) bytes[i] = characters.charCodeAt(i);
    return new DataView(bytes.buffer);
  }

  /** A stored model with its binary parts put back in their places. */
  function restore({state, buffers = []}) {
    for (const {path, data} of buffers) {
      const last = path.at(-1);
      path.slice(0, -1).reduce((part, key) => part[key], state)[last] = decode(data);
    }
    return new Model(state);
  }

  /** The models of the page, each restored when first asked for. */
  function catalogue(stored) {
    const models = new Map();
    return (id) => {
      if (!stored[id]) throw new Error("its data is missing from the page.");
      if (!models.has(id)) models.set(id, restore(stored[id]));
      return models.get(id);
    };
  }

  /** Connect the traits that `jslink` or `jsdlink` tied together in the notebook. */
  function link({model_name: kind, state}, model) {
    const [[source, from], [target, to]] = [state.source, state.target]
      .map(([reference, trait]) => [model(reference.replace("IPY_MODEL_", "")), trait]);
    const push = () => target.set(to, source.get(from));
    source.on(`change:${from}`, push);
    if (kind === "LinkModel") target.on(`change:${to}`, () => source.set(from, target.get(to)));
    push();
  }

  // The address: #neuron:bias=-1.5,w1=0.4 holds the shared traits of the widget moved last. Of a trait that counts places on
  // an axis (those are in the trait `places`) it holds the value there, which means the same when the axis has changed.

  /** The settings in the address, by widget name. */
  function readAddress() {
    const settings = new Map();
    for (const part of location.hash.slice(1).split("&")) {
      const [, name, pairs] = part.match(/^([\w-]+):(.*)$/) ?? [];
      if (name) settings.set(name, new Map(pairs.split(",").map((pair) => pair.split("="))));
    }
    return settings;
  }

  /** Text as a number; `undefined` if it is none. */
  function toNumber(text) {
    return text.trim() !== "" && Number.isFinite(+text) ? +text : undefined;
  }

  /** The place on an axis with the value that a text gives, or the one nearest to it. */
  function placeOf(text, values) {
    const same = values.findIndex((value) => String(value) === text), number = toNumber(text);
    if (same >= 0 || number === undefined || !values.every(Number.isFinite)) return same >= 0 ? same : undefined;
    return values.reduce((best, value, i) => (Math.abs(value - number) < Math.abs(values[best] - number) ? i : best), 0);
  }

  /** Text from the address as a value of the same type as the present one; `undefined` if it is none. */
  function parse(text, present, values) {
    try {
      const plain = decodeURIComponent(text);
      if (values) return placeOf(plain, values);
      if (typeof present === "number") return toNumber(plain);
      if (typeof present === "string") return plain;
    } catch {}
    return undefined;
  }

  /** Set the shared traits of a model that the address names. */
  function applyAddress(model) {
    const pairs = readAddress().get(model.get("name"));
    for (const trait of (pairs && model.get("shared")) ?? []) {
      const value = pairs.has(trait) ? parse(pairs.get(trait), model.get(trait), model.get("places")?.[trait]) : undefined;
      if (value !== undefined) model.set(trait, value);
    }
  }

  /** The shared state of one model as the address holds it. */
  function describe(model) {
    const value = (trait) => model.get("places")?.[trait]?.[model.get(trait)] ?? model.get(trait);
    const pairs = (model.get("shared") ?? []).map((trait) => `${trait}=${encodeURIComponent(value(trait))}`);
    return `${model.get("name")}:${pairs.join(",")}`;
  }

  let timer;

  /** Put the state of a moved widget into the address, a moment after its last change. */
  function remember(model) {
    clearTimeout(timer);
    timer = setTimeout(() => writeAddress(model), WRITE_DELAY);
  }

  function writeAddress(model) {
    clearTimeout(timer);
    try {
      history.replaceState(history.state, "", `#${describe(model)}`);
    } catch {}                                                  // an address that cannot be changed loses nothing else
  }

  /**
   * Bring a box into view, and keep it there while the page around it still changes, until the reader does something. Most
   * browsers keep it there by themselves: a frame after a change there is nothing left to do.
   */
  function land(box) {
    const go = () => box.scrollIntoView({block: box.offsetHeight < innerHeight ? "center" : "start", behavior: "instant"});
    const settling = new ResizeObserver(() => requestAnimationFrame(() => isLanded(box) || go())), stop = () => settling.disconnect();
    for (const node of [box, document.body]) settling.observe(node);
    for (const event of ["wheel", "touchstart", "pointerdown", "keydown"]) addEventListener(event, stop, {once: true, passive: true});
    const later = () => setTimeout(stop, SETTLED);
    document.readyState === "complete" ? later() : addEventListener("load", later, {once: true});
    go();
  }

  /** Whether a box is on the screen as a whole, or from its beginning. */
  function isLanded(box) {
    const {top, height} = box.getBoundingClientRect();
    return top >= 0 && top <= Math.max(innerHeight - height, NEAR_TOP);
  }

  /** Say what went wrong, and leave the picture. */
  function complain(box, message) {
    const line = document.createElement("p");
    line.className = "widget-problem";
    line.setAttribute("role", "status");
    line.textContent = `This interactive figure could not start: ${message}`;
    box.prepend(line);
    box.dataset.state = "failed";
  }

  /** A widget's code, which may arrive later than the host; nothing arrives after the page has loaded. */
  async function codeOf(key) {
    const found = () => globalThis.NONLINEAR_WIDGETS?.[key];
    while (!found() && document.readyState !== "complete") {
      await new Promise((done) => {
        document.addEventListener("load", done, {capture: true, once: true});
        document.addEventListener("readystatechange", done, {once: true});
      });
    }
    if (!found()) throw new Error("its code did not load.");
    return found();
  }

  /** Draw a model into a box; a widget reports a problem of its own in `data-problem`. */
  async function draw(box, model) {
    const widget = await codeOf(model.get("_esm"));
    const el = document.createElement("div");
    box.prepend(el);
    try {
      await widget.initialize?.({model});
      await widget.render({model, el});
      if (el.dataset.problem) throw new Error(el.dataset.problem);
    } catch (error) {
      el.remove();
      throw error;
    }
  }

  function isSeen(box) {
    const {top, bottom} = box.getBoundingClientRect();
    return bottom > 0 && top < innerHeight;
  }

  function idOf(box) {
    return JSON.parse(box.querySelector(VIEW).textContent).model_id;
  }

  /** Bring one box to life. */
  async function start(box, model) {
    try {
      const own = model(idOf(box));
      await draw(box, own);
      applyAddress(own);                                        // after drawing: the first state is the one to reset to
      for (const trait of own.get("shared") ?? []) own.on(`change:${trait}`, () => remember(own));
      box.dataset.state = "live";
    } catch (error) {
      complain(box, error.message);
    }
  }

  /** The name of the widget in a box, if its data are there; they stay packed. */
  function nameOf(box, stored) {
    return stored[idOf(box)]?.state.name;
  }

  /** Unpack what a widget draws while the page still waits for its style sheets. */
  async function prepare(box, model) {
    try {
      const own = model(idOf(box));
      (await codeOf(own.get("_esm"))).initialize?.({model: own});
    } catch {}                                                  // said when the box starts
  }

  /**
   * Start the boxes of the first screen in its first frame, which comes before the theme's scripts, and the others shortly
   * before they come into view; a box that the address names is brought into view.
   */
  function startAll() {
    const boxes = [...document.querySelectorAll(".nl-widget")];
    try {
      const {state} = JSON.parse(document.querySelector(STATE).textContent);
      const model = catalogue(state);
      for (const stored of Object.values(state)) if (/LinkModel$/.test(stored.model_name)) link(stored, model);
      const observer = new IntersectionObserver((entries) => {
        for (const {target} of entries.filter((entry) => entry.isIntersecting)) {
          observer.unobserve(target);
          start(target, model);
        }
      }, {rootMargin: AHEAD});
      const named = () => boxes.find((box) => readAddress().has(nameOf(box, state)));
      const visit = () => {
        const box = named();
        if (box?.dataset.state) applyAddress(model(idOf(box)));
        if (box) land(box);
      };
      addEventListener("hashchange", visit);
      if (boxes.length) prepare(named() ?? boxes[0], model);
      requestAnimationFrame(() => {
        visit();
        for (const box of boxes) isSeen(box) ? start(box, model) : observer.observe(box);
      });
    } catch {
      boxes.forEach((box) => complain(box, "the page's widget data cannot be read."));
    }
  }

  globalThis.NONLINEAR_HOST = {decode, restore, draw};          // for widgets that a reader's own cells show
  // The script waits neither for style sheets nor for the theme's scripts, only for the text.
  document.readyState === "loading" ? document.addEventListener("readystatechange", startAll, {once: true}) : startAll();
})();
