// One ReLU over the unit square: where it is on, and what is left of its gradient.

const VIEW = [-0.35, 1.35];                                          // room around the square, to watch the line leave it
const LEVELS = Array.from({length: 14}, (_, i) => i / 2);            // contours of h
const CORNERS = [[VIEW[0], VIEW[0]], [VIEW[1], VIEW[0]], [VIEW[1], VIEW[1]], [VIEW[0], VIEW[1]]];

const NEURON_STYLE = `
.formula { margin: 0 0 .25rem; text-align: center; font-variant-numeric: tabular-nums; }
.status { min-height: 4.35em; }
.status.silent { border-style: dashed; border-left-style: solid; }
.status.dead { border-color: var(--ink); }
.strip { margin-bottom: .75rem; }
.area { fill: var(--blue); fill-opacity: .1; }
:host(.dark) .area { fill-opacity: .16; }
.contour { stroke: var(--blue); stroke-dasharray: 2 3; }
.line { stroke: var(--blue); stroke-width: 2.5; }
.line { cursor: move; }
.square { fill: none; stroke: var(--ink); stroke-width: 1.5; }
circle { stroke: var(--ink); stroke-width: 1.3; fill: none; }
circle.on { stroke: var(--paper); fill: var(--blue); stroke-width: 1; }
`;

function sentence({state, on, total}) {
  if (state === "dead") return "Dead: no input in the square can reach it; every gradient is exactly 0.";
  const silent = "Silent on these points, but some corner of the square still wakes it. Until then every gradient is 0.";
  if (state === "silent") return silent;
  if (on === total) return `Alive: on at all ${total} points; on these it is a plain linear unit.`;
  return `Alive: on at ${on} of ${total} points, so its gradient is not 0.`;
}

/** Three digits, except for the exact 0 that this figure is about. */
function slopeText(value) {
  return value === 0 ? "0" : value.toPrecision(3);
}

function lineWords(z, {w1, w2}) {
  if (w1 === 0 && w2 === 0) return "both weights are 0: no line";
  const crosses = cut([[0, 0], [1, 0], [1, 1], [0, 1]], z).ends.length > 0;
  if (crosses) return "the line z = 0 crosses the square";
  return cut(CORNERS, z).ends.length ? "the line z = 0 is outside the square" : "the line z = 0 is beyond this picture";
}

// ---- drawings

/** The square from above. */
function laySquare(stage, points) {
  return (drawing, width) => {
    const side = Math.min(width, 400), left = (width - side) / 2 + 32, low = side - 40;
    const X = scale(VIEW, [left, left + low]), Y = scale(VIEW, [low, 0]);
    const at = ([x, y]) => `${X(x).toFixed(1)},${Y(y).toFixed(1)}`;
    size(drawing, width, side);
    const areas = LEVELS.map(() => svg("polygon", {class: "area"}, drawing));
    const contours = LEVELS.map(() => svg("polyline", {class: "contour"}, drawing));
    axis(drawing, X, {y: low, ticks: [0, 0.5, 1]});
    axis(drawing, Y, {x: left, ticks: [0, 0.5, 1]});
    svg("text", {x: X(1.2), y: low + 18, "text-anchor": "middle"}, drawing, "x₁");
    svg("text", {x: left - 8, y: Y(1.2), "text-anchor": "end"}, drawing, "x₂");
    svg("rect", {x: left, y: 0, width: low, height: low, fill: "none", stroke: "var(--faint)"}, drawing);
    svg("rect", {class: "square", x: X(0), y: Y(1), width: X(1) - X(0), height: Y(0) - Y(1)}, drawing);
    const place = i => ({cx: X(points[2 * i]), cy: Y(points[2 * i + 1])});
    const dots = Array.from({length: points.length / 2}, (_, i) => svg("circle", {...place(i), r: 4}, drawing));
    const centred = {class: "halo soft", "text-anchor": "middle"};
    const labels = LEVELS.map(level => svg("text", centred, drawing, level ? `h = ${level}` : ""));
    const line = svg("line", {class: "line"}, drawing), arrow = svg("path", {class: "line", fill: "none"}, drawing);
    const onSide = svg("text", {class: "halo", "text-anchor": "middle", "font-weight": 700}, drawing, "on");
    const diamond = svg("path", {fill: "none", stroke: "var(--ink)", "stroke-width": 2}, drawing);
    const cornerText = svg("text", {class: "halo", "text-anchor": "middle"}, drawing);
    const note = svg("text", {class: "halo", x: X(0.5), y: 18, "text-anchor": "middle"}, drawing);
    const ranges = stage.model.get("ranges"), inside = ([x, y]) => [X.back(x), Y.back(y)].map(value => within(value, ...VIEW));
    let handle;
    grab(drawing, ([x, y]) => {                                      // the tip of the arrow turns the line, the rest of the square moves it
      const now = stage.now;
      if (!handle) return undefined;
      if (Math.hypot(x - handle.tip[0], y - handle.tip[1]) < 22) {
        const {root} = handle;
        return place => stage.change(turned(root, inside(place), now, ranges));
      }
      return place => stage.change({bias: biasThrough(inside(place), now, ranges)});
    });

    return now => {
      const {z, w1, w2, lit} = now;
      const whole = cut(CORNERS, z).ends, corner = [w1 > 0 ? 1 : 0, w2 > 0 ? 1 : 0];
      LEVELS.forEach((level, i) => {
        const {part, ends} = cut(CORNERS, p => z(p) - level);
        set(areas[i], {points: part.map(at).join(" ")});
        set(contours[i], {points: ends.map(at).join(" ")});
        placeLevel(labels[i], ends, X, Y);
      });
      dots.forEach((dot, i) => dot.classList.toggle("on", lit[i]));
      line.style.display = arrow.style.display = onSide.style.display = whole.length ? "" : "none";
      handle = null;
      if (whole.length) {
        const [p, q] = whole, root = arrowPlace(whole, corner), length = Math.hypot(w1, w2);
        const x = X(root[0]), y = Y(root[1]), u = w1 / length, v = -w2 / length;
        set(line, {x1: X(p[0]), y1: Y(p[1]), x2: X(q[0]), y2: Y(q[1])});
        set(arrow, {d: arrowPath(x, y, u, v)});
        handle = {root, tip: [x + 26 * u, y + 26 * v]};
        set(onSide, {x: x + 38 * u, y: y + 38 * v + 4});
      }
      const cx = X(corner[0]), cy = Y(corner[1]);
      set(diamond, {d: `M${cx},${cy - 7} l7,7 l-7,7 l-7,-7 z`});
      set(cornerText, {x: cx, y: cy + (corner[1] ? -14 : 24)});
      cornerText.textContent = `largest z = ${format(now.largest, ".2f")}`;
      note.textContent = whole.length ? "" : lineWords(z, now);
      set(drawing, {"aria-label": `The unit square seen from above, with ${now.total} points. ${now.spoken}`});
    };
  };
}

/** Names a contour where it leaves the view, if there is room. */
function placeLevel(label, ends, X, Y) {
  const high = ends.length ? ends.reduce((a, b) => a[1] - a[0] > b[1] - b[0] ? a : b) : null;
  label.style.display = high ? "" : "none";
  if (high) set(label, {x: within(X(high[0]), X(-0.2), X(1.2)), y: within(Y(high[1]) + 4, 14, Y(-0.3))});
}

/** The number line of the bias, from dead to alive. */
function layBias(stage, range) {
  return (drawing, width) => {
    const X = scale(range, [10, width - 10]), middle = 34;
    size(drawing, width, 78);
    const tile = {width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)"};
    const hatch = svg("pattern", {id: "hatch", ...tile}, drawing);
    svg("line", {x1: 0, x2: 0, y1: 0, y2: 6, stroke: "var(--soft)", "stroke-width": 2}, hatch);
    const dead = svg("rect", {x: X(range[0]), y: middle - 7, height: 14, fill: "url(#hatch)", stroke: "var(--soft)"}, drawing);
    const blue = {fill: "var(--blue)", "fill-opacity": .18, stroke: "var(--blue)"};
    const free = svg("rect", {y: middle - 7, height: 14, ...blue}, drawing);
    axis(drawing, X, {y: middle + 7, count: 5});
    grab(drawing, () => ([x]) => stage.change({bias: hundredth(X.back(x), range)}));
    const threshold = svg("line", {y1: middle - 12, y2: middle + 32, stroke: "var(--ink)", "stroke-width": 2}, drawing);
    const name = svg("text", {class: "halo", y: middle + 42}, drawing), marker = svg("path", {fill: "var(--ink)"}, drawing);
    const value = svg("text", {y: 10, "text-anchor": "middle", "font-weight": 700}, drawing);
    const onBar = {class: "halo", y: middle + 4, "text-anchor": "middle"};
    const words = ["dead", "can wake"].map(word => svg("text", onBar, drawing, word));

    return now => {
      const star = X(now.critical), b = X(now.bias), right = X(range[1]);
      set(dead, {width: star - X(range[0])});
      set(free, {x: star, width: right - star});
      set(threshold, {x1: star, x2: star});
      set(name, {x: within(star, 40, width - 40), "text-anchor": "middle"});
      name.textContent = `b* = ${format(now.critical, ".2f")}`;
      set(marker, {d: `M${b},${middle - 8} l-6,-11 h12 z`});
      set(value, {x: within(b, 32, width - 32)});
      value.textContent = `b = ${format(now.bias, ".2f")}`;
      [[X(range[0]), star], [star, right]].forEach(([from, to], i) => {
        set(words[i], {x: (from + to) / 2});
        words[i].style.display = to - from > 70 ? "" : "none";
      });
      const place = now.bias > now.critical ? "above" : now.bias < now.critical ? "below" : "exactly at";
      drawing.setAttribute("aria-label", `Number line of the bias. b = ${format(now.bias, ".2f")} is ${place} the critical bias `
        + `b* = ${format(now.critical, ".2f")}, at and below which the unit is dead.`);
    };
  };
}

// ---- the widget

/** The points as a table, from the one with the largest z down. */
function pointsTable(points, z) {
  const all = Array.from({length: points.length / 2}, (_, i) => [points[2 * i], points[2 * i + 1]]).sort((p, q) => z(q) - z(p));
  const rows = thinned(all).map(([x1, x2]) => [x1, x2, z([x1, x2]), Math.max(0, z([x1, x2]))].map(value => format(value, ".2f")));
  return {caption: `${rows.length} of the ${all.length} points, from the largest z down`, head: ["x₁", "x₂", "z", "h = max(0, z)"], rows};
}

function buildNeuron(stage) {
  const {model, root} = stage, {points} = stage.arrays, ranges = model.get("ranges"), two = value => format(value, ".2f");
  stage.style(NEURON_STYLE);
  const layout = html("div", {className: "layout"}, root), picture = html("div", {}, layout), side = html("div", {}, layout);
  const formula = html("p", {className: "formula"}, picture);
  panel(stage, picture, laySquare(stage, points));
  const status = html("p", {}, side);
  panel(stage, html("div", {className: "strip"}, side), layBias(stage, ranges.bias));
  const sliders = [["bias", "bias b", "bias b"], ["w1", "weight w₁", "weight w1"], ["w2", "weight w₂", "weight w2"]];
  for (const [trait, label, spoken] of sliders) {
    const [min, max] = ranges[trait];
    slider(stage, side, {trait, label, spoken, min, max, step: 0.01, text: two});
  }
  const buttons = html("div", {className: "buttons"}, side);
  for (const [label, [bias, w1, w2]] of model.get("presets")) button(stage, buttons, label, {bias, w1, w2});
  const list = html("dl", {className: "wide"}, root), mean = "mean slope in";
  const terms = ["points where it is on", "largest z in the square", `${mean} w₁`, `${mean} w₂`, `${mean} b`];
  const values = terms.map(term => {
    html("dt", {textContent: term}, list);
    return html("dd", {}, list);
  });

  stage.refreshers.push(now => {
    const term = weight => `${weight < 0 ? "−" : "+"} ${two(Math.abs(weight))}`;
    formula.textContent = `h = max(0, ${two(now.w1)} x₁ ${term(now.w2)} x₂ ${term(now.bias)})`;
    status.className = `status ${now.state}`;
    setText(status, sentence(now));
    [`${now.on} of ${now.total}`, two(now.largest), ...now.gradient.map(slopeText)].forEach((text, i) => setText(values[i], text));
  });

  return function situation() {
    const [bias, w1, w2] = ["bias", "w1", "w2"].map(name => within(model.get(name), ...ranges[name]));
    const z = ([x1, x2]) => w1 * x1 + w2 * x2 + bias, now = {bias, w1, w2, z, ...readouts(points, w1, w2, bias)};
    const line = lineWords(z, now);
    return {...now, tables: () => [pointsTable(points, z)], drawn: `bias=${bias} w1=${w1} w2=${w2} on=${now.on}/${now.total} ${now.state}`,
      spoken: `${sentence(now)} ${line[0].toUpperCase()}${line.slice(1)}.`};
  };
}

export default widget(buildNeuron);
