// Maps of the plane over a grid of settings: where a function is above its threshold, and where below.

const MAPS_STYLE = `
:host { --below: #7d5f00; --above: #0b62c4; }
:host(.dark) { --below: #e0b64a; --above: #6cb0ff; }
.side.below { fill: var(--below); fill-opacity: .15; }
.side.above { fill: var(--above); fill-opacity: .17; }
.edge { fill: none; stroke: var(--ink); stroke-width: 2.4; stroke-linejoin: round; stroke-linecap: round; }
.hatching { stroke: var(--above); stroke-opacity: .55; stroke-width: 1; }
.disc { fill: var(--below); stroke: var(--paper); stroke-width: .8; }
.triangle { fill: var(--above); stroke: var(--paper); stroke-width: .8; }
.unit { fill: none; stroke: var(--ink); stroke-width: 1.3; stroke-dasharray: 5 4; }
.rim { fill: none; stroke: var(--soft); }
`;

const HALF = 24;                                                     // as in maps.py: a packed value of 24 is the threshold

// ---- reading the arrays

/** The map of a setting: `at(row, column)` is its height over the threshold, ½ where it is strong, rows from below. */
function mapOf(stage, setting) {
  const {values, shape} = shaped(stage, "values"), [rows, columns] = shape.slice(-2);
  const start = placeOf(shape.slice(0, -2), setting) * rows * columns;
  const largest = stage.arrays.largest[placeOf(shape.slice(0, -2), setting)];
  const heightOf = Float64Array.from({length: 2 * HALF + 1}, (_, step) => largest * (step / HALF - 1) * Math.abs(step / HALF - 1));
  const heights = Float64Array.from(values.subarray(start, start + rows * columns), step => heightOf[step]);
  return {rows, columns, at: (row, column) => heights[row * columns + column]};
}

/** The hidden units of a setting, as [w1, w2, b]. */
function unitsOf(stage, setting) {
  const {values, shape} = shaped(stage, "units") ?? {values: [], shape: [...setting.map(() => 1), 0, 3]}, count = shape.at(-2);
  const start = placeOf(shape.slice(0, -2), setting) * count;
  return Array.from({length: count}, (_, n) => Array.from(values.slice(3 * (start + n), 3 * (start + n + 1)))).filter(([w]) => !Number.isNaN(w));
}

// ---- the drawing

/** Path data of a marker around (x, y): a disc for label 0, a triangle for label 1. */
function markerPath(label, x, y) {
  return label ? `M${x},${y - 4.4}l4,7h-8z` : `M${x - 3.2},${y}a3.2,3.2 0 1,0 6.4,0a3.2,3.2 0 1,0 -6.4,0z`;
}

let hatchings = 0;

function layMap(stage) {
  const [[left, right, low, high], sides, labels] = ["extent", "sides", "axis_labels"].map(name => stage.model.get(name));
  const lined = Boolean(shaped(stage, "units"));                     // somewhere in the grid: a page must not move with a slider
  return (drawing, width) => {
    const margin = 34, top = lined ? 62 : 44, side = Math.min(width - margin - 8, 360), tall = side * (high - low) / (right - left);
    const X = scale([left, right], [margin, margin + side]), Y = scale([low, high], [top + tall, top]);
    size(drawing, width, top + tall + 40);
    const id = `hatching-${hatchings++}`, tile = {width: 7, height: 7, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)"};
    svg("line", {class: "hatching", x1: 0, x2: 0, y1: 0, y2: 7}, svg("pattern", {id, ...tile}, drawing));
    const clip = `${id}-frame`;
    svg("rect", {x: X(left), y: Y(high), width: side, height: tall}, svg("clipPath", {id: clip}, drawing));
    const layers = ["below", "below", "above", "above"].map(name => svg("path", {class: `side ${name}`}, drawing));
    const hatched = svg("path", {fill: `url(#${id})`}, drawing), edge = svg("path", {class: "edge"}, drawing);
    const units = svg("path", {class: "unit"}, drawing);
    const marks = svg("g", {"clip-path": `url(#${clip})`}, drawing);
    const [discs, triangles] = ["disc", "triangle"].map(name => svg("path", {class: name}, marks));
    axis(drawing, X, {y: top + tall, count: 5});
    axis(drawing, Y, {x: margin, count: 5});
    svg("rect", {class: "rim", x: X(left), y: Y(high), width: side, height: tall}, drawing);
    svg("text", {x: margin + side / 2, y: top + tall + 36, "text-anchor": "middle"}, drawing, labels[0]);
    svg("text", {x: 4, y: top + tall / 2 - 12}, drawing, labels[1]);
    layMapKey(drawing, id, sides, margin, side);
    const unitsKey = svg("g", {}, drawing);
    svg("path", {class: "unit", d: `M${margin},46h18`}, unitsKey);
    svg("text", {x: margin + 24, y: 50}, unitsKey, "where a hidden unit has z = 0");
    const corners = [[left, low], [right, low], [right, high], [left, high]];
    let placed;
    const pixel = value => Math.round(10 * value) / 10, drawnMaps = new WeakMap();
    const pathsOf = map => {
      const heights = [(r, c) => -map.at(r, c), (r, c) => -map.at(r, c) - 0.5, map.at, (r, c) => map.at(r, c) - 0.5];
      const column = scale([0, map.columns - 1], [X(left), X(right)]), row = scale([0, map.rows - 1], [Y(low), Y(high)]);
      const at = [c => pixel(column(c)), r => pixel(row(r))];
      return {areas: heights.map(height => areaPath(map, height, ...at)), edges: edgePath(map, map.at, ...at)};
    };

    const drawn = map => {
      if (!drawnMaps.has(map)) drawnMaps.set(map, pathsOf(map));
      return drawnMaps.get(map);
    };

    return now => {
      const {areas, edges} = drawn(now.map);
      stage.ahead(now.near.map(setting => () => drawn(stage.mapAt(setting))));
      layers.forEach((layer, n) => set(layer, {d: areas[n]}));
      set(hatched, {d: areas[2]});
      set(edge, {d: edges});
      set(unitsKey, {visibility: now.units.length ? "visible" : "hidden"});
      set(units, {d: now.units.map(([w1, w2, b]) => cut(corners, ([x, y]) => w1 * x + w2 * y + b).ends)
        .map(ends => ends.map(([x, y], n) => `${n ? "L" : "M"}${pixel(X(x))},${pixel(Y(y))}`).join("")).join("")});
      if (placed !== now.setting[0]) [discs, triangles].forEach((path, label) => path.setAttribute("d", now.points.filter(point => point[2] === label)
        .map(([x, y]) => markerPath(label, pixel(X(x)), pixel(Y(y)))).join("")));
      placed = now.setting[0];
      drawing.setAttribute("aria-label", `Map over ${labels[0]} from ${format(left, ".3g")} to ${format(right, ".3g")} and `
        + `${labels[1]} from ${format(low, ".3g")} to ${format(high, ".3g")}. ${now.spoken}`);
    };
  };
}

/** What hatching and markers mean, in rows above the map. */
function layMapKey(drawing, id, sides, margin, room) {
  sides.forEach((name, n) => {
    const x = margin + n * room / 2, box = {x, y: 2, width: 18, height: 13};
    svg("rect", {class: `side ${n ? "above" : "below"}`, ...box}, drawing);
    if (n) svg("rect", {fill: `url(#${id})`, ...box}, drawing);
    svg("rect", {class: "rim", ...box}, drawing);
    svg("text", {x: x + 24, y: 13}, drawing, `says ${name}`);
    svg("path", {class: n ? "triangle" : "disc", d: markerPath(n, x + 9, 27)}, drawing);
    svg("text", {x: x + 24, y: 32}, drawing, `is ${name}`);
  });
}

// ---- the widget

/** The points that lie on the map of a setting, as [x, y, label]. */
function pointsOf({arrays}, [place = 0]) {
  const x = arrays[`points ${place}`] ?? [], labels = arrays[`labels ${place}`] ?? [];
  return Array.from(labels, (label, n) => [x[2 * n], x[2 * n + 1], label]);
}

function piecesText({share, pieces}, sides) {
  const count = n => `${pieces[n]} ${pieces[n] === 1 ? "piece" : "pieces"}`;
  return `It says ${sides[1]} on ${format(share, ".0%")} of the map, in ${count(1)}, and ${sides[0]} on the rest, in ${count(0)}.`;
}

/** The map, coarsely, as a table: which side it says, from the highest row down. */
function mapTable({rows, columns, at}, [left, right, low, high], labels, sides) {
  const places = count => thinned(Array.from({length: count}, (_, n) => n), 11);
  const across = scale([0, columns - 1], [left, right]), upward = scale([0, rows - 1], [low, high]);
  return {caption: `What it says at some places: ${labels[0]} across, ${labels[1]} downwards`,
    head: [`${labels[1]} \\ ${labels[0]}`, ...places(columns).map(c => format(across(c), ".3g"))],
    rows: places(rows).reverse().map(r => [format(upward(r), ".3g"), ...places(columns).map(c => sides[Number(at(r, c) > 0)])])};
}

/** The settings that one move of one slider leads to. */
function near(stage, setting) {
  const sliders = stage.model.get("sliders"), first = setting.length - sliders.length;
  return sliders.flatMap(([, names], n) => names.map((_, place) => setting.map((now, axis) => axis === first + n ? place : now)));
}

function buildMaps(stage) {
  const {model, root} = stage, [sides, extent, labels] = ["sides", "extent", "axis_labels"].map(name => model.get(name));
  stage.style(GRID_STYLE + MAPS_STYLE);
  addChoices(stage, root);
  const layout = html("div", {className: "layout"}, root);
  panel(stage, html("div", {}, layout), layMap(stage));
  const side = html("div", {}, layout);
  addSliders(stage, side);
  const words = html("p", {className: "words"}, side);
  stage.refreshers.push(now => setText(words, now.words));
  addReadouts(stage, side);
  addNote(stage, side);

  const maps = new Map();                                            // by setting: a slider goes to and fro
  stage.mapAt = setting => {
    const key = String(setting), map = maps.get(key) ?? mapOf(stage, setting);
    map.words ??= piecesText(census(map), sides);
    maps.set(key, map);
    return map;
  };
  return function situation() {
    const now = gridSituation(stage), map = stage.mapAt(now.setting), {words} = map;
    return {...now, map, words, near: near(stage, now.setting), tables: () => [mapTable(map, extent, labels, sides)],
      points: pointsOf(stage, now.setting), units: unitsOf(stage, now.setting), spoken: `${now.spoken} ${words}`};
  };
}

export default widget(buildMaps);
