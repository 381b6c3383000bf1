// One number under gradient descent, on a curve that is known at equal distances: the mirror of course/descent.py.

/** The cubic through the four of `count` equally spaced values, from `start` on, that are nearest to the place `u`. */
function cubicAt(values, start, count, u) {
  const i = Math.min(Math.max(Math.floor(u) - 1, 0), count - 4), k = start + i, t = u - i, a = t - 1, b = t - 2, c = t - 3;
  return (t * b * c * values[k + 1] - a * b * c * values[k] / 3 - t * a * c * values[k + 2] + t * a * b * values[k + 3] / 3) / 2;
}

/** By how much a step moves a z that is not above 0; `curve` holds values and slopes at `low`, ..., 0, `per` to the unit. */
function descentStep({values, slopes, start, count, low, per}, z, {rate, target}) {
  const u = (Math.max(z, low) - low) * per;
  return -2 * rate * (cubicAt(values, start, count, u) - target) * cubicAt(slopes, start, count, u);
}

/**
 * The way from z until it is not negative, for at most `most` steps: {steps, path}, infinite if it does not get there.
 * The path holds [step, z] at steps that lie ever further apart, the first and the last among them.
 */
function descend(curve, z, setting) {
  const path = [[0, z]], climbing = descentStep(curve, z, setting) > 0;
  let n = 0, next = 1;
  if (z >= 0) return {steps: 0, path};
  while (n < setting.most && z < 0) {
    const step = descentStep(curve, z, setting);
    if (step === 0 || climbing !== step > 0) break;
    z += step;
    n += 1;
    if (n >= next) {
      path.push([n, z]);
      next = Math.ceil(1.06 * n);
    }
  }
  if (n > path.at(-1)[0]) path.push([n, z]);
  return {steps: z >= 0 ? n : Infinity, path};
}

/** Where the step changes its sign, from down to up, between two places: by halving. */
function turningPoint(curve, low, high, setting) {
  for (let n = 0; n < 40; n++) {
    const middle = (low + high) / 2;
    if (descentStep(curve, middle, setting) < 0) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
