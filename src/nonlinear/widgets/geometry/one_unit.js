// One ReLU of one input, h = max(0, w x + b), on a few points, and what gradient descent does with it: the mirror of
// walk and flow in phase_portrait.py. `points` is x, y, x, y, ...

/** Where the unit is on, its mean squared error, and the slopes of that in w and b; a point with z = 0 counts as off. */
function unitSlopes(points, [w, b]) {
  const total = points.length / 2, on = [];
  let loss = 0, dw = 0, db = 0;
  for (let i = 0; i < total; i++) {
    const x = points[2 * i], z = w * x + b, error = Math.max(0, z) - points[2 * i + 1];
    on.push(z > 0);
    loss += error * error / total;
    if (z > 0) [dw, db] = [dw + 2 / total * error * x, db + 2 / total * error];
  }
  return {on, loss, slopes: [dw, db]};
}

/** The step that a rule takes, before the rate, for one number: `memory` is [mean, square] and is brought up to date. */
function stride(rule, slope, memory, step) {
  if (rule === "momentum") return memory[0] = 0.9 * memory[0] + slope;
  if (rule !== "Adam") return slope;
  memory[0] = 0.9 * memory[0] + (1 - 0.9) * slope;
  memory[1] = 0.999 * memory[1] + (1 - 0.999) * slope * slope;
  return memory[0] / (1 - 0.9 ** (step + 1)) / (Math.sqrt(memory[1] / (1 - 0.999 ** (step + 1))) + 1e-8);
}

/** Weight and bias at every step, from the first: [w, b] pairs. */
function walkOf(points, start, rule, rate, steps) {
  const memories = [[0, 0], [0, 0]], path = [start];
  for (let step = 0; step < steps; step++) {
    const {slopes} = unitSlopes(points, path[step]);
    path.push(path[step].map((value, k) => value - rate * stride(rule, slopes[k], memories[k], step)));
  }
  return path;
}

/** Where gradient descent pulls the kink and the slope, per unit of rate: [d kink, d slope]. */
function flowAt(points, kink, slope) {
  const {slopes: [dw, db]} = unitSlopes(points, [slope, -slope * kink]);
  return [(db + kink * dw) / slope + 0, 0 - dw];
}

/** The kink of a unit; infinite, or not a number, for a slope of 0. */
function kinkOf([w, b]) {
  return -b / w + 0;
}

/** A line of `count` short steps along the flow, each `length` of the view's width and height; it ends where nothing pulls. */
function streak(points, start, length, count, [wide, high]) {
  const line = [start];
  for (let n = 0; n < count; n++) {
    const [kink, slope] = line[n], [u, v] = flowAt(points, kink, slope), size = Math.hypot(u / wide, v / high);
    if (!(size > 1e-9)) break;
    const next = [kink + length * u / size, slope + length * v / size];
    if (next[1] * slope <= 0) break;                                 // at a slope of 0 there is no kink
    line.push(next);
  }
  return line;
}

/** Path data of a walk over kink and slope: dots are joined, except across a slope of 0, where the kink jumps. */
function walkPath(path, X, Y) {
  let d = "";
  path.forEach(([w, b], n) => {
    if (w === 0) return;
    const joined = n && path[n - 1][0] * w > 0;
    d += `${joined ? "L" : "M"}${within(X(kinkOf([w, b])), -9999, 9999).toFixed(1)},${within(Y(w), -9999, 9999).toFixed(1)}`;
  });
  return d;
}
