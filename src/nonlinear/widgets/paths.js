// Paths of two weights over the ellipses of a quadratic loss: one for every setting of a grid, walked step by step.

const FINEST = 4095;                                                 // as in paths.py
const ALL = 100000;                                                  // a step beyond the end of every path

const PATHS_STYLE = `
:host { --other: #b8450b; }
:host(.dark) { --other: #ff9a62; }
.level { fill: none; stroke: var(--soft); stroke-width: 1; vector-effect: non-scaling-stroke; }
.level.goal { stroke: var(--ink); stroke-width: 2; }
.direction { stroke: var(--soft); stroke-dasharray: 1 4; stroke-linecap: round; }
.same, .mixed { fill: none; stroke: var(--blue); stroke-width: 2; stroke-linejoin: round; }
.mixed { stroke: var(--other); stroke-dasharray: 5 3; }
.point { fill: var(--ink); }
.grab { cursor: grab; }
.here { fill: var(--paper); stroke: var(--ink); stroke-width: 2.5; }
.start { fill: var(--paper); stroke: var(--ink); stroke-width: 1.5; }
.end { stroke: var(--ink); stroke-width: 2.5; fill: none; }
.status { min-height: 2.9em; box-sizing: border-box; }
.status.mixed-step { border-color: var(--other); border-style: dashed; border-left-style: solid; }
`;

/** The points of a path, in weights. */
function pathAt({points, first}, setting, view) {
  const number = first[setting + 1] - first[setting], at = i => points[i] / FINEST * 2 * view - view;
  return Array.from({length: number}, (_, k) => [0, 1].map(n => at(2 * (first[setting] + k) + n)));
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
    grab(drawing, () => place => {                                   // the point is pulled along its path
      const far = stage.now.path.map(([x, y]) => Math.hypot(X(x) - place[0], Y(y) - place[1]));
      stage.change({step: nearest(far, 0)});
    });
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
      const segment = wanted => now.path.slice(1, now.step + 1)
        .map((point, k) => now.same[k] === wanted ? `M${at(now.path[k])} L${at(point)}` : "").join(" ");
      set(same, {d: segment(1)});
      set(mixed, {d: segment(0)});
      if (drawnPath !== now.place) {
        drawnPath = now.place;
        points.replaceChildren(...now.path.map(([x, y]) => svg("circle", {cx: X(x), cy: Y(y), r: 2})));
      }
      Array.from(points.children).forEach((dot, k) => { dot.style.display = k <= now.step ? "" : "none"; });
      const [x, y] = now.path[0];
      set(start, {x: X(x) - 4.5, y: Y(y) - 4.5});
      set(end, {d: `M${X(cx) - 7},${Y(cy)} h14 m-7,-7 v14`});
      set(here, {cx: X(now.path[now.step][0]), cy: Y(now.path[now.step][1])});
      set(drawing, {"aria-label": `The path of two weights over the ellipses of their loss. ${now.spoken}`});
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

/** The path so far as a table. */
function pathTable(path, same, loss) {
  const rows = path.map((w, n) => [n, ...w.map(each => format(each, ".3f")), format(loss(w), ".2g"), n ? same[n - 1] ? "the same way" : "opposite ways" : ""]);
  return {caption: "The path so far", head: ["step", "weight w₁", "weight w₂", "loss, share of the start", "the weights moved"], rows: thinned(rows)};
}

function buildPaths(stage) {
  const {model, root, arrays} = stage, view = model.get("view"), goal = model.get("goal");
  const counts = model.get("sliders").map(([, names]) => names.length);
  stage.style(GRID_STYLE + PATHS_STYLE);
  const layout = html("div", {className: "layout"}, root), picture = html("div", {}, layout), side = html("div", {}, layout);
  panel(stage, picture, layPath(stage, view, goal));
  addSliders(stage, side);
  const length = () => stage.situation().length;
  slider(stage, side, {trait: "step", label: "step", min: 0, max: 1, text: (step, now) => `${step} of ${now.length}`,
    adapt: (now, {input}) => { input.max = now.length; }});
  player(stage, html("div", {className: "buttons"}, side), {trait: "step", label: "the steps", last: length, wait: 120});
  const status = html("p", {}, picture);
  addReadouts(stage, root);
  addNote(stage, root);

  let before;                                                        // a path seen to its end is followed by a whole one
  stage.refreshers.push(now => {
    const atEnd = before && before.step === before.length, asked = before?.asked !== now.asked;
    if (atEnd && !asked && before.place !== now.place && now.step < now.length) stage.change({step: ALL});
    before = now;
    status.className = now.step && !now.same[now.step - 1] ? "status mixed-step" : "status";
    setText(status, now.sentence);
  });

  return function situation() {
    const now = gridSituation(stage), place = placeOf(counts, now.setting), asked = model.get("step");
    const path = pathAt(arrays, place, view), length = path.length - 1, step = Math.round(within(asked, 0, length));
    const same = Array.from(arrays.same.subarray(arrays.first[place], arrays.first[place] + length));
    const hessian = Array.from(arrays.hessian.subarray(3 * place, 3 * place + 3));
    const minimum = Array.from(arrays.minimum.subarray(2 * place, 2 * place + 2));
    const top = height(hessian, path[0].map((w, n) => w - minimum[n]));
    const sentence = !step ? "At the start."
      : `Step ${step} of ${length}: the two weights moved ${same[step - 1] ? "the same way" : "opposite ways"}.`;
    const loss = w => height(hessian, w.map((each, n) => each - minimum[n])) / top;
    return {...now, place, path, length, step, asked, same, minimum, top, principal: principal(hessian), sentence,
      tables: () => [pathTable(path.slice(0, step + 1), same, loss)],
      spoken: `${sentence} ${now.spoken}`, drawn: `${now.drawn} step=${step}/${length}`};
  };
}

export default widget(buildPaths);
