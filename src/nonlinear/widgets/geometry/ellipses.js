// The level lines of a quadratic function of two weights.

/** The shares of the loss at the start that have an ellipse, as `levels` in paths.py. */
function levels(goal) {
  const number = Math.round(-2 * Math.log10(goal));
  return [...Array.from({length: number}, (_, k) => 10 ** (-k / 2)), goal];
}

/** Eigenvalues and the angles of the eigenvectors of [[a, b], [b, c]], the steepest first. */
function principal([a, b, c]) {
  const middle = (a + c) / 2, radius = Math.hypot((a - c) / 2, b), angle = Math.atan2(2 * b, a - c) / 2;
  return [{value: middle + radius, angle}, {value: middle - radius, angle: angle + Math.PI / 2}];
}

/** Twice the loss above its minimum. */
function height([a, b, c], [x, y]) {
  return a * x * x + 2 * b * x * y + c * y * y;
}
