// Mean and spread from layer to layer: the mirror of `path` in moments.py, from tables over the scale of preactivations.

/** The mean and the spread one layer on; the tables hold mean / (1 + scale) and log10 of the spread, over log10 of the scale. */
function nextMoments({means, spreads, low, step, points}, f, gain, [mean, spread]) {
  const scale = gain * Math.hypot(mean, spread), place = (Math.log10(scale) - low) / step;
  const k = within(Math.floor(place), 0, points - 2), start = f * points + k;
  const read = table => table[start] + (place - k) * (table[start + 1] - table[start]);
  return [read(means) * (1 + scale), 10 ** read(spreads)];
}

/** Mean and spread layer by layer, the inputs first; it ends early where the spread leaves the limits. */
function momentsPath(tables, f, gain, start, depth, [least, most]) {
  const path = [start];
  while (path.length <= depth && least <= path.at(-1)[1] && path.at(-1)[1] <= most) path.push(nextMoments(tables, f, gain, path.at(-1)));
  return path;
}

/** By what a small change of the spread has grown at the end of a path, one layer on. */
function carried(tables, f, gain, [mean, spread]) {
  const [low, high] = [0.99, 1.01].map(factor => nextMoments(tables, f, gain, [factor * mean, factor * spread])[1]);
  return Math.log(high / low) / Math.log(1.01 / 0.99);
}
