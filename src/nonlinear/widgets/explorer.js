// The explorer: up to three functions of the catalogue with slopes, tangents and traits, at a z that the reader drags.

const EXPLORER_STYLE = `
.slots { display: grid; gap: .25rem 1.5rem; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); align-items: end; }
.slots.parameters { align-items: start; }
.control[hidden] { display: none; }
.drag svg { cursor: ew-resize; }
.tangent { stroke: var(--light); stroke-width: 1.3; }
.guide { stroke: var(--soft); stroke-width: 1; stroke-dasharray: 4 3; }
.point { fill: var(--light); stroke: var(--paper); stroke-width: 1.5; }
:host(.dark) .tangent { stroke: var(--dark); }
:host(.dark) .point { fill: var(--dark); }
.cards { display: grid; gap: .75rem 1.5rem; grid-template-columns: repeat(auto-fit, minmax(13rem, 1fr)); margin-top: .5rem; }
.card .called { margin: 0 0 .25rem; padding-left: .6rem; border-left: .4rem solid var(--light); font-weight: 600; }
:host(.dark) .card .called { border-color: var(--dark); }
.card dl { grid-template-columns: auto 1fr; margin: 0; font-size: .93em; }
.card dt { color: var(--soft); }
.card dd { font-weight: 400; }
.card dd.now { font-weight: 600; }
`;

const SLOTS = ["first", "second", "third"], NONE = "none";

// ---- reading the arrays

/** Float32 values that `explorer.py` coded: second differences of their bits, the bytes in four planes. */
function floats(bytes, start, count, plane) {
  const bits = new Int32Array(count);
  let step = 0, level = 0;
  for (let i = 0; i < count; i++) {
    const at = start + i;
    step = step + (bytes[at] | bytes[plane + at] << 8 | bytes[2 * plane + at] << 16 | bytes[3 * plane + at] << 24) | 0;
    level = level + step | 0;
    bits[i] = level < 0 ? -2147483648 - level : level;
  }
  return new Float32Array(bits.buffer);
}

// ---- drawings

/** One drawing: "values" with tangents, or "slopes". */
function layCurves(stage, what) {
  return (drawing, width) => {
    const zs = stage.model.get("zs");
    let limits, parts;

    const build = now => {
      drawing.replaceChildren();
      const names = now.shown.map(({title}) => title), keyHeight = layKey(width, names).height;
      const place = svg("g", {transform: `translate(0 ${keyHeight})`});
      const reach = now.shown.map(each => each[what === "values" ? "view" : "slopeView"]);
      const low = Math.min(...reach.map(([end]) => end)), high = Math.max(...reach.map(([, end]) => end)), margin = 0.06 * (high - low);
      const frame = chart(place, width, 250, {
        x: {limits: [zs[0], zs.at(-1)], label: "z"}, y: {limits: [low - margin, high + margin]}});
      size(drawing, width, 250 + keyHeight);
      drawing.append(place);
      for (const [one, X1, X2, Y1, Y2] of [[0, zs[0], zs.at(-1), 0, 0], [0, 0, 0, low - 9, high + 9]]) {
        svg("line", {class: "zero", x1: frame.X(X1), x2: frame.X(X2), y1: frame.Y(Y1), y2: frame.Y(Y2), stroke: "var(--faint)", "stroke-width": 2}, frame.body);
      }
      const guide = svg("line", {class: "guide", y1: frame.frame.y, y2: frame.frame.y + frame.frame.height}, frame.body);
      const layers = ["tangent", "line", "point"].map(name => SLOTS.map(() =>
        svg({tangent: "line", line: "path", point: "circle"}[name], {class: name}, frame.body)));
      const [labels, samples] = ["text", "path"].map(name => SLOTS.map(() => svg(name, name === "path" ? {class: "line"} : {}, drawing)));
      grab(drawing, () => ([x]) => stage.change({z: zs[nearest(zs, frame.X.back(x))]}));
      return {...frame, guide, layers, labels, samples, keyHeight};
    };

    return now => {
      const key = now.shown.map(({name}) => name).join();
      if (limits !== key) [limits, parts] = [key, build(now)];
      const {X, Y, guide, layers: [tangents, lines, points], labels, samples, frame, keyHeight} = parts;
      const at = X(now.z), inside = y => Number.isNaN(y) ? y : within(y, -1e4, 1e4);
      set(guide, {x1: at, x2: at});
      SLOTS.forEach((_, n) => {
        const each = now.shown[n];
        for (const node of [tangents[n], lines[n], points[n]]) {
          node.style.display = each ? "" : "none";
          if (each) paint(node, each.look);
        }
        if (!each) return;
        const path = withBreaks(zs, each[what], what === "values" ? each.corners : each.jumps);
        set(lines[n], {d: pathThrough(path.map(([x]) => X(x)), path.map(([, y]) => inside(Y(y)))), "stroke-dasharray": each.look[2]});
        const {value, slope} = each, y = what === "values" ? value : slope;
        set(points[n], {cx: at, cy: inside(Y(y)), r: 5.5});
        const tangent = x => inside(Y(value + slope * (x - now.z)));
        set(tangents[n], {x1: X(zs[0]), x2: X(zs.at(-1)), y1: tangent(zs[0]), y2: tangent(zs.at(-1))});
        tangents[n].style.display = what === "values" && !each.kinked ? "" : "none";
      });
      nameLines({shown: now.shown.map(each => ({...each, name: each.title})), names: labels, samples, direct: false, heights: [],
        frame, width, keyHeight});
      const heading = what === "values" ? "Values f of z, with tangents" : "Slopes f prime of z";
      set(drawing, {"aria-label": `${heading}. ${now.spoken}`});
    };
  };
}

// ---- the widget

/** A card for each function: what is read at z, then its traits, whose terms are the same for all functions. */
function addCards(stage, parent) {
  const cards = html("div", {className: "cards"}, parent);
  let laid = [];
  const lay = ({traits}) => {
    const card = html("div", {className: "card"}, cards), heading = html("p", {className: "called"}, card), list = html("dl", {}, card);
    const row = (term, className = "") => {
      html("dt", {textContent: term}, list);
      return html("dd", {className}, list);
    };
    return {heading, now: ["value f(z)", "slope f′(z)"].map(term => row(term, "now")), rest: traits.map(([term]) => row(term))};
  };
  stage.refreshers.push(({shown}) => {
    if (laid.length !== shown.length) {
      cards.replaceChildren();
      laid = shown.map(lay);
    }
    shown.forEach(({look, called, value, slope, kinked, traits}, n) => {
      const {heading, now, rest} = laid[n];
      setText(heading, called);
      paint(heading, look);
      setText(now[0], format(value, ".4g"));
      setText(now[1], `${format(slope, ".4g")}${kinked ? " (by convention)" : ""}`);
      traits.forEach(([, text], i) => setText(rest[i], text));
    });
  });
}

function buildExplorer(stage) {
  const {model, root, arrays} = stage, zs = model.get("zs"), functions = model.get("functions");
  const total = Object.fromEntries(["values", "slopes"].map(what => [what, arrays[what].length / 4]));
  stage.style(LINES_STYLE + EXPLORER_STYLE);

  const selects = html("div", {className: "slots"}, root);
  SLOTS.forEach((slot, n) => select(stage, selects, {trait: slot, label: `${slot} function`,
    options: [...n ? [[NONE, "none"]] : [], ...functions.map(({name, title}) => [name, title])],
    write: chosen => ({[slot]: chosen,
      [`${slot}_parameter`]: functions.find(({name}) => name === chosen)?.parameter?.usual ?? 0})}));
  const bars = html("div", {className: "slots parameters"}, root);
  for (const slot of SLOTS) {
    const trait = `${slot}_parameter`, parameter = now => now.slots[slot]?.parameter;
    slider(stage, bars, {trait, label: "", min: 0, max: 1,
      read: now => now.slots[slot]?.place ?? 0,
      write: position => ({[trait]: parameter(stage.now).values[position]}),
      text: (position, now) => parameter(now) ? format(parameter(now).values[position], ".3g") : "",
      adapt(now, {row, input, name}) {
        row.hidden = !parameter(now);
        if (row.hidden) return;
        input.max = parameter(now).values.length - 1;
        name.textContent = `${now.slots[slot].title}: ${parameter(now).label}`;
        set(input, {"aria-label": name.textContent});
      }});
  }

  const drawings = html("div", {className: "pair drag"}, root);
  for (const [what, title, more] of [["values", "f(z)", "the value, with the tangent at z"], ["slopes", "f′(z)", "the slope"]]) {
    const column = html("div", {}, drawings);
    html("span", {textContent: `: ${more}`}, html("p", {className: "heading", textContent: title}, column));
    panel(stage, column, layCurves(stage, what));
  }
  slider(stage, root, {trait: "z", label: "z", min: zs[0], max: zs.at(-1), step: model.get("step"), text: z => format(z, ".1f")});
  addCards(stage, root);

  const read = new Map(), readAt = (what, row) => {                   // each is decoded once
    const key = `${what} ${row}`;
    if (!read.has(key)) read.set(key, floats(arrays[what], row * zs.length, zs.length, total[what]));
    return read.get(key);
  };

  const slotOf = (slot, n, at) => {
    const own = functions.find(each => each.name === model.get(slot)) ?? (n ? undefined : functions[0]);
    if (!own) return undefined;
    const {parameter, title} = own, place = parameter ? nearest(parameter.values, model.get(`${slot}_parameter`)) : 0;
    const [values, slopes] = ["values", "slopes"].map(what => readAt(what, own.row + place));
    const called = parameter ? `${title}, ${parameter.label} = ${format(parameter.values[place], ".3g")}` : title;
    const kinked = own.variants[place].kinks.some(kink => Math.abs(kink - zs[at]) < 1e-9);
    return {...own, ...own.variants[place], place, called, kinked, values, slopes, value: values[at], slope: slopes[at]};
  };

  return function situation() {
    const at = Math.round(within(model.get("z"), zs[0], zs.at(-1)) / model.get("step") - zs[0] / model.get("step")), z = zs[at];
    const slots = Object.fromEntries(SLOTS.map((slot, n) => [slot, slotOf(slot, n, at)])), shown = SLOTS.map(slot => slots[slot]).filter(Boolean);
    const names = SLOTS.map(slot => [slot, slots[slot]?.name ?? NONE]);
    const parameters = SLOTS.filter(slot => slots[slot]?.parameter).map(slot =>
      [`${slot}_parameter`, slots[slot].parameter.values[slots[slot].place]]);
    const read = shown.map(({called, value, slope, kinked}) =>
      `${called}: value ${format(value, ".4g")}, slope ${format(slope, ".4g")}${kinked ? " by convention" : ""}`);
    const rows = () => thinned(zs.map((each, i) => [format(each, ".1f"),
      ...shown.flatMap(({values, slopes}) => [values[i], slopes[i]].map(value => format(value, ".4g")))]), 25);
    const tables = () => [{caption: "Values and slopes", head: ["z", ...shown.flatMap(({called}) => [`${called}: f(z)`, "f′(z)"])], rows: rows()}];
    return {...Object.fromEntries(names), z, slots, shown, tables, spoken: `At z = ${format(z, ".1f")}. ${read.join("; ")}.`,
      drawn: [...names, ...parameters, ["z", z]].map(([name, value]) => `${name}=${value}`).join(" ")};
  };
}

export default widget(buildExplorer);
