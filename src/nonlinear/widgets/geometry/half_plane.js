// One ReLU over the unit square: the half plane where it is on, and its gradient: the mirror of neuron_readouts in neuron.py.

/** Rounds to 12 decimals, so that settings such as 0.1 + 0.2 − 0.3 give the 0 that they mean. */
function tidy(value) {
  return Math.floor(value * 1e12 + 0.5) / 1e12;
}

/** `points` is x1, x2, x1, x2, ...; a point with z = 0 counts as off, since ReLU'(0) = 0 here. */
function readouts(points, w1, w2, bias) {
  const total = points.length / 2, lit = [], sums = [0, 0, 0];
  for (let i = 0; i < total; i++) {
    const x1 = points[2 * i], x2 = points[2 * i + 1];
    lit.push(tidy(w1 * x1 + w2 * x2 + bias) > 0);
    if (lit[i]) [x1, x2, 1].forEach((slope, k) => { sums[k] += slope; });
  }
  const critical = -(Math.max(w1, 0) + Math.max(w2, 0)), largest = tidy(bias - critical);
  const state = largest <= 0 ? "dead" : sums[2] === 0 ? "silent" : "alive";
  return {lit, total, on: sums[2], critical, largest, gradient: sums.map(sum => sum / total), state};
}

/** A place on the line from p to q for the arrow: nearer the end that is far from `corner`, whose label needs room. */
function arrowPlace([p, q], corner) {
  const distance = end => Math.hypot(end[0] - corner[0], end[1] - corner[1]);
  const [near, far] = distance(p) < distance(q) ? [p, q] : [q, p];
  return near.map((x, k) => x + 0.65 * (far[k] - x));
}

/** An arrow of 26 pixels from (x, y) along the unit vector (u, v). */
function arrowPath(x, y, u, v) {
  const tip = [x + 26 * u, y + 26 * v], barb = side => `${tip[0] - 8 * u + side * 5 * v},${tip[1] - 8 * v - side * 5 * u}`;
  return `M${x},${y} L${tip} M${barb(1)} L${tip} L${barb(-1)}`;
}

/** The bias, to a hundredth and in its range, with which the line passes through (x, y). */
function biasThrough([x, y], {w1, w2}, {bias: range}) {
  return hundredth(-(w1 * x + w2 * y), range);
}

/** The weights, turned without changing their length as far as their ranges allow, that point from `root` to `place`. */
function turned(root, place, {w1, w2}, ranges) {
  const [u, v] = place.map((x, k) => x - root[k]), share = Math.hypot(w1, w2) / Math.hypot(u, v);
  const weights = {w1: hundredth(share * u, ranges.w1), w2: hundredth(share * v, ranges.w2)};
  return {...weights, bias: biasThrough(root, weights, ranges)};
}

function hundredth(value, range) {
  return Math.round(100 * within(value, ...range)) / 100 + 0;
}
