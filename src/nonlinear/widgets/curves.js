// Lines over a grid of settings: selects and sliders choose the setting, panels draw its lines.

const CURVES_STYLE = `
.bars { margin-top: .75rem; }
dl { display: grid; grid-template-columns: 1fr auto; gap: .1rem .75rem; margin: .5rem 0; max-width: 30rem; }
dt, dd { margin: 0; }
dt.group { grid-column: 1 / -1; font-weight: 600; margin-top: .35rem; }
dd { text-align: right; font-weight: 600; font-variant-numeric: tabular-nums; }
.note { color: var(--soft); font-size: .875em; }
`;

const ALL = "all";                                                   // what a list says for its options together
const LEVELS = 1000, OUTSIDE = 51;                                   // as in curves.py: 0 is a gap, 51 the low limit, 1051 the high one

// ---- reading the arrays

/** An array of the data with its shape. */
function shaped(stage, name) {
  const part = stage.model.get("data_layout").find(entry => entry.name === name);
  return part && {values: stage.arrays[name], shape: part.shape};
}

/** The place of a setting in an array over the grid; an axis of length 1 stands for all its settings. */
function placeOf(shape, setting) {
  return shape.reduce((place, length, axis) => place * length + (length > 1 ? setting[axis] : 0), 0);
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

/** A read-out at one setting, as text. */
function readoutText({values, shape}, setting, spec) {
  const [statistics, ...rest] = shape, cells = rest.reduce((product, length) => product * length, 1);
  const [median, lowest, highest] = Array.from({length: statistics}, (_, s) => format(values[s * cells + placeOf(rest, setting)], spec));
  return lowest === undefined ? median : `${median} [${lowest}, ${highest}]`;
}

// ---- drawings

/** One panel: what `now.shown` holds, a line for each of its entries. */
function layPanel(stage, number, {x, xScale, limits, scale: kind, xLabel, marks, levels, lines}) {
  return (drawing, width) => {
    const selections = possibleNames(stage, number), longest = Math.max(...selections.flat().map(name => name.length));
    const pens = Math.max(...selections.map(all => all.length)), many = pens > 1, direct = many && longest * CHARACTER < 0.24 * width;
    const right = direct ? 14 + longest * CHARACTER : 14;
    const keyHeight = many && !direct ? Math.max(...selections.map(all => layKey(width, all).height)) : 0;
    const place = svg("g", {transform: `translate(0 ${keyHeight})`}), height = 262;
    const {X, Y, body, frame, right: edge} = chart(place, width, height, {
      x: {limits: [Math.min(...x), Math.max(...x)], scale: xScale, label: xLabel}, y: {limits, scale: kind}, right});
    size(drawing, width, height + keyHeight);
    drawing.append(place);
    const across = x.map(X), upright = share => frame.y + frame.height * (1 - share);
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
        path.setAttribute("d", pathThrough(across, median));
        bands[n].setAttribute("d", low ? bandBetween(across, low, high) : "");
        if (shown[n]) [path, bands[n]].forEach(node => paint(node, shown[n].look));
        path.setAttribute("stroke-dasharray", shown[n]?.look[2] ?? "");
      });
      verticals.forEach(([line, label, values]) => {
        const value = values.values[placeOf(values.shape, now.setting)], at = X(value), seen = at >= frame.x - 1 && at <= edge + 1;
        set(line, {x1: at, x2: at});
        set(label, {x: at + (at > (frame.x + edge) / 2 ? -4 : 4), "text-anchor": at > (frame.x + edge) / 2 ? "end" : "start"});
        line.style.display = label.style.display = seen ? "" : "none";
      });
      nameLines({shown, names, samples, direct, heights, frame, edge, width, keyHeight});
      const words = shown.map(({name, words}) => `${name}${words}`).join("; ");
      drawing.setAttribute("aria-label", `${stage.model.get("panels")[number].label}, against ${xLabel}. ${words}. ${now.spoken}`);
    };
  };
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

/** The names that a panel may have to show at a time: those of one option, and those of all. */
function possibleNames(stage, number) {
  const options = stage.over < 0 ? [] : [stage.model.get("choices")[stage.over][1]];
  return [[""], ...options].map(together => linesOf(stage, number, together).map(({name}) => name));
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

/** Fills the list of read-outs: a row each, or a group of rows where several options are shown. */
function fillReadouts(list, now) {
  const rows = now.readouts.flatMap(({label, texts}) => texts.length === 1
    ? [["dt", label], ["dd", texts[0][1]]]
    : [["dt", label, "group"], ...texts.flatMap(([option, text]) => [["dt", option], ["dd", text]])]);
  list.replaceChildren(...rows.map(([tag, textContent, className = ""]) => html(tag, {textContent, className})));
}

/** Where a line starts and ends, in words; "about", because a drawn line is rounded to a thousandth of its axis. */
function endWords([median], {limits, scale: kind}) {
  const finite = median.filter(Number.isFinite), flat = kind === "log" ? Math.log10 : value => value;
  const value = share => {
    const at = flat(limits[0]) + share * (flat(limits[1]) - flat(limits[0]));
    return share < 0 ? `below ${format(limits[0], ".2g")}` : share > 1 ? `above ${format(limits[1], ".2g")}`
      : format(kind === "log" ? 10 ** at : at, ".2g");
  };
  return finite.length ? ` from about ${value(finite[0])} to ${value(finite.at(-1))}` : " has no values";
}

function buildCurves(stage) {
  const {model, root} = stage;
  const [choices, sliders, panels, readouts] = ["choices", "sliders", "panels", "readouts"].map(name => model.get(name));
  const choiceTraits = choices.map((_, n) => `choice${n + 1}`), sliderTraits = sliders.map((_, n) => `slider${n + 1}`);
  const over = stage.over = choices.findIndex(([label]) => label === model.get("overlay"));
  stage.style(LINES_STYLE + CURVES_STYLE);

  const pickers = html("div", {className: "pair"}, root);
  choices.forEach(([label, options], n) => select(stage, pickers, {trait: choiceTraits[n], label,
    options: [...options, ...n === over ? [ALL] : []].map(name => [name, name])}));
  const drawings = html("div", {className: panels.length > 1 ? "pair" : ""}, root);
  panels.forEach(({label, yLabel}, number) => {
    const column = html("div", {}, drawings), heading = html("p", {className: "heading", textContent: label}, column);
    if (yLabel) html("span", {textContent: `: ${yLabel}`}, heading);
    panel(stage, column, layPanel(stage, number, panels[number]));
  });
  const bars = html("div", {className: sliders.length > 1 ? "pair bars" : "bars"}, root);
  sliders.forEach(([label, names], n) => slider(stage, bars, {trait: sliderTraits[n], label, min: 0, max: names.length - 1,
    text: place => names[place]}));
  const played = sliders.findIndex(([label]) => label === model.get("play"));
  if (played >= 0) player(stage, root, {trait: sliderTraits[played], label: sliders[played][0], last: sliders[played][1].length - 1});
  if (readouts.length) {
    const list = html("dl", {}, root);
    stage.refreshers.push(now => fillReadouts(list, now));
  }
  html("p", {className: "note", textContent: model.get("note")}, root);

  return function situation() {
    const picked = choices.map(([, options], n) => {
      const value = model.get(choiceTraits[n]);
      return options.includes(value) || n === over && value === ALL ? value : options[0];
    });
    const places = sliders.map(([, names], n) => Math.round(within(model.get(sliderTraits[n]), 0, names.length - 1)));
    const together = picked[over] === ALL ? choices[over][1] : [picked[over] ?? ""];
    const settings = together.map(option => [
      ...picked.map((value, n) => choices[n][1].indexOf(n === over ? option : value)), ...places]);
    const shown = panels.map((each, number) => linesOf(stage, number, together).map(line => {
      const shares = curve(line.data, settings[line.k]);
      return {name: line.name, shares, look: lookOf(stage, line, picked, together), words: endWords(shares, each)};
    }));
    const said = readouts.map(({label, format: spec}, n) => {
      const data = shaped(stage, `readout ${n}`), distinct = data.shape[1 + over] > 1 ? together : [together[0]];
      return {label, texts: distinct.map((option, k) => [option, readoutText(data, settings[k], spec)])};
    });
    const where = [...picked.map((value, n) => `${choices[n][0]}: ${value}`), ...places.map((at, n) => `${sliders[n][0]}: ${sliders[n][1][at]}`)];
    const read = said.map(({label, texts}) => `${label}: ${texts.map(([option, text]) => texts.length > 1 ? `${option} ${text}` : text).join(", ")}`);
    const traits = [...choiceTraits.map((trait, n) => [trait, picked[n]]), ...sliderTraits.map((trait, n) => [trait, places[n]])];
    return {...Object.fromEntries(traits), setting: settings[0], shown, readouts: said,
      spoken: `${where.join(", ")}.${read.length ? ` ${read.join("; ")}.` : ""}`,
      drawn: traits.map(([trait, value]) => `${trait}=${value}`).join(" ")};
  };
}

const render = widget(buildCurves);
export default {render};
