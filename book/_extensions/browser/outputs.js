// What a cell shows, as the page shows what is stored: text, tables, formulas, figures, errors, widgets.

/** A new element of a class, with something in it. */
export const element = (tag, name = "", ...content) => {
  const made = document.createElement(tag);
  made.className = name;
  made.append(...content);
  return made;
};

/** A new button. */
export function button(name, act) {
  const made = Object.assign(element("button", "", name), {type: "button"});
  made.addEventListener("click", act);
  return made;
}

/** Text in the page's own frame for it. */
function text(content, kind) {
  const inner = element("div", "highlight", element("pre", "", content));
  return element("div", `output ${kind} highlight-myst-ansi notranslate`, inner);
}

function image(kind, src, alt, size) {
  return Object.assign(element("img", `${kind} dark-light`), {src, alt, ...size});
}

/** The size of a drawing in pixels. */
function size(svg) {
  const [width, height] = svg.match(/<svg[^>]* width="([\d.]+)[a-z]*" height="([\d.]+)/).slice(1).map(Math.round);
  return {width, height};
}

/** A figure for light and for dark pages, as the site shows its own; it may have a second drawing, for phones. */
function figure(source, words) {
  const [wide, narrow] = source.split(/(?<=<\/svg>)\n(?=<svg)/);
  const address = (svg, anchor) => `data:image/svg+xml,${encodeURIComponent(svg)}${anchor}`;
  const kinds = wide.includes('id="dark"') ? {"for-light": "", "for-dark": "#dark"} : {"on-white": ""};
  return Object.entries(kinds).map(([kind, anchor]) => {
    const made = image(kind, address(wide, anchor), words, size(wide));
    if (!narrow) return made;
    const source = {media: "(max-width: 40rem)", srcset: address(narrow, anchor), ...size(narrow)};
    return element("picture", "", Object.assign(element("source"), source), made);
  });
}

const html = (source, kind) => Object.assign(element("div", `output ${kind}`), {innerHTML: source});

/** The best of what a value shows. */
function value(data, words) {
  if ("image/svg+xml" in data) return figure(data["image/svg+xml"], words);
  if ("text/html" in data) return [html(data["text/html"], "text_html")];
  for (const kind of ["image/png", "image/jpeg"]) {
    if (kind in data) return [image("on-white", `data:${kind};base64,${data[kind]}`, words)];
  }
  return "text/plain" in data ? [text(data["text/plain"], "text_plain")] : [];
}

/** An error: what it says, and folded, where it happened. */
function problem({summary, line, traceback}) {
  const head = line ? `${summary} (line ${line})` : summary;
  if (!traceback) return element("p", "run-error", head);
  return element("details", "run-error", element("summary", "", head), text(traceback, "traceback"));
}

/** Show one message of a cell in a place; `words` describe its figures. */
export function show(place, message, words) {
  const last = place.lastElementChild;
  if (message.stream) {
    const pre = last?.dataset.stream === message.stream && last.querySelector("pre");
    if (pre) return pre.append(message.text);
    place.append(text(message.text, `stream ${message.stream}`));
    place.lastElementChild.dataset.stream = message.stream;
  } else if (message.data) place.append(...value(message.data, words));
  else if (message.note) place.append(element("p", "run-note", message.note));
  else if (message.error) place.append(problem(message.error));
}

// ---- widgets

const loaded = new Map();

/** Load a script of the site once. */
function script(address) {
  if (!loaded.has(address)) {
    loaded.set(address, new Promise((resolve, reject) => {
      const failed = () => {
        loaded.delete(address);
        reject(new Error("its code did not load."));
      };
      const src = new URL(address, import.meta.url);
      document.head.append(Object.assign(element("script"), {src, onload: resolve, onerror: failed}));
    }));
  }
  return loaded.get(address);
}

const WAIT = 60; // ms between two messages to Python while a control is moved

/** Tell Python what the reader sets, a moment later and together. */
function talkBack(model, names, send) {
  let values = {}, timer;
  const tell = () => {
    timer = undefined;
    send(values);
    values = {};
  };
  for (const name of names) {
    model.on(`change:${name}`, (_, now) => {
      if (model.hearing) return;
      values[name] = now;
      timer ??= setTimeout(tell, WAIT);
    });
  }
}

/** The widgets of this Python, as models of the page. */
export class Widgets {
  constructor(send) {
    this.send = send;
    this.models = new Map();
  }

  /** Draw a widget in a place. */
  async draw(place, {widget, state, buffers, text: words}) {
    const [narrow, wide] = state.room ?? [0, 0], box = element("div", "nl-widget");
    box.style.cssText = `--narrow: ${narrow}px; --wide: ${wide}px`;
    box.setAttribute("aria-label", words);
    box.setAttribute("role", "group");
    place.append(box);
    try {
      if (!globalThis.NONLINEAR_HOST) await script("../static_widgets.js");
      if (!globalThis.NONLINEAR_WIDGETS?.[state._esm]) await script(`../widgets/${state._esm}.js`);
      await NONLINEAR_HOST.draw(box, this.model(widget, state, buffers));
      box.dataset.state = "live";
    } catch (error) {
      box.dataset.state = "failed";
      box.append(element("p", "widget-problem", `This interactive figure could not start: ${error.message}`));
    }
  }

  model(widget, state, buffers) {
    if (!this.models.has(widget)) {
      const model = NONLINEAR_HOST.restore({state, buffers}), bytes = new Set(buffers.map(({path}) => path[0]));
      const names = Object.keys(state).filter((name) => !bytes.has(name));
      talkBack(model, names, (values) => this.send(widget, values));
      this.models.set(widget, model);
    }
    return this.models.get(widget);
  }

  /** A new Python will have others. */
  forget() {
    this.models.clear();
  }

  /** Take over what Python has changed. */
  change({widget, changes}) {
    const model = this.models.get(widget);
    if (!model) return;
    model.hearing = true;
    model.set(changes);
    model.hearing = false;
  }
}
