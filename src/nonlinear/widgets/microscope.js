// Units over time: a row for each unit and a column for each time, and a histogram of the preactivations for each time.

const MICROSCOPE_STYLE = `
:host { --again: #7d5f00; }
:host(.dark) { --again: #e3bf4d; }
.alive { fill: var(--blue); }
.again { fill: var(--again); }
.stripe { fill: var(--paper); }
.dead { fill: var(--ink); }
.bin { fill: var(--blue); }
.rim { fill: none; stroke: var(--faint); }
.zero { stroke: var(--ink); stroke-width: 1.6; }
.turn { stroke: var(--ink); stroke-dasharray: 4 3; }
.now { stroke: var(--ink); stroke-width: 2.5; }
.grab { cursor: ew-resize; }
.heading { margin: .35rem 0 0; }
`;

const ROW = 5;                                                       // px, the height of a unit
const LEVELS = 40;                                                   // as in microscope.py
const LEFT = 40, TOP = 46, FOOT = 42;

let clippings = 0;

// ---- drawing

/** What both drawings share: a frame with its times below, a line where the phase ends, and one at the time shown. */
function layTimes(stage, drawing, width, tall) {
  const {model} = stage, [label, names] = model.get("sliders").at(-1), trait = `slider${model.get("sliders").length}`;
  const wide = (width - LEFT - 6) / names.length, X = place => LEFT + place * wide, bottom = TOP + tall, since = X(model.get("since") + 1);
  size(drawing, width, bottom + FOOT);
  const id = `until-${clippings++}`, until = svg("rect", {x: LEFT, y: TOP - 2, height: tall + 4}, svg("clipPath", {id}, drawing));
  svg("rect", {class: "rim", x: LEFT, y: TOP, width: X(names.length) - LEFT, height: tall}, drawing);
  const inside = svg("g", {"clip-path": `url(#${id})`}, drawing);
  const step = [1, 2, 5, 10, 20, 50].find(size => size * wide >= 44) ?? names.length;
  names.forEach((name, n) => {
    if (n % step === 0) svg("text", {x: X(n + 0.5), y: bottom + 17, "text-anchor": "middle"}, drawing, name);
  });
  svg("text", {x: (X(0) + X(names.length)) / 2, y: bottom + 36, "text-anchor": "middle"}, drawing, label);
  svg("line", {class: "turn", x1: since, x2: since, y1: TOP - 18, y2: bottom}, drawing);
  model.get("phases").forEach((phase, n) => {
    svg("text", {class: "soft", x: since + (n ? 6 : -6), y: TOP - 8, "text-anchor": n ? "start" : "end"}, drawing, phase);
  });
  const now = svg("line", {class: "now", y1: TOP - 2, y2: bottom + 2}, drawing);
  grab(drawing, () => ([x]) => stage.change({[trait]: Math.round(within((x - LEFT) / wide - 0.5, 0, names.length - 1))}));
  const show = place => {
    set(until, {width: X(place + 1) - LEFT});
    set(now, {x1: X(place + 1), x2: X(place + 1)});
  };
  return {X, wide, inside, show};
}

function block(x, y, width, height) {
  return `M${x.toFixed(1)},${y.toFixed(1)}h${width.toFixed(1)}v${height}h${(-width).toFixed(1)}z`;
}

/** A row for each unit. */
function layUnits(stage, units) {
  return (drawing, width) => {
    const {X, wide, inside, show} = layTimes(stage, drawing, width, ROW * units);
    const paths = ["dead", "alive", "again", "stripe"].map(name => svg("path", {class: name}, inside));
    svg("text", {transform: `translate(14 ${TOP + ROW * units / 2}) rotate(-90)`, "text-anchor": "middle"}, drawing, `${units} units, a row each`);
    layKey(drawing);
    let seen;
    return now => {
      if (seen !== now.states) {                                     // a step in time leaves the rows alone
        seen = now.states;
        const parts = [[], [], [], []];
        seen.forEach((row, u) => runsOf(row).forEach(([state, first, last]) => {
          const at = [X(first), TOP + ROW * u], long = wide * (last - first);
          if (state === DEAD) parts[0].push(block(at[0], at[1] + 2, long, 1));
          else parts[state === REVIVED ? 2 : 1].push(block(...at, long - 0.8, ROW - 0.8));
          if (state === REVIVED) parts[3].push(block(at[0], at[1] + 1.6, long - 0.8, 1.1));
        }));
        paths.forEach((path, n) => set(path, {d: parts[n].join("")}));
      }
      show(now.time);
      drawing.setAttribute("aria-label", `${units} units, a row each, over time: a block where alive, a line where dead. ${now.spoken}`);
    };
  };
}

/** What blocks and lines mean, above the rows. */
function layKey(drawing) {
  const X = n => LEFT + [0, 78, 192][n], y = 6;
  svg("path", {class: "alive", d: block(X(0), y, 18, 8)}, drawing);
  svg("path", {class: "again", d: block(X(1), y, 18, 8)}, drawing);
  svg("path", {class: "stripe", d: block(X(1), y + 3, 18, 2)}, drawing);
  svg("path", {class: "dead", d: block(X(2), y + 3.5, 18, 1.2)}, drawing);
  ["alive", "alive again", "dead"].forEach((word, n) => svg("text", {x: X(n) + 23, y: y + 9}, drawing, word));
}

/** A histogram for each time, one below the other in the order of the bins. */
function layHeat(stage, units) {
  return (drawing, width, {levels}) => {
    const {X, wide, inside, show} = layTimes(stage, drawing, width, ROW * units), edges = stage.model.get("edges"), bins = edges.length - 1;
    const Y = place => TOP + ROW * units * (1 - place / bins), tall = ROW * units / bins;
    const shades = Array.from({length: LEVELS}, (_, n) => svg("path", {class: "bin", "fill-opacity": (n + 1) / LEVELS}, inside));
    const inner = edges.map((edge, n) => [edge, n]).filter(([edge]) => edge !== null), [[low, first], [high, last]] = [inner[0], inner.at(-1)];
    const place = z => first + (z - low) / (high - low) * (last - first), ticks = steps(low, high, 6);
    axis(drawing, z => Y(place(z)), {x: LEFT, ticks});
    if (low < 0 && high > 0) svg("line", {class: "zero", x1: LEFT, x2: X(levels.length), y1: Y(place(0)), y2: Y(place(0))}, drawing);
    svg("text", {x: LEFT, y: 14}, drawing, "preactivations z: stronger where there are more");
    let seen;
    return now => {
      if (seen !== now.levels) {
        seen = now.levels;
        const parts = shades.map(() => []);
        seen.forEach((row, t) => row.forEach((level, n) => { if (level) parts[level - 1].push(block(X(t), Y(n + 1), wide, tall)); }));
        shades.forEach((path, n) => set(path, {d: parts[n].join("")}));
      }
      show(now.time);
      drawing.setAttribute("aria-label", `Histograms of the preactivations over time. ${now.spoken}`);
    };
  };
}

// ---- the widget

function countOf(row, state) {
  return row.filter(each => each === state).length;
}

/** How many units are alive, dead and alive again at each time so far. */
function lifeTable(states, time, label, names) {
  const rows = Array.from({length: time + 1}, (_, t) => {
    const column = states.map(row => row[t]);
    return [names[t], ...[ALIVE, REVIVED, DEAD].map(state => String(countOf(column, state)))];
  });
  return {caption: "The units so far", head: [label, "alive all along or new", "alive again", "dead"], rows: thinned(rows)};
}

function buildMicroscope(stage) {
  const {model, root} = stage, units = model.get("units"), since = model.get("since"), sliders = model.get("sliders");
  const [label, names] = sliders.at(-1), trait = `slider${sliders.length}`, times = names.length;
  stage.style(GRID_STYLE + MICROSCOPE_STYLE);
  addChoices(stage, root);
  player(stage, html("div", {className: "buttons"}, root), {trait, label, last: times - 1, wait: 180});
  const drawings = html("div", {className: "pair"}, root);
  panel(stage, html("div", {}, drawings), layUnits(stage, units));
  panel(stage, html("div", {}, drawings), layHeat(stage, units));
  addSliders(stage, root);
  addReadouts(stage, root);
  addNote(stage, root);

  const known = new Map();                                           // by setting without its time
  const look = setting => {
    const bits = shaped(stage, "alive"), heat = shaped(stage, "levels"), bins = heat.shape.at(-1), stride = bits.shape.at(-1);
    const first = placeOf(bits.shape.slice(0, -1), [...setting, 0]);
    const states = statesOf(unitBits(bits.values.subarray(first * stride, (first + times) * stride), times, units), since);
    return {states, levels: Array.from({length: times}, (_, t) => Array.from(heat.values.subarray((first + t) * bins, (first + t + 1) * bins)))};
  };
  return function situation() {
    const now = gridSituation(stage), setting = now.setting.slice(0, -1), key = String(setting), time = now.setting.at(-1);
    if (!known.has(key)) known.set(key, look(setting));
    const {states, levels} = known.get(key);
    return {...now, time, states, levels, tables: () => [lifeTable(states, time, label, names)]};
  };
}

export default widget(buildMicroscope);
