// The memory: the function of a cell's gates with the forget gate as a point on it, and the cell step by step.

const MEMORY_STYLE = `
.cell { --light: #0b62c4; --dark: #6cb0ff; }
.kept { --light: #b8450b; --dark: #ff9a62; stroke-dasharray: 7 4; }
.other { fill: var(--paper); stroke: var(--ink); stroke-width: 2; }
`;

// ---- what the reader reads: the mirror of verdict in memory.py

function verdict(cell, kept, steps) {
  const size = format(Math.abs(kept), ".2g");
  if (Math.abs(cell) > steps) return `Grown to ${format(Math.abs(cell), ".2g")}. Gates between 0 and 1 allow ${steps} at most.`;
  if (Math.abs(kept) > 1) return `The gradient explodes: it comes back ${size} times as large.`;
  const word = Math.abs(kept) < 0.01 ? "Forgotten" : "Remembered";
  return `${word}: of what the cell held at the start, ${size} is left, and of a gradient the same.`;
}

// ---- drawings

/** The function of the gates: the forget gate is dragged, the input gate follows its slider. */
function layGate(stage, zs) {
  const {low, high} = stage.model.get("setting");
  return (drawing, width) => {
    const {X, Y, body, frame} = chart(drawing, width, 290, {x: {limits: [low, high], label: "preactivation z"}, y: {limits: [-1.15, 2.2]}});
    svg("line", {x1: frame.x, x2: frame.x + frame.width, y1: Y(0), y2: Y(0), stroke: "var(--faint)", "stroke-width": 2}, body);
    svg("line", {x1: frame.x, x2: frame.x + frame.width, y1: Y(1), y2: Y(1), stroke: "var(--soft)", "stroke-dasharray": "2 3"}, body);
    const guide = svg("line", {class: "guide", y1: frame.y, y2: frame.y + frame.height}, body), line = svg("path", {class: "line"}, body);
    const other = svg("rect", {class: "other", width: 11, height: 11}, body), unit = svg("circle", {class: "unit", r: 7}, body);
    const names = ["forget", "input"].map(() => svg("text", {class: "halo", "text-anchor": "middle"}, drawing));
    grab(drawing, () => ([x]) => stage.change({forget: within(X.back(x), low, high)}));

    return now => {
      paint(line, now.look);
      set(line, {d: pathThrough(zs.map(X), now.curve.map(value => within(Y(value), -1e4, 1e4))), "stroke-dasharray": now.look[2]});
      const place = (z, gate) => [X(z), within(Y(gate), frame.y + 8, frame.y + frame.height - 8)];
      const [x, y] = place(now.forget, now.gates[0]), [u, v] = place(now.entry, now.gates[1]);
      set(guide, {x1: x, x2: x});
      set(unit, {cx: x, cy: y});
      set(other, {x: u - 5.5, y: v - 5.5});
      const near = Math.abs(x - u) < 46;
      setText(names[0], near ? "forget, input" : "forget");
      setText(names[1], near ? "" : "input");
      const aside = (at, room) => within(at, frame.x + room, frame.x + frame.width - room);
      const upper = near ? Math.min(y, v) : y;
      set(names[0], {x: near ? aside((x + u) / 2, 38) : aside(x, 20), y: upper > frame.y + 40 ? upper - 14 : Math.max(y, near ? v : y) + 24});
      set(names[1], {x: aside(u, 20), y: v > frame.y + 40 ? v - 14 : v + 24});
      set(drawing, {"aria-label": `The function of the gates over their preactivation. ${now.spoken}`});
    };
  };
}

/** What the cell holds and what is left of its start, against the step, on a log axis. */
function layCell(stage, steps) {
  return (drawing, width, {limits}) => {
    const {X, Y, body, frame} = chart(drawing, width, 290, {x: {limits: [1, steps], label: "step"}, y: {limits, scale: "log"}});
    const xs = Array.from({length: steps}, (_, t) => X(t + 1)), high = value => within(Y(Math.max(Math.abs(value), 1e-300)), -1e4, 1e4);
    svg("path", {class: "mark", fill: "none", d: pathThrough(xs, xs.map((_, t) => Y(t + 1)))}, body);
    const lines = ["cell", "kept"].map(kind => svg("path", {class: `line ${kind}`}, body));
    ["c", "left of the start", "most that 0 to 1 allows"].forEach((text, n) => {
      const left = frame.x + (n === 1 ? 60 : 12), y = frame.y + (n === 2 ? 32 : 14);
      svg("path", {class: ["line cell", "line kept", "mark"][n], d: `M${left},${y - 4} h22`}, drawing);
      svg("text", {class: "halo", x: left + 27, y}, drawing, text);
    });
    return now => {
      lines.forEach((line, n) => set(line, {d: pathThrough(xs, [now.cells, now.kept][n].map(high))}));
      set(drawing, {"aria-label": `What the cell holds and what is left of its start over ${steps} steps, on a log axis. ${now.spoken}`});
    };
  };
}

// ---- the widget

function buildMemory(stage) {
  const {model, root, arrays} = stage, gates = model.get("gates"), names = gates.map(({name}) => name), one = value => format(value, ".1f");
  const {low, high, step, start, per, spreads: [least, most, tick], little, few, many} = model.get("setting");
  const count = arrays.tables.length / gates.length, steps = arrays.noise.length / 2;
  const zs = Array.from({length: Math.round((high - low) * per) + 1}, (_, i) => low + i / per);
  stage.style(LINES_STYLE + WALK_STYLE + MEMORY_STYLE);
  select(stage, root, {trait: "gate", label: "function of the gates", options: names.map(name => [name, name])});
  const status = html("p", {className: "status"}, root), drawings = html("div", {className: "pair"}, root);
  for (const [heading, more, lay, kind] of [
    ["The gates", "drag the forget gate", layGate(stage, zs), "curve"], ["The cell", "told 1 at every step", layCell(stage, steps), "over-time"]]) {
    const column = html("div", {className: kind}, drawings);
    html("span", {textContent: `: ${more}`}, html("p", {className: "heading", textContent: heading}, column));
    panel(stage, column, lay, ({limits}) => limits.join());
  }
  const sliders = html("div", {className: "pair"}, root);
  slider(stage, sliders, {trait: "forget", label: "z of the forget gate", min: low, max: high, step, text: one});
  slider(stage, sliders, {trait: "entry", label: "z of the input gate", min: low, max: high, step, text: one});
  slider(stage, root, {trait: "spread", label: "how much both vary", min: least, max: most, step: tick, text: one});
  const list = html("dl", {className: "wide"}, root);
  const outs = ["forget gate f", "input gate i", `c after ${steps} steps`, "left of the start"].map(term => {
    html("dt", {textContent: term}, list);
    return html("dd", {}, list);
  });
  stage.refreshers.push(now => {
    setText(status, now.verdict);
    const texts = [...now.gates, now.cells.at(-1), now.kept.at(-1)];
    outs.forEach((node, n) => setText(node, format(texts[n], ".3g")));
  });

  const onSlider = (name, from, to) => Number((Math.round(within(model.get(name), from, to) / step) * step).toFixed(10)) + 0;
  return function situation() {
    const k = Math.max(names.indexOf(model.get("gate")), 0), gate = names[k], table = arrays.tables.subarray(k * count, (k + 1) * count);
    const forget = onSlider("forget", low, high), entry = onSlider("entry", low, high), spread = onSlider("spread", least, most);
    const at = z => interpolated(table, start, per, z);
    const varied = (z, from) => Array.from(arrays.noise.subarray(from, from + steps), noise => at(z + spread * noise));
    const {cells, kept} = remember(varied(forget, 0), varied(entry, steps));
    const greatest = Math.max(...cells.map(Math.abs), ...kept.map(Math.abs)), words = verdict(cells.at(-1), kept.at(-1), steps);
    const rows = () => thinned(cells.map((c, t) => [String(t + 1), format(c, ".3g"), format(kept[t], ".3g")]));
    return {gate, forget, entry, spread, look: gates[k].look, curve: zs.map(at), gates: [at(forget), at(entry)], cells, kept,
      limits: [little, greatest <= few ? few : many], verdict: words,
      tables: () => [{caption: `${gate} gates: the cell, step by step`, head: ["step", "c", "left of the start"], rows: rows()}],
      spoken: `${gate} gates, z of the forget gate ${one(forget)}, of the input gate ${one(entry)}, varying by ${one(spread)}. ${words}`,
      drawn: `gate=${gate} forget=${forget} entry=${entry} spread=${spread}`};
  };
}

export default widget(buildMemory);
