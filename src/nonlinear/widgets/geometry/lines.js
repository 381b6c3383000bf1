// Lines through points, in pixels: their path data, and where their names go.

const CHARACTER = 6.7;                                               // px, the mean width of one at 12 px

/** A number of pixels, to a tenth. */
function tenth(pixels) {
  return Math.round(10 * pixels) / 10;
}

/** Path data through points in pixels; a point that is not finite makes a gap. */
function pathThrough(xs, ys) {
  let pen = "M", d = "";
  for (let i = 0; i < xs.length; i++) {
    if (Number.isFinite(ys[i])) {
      d += `${pen}${tenth(xs[i])},${tenth(ys[i])}`;
      pen = "L";
    } else pen = "M";
  }
  return d;
}

/** Path data around the band between two lines, in pieces where one of them has gaps. */
function bandBetween(xs, lows, highs) {
  let d = "", piece = [];
  const close = () => {
    const at = (ys, i) => `${tenth(xs[i])},${tenth(ys[i])}`;
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

/** The points to draw a curve through, with its corners and jumps where they are: [x, y] pairs, y NaN at a jump. */
function withBreaks(zs, ys, breaks) {
  const points = [], spacing = zs[1] - zs[0];
  let next = 0;
  zs.forEach((x, i) => {
    for (; next < breaks.length && breaks[next][0] <= x + 1e-9 * spacing; next++) {
      const [at, left, right] = breaks[next];
      points.push([at, left], ...left === right ? [] : [[at, NaN], [at, right]]);
    }
    const last = breaks[next - 1];
    if (!last || Math.abs(last[0] - x) > 1e-9) points.push([x, ys[i]]);
  });
  return points;
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
