// Mean and spread from layer to layer: the point of the inputs can be dragged, and the layers take it from there.

const MOMENTS_STYLE = `
.status { min-height: 2.9em; }
.reach { fill: none; stroke: var(--soft); stroke-width: 1.5; stroke-dasharray: 2 4; }
.way { fill: none; stroke: var(--light); stroke-width: 1.2; }
:host(.dark) .way { stroke: var(--dark); }
.stop { fill: var(--light); stroke: var(--paper); stroke-width: .8; }
:host(.dark) .stop { fill: var(--dark); }
.start { fill: var(--paper); stroke: var(--ink); stroke-width: 2.5; cursor: move; }
`;
const MOST_STOPS = 40;                                               // later points of a path lie on one another

let markers = 0;

/** What became of a signal, in a sentence. */
function fate({path, settled, function: name}, [least], depth) {
  const last = path.at(-1)[1], layer = path.length - 1;
  if (layer < depth) return last < least ? `It dies out: the spread is below ${format(least, ".3g")} at layer ${layer}.` : `It grows without end: the spread is beyond 1,000 at layer ${layer}.`;
  const [mean, spread] = path.at(-1).map(momentText);
  if (settled === "kept") return `It stays as large as it came: ${name} has no size of its own at this gain.`;
  return settled ? `It settles: mean ${mean}, spread ${spread}, wherever it started.` : `It is still on its way at layer ${depth}: mean ${mean}, spread ${spread}.`;
}

/** Whether a path has come to rest: at a size of the function's own, or at any ("kept"). */
function restOf(tables, f, gain, path, depth) {
  const end = path.at(-1), [, before] = path.at(-2);
  if (path.length <= depth || Math.abs(end[1] / before - 1) > 1e-3) return "";
  return carried(tables, f, gain, end) > 0.995 ? "kept" : "own";
}

/** A mean or a spread, as text; what is nothing but rounding is 0. */
function momentText(value) {
  return format(Math.abs(value) < 5e-4 ? 0 : value, ".3g");
}

/** Mean and spread of a layer, or that the path has ended before it. */
function layerText(moments) {
  return moments ? `mean ${momentText(moments[0])}, spread ${momentText(moments[1])}` : "beyond the limits";
}

/** A number to three digits. */
function threeDigits(value) {
  return Number(value.toPrecision(3));
}

// ---- drawings

function layPlane(stage, ranges) {
  return (drawing, width) => {
    const {X, Y, body} = chart(drawing, width, 280, {
      x: {limits: ranges.mean, label: "mean"}, y: {limits: ranges.spread, scale: "log"}});
    const reach = svg("path", {class: "reach"}, body), way = svg("path", {class: "way"}, body);
    const id = `stop-${markers++}`, stop = svg("marker", {id, markerWidth: 9, markerHeight: 9, refX: 4.5, refY: 4.5, markerUnits: "userSpaceOnUse"}, body);
    svg("circle", {class: "stop", cx: 4.5, cy: 4.5, r: 3.5}, stop);
    const stops = svg("path", {"marker-mid": `url(#${id})`, "marker-end": `url(#${id})`, fill: "none"}, body);
    const start = svg("circle", {class: "start", r: 8}, drawing), label = svg("text", {class: "halo", "text-anchor": "middle"}, drawing, "inputs");
    grab(drawing, () => ([x, y]) => stage.change({
      mean: Math.round(10 * within(X.back(x), ...ranges.mean)) / 10 + 0, spread: threeDigits(within(Y.back(y), ...ranges.spread))}));

    return now => {
      const [xs, ys] = [now.path.map(([mean]) => X(mean)), now.path.map(([, spread]) => Y(spread))];
      set(reach, {d: pathThrough(now.reach.map(([mean]) => X(mean)), now.reach.map(([, spread]) => Y(spread)))});
      set(way, {d: pathThrough(xs, ys)});
      set(stops, {d: pathThrough(xs.slice(0, MOST_STOPS + 1), ys.slice(0, MOST_STOPS + 1))});
      for (const node of [stop, way]) paint(node, now.look);
      set(start, {cx: xs[0], cy: ys[0]});
      set(label, {x: within(xs[0], X(ranges.mean[0]) + 24, X(ranges.mean[1]) - 24), y: ys[0] < 40 ? ys[0] + 24 : ys[0] - 14});
      set(drawing, {"aria-label": `A plane: the mean across, the spread upwards on a log scale. ${now.spoken}`});
    };
  };
}

function layLayers(ranges, depth) {
  return (drawing, width) => {
    const {X, Y, body} = chart(drawing, width, 280, {
      x: {limits: [0, depth], label: "layer"}, y: {limits: ranges.spread, scale: "log"}});
    const line = svg("path", {class: "line"}, body);

    return now => {
      set(line, {d: pathThrough(now.path.map((_, layer) => X(layer)), now.path.map(([, spread]) => Y(spread))), "stroke-dasharray": now.look[2]});
      paint(line, now.look);
      set(drawing, {"aria-label": `The spread against the layer, on a log scale. ${now.spoken}`});
    };
  };
}

// ---- the widget

function buildMoments(stage) {
  const {model, root, arrays} = stage, functions = model.get("functions"), ranges = model.get("ranges"), limits = model.get("limits");
  const depth = model.get("depth"), tables = {...arrays, ...model.get("grid")}, names = functions.map(([name]) => name);
  stage.style(LINES_STYLE + MOMENTS_STYLE);
  const pictures = html("div", {className: "pair"}, root);
  for (const [text, lay] of [["Mean and spread", layPlane(stage, ranges)], ["Spread by layer", layLayers(ranges, depth)]]) {
    const column = html("div", {}, pictures);
    html("p", {className: "heading", textContent: text}, column);
    panel(stage, column, lay);
  }
  const status = html("p", {className: "status"}, root), controls = html("div", {className: "pair"}, root);
  const [low, high] = ranges.spread.map(Math.log10);
  select(stage, controls, {trait: "function", label: "activation", options: names.map(name => [name, name])});
  slider(stage, controls, {trait: "gain", label: "gain of the weights", min: ranges.gain[0], max: ranges.gain[1], step: 0.01, text: value => format(value, ".2f")});
  slider(stage, controls, {trait: "mean", label: "mean of the inputs", min: ranges.mean[0], max: ranges.mean[1], step: 0.1, text: value => format(value, ".1f")});
  slider(stage, controls, {trait: "spread", label: "spread of the inputs", min: low, max: high, step: 0.05,
    read: now => Math.log10(now.spread), write: power => ({spread: threeDigits(10 ** power)}), text: (_, now) => format(now.spread, ".3g")});
  const buttons = html("div", {className: "buttons"}, root);
  for (const [label, gain] of model.get("presets")) button(stage, buttons, label, {gain});
  const list = html("dl", {}, root), layers = [...model.get("marked"), depth];
  const values = layers.map(layer => {
    html("dt", {textContent: `layer ${layer}`}, list);
    return html("dd", {}, list);
  });

  stage.refreshers.push(now => {
    setText(status, fate(now, limits, depth));
    layers.forEach((layer, n) => setText(values[n], layerText(now.path[layer])));
  });

  return function situation() {
    const [gain, mean, spread] = ["gain", "mean", "spread"].map(name => within(model.get(name), ...ranges[name]));
    const f = Math.max(names.indexOf(model.get("function")), 0), path = momentsPath(tables, f, gain, [mean, spread], depth, limits);
    const reach = Array.from({length: tables.points}, (_, k) => [
      tables.means[f * tables.points + k] * (1 + 10 ** (tables.low + k * tables.step)), 10 ** tables.spreads[f * tables.points + k]]);
    const now = {function: names[f], gain, mean, spread, path, reach, look: functions[f][1], settled: restOf(tables, f, gain, path, depth)};
    const spoken = `${names[f]}, gain ${format(gain, ".2f")}, inputs of mean ${momentText(mean)} and spread ${momentText(spread)}. ${fate(now, limits, depth)}`;
    const rows = thinned(path.map(([m, s], layer) => [layer ? String(layer) : "inputs", momentText(m), momentText(s)]));
    return {...now, spoken, tables: () => [{caption: `${names[f]}, layer by layer`, head: ["layer", "mean", "spread"], rows}],
      drawn: `function=${names[f]} gain=${gain} mean=${mean} spread=${spread}`};
  };
}

export default widget(buildMoments);
