// Charts of lines, for the widgets that draw curves. `_base.py` puts this text between `_shared.js` and a widget's own.

const LINES_STYLE = `
.line { fill: none; stroke: var(--light); stroke-width: 2.4; stroke-linejoin: round; }
.band { fill: var(--light); fill-opacity: .17; stroke: none; }
.mark { stroke: var(--soft); stroke-width: 1.5; stroke-dasharray: 2 3; }
svg text.name { fill: var(--light); font-weight: 600; }
:host(.dark) .line { stroke: var(--dark); }
:host(.dark) .band { fill: var(--dark); fill-opacity: .24; }
:host(.dark) svg text.name { fill: var(--dark); }
.heading { margin: .75rem 0 .25rem; font-weight: 600; }
.heading span { font-weight: 400; }
`;

const CHARACTER = 6.7;                                               // px, the mean width of one at 12 px

/** Gives a node the colours of a line, for light and for dark pages. */
function paint(node, [light, dark]) {
  node.style.setProperty("--light", light);
  node.style.setProperty("--dark", dark);
}

const SUPERSCRIPTS = Object.fromEntries([..."−0123456789"].map((digit, i) => [digit, "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"[i]]));

/** A power of ten as such where its digits would be too many; other numbers plainly. */
function logText(value) {
  const power = Math.log10(value);
  if (Math.abs(power) < 3.5 || Math.abs(power - Math.round(power)) > 1e-9) return format(value, ".6g");
  return "10" + [...format(power, ".0f")].map(digit => SUPERSCRIPTS[digit]).join("");
}

let clips = 0;

/** Axes and a frame that clips what is drawn into `.body`; X and Y map values to pixels. `x` and `y` are {limits, scale, label}. */
function chart(drawing, width, height, {x, y, right = 14}) {
  const text = kind => kind === "log" ? logText : t => format(t, ".6g");
  const top = 10, bottom = height - (x.label ? 44 : 26), rising = scale(y.limits, [bottom, top], y.scale);
  const marks = rising.ticks(5), left = 16 + CHARACTER * Math.max(...marks.map(t => text(y.scale)(t).length));
  const X = scale(x.limits, [left, width - right], x.scale);
  size(drawing, width, height);
  axis(drawing, rising, {x: left, ticks: marks, text: text(y.scale), grid: width - right});
  axis(drawing, X, {y: bottom, count: width < 480 ? 5 : 8, text: text(x.scale)});
  const frame = {x: left, y: top, width: width - right - left, height: bottom - top};
  svg("path", {d: `M${left},${top} V${bottom} H${width - right}`, fill: "none", stroke: "var(--soft)"}, drawing);
  if (x.label) svg("text", {x: (left + width - right) / 2, y: height - 6, "text-anchor": "middle"}, drawing, x.label);
  const id = `frame-${clips++}`;
  svg("rect", frame, svg("clipPath", {id}, drawing));
  const body = svg("g", {"clip-path": `url(#${id})`}, drawing);
  return {X, Y: rising, body, frame, right: width - right};
}

/** Path data through points in pixels; a point that is not finite makes a gap. */
function pathThrough(xs, ys) {
  let pen = "M", d = "";
  for (let i = 0; i < xs.length; i++) {
    if (Number.isFinite(ys[i])) {
      d += `${pen}${xs[i].toFixed(1)},${ys[i].toFixed(1)}`;
      pen = "L";
    } else pen = "M";
  }
  return d;
}

/** Path data around the band between two lines, in pieces where one of them has gaps. */
function bandBetween(xs, lows, highs) {
  let d = "", piece = [];
  const close = () => {
    const at = (ys, i) => `${xs[i].toFixed(1)},${ys[i].toFixed(1)}`;
    if (piece.length > 1) d += `M${[...piece.map(i => at(lows, i)), ...piece.reverse().map(i => at(highs, i))].join("L")}Z`;
    piece = [];
  };
  for (let i = 0; i < xs.length; i++) Number.isFinite(lows[i] + highs[i]) ? piece.push(i) : close();
  close();
  return d;
}

/** Heights near the wished ones, in the same order, at least `gap` apart and between `low` and `high` if there is room. */
function spreadOut(wished, gap, low, high) {
  const order = wished.map((_, i) => i).sort((a, b) => wished[a] - wished[b]), placed = wished.slice();
  order.forEach((i, n) => { placed[i] = Math.max(wished[i], n ? placed[order[n - 1]] + gap : low); });
  let ceiling = high;
  for (const i of order.reverse()) ceiling = (placed[i] = Math.min(placed[i], ceiling)) - gap;
  return placed;
}

/** The last place where a line can be seen, or undefined. */
function lastVisible(ys, {y, height}) {
  for (let i = ys.length - 1; i >= 0; i--) if (ys[i] >= y && ys[i] <= y + height) return i;
  return undefined;
}

/** Names above a drawing, each after a piece of its line, in as many rows as they need; returns the height. */
function layKey(width, names) {
  let x = 4, row = 0;
  const places = names.map(name => {
    const room = 40 + CHARACTER * name.length;
    if (x + room > width && x > 4) [x, row] = [4, row + 1];
    x += room;
    return [x - room, 14 + 18 * row];
  });
  return {places, height: names.length ? 18 * (row + 1) + 6 : 0};
}

/** Writes the names: at the ends of the lines where there is room, else above the drawing. */
function nameLines({shown, names, samples, direct, heights, frame, edge, width, keyHeight}) {
  const alone = shown.length < 2, key = direct ? [] : layKey(width, shown.map(({name}) => name)).places;
  const ends = heights.map(([median]) => lastVisible(median, frame));
  const wished = heights.map(([median], n) => ends[n] === undefined ? frame.y + frame.height : median[ends[n]]);
  const placed = direct ? spreadOut(wished, 15, frame.y + 4, frame.y + frame.height) : [];
  names.forEach((text, n) => {
    const here = shown[n] && !alone;
    text.textContent = here ? shown[n].name : "";
    if (!here) return samples[n]?.setAttribute("d", "");
    if (direct) {
      paint(text, shown[n].look);
      return set(text, {x: edge + 6, y: placed[n] + 4 + keyHeight});
    }
    const [x, y] = key[n];
    set(text, {x: x + 30, y});
    set(samples[n], {d: `M${x},${y - 4} h24`, "stroke-dasharray": shown[n].look[2]});
    paint(samples[n], shown[n].look);
  });
}
