// Lines over a grid of settings: selects and sliders choose the setting, panels draw its lines.

const LEVELS = 1000, OUTSIDE = 51;                                   // as in curves.py: 0 is a gap, 51 the low limit, 1051 the high one

// ---- reading the arrays

/** A line of a panel at one setting, as `curve` reads it; each is read once. */
function sharesOf(stage, number, {n, data}, setting) {
  const read = stage.read ??= new Map(), key = `${number} ${n} ${setting}`;
  if (!read.has(key)) read.set(key, curve(data, setting));
  return read.get(key);
}

/** A line at one setting: [median] or [median, lowest, highest], each the share of the height at every x, NaN in a gap. */
function curve({values, shape}, setting) {
  const [, statistics, ...rest] = shape, points = rest.pop();
  const cells = rest.reduce((product, length) => product * length, 1), plane = statistics * cells * points;
  return Array.from({length: statistics}, (_, s) => {
    const start = (s * cells + placeOf(rest, setting)) * points;
    let step = 0, level = 0;
    return Array.from({length: points}, (_, i) => {
      step = step + values[start + i] + 256 * values[plane + start + i] & 0xffff;
      level = level + step & 0xffff;
      return level ? (level - OUTSIDE) / LEVELS : NaN;
    });
  });
}

// ---- drawings

/** One panel: what `now.shown` holds, a line for each of its entries. */
function layPanel(stage, number, {x, xScale, limits, scale: kind, xLabel, marks, levels, lines}) {
  return (drawing, width, now) => {
    const called = now.shown[number].map(({name}) => name), longest = Math.max(...called.map(name => name.length));
    const pens = called.length, many = pens > 1, direct = many && longest * CHARACTER < 0.24 * width;
    const right = direct ? 14 + longest * CHARACTER : 14, keyHeight = many && !direct ? layKey(width, called).height : 0;
    const place = svg("g", {transform: `translate(0 ${keyHeight})`}), height = 262;
    const {X, Y, body, frame, right: edge} = chart(place, width, height, {
      x: {limits: [Math.min(...x), Math.max(...x)], scale: xScale, label: xLabel}, y: {limits, scale: kind}, right});
    size(drawing, width, height + keyHeight);
    drawing.append(place);
    const across = x.map(X), upright = share => frame.y + frame.height * (1 - share);
    grabLine(stage, number, drawing, {across, upright, top: keyHeight});
    levels.forEach(([name, value]) => {
      svg("line", {class: "mark", x1: frame.x, x2: edge, y1: Y(value), y2: Y(value)}, body);
      svg("text", {class: "halo soft", x: edge - 4, y: Y(value) - 4, "text-anchor": "end"}, place, name);
    });
    const verticals = marks.map(([name], n) => [
      svg("line", {class: "mark", y1: frame.y, y2: frame.y + frame.height}, body),
      svg("text", {class: "halo soft", y: frame.y + 12 + 15 * n}, place, name), shaped(stage, `mark ${number} ${n}`)]);
    const [bands, paths] = ["band", "line"].map(name => Array.from({length: pens}, () => svg("path", {class: name}, body)));
    const names = Array.from({length: many ? pens : 0}, () => svg("text", {class: direct ? "name halo" : ""}, drawing));
    const samples = direct ? [] : names.map(() => svg("path", {class: "line"}, drawing));

    return now => {
      const shown = now.shown[number], heights = shown.map(({shares}) => shares.map(line => line.map(upright)));
      paths.forEach((path, n) => {
        const [median = [], low, high] = heights[n] ?? [];
        set(path, {d: pathThrough(across, median)});
        set(bands[n], {d: low ? bandBetween(across, low, high) : ""});
        if (shown[n]) [path, bands[n]].forEach(node => paint(node, shown[n].look));
        set(path, {"stroke-dasharray": shown[n]?.look[2] ?? ""});
      });
      verticals.forEach(([line, label, values]) => {
        const value = values.values[placeOf(values.shape, now.setting)], at = X(value), seen = at >= frame.x - 1 && at <= edge + 1;
        set(line, {x1: at, x2: at});
        set(label, {x: at + (at > (frame.x + edge) / 2 ? -4 : 4), "text-anchor": at > (frame.x + edge) / 2 ? "end" : "start"});
        line.style.display = label.style.display = seen ? "" : "none";
      });
      nameLines({shown, names, samples, direct, heights, frame, edge, width, keyHeight});
      const words = shown.map(({name, words}) => `${name}${words}`).join("; ");
      set(drawing, {"aria-label": `${stage.model.get("panels")[number].label}, against ${xLabel}. ${words}. ${now.spoken}`});
    };
  };
}

/** Lets the reader pull a line of a panel up and down: the slider that moves it goes where the line is nearest to the pointer. */
function grabLine(stage, number, drawing, {across, upright, top}) {
  const heights = (line, setting, slider, i) => stage.model.get("sliders")[slider][1].map((_, place) => {
    const [median] = sharesOf(stage, number, line, setting.map((at, axis) => axis === slider + setting.length - stage.now.places.length ? place : at));
    return upright(median[i]);
  });
  const spread = all => Math.max(...all.filter(Number.isFinite)) - Math.min(...all.filter(Number.isFinite));
  grab(drawing, ([x, y]) => {
    const now = stage.now, i = nearest(across, x), lines = now.shown[number], far = lines.map(({shares}) => Math.abs(upright(shares[0][i]) - (y - top)));
    const line = lines[nearest(far.map(each => Number.isFinite(each) ? each : Infinity), 0)], setting = now.settings[line.k];
    const slider = now.places.findIndex((_, n) => spread(heights(line, setting, n, i)) > 8);
    if (slider < 0) return undefined;
    return ([x, y]) => {
      const all = heights(line, setting, slider, nearest(across, x)).map(each => Number.isFinite(each) ? each : Infinity);
      stage.change({[`slider${slider + 1}`]: nearest(all, y - top)});
    };
  });
}

/** The lines of a panel where the given options are shown together: a line that is the same for all of them comes once. */
function linesOf(stage, number, together) {
  const {lines} = stage.model.get("panels")[number], alone = together.length === 1;
  return lines.flatMap(({name}, n) => {
    const data = shaped(stage, `line ${number} ${n}`), over = stage.over;
    const once = alone || data.shape[2 + over] === 1, called = option => n ? `${option}, ${name}` : option;
    return (once ? [together[0]] : together).map((option, k) => ({data, n, k, option, once, name: once ? name : called(option)}));
  });
}

/** Colours and dashes: the line's own, else those of what it stands for; the second line of it has other dashes. */
function lookOf(stage, {name, n, option, once, k}, picked, together) {
  const looks = stage.model.get("looks"), palette = stage.model.get("palette"), known = names => names.map(each => looks[each]).find(Boolean);
  const own = once ? looks[name] : undefined, whose = once && together.length > 1 ? undefined : known(once ? picked : [option]);
  const place = !once ? k : together.length > 1 ? palette.length - 1 - n : n;
  const [light, dark, dashes] = own ?? whose ?? palette[place % palette.length];
  return [light, dark, own || !n || !whose && once ? dashes : palette.map(each => each[2]).filter(each => each !== dashes)[n - 1]];
}

// ---- the widget

/** The value at a share of the height, as text: a drawn line is rounded to a thousandth of its axis. */
function heightText(share, {limits, scale: kind}) {
  if (Number.isNaN(share)) return "none";
  if (share < 0 || share > 1) return share < 0 ? `below ${format(limits[0], ".2g")}` : `above ${format(limits[1], ".2g")}`;
  const back = scale(limits, [0, 1], kind).back, decimals = Math.round(3 - Math.log10(limits[1] - limits[0]));
  return kind === "log" ? format(back(share), ".2g") : format(back(share), `.${within(decimals, 0, 9)}f`);
}

/** Where a line starts and ends, in words. */
function endWords([median], each) {
  const finite = median.filter(Number.isFinite);
  return finite.length ? ` from about ${heightText(finite[0], each)} to ${heightText(finite.at(-1), each)}` : " has no values";
}

/** A panel as a table: a row for each x, and a column for each line and for the ends of its band. */
function panelTable(each, shown) {
  const columns = shown.flatMap(({name, shares}) => shares.map((share, s) => [[name, `${name}, lowest`, `${name}, highest`][s], share]));
  const names = xTexts(each.x), rows = each.x.map((_, i) => [names[i], ...columns.map(([, share]) => heightText(share[i], each))]);
  return {caption: each.yLabel ? `${each.label}: ${each.yLabel}` : each.label, head: [each.xLabel, ...columns.map(([name]) => name)], rows: thinned(rows)};
}

/** The values of x, all in one notation. */
function xTexts(x) {
  return tickTexts(x.map(value => Number(value.toPrecision(3))));
}

function buildCurves(stage) {
  const {model, root} = stage, sliders = model.get("sliders"), panels = model.get("panels");
  stage.style(LINES_STYLE + GRID_STYLE);
  addChoices(stage, root);
  const drawings = html("div", {className: panels.length > 1 ? "pair" : ""}, root);
  panels.forEach(({label, yLabel}, number) => {
    const column = html("div", {}, drawings), heading = html("p", {className: "heading", textContent: label}, column);
    if (yLabel) html("span", {textContent: `: ${yLabel}`}, heading);
    panel(stage, column, layPanel(stage, number, panels[number]), now => now.shown[number].length);
  });
  const played = sliders.findIndex(([label]) => label === model.get("play"));
  addSliders(stage, root);
  if (played >= 0) player(stage, root, {trait: `slider${played + 1}`, label: sliders[played][0], last: sliders[played][1].length - 1});
  addReadouts(stage, root);
  addNote(stage, root);

  return function situation() {
    const now = gridSituation(stage);
    const shown = panels.map((each, number) => linesOf(stage, number, now.together).map(line => {
      const shares = sharesOf(stage, number, line, now.settings[line.k]);
      return {...line, shares, look: lookOf(stage, line, now.picked, now.together), words: endWords(shares, each)};
    }));
    return {...now, shown, tables: () => panels.map((each, number) => panelTable(each, shown[number]))};
  };
}

export default widget(buildCurves);
