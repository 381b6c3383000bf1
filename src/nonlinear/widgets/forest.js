// Differences from a baseline, a row each, ranked anew at every setting.

const FOREST_STYLE = `
.forest svg { cursor: pointer; }
.row { transition: transform .35s; }
.dragged .row { transition: none; }
@media (prefers-reduced-motion: reduce) { .row { transition: none; } }
.row path { stroke: var(--soft); }
.row .ends { stroke-width: 2.4; stroke-dasharray: 3 2; }
.row .medians { fill: var(--paper); stroke-width: 1.6; }
.row.better .ends, .row.worse .ends { stroke-dasharray: none; }
.row.better path { stroke: var(--blue); }
.row.better .medians { fill: var(--blue); }
.row.worse path { stroke: var(--worse); }
.row.worse .medians { fill: var(--worse); }
:host { --worse: #7d5f00; }
:host(.dark) { --worse: #e3bf4d; }
@media (forced-colors: active) { :host, :host(.dark) { --worse: CanvasText; } }
.picked { fill: var(--blue); fill-opacity: .12; }
.row.chosen text { font-weight: 700; }
.nought { stroke: var(--ink); stroke-width: 1.3; }
`;

/** The intervals at one setting: for each row and each set of seeds the median and the two ends. */
function intervalsAt({values, shape}, setting) {
  const [rows, sets, parts] = shape.slice(-3), start = placeOf(shape.slice(0, -3), setting) * rows * sets * parts;
  const at = (row, set, part) => values[start + (row * sets + set) * parts + part];
  return Array.from({length: rows}, (_, row) => Array.from({length: sets}, (_, set) => [0, 1, 2].map(part => at(row, set, part))));
}

/** 1 where all sets lie above 0, −1 where all lie below it, else 0. */
function signOf(intervals) {
  return Number(Math.min(...intervals.map(([, low]) => low)) > 0) - Number(Math.max(...intervals.map(([, , high]) => high)) < 0);
}

/** The rows from the best to the worst; of equals the earlier one first. */
function rankedRows(intervals, better) {
  const middle = intervals.map(sets => better * sets.reduce((sum, [median]) => sum + median, 0) / sets.length);
  return middle.map((_, row) => row).sort((a, b) => middle[b] - middle[a] || a - b);
}

function signed(value, spec) {
  const text = format(value, spec);
  return value > 0 && /[1-9]/.test(text) ? `+${text}` : text;
}

// ---- drawing

const ROW = 22, SIDES = [-4, 4].map(side => ROW / 2 + side);          // px: a row, and where its two sets of seeds stand
const PAUSE = 400;                                                   // ms: what comes sooner is a drag, and rows jump

function layForest(stage, names) {
  return (drawing, width) => {
    const label = Math.max(...names.map(name => name.length)) * CHARACTER + 12, left = label + 8, bottom = names.length * ROW + 8;
    const scaled = svg("g", {}, drawing), picked = svg("rect", {class: "picked", x: 0, width, height: ROW, rx: 3}, drawing);
    size(drawing, width, bottom + 44);
    let X, drawn, last = -PAUSE;
    const layAxis = ({limits, axisLabel}) => {
      X = scale(limits, [left, width - 14]);
      scaled.replaceChildren();
      axis(scaled, X, {y: bottom, grid: 0, count: width < 480 ? 4 : 5});
      const middle = Math.min((left + width) / 2, width - axisLabel.length * CHARACTER / 2);
      svg("text", {x: middle, y: bottom + 38, "text-anchor": "middle"}, scaled, axisLabel);
      svg("line", {class: "nought", x1: X(0), x2: X(0), y1: 0, y2: bottom + 5}, scaled);
    };
    const rows = names.map(name => {
      const group = svg("g", {class: "row"}, drawing);
      svg("text", {x: label, y: ROW / 2 + 4, "text-anchor": "end"}, group, name);
      return [group, svg("path", {class: "ends"}, group), svg("path", {class: "medians"}, group)];
    });
    grab(drawing, () => ([, y]) => {
      const row = stage.now.ranked[Math.round(within(Math.floor(y / ROW), 0, names.length - 1))];
      stage.change({row: names[row]});
    });
    return now => {
      const wanted = `${now.limits} ${now.axisLabel}`;
      if (drawn !== wanted) layAxis(now);
      drawn = wanted;
      drawing.classList.toggle("dragged", performance.now() - last < PAUSE);
      last = performance.now();
      now.ranked.forEach((row, place) => {
        const [group, ends, medians] = rows[row], intervals = now.intervals[row].map(interval => interval.map(X));
        group.style.transform = `translateY(${place * ROW}px)`;
        set(group, {class: `row ${now.verdicts[row]}${row === now.at ? " chosen" : ""}`});
        set(ends, {d: intervals.map(([, low, high], n) => `M${tenth(low)},${SIDES[n]}H${tenth(high)}`).join("")});
        set(medians, {d: intervals.map(([median], n) => `M${tenth(median - 3)},${SIDES[n]}a3,3 0 1,1 6,0a3,3 0 1,1 -6,0z`).join("")});
        if (row === now.at) set(picked, {y: place * ROW});
      });
      set(drawing, {"aria-label": `${now.axisLabel}, a row each, the best on top: ${now.ranked.slice(0, 3).map(row => names[row]).join(", ")} lead. ${now.spoken}`});
    };
  };
}

// ---- the widget

function buildForest(stage) {
  const {model, root} = stage, names = model.get("rows"), measures = model.get("measures"), baseline = model.get("baseline");
  const data = shaped(stage, "intervals"), words = {1: "better", 0: "within the noise", "-1": "worse"};
  stage.style(GRID_STYLE + FOREST_STYLE);
  const pickers = html("div", {className: "pair"}, root);
  addChoices(stage, pickers);
  select(stage, pickers, {trait: "row", label: model.get("row_label"), options: names.map(name => [name, name])});
  addSliders(stage, root);
  const status = html("p", {className: "status"}, root);
  panel(stage, html("div", {className: "forest"}, root), layForest(stage, names));
  addNote(stage, root);
  stage.refreshers.push(now => setText(status, now.sentence));

  return function situation() {
    const now = gridSituation(stage), {better, format: spec, label} = measures[now.setting[0]], intervals = intervalsAt(data, now.setting);
    const ranked = rankedRows(intervals, better), signs = intervals.map(sets => better * signOf(sets));
    const at = Math.max(names.indexOf(model.get("row")), 0), all = intervals.flat(2), margin = 0.04 * (Math.max(...all, 0) - Math.min(...all, 0)) || 1;
    const text = row => intervals[row].map(each => each.map(value => signed(value, spec))).map(([m, l, h]) => `${m} [${l}, ${h}]`);
    const sentence = `${names[at]}: place ${ranked.indexOf(at) + 1} of ${names.length}; ${text(at).join(" and ")}: ${words[signs[at]]}.`;
    const rows = () => ranked.map((row, place) => [`${place + 1}. ${names[row]}`, ...text(row), words[signs[row]]]);
    return {...now, row: names[at], at, intervals, ranked, sentence, axisLabel: `${label}, less ${baseline}`,
      verdicts: signs.map(sign => ({1: "better", 0: "tie", "-1": "worse"})[sign]), limits: [Math.min(...all, 0) - margin, Math.max(...all, 0) + margin],
      tables: () => [{caption: `${label}, less ${baseline}: median and interval of two sets of seeds`, head: ["place", "first set", "second set", "verdict"], rows: rows()}],
      spoken: `${now.spoken} ${sentence}`, drawn: `${now.drawn} row=${names[at]}`};
  };
}

export default widget(buildForest);
