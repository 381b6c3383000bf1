// The way back: a unit's z on the curve of its function, and its path under gradient descent.

const DESCENT_STYLE = `
.slope { stroke-dasharray: 6 4; stroke-width: 1.8; }
.zone { fill: var(--soft); fill-opacity: .2; }
`;

// ---- what the reader reads: the mirror of verdict in descent.py

function verdict(z, step, steps, most) {
  if (z >= 0) return "This unit is not stuck: its z is not below 0.";
  if (Number.isFinite(steps)) return `Back at 0 after ${grouped(steps)} step${steps > 1 ? "s" : ""}.`;
  if (step > 0) return `Not back after ${grouped(most)} steps, though each leads upwards.`;
  if (step === 0) return "Never back: the slope is exactly 0 here, so z stays where it is.";
  return "Never back: the slope is negative here, so each step leads further down.";
}

// ---- drawings

/** f and f′ with the point that is dragged. */
function layCurve(stage, {zs, low}) {
  const [first, last] = stage.model.get("ends"), high = stage.model.get("table").high;
  return (drawing, width) => {
    const height = 300, {X, Y, body, frame} = chart(drawing, width, height, {x: {limits: [low, high], label: "z"}, y: {limits: [-2.2, 3.2]}});
    const zone = svg("rect", {class: "zone", x: frame.x, y: frame.y, height: frame.height}, body);
    svg("line", {x1: frame.x, x2: frame.x + frame.width, y1: Y(0), y2: Y(0), stroke: "var(--faint)", "stroke-width": 2}, body);
    const guide = svg("line", {class: "guide", y1: frame.y, y2: frame.y + frame.height}, body);
    const slope = svg("path", {class: "line slope"}, body), value = svg("path", {class: "line"}, body);
    const way = svg("path", {class: "way"}, body), unit = svg("circle", {class: "unit", r: 7}, body);
    const names = ["f(z)", "f′(z)"].map((text, n) => {
      const sample = svg("path", {class: n ? "line slope" : "line", d: `M${frame.x + 12},${frame.y + 14 + 18 * n} h26`}, drawing);
      svg("text", {x: frame.x + 45, y: frame.y + 18 + 18 * n, class: "halo"}, drawing, text);
      return sample;
    });
    const note = svg("text", {class: "halo", y: frame.y + frame.height - 8, "text-anchor": "middle"}, drawing);
    const pull = ([x]) => stage.change({z: within(X.back(x), first, last)});
    grab(drawing, () => pull);

    return now => {
      [slope, value, ...names].forEach(node => paint(node, now.look));
      const xs = zs.map(X), inside = y => within(Y(y), -1e4, 1e4);
      set(value, {d: pathThrough(xs, Array.from(now.values, inside))});
      set(slope, {d: pathThrough(xs, Array.from(now.slopes, (s, i) => zs[i] === 0 && now.kinked && i && zs[i - 1] < 0 ? NaN : inside(s)))});
      const edge = now.stuckBelow === null ? frame.x : X(Math.min(now.stuckBelow, 0));
      set(zone, {width: Math.max(0, edge - frame.x)});
      set(note, {x: (frame.x + edge) / 2});
      setText(note, edge - frame.x > 120 ? now.trap ? "a step leads down" : "no step at all" : "");
      const x = X(now.z), y = inside(now.value), side = Math.sign(now.step);
      set(guide, {x1: x, x2: x});
      set(unit, {cx: x, cy: y});
      set(way, {d: side && now.z < 0 ? `M${x},${y} h${side * 26} m${-side * 8},-5 l${side * 8},5 l${-side * 8},5` : ""});
      set(drawing, {"aria-label": `The function ${now.function} and its slope over z. ${now.spoken}`});
    };
  };
}

/** z against the step, until it is back at 0. */
function layWay(stage, {low, most}) {
  return (drawing, width) => {
    const {X, Y, body, frame} = chart(drawing, width, 300, {x: {limits: [1, most], scale: "log", label: "steps (log scale)"}, y: {limits: [low - 2, 1]}});
    svg("line", {x1: frame.x, x2: frame.x + frame.width, y1: Y(0), y2: Y(0), stroke: "var(--soft)", "stroke-dasharray": "2 3"}, body);
    svg("text", {class: "halo soft", x: frame.x + 6, y: Y(0) - 5}, drawing, "z = 0: back");
    const line = svg("path", {class: "line"}, body), end = svg("circle", {class: "end", r: 5.5}, body);
    return now => {
      [line, end].forEach(node => paint(node, now.look));
      const path = now.path.length > 1 ? now.path : [[0, now.z], [most, now.z]];
      const xs = path.map(([n]) => X(Math.max(n, 1))), ys = path.map(([, z]) => Y(z));
      set(line, {d: pathThrough(xs, ys)});
      set(end, {cx: xs.at(-1), cy: ys.at(-1)});
      set(drawing, {"aria-label": `z against the number of steps, on a log axis. ${now.spoken}`});
    };
  };
}

// ---- the widget

function buildDescent(stage) {
  const {model, root, arrays} = stage, functions = model.get("functions"), {low, per} = model.get("table"), setting = model.get("setting");
  const [first, last, step] = model.get("ends"), names = functions.map(({name}) => name), two = value => format(value, ".2f");
  const count = arrays["values below"].length / functions.length, above = arrays["values above"].length / functions.length;
  const skip = Math.round((first - low) * per);                        // the curve is drawn from the slider's end on
  const zs = [...Array.from({length: count - skip}, (_, i) => first + i / per), ...Array.from({length: above}, (_, i) => i / per)];
  stage.style(LINES_STYLE + WALK_STYLE + DESCENT_STYLE);
  select(stage, root, {trait: "function", label: "function", options: names.map(name => [name, name])});
  const drawings = html("div", {className: "pair"}, root);
  for (const [heading, more, lay, kind] of [
    ["The curve", "drag the point", layCurve(stage, {zs, low: first}), "curve"],
    ["The path", "z, step by step", layWay(stage, {low: first, most: setting.most}), "way-back"]]) {
    const column = html("div", {className: kind}, drawings);
    html("span", {textContent: `: ${more}`}, html("p", {className: "heading", textContent: heading}, column));
    panel(stage, column, lay);
  }
  slider(stage, root, {trait: "z", label: "z at the start", min: first, max: last, step, text: two});
  const status = html("p", {className: "status"}, root), list = html("dl", {className: "wide"}, root);
  const [slopeOut, stepOut] = ["slope f′(z) at the start", "first step of z"].map(term => {
    html("dt", {textContent: term}, list);
    return html("dd", {}, list);
  });
  stage.refreshers.push(now => {
    setText(status, now.verdict);
    setText(slopeOut, format(now.slope, ".3g"));
    setText(stepOut, format(now.step, ".3g"));
  });

  const joined = (what, k) => [...arrays[`${what} below`].subarray(k * count + skip, (k + 1) * count),
    ...arrays[`${what} above`].subarray(k * above, (k + 1) * above)];
  const curves = new Map(), curveOf = k => {                           // each is put together once
    if (!curves.has(k)) {
      const curve = {values: arrays["values below"], slopes: arrays["slopes below"], start: k * count, count, low, per};
      const stuck = zs.findLastIndex((z, i) => i < count - skip && z < 0 && descentStep(curve, z, setting) <= 0);
      const trap = stuck >= 0 && descentStep(curve, zs[stuck] - 1, setting) < 0;
      const slopes = joined("slopes", k), at = count - skip - 1;
      curves.set(k, {curve, values: joined("values", k), slopes, kinked: Math.abs(slopes[at] - slopes[at + 1]) > 1e-6, trap,
        stuckBelow: stuck < 0 ? null : trap ? turningPoint(curve, zs[stuck], zs[stuck + 1], setting) : 0});
    }
    return curves.get(k);
  };

  return function situation() {
    const k = Math.max(names.indexOf(model.get("function")), 0), name = names[k], own = curveOf(k);
    const z = Number((Math.round(within(model.get("z"), first, last) / step) * step).toFixed(10)) + 0, right = z > 0 ? "above" : "below";
    const read = what => cubicAt(arrays[`${what} ${right}`], k * (z > 0 ? above : count), z > 0 ? above : count, (z - (z > 0 ? 0 : low)) * per);
    const value = read("values"), slope = read("slopes"), move = -2 * setting.rate * (value - setting.target) * slope + 0;
    const {steps, path} = descend(own.curve, z, setting), words = verdict(z, move, steps, setting.most);
    const rows = () => thinned(path.length > 1 ? path : [[0, z]]).map(([n, at]) => [grouped(n), format(at, ".4f")]);
    return {...own, function: name, look: functions[k].look, z, value, slope, step: move, steps, path, verdict: words,
      tables: () => [{caption: `${name}: the way of z`, head: ["steps", "z"], rows: rows()}],
      spoken: `${name}, z = ${two(z)}: slope ${format(slope, ".3g")}. ${words}`, drawn: `function=${name} z=${z}`};
  };
}

export default widget(buildDescent);
