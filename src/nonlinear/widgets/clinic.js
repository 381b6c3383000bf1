// The clinic: charts of one case over time; then a cause, a prediction and a repair, and what comes of them.

const CLINIC_STYLE = `
.grab { cursor: ew-resize; }
.guide { stroke: var(--ink); stroke-dasharray: 4 3; }
.bar { fill: var(--light); }
:host(.dark) .bar { fill: var(--dark); }
.twin { fill: none; stroke: var(--soft); stroke-width: 2; stroke-dasharray: 3 3; }
.charts { gap: .25rem 2rem; }
.charts .note { align-self: center; }
.ask { display: grid; gap: .25rem 1.5rem; align-items: end; }
.ask button { margin-bottom: .35rem; }
@container (min-width: 36rem) { .ask { grid-template-columns: minmax(0, 1fr) auto; } }
.bars { margin-top: .75rem; }
.status p { margin: .15rem 0; }
button:disabled { color: var(--soft); border-style: dashed; cursor: default; }
`;

const ROOTS = 255;                                                   // as in clinic.py
const ROW = 34;                                                      // px, the height of a layer's histogram

// ---- what is known of the cases

/** A part of the arrays that belongs to one case: a list of lines, each a list of values over the points. */
function linesOf({values, shape: [, points, lines = 1]}, at) {
  const first = at * points * lines;
  return Array.from({length: lines}, (_, k) => Array.from({length: points}, (_, t) => values[first + t * lines + k]));
}

function partOf(stage, name) {
  return {values: stage.arrays[name], shape: stage.model.get("data_layout").find(part => part.name === name).shape};
}

/** What the reader is told: the mirror of Clinic.said. */
function told({words, found}, {at, tool, outcome, cause, repair, seen}) {
  if (seen < 1 || cause < 0 || tool < 0) return [];
  const right = found[tool][at] === outcome;
  const said = [`${words.measured[at][tool]} ${right ? "As you predicted." : "You predicted something else."}`, words.verdict[at][cause]];
  return seen > 1 && repair >= 0 ? [...said, words.repaired[at][repair]] : said;
}

// ---- drawings

/** Heights of a line, in pixels; what is beyond the axis lies outside, and 0 on a log axis on its lower edge. */
function heights(line, {Y, frame}, kind) {
  const bottom = frame.y + frame.height;
  return line.map(value => {
    if (Number.isNaN(value)) return NaN;
    if (kind === "log" && value <= 0) return bottom - 1;
    return value === Infinity ? frame.y - 30 : within(Y(value), frame.y - 30, bottom + 30);
  });
}

/** Values that are marked across a chart. */
function layLevels(levels, {Y, frame}, body) {
  for (const [word, value] of levels) {
    svg("line", {class: "mark", x1: frame.x, x2: frame.x + frame.width, y1: Y(value), y2: Y(value)}, body);
    svg("text", {class: "soft halo", x: frame.x + 5, y: Y(value) + 14}, body, word);
  }
}

/** What is written on a chart of one line that leaves it at the top: the mirror of beyond in clinic.py. */
function beyond(line, top) {
  const highest = Math.max(...line.filter(Number.isFinite)), start = Number.isFinite(line[0]) && line[0] > top;
  return highest > top ? `${start ? `from ${numeral(line[0])} ` : ""}up to ${numeral(highest)}` : "";
}

/** Lines over time, with a guide at the time that is chosen. */
function layOverTime(stage, n) {
  const {model} = stage, {label, names, scale: kind, limits, levels} = model.get("charts")[n], times = model.get("times");
  return (drawing, width) => {
    const many = names.length > 1;
    const place = chart(drawing, width, 210, {x: {limits: [times[0], times.at(-1)], scale: "log", label: `${model.get("time")} (log scale)`}, y: {limits, scale: kind}, right: many ? 40 : 14});
    const {X, Y, body, frame} = place, xs = times.map(X), edge = frame.x + frame.width;
    layLevels(levels, place, body);
    const guide = svg("line", {class: "guide", y1: frame.y, y2: frame.y + frame.height}, body);
    const paths = names.map(() => svg("path", {class: "line"}, body)), words = names.map(() => svg("text", {class: "name"}, drawing));
    [paths, words].forEach(each => each.forEach((node, k) => paint(node, model.get("looks")[k])));
    const peak = svg("text", {class: "soft halo", "text-anchor": "end", x: edge - 4, y: frame.y + 14}, body);
    grab(drawing, () => ([x]) => stage.change({step: nearest(xs, x)}));
    let seen;
    return now => {
      set(guide, {x1: xs[now.step], x2: xs[now.step]});
      set(drawing, {"aria-label": `${label}. ${now.spoken}`});
      if (seen === now.at) return;                                   // a step in time leaves the lines alone
      seen = now.at;
      const lines = linesOf(partOf(stage, `chart ${n}`), now.at), ys = lines.map(line => heights(line, place, kind));
      paths.forEach((path, k) => set(path, {d: pathThrough(xs, ys[k]), "stroke-dasharray": model.get("looks")[k][2]}));
      if (!many) {
        setText(peak, beyond(lines[0], limits[1]));
        return;
      }
      const wished = ys.map(line => within(line.at(-1), frame.y, frame.y + frame.height));
      spreadOut(wished, 13, frame.y + 4, frame.y + frame.height).forEach((y, k) => {
        words[k].textContent = names[k];
        set(words[k], {x: edge + 5, y: y + 4});
      });
    };
  };
}

/** A histogram for each layer at the time that is chosen; zeros have a bar of their own on the left. */
function laySizes(stage) {
  const {values, shape: [, count, layers, bins]} = partOf(stage, "roots"), edges = stage.model.get("bins");
  return (drawing, width) => {
    const left = 40, top = 6, bottom = top + ROW * layers, X = scale([edges[0] - 2.2, edges.at(-1)], [left, width - 14]);
    size(drawing, width, bottom + 44);
    const ticks = edges.filter(edge => Number.isInteger(edge) && edge % 2 === 0), at = [edges[0] - 1.35, ...ticks];
    axis(drawing, X, {y: bottom, ticks: at, texts: ["0", ...tickTexts(ticks.map(power => Number(`1e${power}`)))], grid: top});
    svg("text", {x: (left + width - 14) / 2, y: bottom + 38, "text-anchor": "middle"}, drawing, "size of the activations (log scale), 0 apart");
    const place = b => b ? [X(edges[b - 1]), X(edges[b])] : [X(edges[0] - 1.7), X(edges[0] - 1)];
    const rows = Array.from({length: layers}, (_, layer) => {
      const base = top + ROW * (layer + 1);
      svg("line", {x1: left, x2: width - 14, y1: base, y2: base, stroke: "var(--faint)"}, drawing);
      svg("text", {x: left - 8, y: base - 8, "text-anchor": "end"}, drawing, `${layer + 1}`);
      const bars = svg("path", {class: "bar"}, drawing);              // one for all: fewer marks to move
      paint(bars, stage.model.get("looks")[layer]);
      return bars;
    });
    const places = Array.from({length: bins}, (_, b) => place(b).map(tenth));
    return now => {
      const first = (now.at * count + now.step) * layers * bins;
      rows.forEach((bars, layer) => {
        const high = b => tenth((ROW - 4) * values[first + layer * bins + b] / ROOTS), base = top + ROW * (layer + 1);
        set(bars, {d: places.map(([from, to], b) => `M${from + 0.5},${base}v${-high(b)}H${to - 0.5}V${base}z`).join("")});
      });
      set(drawing, {"aria-label": `Histograms of the sizes of the activations, layer by layer. ${now.spoken}`});
    };
  };
}

/** Lines of the case and of the healthy one, and perhaps a third: `lines(now)` returns them as [name, values, look or nothing]. */
function layCompared(label, xAxis, y, xs, lines) {
  return (drawing, width) => {
    const place = chart(drawing, width, 220, {x: xAxis, y, right: 14}), {X, body} = place, across = xs.map(X);
    const paths = [0, 1, 2].map(() => svg("path", {class: "line"}, body)), words = [0, 1, 2].map(() => svg("text", {class: "name halo"}, body));
    return now => {
      const shown = lines(now), last = shown.map(([, line]) => heights(line, place, y.scale)), {frame} = place;
      const wished = last.map(line => within(line[Math.round(0.62 * line.length)], frame.y + 12, frame.y + frame.height) - 7);
      const high = spreadOut(wished, 15, frame.y + 12, frame.y + frame.height - 4);
      paths.forEach((path, k) => {
        const [name, , look] = shown[k] ?? [];
        set(path, {class: look ? "line" : "twin", d: shown[k] ? pathThrough(across, last[k]) : "", "stroke-dasharray": look?.[2] ?? "3 3"});
        set(words[k], {class: look ? "name halo" : "soft halo", x: across[Math.round(0.62 * xs.length)] ?? 0, y: high[k] ?? 0});
        words[k].textContent = name ?? "";
        if (look) [path, words[k]].forEach(node => paint(node, look));
      });
      set(drawing, {"aria-label": `${label}: ${shown.map(([name, line]) => `${name} ends at ${numeral(line.at(-1))}`).join(", ")}.`});
    };
  };
}

// ---- the widget

const FINE = ".4g";                                                  // of the first chart: tells 2.303 from 2.302

function numeral(value, form = ".3g") {
  return Number.isFinite(value) ? format(value, form) : "diverged";
}

/** The numbers of the step that is chosen, layer by layer, and all charts over time. */
function clinicTables(stage, now) {
  const {model} = stage, charts = model.get("charts"), times = model.get("times"), time = model.get("time");
  const lines = charts.map((_, n) => linesOf(partOf(stage, `chart ${n}`), now.at)), names = charts.at(1).names;
  const layered = charts.map((chart, n) => [chart, lines[n]]).filter(([chart]) => chart.names.length > 1);
  return [
    {caption: `Network ${now.case}, ${time} ${times[now.step]}, by layer`, head: ["layer", ...layered.map(([{label}]) => label)],
      rows: names.map((name, k) => [name, ...layered.map(([, all]) => all[k] ? numeral(all[k][now.step]) : "–")])},
    {caption: `Network ${now.case} over time`, head: [time, charts[0].label, ...layered.flatMap(([{label, names: all}]) => [`${label}, ${all[0]}`, `${label}, ${all.at(-1)}`])],
      rows: thinned(times.map((at, t) => [String(at), numeral(lines[0][0][t], FINE), ...layered.flatMap(([, all]) => [numeral(all[0][t]), numeral(all.at(-1)[t])])]))},
  ];
}

function buildClinic(stage) {
  const {model, root, arrays} = stage, [cases, times, charts, tools, causes, forecasts, repairs] =
    ["cases", "times", "charts", "tools", "causes", "forecasts", "repairs"].map(name => model.get(name));
  const hidden = JSON.parse(new TextDecoder().decode(arrays.hidden)), healthy = cases.length - 1, time = model.get("time");
  const looks = model.get("looks"), blank = [["", "choose …"]], pairs = list => [...blank, ...list.map(name => [name, name])];
  stage.style(LINES_STYLE + CLINIC_STYLE);

  const top = html("div", {className: "pair"}, root);
  select(stage, top, {trait: "case", label: "network", options: cases.map(name => [name, name]),
    write: value => ({case: value, cause: "", forecast: "", repair: "", seen: 0})});
  slider(stage, top, {trait: "step", label: time, min: 0, max: times.length - 1, text: place => String(times[place])});
  player(stage, html("div", {className: "buttons"}, root), {trait: "step", label: time, last: times.length - 1, wait: 300});
  const list = html("dl", {className: "wide"}, root), outs = charts.map(({label, names}) => {
    html("dt", {textContent: names.length > 1 ? `${label}: ${names[0]}, ${names.at(-1)}` : label}, list);
    return html("dd", {}, list);
  });
  const drawings = html("div", {className: "pair charts"}, root);
  charts.forEach(({label}, n) => {
    const column = html("div", {}, drawings);
    html("p", {className: "heading", textContent: label}, column);
    panel(stage, column, layOverTime(stage, n));
  });
  const bars = html("div", {}, drawings);
  html("p", {className: "heading", textContent: "activations by layer"}, bars);
  panel(stage, bars, laySizes(stage));
  const note = model.get("note");
  if (note) html("p", {className: "note", textContent: note}, drawings);

  const questions = html("div", {className: "bars"}, root), first = html("div", {className: "ask"}, questions), answers = html("div", {}, first);
  select(stage, answers, {trait: "cause", label: "what is wrong", options: pairs(causes), write: cause => ({cause, seen: 0})});
  select(stage, answers, {trait: "forecast", label: "what I expect to measure", options: pairs(forecasts), write: forecast => ({forecast, seen: 0})});
  const measure = html("button", {type: "button", textContent: "Measure"}, first);
  const measured = html("div", {className: "told"}, questions), verdict = html("div", {className: "status"}, measured), sentences = [0, 1].map(() => html("p", {}, verdict));
  tools.forEach((tool, n) => {
    const lines = now => [[`network ${now.case}`, linesOf(partOf(stage, `tool ${n}`), now.at)[0], looks[0]],
      [cases[healthy], linesOf(partOf(stage, `tool ${n}`), healthy)[0]]];
    const frame = html("div", {}, measured);
    html("p", {className: "heading", textContent: tool.label}, frame);
    panel(stage, frame, layCompared(tool.label, {limits: [tool.x[0], tool.x.at(-1)], scale: tool.x_scale, label: tool.x_label},
      {limits: tool.limits}, tool.x, lines));
    stage.refreshers.push(now => { frame.hidden = now.tool !== n; });
  });
  const second = html("div", {className: "ask"}, questions), cures = html("div", {}, second);
  select(stage, cures, {trait: "repair", label: "repair", options: pairs(repairs), write: repair => ({repair, seen: Math.min(model.get("seen"), 1)})});
  const mend = html("button", {type: "button", textContent: "Repair"}, second), after = html("div", {className: "told"}, questions);
  const outcome = html("p", {}, html("div", {className: "status"}, after)), curve = html("div", {}, after), part = partOf(stage, "repaired");
  html("p", {className: "heading", textContent: `${charts[0].label}, before and after`}, curve);
  const {limits, scale: kind} = charts[0], before = at => linesOf(partOf(stage, "chart 0"), at)[0];
  panel(stage, curve, layCompared("The repair", {limits: [times[0], times.at(-1)], scale: "log", label: `${time} (log scale)`}, {limits, scale: kind}, times,
    now => [["before", before(now.at), looks[1]], ["repaired", linesOf({values: part.values, shape: [0, times.length, 1]}, now.at * repairs.length + Math.max(now.cure, 0))[0], looks[0]],
      [cases[healthy], before(healthy)]]));
  measure.addEventListener("click", () => stage.change({seen: 1}));
  mend.addEventListener("click", () => stage.change({seen: 2}));
  stage.refreshers.push(now => {
    charts.forEach((chart, n) => {
      const all = linesOf(partOf(stage, `chart ${n}`), now.at), texts = [all[0], ...all.length > 1 ? [all.at(-1)] : []].map(line => numeral(line[now.step], n ? undefined : FINE));
      setText(outs[n], texts.join(", "));
    });
    questions.hidden = now.at === healthy;
    measure.disabled = !now.cause || !now.forecast;
    mend.disabled = !now.told.length || !now.repair;
    measured.hidden = !now.told.length;
    after.hidden = now.told.length < 3;
    [...sentences, outcome].forEach((node, k) => setText(node, now.told[k] ?? ""));
  });

  return function situation() {
    const known = (trait, all) => all.includes(model.get(trait)) ? model.get(trait) : "";
    const at = Math.max(cases.indexOf(model.get("case")), 0), step = Math.round(within(model.get("step"), 0, times.length - 1));
    const cause = known("cause", causes), forecast = known("forecast", forecasts), repair = known("repair", repairs);
    const seen = at === healthy ? 0 : Math.round(within(model.get("seen"), 0, 2)), place = forecasts.indexOf(forecast);
    const counts = model.get("outcomes"), tool = place < 0 ? -1 : counts.findIndex((_, n) => place < counts.slice(0, n + 1).reduce((sum, k) => sum + k, 0));
    const outcomePlace = place - counts.slice(0, Math.max(tool, 0)).reduce((sum, k) => sum + k, 0), cure = repairs.indexOf(repair);
    const words = told(hidden, {at, tool, outcome: outcomePlace, cause: causes.indexOf(cause), repair: cure, seen});
    const loss = numeral(linesOf(partOf(stage, "chart 0"), at)[0][step], FINE);
    const now = {case: cases[at], at, step, cause, forecast, repair, cure, tool, told: words};
    return {...now, tables: () => clinicTables(stage, now),
      spoken: `Network ${cases[at]}, ${time} ${times[step]}, ${charts[0].label} ${loss}. ${words.join(" ")}`.trim(),
      drawn: `case=${cases[at]} step=${step} cause=${cause} forecast=${forecast} repair=${repair} seen=${seen}`};
  };
}

export default widget(buildClinic);
