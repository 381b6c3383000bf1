// Polygons cut by a straight line.

/** The part of `polygon` where height > 0 and, where it was cut, the two ends of the cut. */
function cut(polygon, height) {
  const part = [], ends = [];
  polygon.forEach((here, i) => {
    const next = polygon[(i + 1) % polygon.length], a = height(here), b = height(next);
    if (a > 0) part.push(here);
    if (a > 0 === b > 0) return;
    const share = a / (a - b), crossing = here.map((x, k) => x + share * (next[k] - x));
    part.push(crossing);
    ends.push(crossing);
  });
  return {part, ends};
}
