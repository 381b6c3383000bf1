// One ReLU as a point of the plane of its kink and its slope: where gradient descent pulls it, and where it is dead.

const PORTRAIT_STYLE = `
:host { --other: #b8450b; }
:host(.dark) { --other: #ff9a62; }
.flow { fill: none; stroke: var(--soft); stroke-width: 1.1; stroke-opacity: .8; }
.grave { stroke: var(--soft); stroke-width: 1.5; }
.hatching { stroke: var(--soft); stroke-opacity: .6; }
.walk { fill: none; stroke: var(--blue); stroke-width: 1.2; stroke-linejoin: round; }
.dots { fill: none; stroke: var(--blue); stroke-width: 4.5; stroke-linecap: round; }
.level { stroke: var(--ink); }
.start { fill: var(--paper); stroke: var(--ink); stroke-width: 2.5; cursor: move; }
.end { fill: none; stroke: var(--other); stroke-width: 3; }
.unit { fill: none; stroke: var(--blue); stroke-width: 2.5; }
.unit.before { stroke-width: 1.6; stroke-dasharray: 5 4; }
.guide { stroke: var(--other); stroke-dasharray: 2 3; stroke-width: 1.5; }
.point { fill: var(--paper); stroke: var(--ink); stroke-width: 1.4; }
.point.on { fill: var(--ink); }
.status { min-height: 4.35em; box-sizing: border-box; }
@container (min-width: 36rem) { .status { min-height: 7em; } }
.status.dead { border-color: var(--ink); }
.status.again { border-color: var(--other); }
`;

const MARGIN = 40;

let portraits = 0;

// ---- drawing

function pixels(pairs) {
  return pairs.map(([x, y], n) => `${n ? "L" : "M"}${x.toFixed(1)},${y.toFixed(1)}`).join("");
}

/** The head of an arrow at the end of a line of pixels. */
function headAt(line) {
  const [[px, py], [x, y]] = line.slice(-2), length = Math.hypot(x - px, y - py) || 1, u = (x - px) / length, v = (y - py) / length;
  return pixels([[x - 4 * u + 3 * v, y - 4 * v - 3 * u], [x, y], [x - 4 * u - 3 * v, y - 4 * v + 3 * u]]);
}

/** The plane of kink and slope. */
function layPlane(stage, points, {kink, slope}) {
  const xs = points.filter((_, i) => i % 2 === 0), first = Math.min(...xs), last = Math.max(...xs);
  return (drawing, width) => {
    const right = width - 10, low = Math.min(340, 0.85 * width), X = scale(kink, [MARGIN, right]), Y = scale(slope, [low, 8]);
    size(drawing, width, low + 24);
    const id = `portrait-${portraits++}`, tile = {width: 8, height: 8, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)"};
    svg("line", {class: "hatching", x1: 0, x2: 0, y1: 0, y2: 8}, svg("pattern", {id, ...tile}, drawing));
    const frame = {x: MARGIN, y: 8, width: right - MARGIN, height: low - 8}, clip = `${id}-frame`;
    svg("rect", frame, svg("clipPath", {id: clip}, drawing));
    svg("rect", {...frame, fill: "none", stroke: "var(--faint)"}, drawing);
    axis(drawing, X, {y: low, count: 5});
    axis(drawing, Y, {x: MARGIN, count: 6});
    svg("text", {transform: `translate(11 ${(8 + low) / 2}) rotate(-90)`, "text-anchor": "middle"}, drawing, "slope w");
    const inside = svg("g", {"clip-path": `url(#${clip})`}, drawing);
    const graves = [[last, kink[1], slope[1], 0], [kink[0], first, 0, slope[0]]];
    graves.forEach(([a, b, top, bottom]) => svg("rect", {class: "grave", fill: `url(#${id})`, x: X(a), y: Y(top), width: X(b) - X(a), height: Y(bottom) - Y(top)}, inside));
    const wide = kink[1] - kink[0], high = slope[1] - slope[0], lines = [];
    for (let i = 1; i < 15; i++) for (let j = 1; j < 14; j++) {
      const line = streak(points, [kink[0] + wide * i / 15, slope[0] + high * j / 14], 0.006, 7, [wide, high]);
      if (line.length > 2) lines.push(line.map(([k, w]) => [X(k), Y(w)]));
    }
    svg("path", {class: "flow", d: lines.map(line => pixels(line) + headAt(line)).join("")}, inside);
    svg("line", {class: "level", x1: MARGIN, x2: right, y1: Y(0), y2: Y(0)}, drawing);
    const dead = graves.map(([a, b, top, bottom]) => svg("text", {class: "halo", "text-anchor": "middle", "font-weight": 700,
      x: (X(a) + X(b)) / 2, y: (Y(top) + Y(bottom)) / 2 + 4}, drawing, "dead"));
    const guide = svg("line", {class: "guide", y2: low}, inside), walk = svg("path", {class: "walk"}, inside), dots = svg("path", {class: "dots"}, inside);
    const end = svg("path", {class: "end"}, inside), start = svg("circle", {class: "start", r: 7}, drawing);
    grab(drawing, () => ([x, y]) => stage.change({
      kink: Math.round(100 * within(X.back(x), ...kink)) / 100 + 0, slope: Math.round(20 * within(Y.back(y), ...slope)) / 20 + 0, step: 0}));

    return now => {
      const path = now.path.slice(0, now.step + 1), [w, b] = path.at(-1), k = kinkOf([w, b]), [x, y] = [within(X(k), -99, width + 99), Y(w)];
      set(walk, {d: walkPath(path, X, Y)});
      set(dots, {d: walkPath(path, X, Y).replace(/[ML]([^ML]+)/g, "M$1h0")});
      set(end, {d: now.lit ? `M${x - 6},${y}a6,6 0 1,0 12,0a6,6 0 1,0 -12,0z` : `M${x - 6},${y - 6}l12,12m0,-12l-12,12`});
      set(guide, {x1: x, x2: x, y1: y});
      set(start, {cx: X(now.kink), cy: Y(now.slope)});
      set(drawing, {"aria-label": `The plane of kink and slope, with the lines along which gradient descent pulls a unit. ${now.spoken}`});
    };
  };
}

/** The unit over its inputs, on the same axis. */
function layInputs(points, {kink, height}) {
  return (drawing, width) => {
    const right = width - 10, low = 178, X = scale(kink, [MARGIN, right]), Y = scale(height, [low, 4]), clip = `portrait-${portraits++}`;
    size(drawing, width, low + 42);
    svg("rect", {x: MARGIN, y: 4, width: right - MARGIN, height: low - 4}, svg("clipPath", {id: clip}, drawing));
    svg("rect", {x: MARGIN, y: 4, width: right - MARGIN, height: low - 4, fill: "none", stroke: "var(--faint)"}, drawing);
    axis(drawing, X, {y: low, count: 5});
    axis(drawing, Y, {x: MARGIN, count: 3});
    svg("text", {x: (MARGIN + right) / 2, y: low + 36, "text-anchor": "middle"}, drawing, "input x, and the kink −b/w");
    svg("text", {transform: `translate(11 ${low / 2}) rotate(-90)`, "text-anchor": "middle"}, drawing, "output h");
    const inside = svg("g", {"clip-path": `url(#${clip})`}, drawing), guide = svg("line", {class: "guide", y1: 4, y2: low}, inside);
    const units = ["before", "after"].map(name => svg("path", {class: `unit ${name}`}, inside));
    const places = Array.from({length: points.length / 2}, (_, i) => [X(points[2 * i]), Y(points[2 * i + 1])]);
    const dots = places.map(([cx, cy]) => svg("circle", {class: "point", cx, cy, r: 4}, inside));

    return now => {
      const path = now.path.slice(0, now.step + 1);
      [path[0], path.at(-1)].forEach(([w, b], n) => {
        const k = kinkOf([w, b]), corners = [kink[0], ...(k > kink[0] && k < kink[1] ? [k] : []), kink[1]];
        set(units[n], {d: pixels(corners.map(x => [X(x), Y(within(Math.max(0, w * x + b), -99, 99))]))});
      });
      dots.forEach((dot, i) => dot.classList.toggle("on", now.on[i]));
      const x = within(X(kinkOf(path.at(-1))), -99, width + 99);
      set(guide, {x1: x, x2: x});
      set(drawing, {"aria-label": `The unit over its ${dots.length} points: solid after the steps, dashed at the start. ${now.spoken}`});
    };
  };
}

// ---- the widget

/** What has become of the unit by the last step of `alive`, in a sentence. */
function fate(alive, total, on) {
  const step = alive.length - 1, gone = alive.indexOf(false);
  if (gone < 0) return ["alive", `Alive: on at ${on} of ${total} points.`];
  if (alive[step]) return ["again", `Alive again: on at ${on} of ${total} points. It was dead at step ${gone}, and coasted out.`];
  const since = alive.lastIndexOf(true) + 1;
  if (since === 0) return ["dead", "Dead from the start: no point reaches it, so no rule has anything to go by."];
  return ["dead", `Dead since step ${since}: no point reaches it, and every gradient is exactly 0.`];
}

function walkTable(path, points) {
  const rows = path.map((each, n) => {
    const {on, loss} = unitSlopes(points, each);
    return [String(n), Number.isFinite(kinkOf(each)) ? format(kinkOf(each), ".3g") : "none", format(each[0], ".3g"), format(each[1], ".3g"), String(on.filter(Boolean).length), format(loss, ".3g")];
  });
  return {caption: "The steps so far", head: ["step", "kink", "slope w", "bias b", "points reached", "loss"], rows: thinned(rows)};
}

function buildPortrait(stage) {
  const {model, root, arrays} = stage, ranges = model.get("ranges"), rates = model.get("rates"), points = Array.from(arrays.points);
  const total = points.length / 2, steps = ranges.step[1];
  stage.style(PORTRAIT_STYLE);
  const layout = html("div", {className: "layout"}, root), picture = html("div", {}, layout), side = html("div", {}, layout);
  panel(stage, picture, layPlane(stage, points, ranges));
  panel(stage, picture, layInputs(points, ranges));
  const status = html("p", {className: "status"}, side);
  player(stage, html("div", {className: "buttons"}, side), {trait: "step", label: "the steps", last: steps, step: 2, wait: 60});
  select(stage, side, {trait: "rule", label: "rule", options: ["SGD", "momentum", "Adam"].map(name => [name, name])});
  slider(stage, side, {trait: "rate", label: "learning rate", min: 0, max: rates.length - 1, text: place => format(rates[place], ".3g")});
  slider(stage, side, {trait: "step", label: "step", min: 0, max: steps, text: step => `${step} of ${steps}`});
  slider(stage, side, {trait: "kink", label: "kink at the start", min: ranges.kink[0], max: ranges.kink[1], step: 0.01, text: value => format(value, ".2f")});
  slider(stage, side, {trait: "slope", label: "slope at the start", min: ranges.slope[0], max: ranges.slope[1], step: 0.05, text: value => format(value, ".2f")});
  const read = html("dl", {className: "read"}, side);
  const values = ["kink now", "slope now", "loss", "gradient of w", "gradient of b"].map(label => {
    html("dt", {textContent: label}, read);
    return html("dd", {}, read);
  });
  stage.refreshers.push(now => {
    status.className = `status ${now.state}`;
    setText(status, now.sentence);
    now.said.forEach((text, n) => setText(values[n], text));
  });

  const exactly = slope => slope === 0 ? "0" : format(slope, ".3g");
  let walked, asked;
  return function situation() {
    const [kink, slope] = ["kink", "slope"].map(name => within(model.get(name), ...ranges[name]));
    const rule = ["momentum", "Adam"].find(name => name === model.get("rule")) ?? "SGD";
    const rate = Math.round(within(model.get("rate"), 0, rates.length - 1)), step = Math.round(within(model.get("step"), 0, steps));
    const setting = `kink=${kink} slope=${slope} rule=${rule} rate=${rate}`;
    if (asked !== setting) {
      const path = walkOf(points, [slope, 0 - slope * kink], rule, rates[rate], steps);
      [asked, walked] = [setting, {path, alive: path.map(each => unitSlopes(points, each).on.some(Boolean))}];
    }
    const {path} = walked, here = path[step], {on, loss, slopes} = unitSlopes(points, here), lit = walked.alive[step];
    const [state, sentence] = fate(walked.alive.slice(0, step + 1), total, on.filter(Boolean).length), now = kinkOf(here);
    const said = [Number.isFinite(now) ? format(now, ".3g") : "none", format(here[0], ".3g"), format(loss, ".3g"), ...slopes.map(exactly)];
    return {kink, slope, rule, rate, step, path, on, lit, state, sentence, said, tables: () => [walkTable(path.slice(0, step + 1), points)],
      spoken: `${rule}, rate ${rates[rate]}, step ${step}. ${sentence} Kink ${said[0]}, slope ${said[1]}.`, drawn: `${setting} step=${step}`};
  };
}

export default widget(buildPortrait);
