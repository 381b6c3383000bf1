// Paths of two weights over the ellipses of a quadratic loss: one for every setting of a grid, walked step by step.

const FINEST = 4095;                                                 // as in paths.py
const ALL = 100000;

const PATHS_STYLE = `
:host { --other: #b8450b; }
:host(.dark) { --other: #ff9a62; }
.layout { display: grid; gap: .5rem 1.75rem; grid-template-columns: minmax(0, 1fr); }
dl.readouts { display: grid; grid-template-columns: 1fr auto; gap: .1rem .75rem; margin: .5rem 0; }
@container (min-width: 36rem) {
  .layout { grid-template-columns: minmax(0, 22rem) minmax(0, 1fr); align-items: start; }
  dl.readouts { grid-template-columns: 1fr auto 1fr auto; column-gap: 1.5rem; }
}
.level { fill: none; stroke: var(--soft); stroke-width: 1; vector-effect: non-scaling-stroke; }
.level.goal { stroke: var(--ink); stroke-width: 2; }
.direction { stroke: var(--soft); stroke-dasharray: 1 4; stroke-linecap: round; }
.same, .mixed { fill: none; stroke: var(--blue); stroke-width: 2; stroke-linejoin: round; }
.mixed { stroke: var(--other); stroke-dasharray: 5 3; }
.point { fill: var(--ink); }
.here { fill: var(--paper); stroke: var(--ink); stroke-width: 2.5; }
.start { fill: var(--paper); stroke: var(--ink); stroke-width: 1.5; }
.end { stroke: var(--ink); stroke-width: 2.5; fill: none; }
.status { border: 2px solid var(--blue); border-left-width: .5rem; border-radius: .3rem; padding: .45rem .7rem;
  margin: .35rem 0 .75rem; min-height: 4.35em; }
.status.mixed-step { border-color: var(--other); border-style: dashed; border-left-style: solid; }
dd { margin: 0; text-align: right; font-weight: 600; font-variant-numeric: tabular-nums; }
.buttons { margin: .5rem 0; }
.note { color: var(--soft); font-size: .875em; }
`;

// ---- geometry

/** The shares of the loss at the start that have an ellipse, as `levels` in paths.py. */
function levels(goal) {
  const number = Math.round(-2 * Math.log10(goal));
  return [...Array.from({length: number}, (_, k) => 10 ** (-k / 2)), goal];
}

/** Eigenvalues and the angles of the eigenvectors of [[a, b], [b, c]], the steepest first. */
function principal([a, b, c]) {
  const middle = (a + c) / 2, radius = Math.hypot((a - c) / 2, b), angle = Math.atan2(2 * b, a - c) / 2;
  return [{value: middle + radius, angle}, {value: middle - radius, angle: angle + Math.PI / 2}];
}

/** Twice the loss above its minimum. */
function height([a, b, c], [x, y]) {
  return a * x * x + 2 * b * x * y + c * y * y;
}

/** The points of a path, in weights. */
function pathAt({points, first}, setting, view) {
  const number = first[setting + 1] - first[setting], at = i => points[i] / FINEST * 2 * view - view;
  return Array.from({length: number}, (_, k) => [0, 1].map(n => at(2 * (first[setting] + k) + n)));
}

function readingText(summary, spec, seeds) {
  const [median, low, high] = Array.from(summary, value => format(value, spec));
  return seeds === 1 ? median : `${median} [${low}, ${high}]`;
}

// ---- drawing

function layPath(stage, view, goal) {
  return (drawing, width) => {
    const side = Math.min(width, 400), left = (width - side) / 2 + 34, low = side - 42;
    const X = scale([-view, view], [left, left + low]), Y = scale([-view, view], [low, 0]), unit = low / (2 * view);
    const at = ([x, y]) => `${X(x).toFixed(1)},${Y(y).toFixed(1)}`;
    size(drawing, width, side);
    const frame = {x: left, y: 0, width: low, height: low};
    svg("rect", frame, svg("clipPath", {id: "view"}, drawing));
    svg("rect", {...frame, fill: "none", stroke: "var(--faint)"}, drawing);
    axis(drawing, X, {y: low, count: 3});
    axis(drawing, Y, {x: left, count: 3});
    svg("text", {x: left + low / 2, y: low + 36, "text-anchor": "middle"}, drawing, "weight w₁");
    const beside = `translate(${left - 24} ${low / 2}) rotate(-90)`;
    svg("text", {transform: beside, "text-anchor": "middle"}, drawing, "weight w₂");
    const inside = svg("g", {"clip-path": "url(#view)"}, drawing), shares = levels(goal);
    const rings = shares.map(share => svg("ellipse", {class: share === goal ? "level goal" : "level"}, inside));
    const lines = [0, 1].map(() => svg("line", {class: "direction"}, inside));
    const mixed = svg("path", {class: "mixed"}, inside), same = svg("path", {class: "same"}, inside);
    const points = svg("g", {class: "point"}, inside);
    const start = svg("rect", {class: "start", width: 9, height: 9}, inside), end = svg("path", {class: "end"}, inside);
    const here = svg("circle", {class: "here", r: 5}, inside);
    const words = ["steepest", "flattest"].map(word => svg("text", {class: "halo soft", "text-anchor": "middle"}, drawing, word));
    let drawnPath;

    return now => {
      const [cx, cy] = now.minimum, turn = -now.principal[0].angle * 180 / Math.PI;
      shares.forEach((share, k) => {
        const [rx, ry] = now.principal.map(({value}) => unit * Math.sqrt(share * now.top / value));
        set(rings[k], {cx: X(cx), cy: Y(cy), rx, ry, transform: `rotate(${turn} ${X(cx)} ${Y(cy)})`});
      });
      now.principal.forEach(({angle}, k) => {
        const u = Math.cos(angle), v = Math.sin(angle), far = 3 * view;
        set(lines[k], {x1: X(cx - far * u), y1: Y(cy - far * v), x2: X(cx + far * u), y2: Y(cy + far * v)});
        placeWord(words[k], [cx, cy], [u, v], view, X, Y);
      });
      const segment = wanted => now.path.slice(1, now.shown + 1)
        .map((point, k) => now.same[k] === wanted ? `M${at(now.path[k])} L${at(point)}` : "").join(" ");
      same.setAttribute("d", segment(1));
      mixed.setAttribute("d", segment(0));
      if (drawnPath !== now.setting) {
        drawnPath = now.setting;
        points.replaceChildren(...now.path.map(([x, y]) => svg("circle", {cx: X(x), cy: Y(y), r: 2})));
      }
      Array.from(points.children).forEach((dot, k) => { dot.style.display = k <= now.shown ? "" : "none"; });
      const [x, y] = now.path[0];
      set(start, {x: X(x) - 4.5, y: Y(y) - 4.5});
      end.setAttribute("d", `M${X(cx) - 7},${Y(cy)} h14 m-7,-7 v14`);
      set(here, {cx: X(now.path[now.shown][0]), cy: Y(now.path[now.shown][1])});
      drawing.setAttribute("aria-label", `The path of two weights over the ellipses of their loss. ${now.spoken}`);
    };
  };
}

/** Writes the name of a direction where it has most room: far from the minimum, inside the view. */
function placeWord(label, [cx, cy], [u, v], view, X, Y) {
  const room = sign => Math.min(...[[cx, u], [cy, v]].map(([c, d]) => (view - Math.sign(sign * d || 1) * c) / Math.max(Math.abs(d), 1e-9)));
  const sign = room(1) > room(-1) ? 1 : -1, far = sign * 0.8 * room(sign);
  set(label, {x: within(X(cx + far * u), X(-view) + 30, X(view) - 30), y: within(Y(cy + far * v) + 4, 14, Y(-view) - 8)});
}

// ---- the widget

function buildPaths(stage) {
  const {model, root, arrays} = stage, axes = model.get("axes"), view = model.get("view"), goal = model.get("goal");
  const readings = model.get("readings"), counts = axes.map(({names}) => names.length), traits = axes.map((_, k) => `setting${k + 1}`);
  stage.style(PATHS_STYLE);
  const layout = html("div", {className: "layout"}, root), picture = html("div", {}, layout), side = html("div", {}, layout);
  panel(stage, picture, layPath(stage, view, goal));
  axes.forEach(({label, names}, k) => {
    slider(stage, side, {trait: traits[k], label, min: 0, max: names.length - 1, text: place => names[place]});
  });
  const length = () => stage.situation().length;
  stage.refreshers.push(now => { root.querySelector("[aria-label=step]").max = now.length; });
  slider(stage, side, {trait: "step", label: "step", min: 0, max: 1, text: step => `${step} of ${length()}`});
  player(stage, html("div", {className: "buttons"}, side), {trait: "step", label: "the steps", last: length, wait: 120});
  const status = html("p", {}, side), list = html("dl", {className: "readouts"}, root);
  const values = readings.map(({label}) => {
    html("dt", {textContent: label}, list);
    return html("dd", {}, list);
  });
  html("p", {className: "note", textContent: model.get("note")}, root);

  let before;                                                        // a path seen to its end is followed by a whole one
  stage.refreshers.push(now => {
    const atEnd = before && before.shown === before.length, asked = before?.asked !== now.asked;
    if (atEnd && !asked && before.setting !== now.setting && now.shown < now.length) stage.change({step: ALL});
    before = now;
  });
  stage.refreshers.push(now => {
    status.className = now.shown && now.same[now.shown - 1] ? "status" : "status mixed-step";
    status.textContent = now.sentence;
    values.forEach((node, k) => { node.textContent = now.texts[k]; });
  });

  return function situation() {
    const places = traits.map((trait, k) => Math.round(within(model.get(trait), 0, counts[k] - 1)));
    const setting = places.reduce((number, place, k) => number * counts[k] + place, 0);
    const path = pathAt(arrays, setting, view), length = path.length - 1, step = Math.round(within(model.get("step"), 0, length));
    const same = Array.from(arrays.same.subarray(arrays.first[setting], arrays.first[setting] + length));
    const hessian = Array.from(arrays.hessian.subarray(3 * setting, 3 * setting + 3));
    const minimum = Array.from(arrays.minimum.subarray(2 * setting, 2 * setting + 2));
    const top = height(hessian, path[0].map((w, n) => w - minimum[n]));
    const texts = readings.map(({key, format: spec, seeds}) =>
      readingText(arrays[`${key} summary`].subarray(3 * setting, 3 * setting + 3), spec, seeds));
    const sentence = !step ? "At the start."
      : `Step ${step} of ${length}: the two weights moved ${same[step - 1] ? "the same way" : "opposite ways"}.`;
    const names = axes.map(({label, names}, k) => `${label} ${names[places[k]]}`).join(", ");
    const spoken = `${names}. ${sentence} ${readings.map(({label}, k) => `${label}: ${texts[k]}`).join("; ")}.`;
    const state = Object.fromEntries(traits.map((trait, k) => [trait, places[k]]));
    return {...state, step, setting, path, length, shown: step, asked: model.get("step"), same, minimum, top, principal: principal(hessian), texts, sentence,
      spoken, drawn: `${places.join(" ")} step=${step}/${length}`};
  };
}

const render = widget(buildPaths);
export default {render};
