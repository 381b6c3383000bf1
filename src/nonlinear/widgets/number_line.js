// A function along a line of numbers, computed in several ways: a band for each, and the values at one place.

const LINE_STYLE = `
.bands svg { cursor: ew-resize; }
.edge { fill: none; stroke: var(--soft); }
.kind-0 { fill: var(--blue); fill-opacity: .16; }
.kind-3 { fill: var(--ink); }
.here { stroke: var(--blue); stroke-width: 2.5; }
.tip { fill: var(--blue); }
.formula { margin: 0 0 .25rem; color: var(--soft); font-size: .9375em; }
.truth { border: 2px solid var(--blue); border-left-width: .5rem; border-radius: .3rem; padding: .45rem .7rem; margin: .35rem 0 .5rem; }
table { border-collapse: collapse; width: 100%; margin: .25rem 0 .75rem; font-variant-numeric: tabular-nums; table-layout: fixed; }
th, td { text-align: left; padding: .25rem .4rem .25rem 0; border-bottom: 1px solid var(--faint); vertical-align: top; overflow-wrap: break-word; }
thead th { color: var(--soft); font-weight: 400; }
th:first-child { width: 4.75rem; }
td b { display: block; }
td span { display: block; font-size: .875em; color: var(--soft); }
`;

// ---- what the reader reads: the mirror of text_of and _truth in number_line.py

function textOf(value, base) {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "not a number" : "infinite";
  if (value === 0 || value === base) return `exactly ${format(value, ".1g")}`;
  const gap = value - base;
  if (base === 0 || Math.abs(gap) > 0.5) return format(value, ".4g");
  return `${format(base, ".1g")} ${gap > 0 ? "+" : "−"} ${format(Math.abs(gap), ".3g")}`;
}

function truthText(base, mantissa, power) {
  const digits = scientific(format(Math.abs(mantissa), ".4g"), power);
  if (base === 0 && -4 <= power && power < 5) return format(Number(`${mantissa}e${power}`), ".4g");
  if (base === 0) return (mantissa < 0 ? "−" : "") + digits;
  return `${format(base, ".1g")} ${mantissa < 0 ? "−" : "+"} ${digits}`;
}

/** The places at which a band changes its kind, for any band of one function. */
function changes(kinds, places, bands, first) {
  const found = [];
  for (let k = 1; k < places; k++) {
    for (let band = 0; band < bands; band++) {
      const at = (first + band) * places + k;
      if (kinds[at] !== kinds[at - 1]) { found.push(k); break; }
    }
  }
  return found;
}

// ---- drawings

/** Patterns for the kinds that have one. */
function layPatterns(drawing) {
  const tile = (id, angle, ...lines) => {
    const pattern = svg("pattern", {id, width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: `rotate(${angle})`}, drawing);
    svg("rect", {width: 6, height: 6, fill: "var(--paper)"}, pattern);
    for (const line of lines) svg("line", {...line, stroke: "var(--soft)", "stroke-width": 2}, pattern);
  };
  const flat = {x1: 0, x2: 6, y1: 3, y2: 3}, upright = {x1: 3, x2: 3, y1: 0, y2: 6};
  tile("lined", 0, flat);
  tile("hatched", 45, upright);
  tile("crossed", 45, flat, upright);
}

/** Attributes that fill a shape as its kind demands. */
function fillOf(kind) {
  const pattern = {1: "lined", 2: "hatched", 4: "crossed"}[kind];
  return pattern ? {class: `kind-${kind}`, fill: `url(#${pattern})`} : {class: `kind-${kind}`};
}

function layBands(stage, {x, kinds, choices, rows, ways, kindNames, ticks, symbol}) {
  return (drawing, width) => {
    const places = x.length, left = 82, right = width - 12, high = 17, step = 21, top = 30;
    const heads = rows.map((_, i) => top + i * (ways.length * step + 24)), foot = heads.at(-1) + 18 + ways.length * step;
    const X = scale([0, places - 1], [left, right]), half = (right - left) / (places - 1) / 2;
    const columns = width < 560 ? 1 : 2, lines = Math.ceil(kindNames.length / columns);
    size(drawing, width, foot + 44 + 20 * lines);
    layPatterns(drawing);
    const bands = rows.flatMap((row, i) => {
      svg("text", {x: 0, y: heads[i] + 10, "font-weight": 700}, drawing, row);
      return ways.map((way, j) => {
        const y = heads[i] + 16 + j * step;
        svg("text", {x: 0, y: y + 13}, drawing, way);
        const group = svg("g", {}, drawing);
        svg("rect", {class: "edge", x: X(0) - half, y, width: right - left + 2 * half, height: high}, drawing);
        return {group, y};
      });
    });
    let last = -Infinity;
    const roomy = ticks.filter(tick => {
      const free = X(tick) - last > 38;
      if (free) last = X(tick);
      return free;
    });
    axis(drawing, X, {y: foot, ticks: roomy, texts: roomy.map(place => format(x[place], ".6g")), grid: foot});
    svg("text", {x: left, y: foot + 36, class: "soft"}, drawing, `${symbol}, stretched near 0`);
    kindNames.forEach((name, kind) => {
      const a = columns === 1 ? 0 : kind % 2 * width / 2, b = foot + 46 + 20 * (columns === 1 ? kind : Math.floor(kind / 2));
      svg("rect", {...fillOf(kind), x: a + 1, y: b, width: 24, height: 13}, drawing);
      svg("rect", {class: "edge", x: a + 1, y: b, width: 24, height: 13}, drawing);
      svg("text", {x: a + 32, y: b + 11}, drawing, name);
    });
    const line = svg("line", {class: "here", y1: 18, y2: foot}, drawing), tip = svg("path", {class: "tip"}, drawing);
    const label = svg("text", {y: 12, "text-anchor": "middle", "font-weight": 700}, drawing);
    grab(drawing, () => ([at]) => stage.change({slider1: Math.round(within(X.back(at), 0, places - 1))}));
    let filled;

    return now => {
      if (filled !== now.picked[0]) {
        filled = now.picked[0];
        bands.forEach(({group, y}, band) => {
          const first = (choices.indexOf(now.picked[0]) * bands.length + band) * places;
          group.replaceChildren();
          for (let start = 0, k = 1; k <= places; k++) {
            if (k < places && kinds[first + k] === kinds[first + start]) continue;
            const from = X(start) - half, wide = (k - start) * 2 * half;
            svg("rect", {...fillOf(kinds[first + start]), x: from, y, width: wide, height: high}, group);
            start = k;
          }
        });
      }
      const at = X(now.places[0]);
      set(line, {x1: at, x2: at});
      set(tip, {d: `M${at - 6},16 h12 l-6,8 z`});
      set(label, {x: within(at, 40, width - 40)});
      label.textContent = `${symbol} = ${now.at}`;
      set(drawing, {"aria-label": `${now.picked[0]} along a number line: a band for each type and way of computing. ${now.spoken}`});
    };
  };
}

// ---- the widget

function buildNumberLine(stage) {
  const {model, root, arrays} = stage, {x, values, errors, kinds, bases, mantissas, exponents} = arrays;
  const [rows, ways, formulas, ticks, unit] = ["rows", "ways", "formulas", "ticks", "unit"].map(name => model.get(name));
  const [[, choices]] = model.get("choices"), [[symbol, numbers]] = model.get("sliders"), kindNames = model.get("kind_names"), places = x.length;
  stage.style(GRID_STYLE + LINE_STYLE);
  addChoices(stage, root);
  const formula = html("p", {className: "formula"}, root);
  panel(stage, html("div", {className: "bands"}, root), layBands(stage, {x, kinds, choices, rows, ways, kindNames, ticks, symbol}));
  addSliders(stage, root);
  const buttons = html("div", {className: "buttons"}, root);
  const jump = (label, pick) => html("button", {type: "button", textContent: label}, buttons).addEventListener("click", () => {
    const [choice, place] = stage.situation().setting, bands = rows.length * ways.length;
    const target = pick(changes(kinds, places, bands, choice * bands), place);
    if (target !== undefined) stage.change({slider1: target});
  });
  jump("Previous change", (all, place) => all.findLast(k => k < place));
  jump("Next change", (all, place) => all.find(k => k > place));
  const truth = html("p", {className: "truth"}, root), table = html("table", {}, root);
  const head = html("tr", {}, html("thead", {}, table)), body = html("tbody", {}, table);
  for (const name of ["type", ...ways]) set(html("th", {textContent: name}, head), {scope: "col"});
  const cells = rows.flatMap(row => {
    const line = html("tr", {}, body);
    set(html("th", {textContent: row}, line), {scope: "row"});
    return ways.map(() => {
      const cell = html("td", {}, line);
      for (const tag of ["b", "span", "span"]) html(tag, {}, cell);
      return cell;
    });
  });

  stage.refreshers.push(now => {
    setText(formula, formulas[now.setting[0]]);
    setText(truth, `${symbol} = ${now.at}: the true value is ${now.truth}.`);
    now.readings.forEach(({value, kind, off}, i) => [value, kind, off].forEach((text, n) => setText(cells[i].children[n], text)));
  });

  const bandsTable = c => ({
    caption: `${choices[c]}: every stretch of the bands`, head: ["type and way", `from ${symbol}`, `to ${symbol}`, "what comes out"],
    rows: rows.flatMap((row, i) => ways.flatMap((way, j) => {
      const first = ((c * rows.length + i) * ways.length + j) * places, own = kinds.subarray(first, first + places);
      const starts = [0, ...changes(own, places, 1, 0)];
      return starts.map((start, n) => [`${row}, ${way}`, numbers[start], numbers[(starts[n + 1] ?? places) - 1], kindNames[own[start]]]);
    })),
  });

  return function situation() {
    const now = gridSituation(stage), [c, place] = now.setting, here = c * places + place, base = bases[here];
    const truth = truthText(base, mantissas[here], exponents[here]), at = numbers[place];
    const readings = rows.flatMap((row, i) => ways.map((way, j) => {
      const k = ((c * rows.length + i) * ways.length + j) * places + place;
      const off = Number.isFinite(errors[k]) ? `off by ${format(errors[k], ".2g")} ${unit}` : "";
      return {name: `${row}, ${way}`, value: textOf(values[k], base), kind: kindNames[kinds[k]], off};
    }));
    const spoken = `${choices[c]} at ${symbol} = ${at}: the true value is ${truth}. ${readings.map(r => `${r.name}: ${r.value}, ${r.kind}`).join("; ")}.`;
    return {...now, at, truth, readings, spoken, tables: () => [bandsTable(c)]};
  };
}

export default widget(buildNumberLine);
