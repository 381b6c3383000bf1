// Measures over a grid: a map of medians, and every seed of the chosen cell.

const MAP_STYLE = `
:host { --choice: var(--choice-light); }
:host(.dark) { --choice: var(--choice-dark); }
.control input { accent-color: var(--choice); }
.map svg { cursor: pointer; }
.cell { fill: none; stroke: var(--faint); }
.fill { fill: var(--choice); }
.rim { stroke: var(--paper); stroke-width: 4.5; stroke-linecap: round; }
.cross { stroke: var(--ink); stroke-width: 2; }
.chosen { fill: none; stroke: var(--ink); stroke-width: 3; }
svg text.here { font-weight: 700; }
.reading { margin: .35rem 0 0; }
.reading b { display: block; font-variant-numeric: tabular-nums; }
.note { color: var(--soft); font-size: .875em; }
.dot { fill: var(--choice); stroke: var(--paper); }
.median { stroke: var(--ink); stroke-width: 3; }
.range { stroke: var(--choice); stroke-width: 2; }
`;

// ---- reading the arrays

/** What the ten seeds (or however many there are) of one cell say about one measure. */
function summary(arrays, key, cell, seeds) {
  const values = Array.from(arrays[key].subarray(cell * seeds, (cell + 1) * seeds));
  return {values, median: arrays[`${key} median`][cell], lowest: Math.min(...values), highest: Math.max(...values)};
}

function lost(arrays, cell, seeds) {
  return Array.from(arrays.diverged.subarray(cell * seeds, (cell + 1) * seeds), Boolean);
}

function count(flags) {
  return flags.filter(Boolean).length;
}

/** Axis ticks need no decimals that they do not use. */
function tickText(spec) {
  return spec.endsWith("%") ? value => `${format(100 * value, ".6g")}%` : value => format(value, ".6g");
}

// ---- drawings

/** An × with a rim, to be seen on any ground; the function returned moves it and makes it span `arm` to each side. */
function layCross(drawing) {
  const paths = ["rim", "cross"].map(name => svg("path", {class: name}, drawing));
  return (x, y, arm) => {
    const d = arm ? `M${x - arm},${y - arm} l${2 * arm},${2 * arm} m0,${-2 * arm} l${-2 * arm},${2 * arm}` : "";
    for (const path of paths) path.setAttribute("d", d);
  };
}

function setSquare(node, x, y, side) {
  set(node, {x: x - side / 2, y: y - side / 2, width: side, height: side});
}

/** The map: in every cell a square that grows and darkens with the median. */
function layMap(stage, {rows, columns, measures, seeds}) {
  return (drawing, width) => {
    const left = 52, top = 30, nR = rows.names.length, nC = columns.names.length;
    const wide = (width - left - 2) / nC, high = within(wide, 28, 44), full = Math.min(wide, high) - 4, bottom = top + nR * high;
    const X = k => left + (k + 0.5) * wide, Y = i => bottom - (i + 0.5) * high;
    size(drawing, width, bottom + 44);
    const legend = layLegend(drawing, left, width);
    const cells = rows.names.flatMap((_, i) => columns.names.map((_, k) => {
      svg("rect", {class: "cell", x: X(k) - wide / 2, y: Y(i) - high / 2, width: wide, height: high}, drawing);
      return {i, k, fill: svg("rect", {class: "fill"}, drawing), cross: layCross(drawing)};
    }));
    const every = Math.ceil(Math.max(...columns.names.map(name => name.length * 7 + 8)) / wide);
    const label = (attributes, text) => svg("text", {"text-anchor": "middle", ...attributes}, drawing, text);
    const columnNames = columns.names.map((name, k) => label({x: X(k), y: bottom + 17}, name));
    const rowNames = rows.names.map((name, i) => label({x: left - 8, y: Y(i) + 4, "text-anchor": "end"}, name));
    label({x: left + nC * wide / 2, y: bottom + 38}, columns.label);
    label({transform: `translate(12 ${(top + bottom) / 2}) rotate(-90)`}, rows.label);
    const chosen = svg("rect", {class: "chosen", width: wide, height: high, rx: 2}, drawing);
    drawing.onclick = ({clientX, clientY}) => {
      const box = drawing.getBoundingClientRect();
      const k = Math.floor((clientX - box.left - left) / wide), i = Math.floor((box.top + bottom - clientY) / high);
      if (0 <= i && i < nR && 0 <= k && k < nC) stage.change({row: i, column: k});
    };

    const fillCells = ({limits, scale: kind}, medians, first) => {
      const share = scale(limits, [0, 1], kind);
      for (const {i, k, fill, cross} of cells) {
        const cell = first + i * nC + k, level = share(medians[cell]), gone = count(lost(stage.arrays, cell, seeds)) / seeds;
        setSquare(fill, X(k), Y(i), full * Math.sqrt(level));
        fill.setAttribute("fill-opacity", 0.3 + 0.7 * level);
        cross(X(k) + 0.3 * full, Y(i) - 0.3 * full, gone && full * (0.11 + 0.11 * gone));
      }
    };
    let filled;

    return now => {
      const measure = measures[now.measure], first = now.cell - now.row * nC - now.column;
      if (filled !== `${now.choice} ${now.measure}`) {                // a step of a slider leaves the squares alone
        filled = `${now.choice} ${now.measure}`;
        fillCells(measure, stage.arrays[`${now.measure} median`], first);
        legend(measure);
      }
      set(chosen, {x: X(now.column) - wide / 2, y: Y(now.row) - high / 2});
      rowNames.forEach((name, i) => name.classList.toggle("here", i === now.row));
      columnNames.forEach((name, k) => {
        name.classList.toggle("here", k === now.column);
        const near = k !== now.column && Math.abs(k - now.column) < every;
        name.style.display = k === now.column || (k % every === 0 && !near) ? "" : "none";
      });
      drawing.setAttribute("aria-label", `Map of ${measure.label} for ${now.choice}: median over ${seeds} seeds in each cell, `
        + `by ${columns.label} and ${rows.label}. ${now.spoken}`);
    };
  };
}

/** What the sizes mean, above the map. */
function layLegend(drawing, left, width) {
  const shares = [0.1, 0.5, 1], X = n => left + 10 + within((width - left - 80) / 3, 50, 70) * n;
  const names = shares.map((share, n) => {
    setSquare(svg("rect", {class: "fill", "fill-opacity": 0.3 + 0.7 * share}, drawing), X(n), 12, 18 * Math.sqrt(share));
    return svg("text", {x: X(n) + 14, y: 16}, drawing);
  });
  layCross(drawing)(X(shares.length), 12, 5);
  svg("text", {x: X(shares.length) + 12, y: 16}, drawing, "diverged");
  return ({limits: [low, high], format: spec}) => shares.forEach((share, n) => {
    names[n].textContent = tickText(spec)(low + share * (high - low));
  });
}

/** Every seed of the chosen cell on one line, the diverged ones on a second. Each seed keeps its height. */
function laySeeds(key, {label, limits, format: spec, scale: kind}, seeds) {
  return (drawing, width) => {
    const left = 74, X = scale(limits, [left, width - 18], kind), lanes = [30, 74], foot = 90, height = n => (n / Math.max(seeds - 1, 1) - 0.5) * 46;
    size(drawing, width, foot + 24);
    axis(drawing, X, {y: foot, grid: 0, text: tickText(spec)});
    const names = lanes.map(lane => svg("text", {x: 0, y: lane + 4}, drawing));
    const range = svg("line", {class: "range", y1: lanes[0], y2: lanes[0]}, drawing);
    const median = svg("line", {class: "median", y1: lanes[0] - 29, y2: lanes[0] + 29}, drawing);
    const dots = Array.from({length: seeds}, (_, n) => svg("circle", {class: "dot", r: 4.5, cy: lanes[0] + height(n)}, drawing));
    const crosses = Array.from({length: seeds}, () => layCross(drawing));

    return now => {
      const said = now.summaries[key];
      names[0].textContent = `${seeds - count(now.lost)} finished`;
      names[1].textContent = `${count(now.lost)} diverged`;
      said.values.forEach((value, n) => {
        dots[n].setAttribute("cx", X(value));
        dots[n].style.display = now.lost[n] ? "none" : "";
        crosses[n](X(value), lanes[1] + height(n) / 4, now.lost[n] ? 5 : 0);
      });
      set(range, {x1: X(said.lowest), x2: X(said.highest)});
      set(median, {x1: X(said.median), x2: X(said.median)});
      drawing.setAttribute("aria-label", `${label}, each of ${seeds} seeds: ${said.values.map((v, n) =>
        format(v, spec) + (now.lost[n] ? " (diverged)" : "")).join(", ")}`);
    };
  };
}

// ---- the widget

function readingText({median, lowest, highest}, spec) {
  return `median ${format(median, spec)} [${format(lowest, spec)}, ${format(highest, spec)}]`;
}

function buildGridMap(stage) {
  const {model, root, arrays} = stage;
  const [choices, rows, columns, measures] = ["choices", "rows", "columns", "measures"].map(name => model.get(name));
  const keys = model.get("data_layout").map(part => part.name).filter(name => name in measures);  // a stored dict loses its order
  const nR = rows.names.length, nC = columns.names.length;
  const seeds = arrays.diverged.length / (choices.length * nR * nC);
  stage.style(MAP_STYLE);
  const pickers = html("div", {className: "pair"}, root);
  select(stage, pickers, {trait: "choice", label: model.get("choice_label"), options: choices.map(name => [name, name])});
  select(stage, pickers, {trait: "measure", label: "the map shows", options: keys.map(key => [key, measures[key].label])});
  panel(stage, html("div", {className: "map"}, root), layMap(stage, {rows, columns, measures, seeds}));
  const sliders = html("div", {className: "pair"}, root);
  for (const [trait, {label, names}] of [["column", columns], ["row", rows]]) {
    slider(stage, sliders, {trait, label, min: 0, max: names.length - 1, text: place => names[place]});
  }
  const strips = html("div", {className: "pair strips"}, root);
  for (const key of keys) {
    const strip = html("div", {}, strips), reading = html("p", {className: "reading"}, strip);
    panel(stage, strip, laySeeds(key, measures[key], seeds));
    stage.refreshers.push(now => {
      const numbers = html("b", {textContent: readingText(now.summaries[key], measures[key].format)});
      reading.replaceChildren(`${measures[key].label}, ${seeds} seeds`, numbers);
    });
  }
  html("p", {className: "note", textContent: model.get("note")}, root);
  stage.refreshers.push(now => {
    const [light, dark] = model.get("colours")[choices.indexOf(now.choice)];
    stage.host.style.setProperty("--choice-light", light);
    stage.host.style.setProperty("--choice-dark", dark);
  });

  return function situation() {
    const known = (name, names) => names.includes(model.get(name)) ? model.get(name) : names[0];
    const choice = known("choice", choices), measure = known("measure", keys);
    const [row, column] = [["row", nR], ["column", nC]].map(([name, n]) => Math.round(within(model.get(name), 0, n - 1)));
    const cell = (choices.indexOf(choice) * nR + row) * nC + column, flags = lost(arrays, cell, seeds);
    const summaries = Object.fromEntries(keys.map(key => [key, summary(arrays, key, cell, seeds)]));
    const read = keys.map(key => `${measures[key].label}: ${readingText(summaries[key], measures[key].format)}`);
    const spoken = `${choice}, ${columns.label} ${columns.names[column]}, ${rows.label} ${rows.names[row]}. ${read.join("; ")}; `
      + `${count(flags)} of ${seeds} seeds diverged.`;
    const drawn = `choice=${choice} measure=${measure} row=${row} column=${column}`;
    return {choice, measure, row, column, cell, summaries, lost: flags, spoken, drawn};
  };
}

const render = widget(buildGridMap);
export default {render};
