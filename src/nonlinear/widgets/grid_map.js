// Measures over a grid: a map of medians, and every seed of the chosen cell.

const MAP_STYLE = `
:host { --choice: var(--choice-light); }
:host(.dark) { --choice: var(--choice-dark); }
.control input { accent-color: var(--choice); }
.map svg { cursor: crosshair; }
.cell { fill: none; stroke: var(--faint); }
.fill { fill: var(--choice); }
.rim { stroke: var(--paper); stroke-width: 4.5; stroke-linecap: round; }
.cross { stroke: var(--ink); stroke-width: 2; }
.chosen { fill: none; stroke: var(--ink); stroke-width: 3; }
svg text.here { font-weight: 700; }
.reading { margin: .35rem 0 0; }
.reading b { display: block; font-variant-numeric: tabular-nums; }
.dot { fill: var(--choice); stroke: var(--paper); }
.median { stroke: var(--ink); stroke-width: 3; }
.range { stroke: var(--choice); stroke-width: 2; }
`;

// ---- reading the arrays

function lost(arrays, cell, seeds) {
  return Array.from(arrays.diverged.subarray(cell * seeds, (cell + 1) * seeds), Boolean);
}

function count(flags) {
  return flags.filter(Boolean).length;
}

/** Labels of an axis, all in one notation. */
function labelsOf(ticks, spec) {
  return spec.endsWith("%") ? ticks.map(tick => `${format(100 * tick, ".6g")}%`) : tickTexts(ticks);
}

// ---- drawings

/** An × with a rim, to be seen on any ground; the function returned moves it and makes it span `arm` to each side. */
function layCross(drawing) {
  const paths = ["rim", "cross"].map(name => svg("path", {class: name}, drawing));
  return (x, y, arm) => {
    const d = arm ? `M${x - arm},${y - arm} l${2 * arm},${2 * arm} m0,${-2 * arm} l${-2 * arm},${2 * arm}` : "";
    for (const path of paths) set(path, {d: d});
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
    const cellAt = ([x, y]) => ({slider1: Math.floor((bottom - y) / high), slider2: Math.floor((x - left) / wide)});
    const onMap = ({slider1: i, slider2: k}) => 0 <= i && i < nR && 0 <= k && k < nC;
    grab(drawing, start => onMap(cellAt(start)) && (place => {
      const cell = cellAt(place);
      if (onMap(cell)) stage.change(cell);
    }));

    const fillCells = ({limits, scale: kind}, medians, first) => {
      const share = scale(limits, [0, 1], kind);
      for (const {i, k, fill, cross} of cells) {
        const cell = first + i * nC + k, level = share(medians[cell]), gone = count(lost(stage.arrays, cell, seeds)) / seeds;
        setSquare(fill, X(k), Y(i), full * Math.sqrt(level));
        set(fill, {"fill-opacity": 0.3 + 0.7 * level});
        cross(X(k) + 0.3 * full, Y(i) - 0.3 * full, gone && full * (0.11 + 0.11 * gone));
      }
    };
    let filled;

    return now => {
      const measure = measures[now.map], [choice, row, column] = now.setting;
      if (filled !== `${choice} ${now.map}`) {                        // a step of a slider leaves the squares alone
        filled = `${choice} ${now.map}`;
        fillCells(measure, stage.arrays[`readout ${now.map}`], choice * nR * nC);
        legend(measure);
      }
      set(chosen, {x: X(column) - wide / 2, y: Y(row) - high / 2});
      rowNames.forEach((name, i) => name.classList.toggle("here", i === row));
      columnNames.forEach((name, k) => {
        name.classList.toggle("here", k === column);
        const near = k !== column && Math.abs(k - column) < every;
        name.style.display = k === column || (k % every === 0 && !near) ? "" : "none";
      });
      drawing.setAttribute("aria-label", `Map of ${measure.label} for ${now.picked[0]}: median over ${seeds} seeds in each cell, `
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
  return ({limits, format: spec, scale: kind}) => {
    const level = scale(limits, [0, 1], kind).back;
    labelsOf(shares.map(share => Number(level(share).toPrecision(3))), spec).forEach((text, n) => { names[n].textContent = text; });
  };
}

/** Every seed of the chosen cell on one line, the diverged ones on a second. Each seed keeps its height. */
function laySeeds(stage, number, {label, limits, format: spec, scale: kind}, seeds) {
  return (drawing, width) => {
    const left = 74, X = scale(limits, [left, width - 18], kind), lanes = [30, 74], foot = 90, height = n => (n / Math.max(seeds - 1, 1) - 0.5) * 46;
    size(drawing, width, foot + 24);
    const ticks = X.ticks(4);
    axis(drawing, X, {y: foot, grid: 0, ticks, texts: labelsOf(ticks, spec)});
    const names = lanes.map(lane => svg("text", {x: 0, y: lane + 4}, drawing));
    const range = svg("line", {class: "range", y1: lanes[0], y2: lanes[0]}, drawing);
    const median = svg("line", {class: "median", y1: lanes[0] - 29, y2: lanes[0] + 29}, drawing);
    const dots = Array.from({length: seeds}, (_, n) => svg("circle", {class: "dot", r: 4.5, cy: lanes[0] + height(n)}, drawing));
    const crosses = Array.from({length: seeds}, () => layCross(drawing));

    return now => {
      const values = Array.from(stage.arrays[`seeds ${number}`].subarray(now.cell * seeds, (now.cell + 1) * seeds));
      const [middle, lowest, highest] = summaryAt(shaped(stage, `readout ${number}`), now.setting);
      setText(names[0], `${seeds - count(now.lost)} finished`);
      setText(names[1], `${count(now.lost)} diverged`);
      values.forEach((value, n) => {
        set(dots[n], {cx: X(value)});
        dots[n].style.display = now.lost[n] ? "none" : "";
        crosses[n](X(value), lanes[1] + height(n) / 4, now.lost[n] ? 5 : 0);
      });
      set(range, {x1: X(lowest), x2: X(highest)});
      set(median, {x1: X(middle), x2: X(middle)});
      drawing.setAttribute("aria-label", `${label}, each of ${seeds} seeds: ${values.map((v, n) =>
        format(v, spec) + (now.lost[n] ? " (diverged)" : "")).join(", ")}`);
    };
  };
}

// ---- the widget

function buildGridMap(stage) {
  const {model, root, arrays} = stage, measures = model.get("measures"), keys = measures.map(({key}) => key);
  const [[columnLabel, columnNames], [rowLabel, rowNames]] = model.get("sliders").slice().reverse();
  const rows = {label: rowLabel, names: rowNames}, columns = {label: columnLabel, names: columnNames}, [[, choices]] = model.get("choices");
  const seeds = arrays.diverged.length / (choices.length * rowNames.length * columnNames.length);
  stage.style(GRID_STYLE + MAP_STYLE);
  const pickers = html("div", {className: "pair"}, root);
  addChoices(stage, pickers);
  select(stage, pickers, {trait: "measure", label: "the map shows", options: measures.map(({key, label}) => [key, label])});
  panel(stage, html("div", {className: "map"}, root), layMap(stage, {rows, columns, measures, seeds}));
  addSliders(stage, root, [1, 0]);
  const strips = html("div", {className: "pair strips"}, root);
  measures.forEach((measure, n) => {
    const strip = html("div", {}, strips);
    const reading = html("p", {className: "reading", textContent: `${measure.label}, ${seeds} seeds`}, strip), numbers = html("b", {}, reading);
    panel(stage, strip, laySeeds(stage, n, measure, seeds));
    stage.refreshers.push(now => setText(numbers, `median ${now.readouts[n].texts[0][1]}`));
  });
  addNote(stage, root);
  stage.refreshers.push(now => {
    const [light, dark] = model.get("colours")[now.setting[0]];
    stage.host.style.setProperty("--choice-light", light);
    stage.host.style.setProperty("--choice-dark", dark);
  });

  const mapTable = (choice, map) => ({
    caption: `${measures[map].label}, median of ${seeds} seeds: ${rowLabel} downwards, ${columnLabel} across`,
    head: [`${rowLabel} \\ ${columnLabel}`, ...columnNames],
    rows: rowNames.map((name, i) => [name, ...columnNames.map((_, k) =>
      format(summaryAt(shaped(stage, `readout ${map}`), [choice, i, k])[0], measures[map].format))]).reverse(),
  });
  const seedsTable = (cell, gone) => ({
    caption: "Every seed of the chosen cell", head: ["seed", ...measures.map(({label}) => label), "diverged"],
    rows: gone.map((lost, n) => [n + 1, ...measures.map((each, k) => format(arrays[`seeds ${k}`][cell * seeds + n], each.format)), lost ? "yes" : "no"]),
  });

  return function situation() {
    const now = gridSituation(stage), [choice, row, column] = now.setting, cell = (choice * rowNames.length + row) * columnNames.length + column;
    const map = Math.max(keys.indexOf(model.get("measure")), 0), measure = keys[map];
    const gone = lost(arrays, cell, seeds), tables = () => [mapTable(choice, map), seedsTable(cell, gone)];
    return {...now, measure, map, cell, lost: gone, tables, drawn: `measure=${measure} ${now.drawn}`};
  };
}

export default widget(buildGridMap);
