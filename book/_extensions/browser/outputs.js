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

/** Show a value, or in the place of one that was shown under the same name. */
function put(place, {place: name, update}, nodes) {
  if (!name) return place.append(...nodes);
  const box = element("div", "", ...nodes), shown = document.querySelectorAll(`[data-shown="${CSS.escape(name)}"]`);
  if (update) return shown.forEach((each) => each.replaceChildren(...nodes.map((node) => node.cloneNode(true))));
  box.dataset.shown = name;
  place.append(box);
}

/** Show one message of a cell in a place; `words` describe its figures. */
export function show(place, message, words) {
  const last = place.lastElementChild;
  if (message.stream) {
    const pre = last?.dataset.stream === message.stream && last.querySelector("pre");
    if (pre) return pre.append(message.text);
    place.append(text(message.text, `stream ${message.stream}`));
    place.lastElementChild.dataset.stream = message.stream;
  } else if (message.data) put(place, message, value(message.data, words));
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

/** The widgets of this Python, as models of the page. What a reader sets waits until Python has taken what came before. */
export class Widgets {
  constructor(send) {
    this.send = send;
    this.forget();
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
      const names = Object.keys(state);                         // without the bytes, which only Python changes
      const model = NONLINEAR_HOST.restore({state, buffers});
      for (const name of names) {
        model.on(`change:${name}`, (_, value) => this.tell(widget, model, name, value));
      }
      this.models.set(widget, model);
    }
    return this.models.get(widget);
  }

  /** Keep what a reader has set, and hand it over if Python is free. */
  tell(widget, model, name, value) {
    if (model.hearing || this.models.get(widget) !== model) return;
    this.told.set(widget, {...this.told.get(widget), [name]: value});
    if (!this.asking) this.next();
  }

  /** Hand over what waits of one widget, now that Python is free. */
  next() {
    const [[widget, values] = []] = this.told;
    this.asking = widget !== undefined;
    if (!this.asking) return;
    this.told.delete(widget);
    this.send(widget, values);
  }

  /** A new Python will have others. */
  forget() {
    this.models = new Map();
    this.told = new Map();
    this.asking = false;
  }

  /** Take over what Python has changed. */
  change({widget, changes, buffers}) {
    const model = this.models.get(widget);
    if (!model) return;
    const bytes = buffers.map(({path, data}) => [path[0], NONLINEAR_HOST.decode(data)]);
    model.hearing = true;
    model.set({...changes, ...Object.fromEntries(bytes)});
    model.hearing = false;
  }
}
