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

/** For a point on a curve that the reader drags, where a step leads from there, and where its path ends. */
const WALK_STYLE = `
.curve svg { cursor: ew-resize; }
.guide { stroke: var(--soft); stroke-width: 1; stroke-dasharray: 4 3; }
.unit { fill: var(--ink); stroke: var(--paper); stroke-width: 1.5; }
.way { fill: none; stroke: var(--ink); stroke-width: 2.5; }
.end { fill: var(--light); stroke: var(--paper); stroke-width: 1.5; }
:host(.dark) .end { fill: var(--dark); }
`;

/** Gives a node the colours of a line, for light and for dark pages. */
function paint(node, [light, dark]) {
  node.style.setProperty("--light", light);
  node.style.setProperty("--dark", dark);
}

let clips = 0;

/** Axes and a frame that clips what is drawn into `.body`; X and Y map values to pixels. `x` and `y` are {limits, scale, label}. */
function chart(drawing, width, height, {x, y, right = 14}) {
  const top = 10, bottom = height - (x.label ? 44 : 26), rising = scale(y.limits, [bottom, top], y.scale);
  const ticks = rising.ticks(5), texts = tickTexts(ticks), left = 16 + CHARACTER * Math.max(...texts.map(text => text.length));
  const X = scale(x.limits, [left, width - right], x.scale);
  size(drawing, width, height);
  axis(drawing, rising, {x: left, ticks, texts, grid: width - right});
  axis(drawing, X, {y: bottom, count: width < 480 ? 5 : 8});
  const frame = {x: left, y: top, width: width - right - left, height: bottom - top};
  svg("path", {d: `M${left},${top} V${bottom} H${width - right}`, fill: "none", stroke: "var(--soft)"}, drawing);
  if (x.label) svg("text", {x: (left + width - right) / 2, y: height - 6, "text-anchor": "middle"}, drawing, x.label);
  const id = `frame-${clips++}`;
  svg("rect", frame, svg("clipPath", {id}, drawing));
  const body = svg("g", {"clip-path": `url(#${id})`}, drawing);
  return {X, Y: rising, body, frame, right: width - right};
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
