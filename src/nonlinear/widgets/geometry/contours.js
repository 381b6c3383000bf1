// A function of the plane, given on a grid of points: where it is above 0, and the line where it is 0.
//
// `at(row, column)` is its height there, rows from below.

/** The share of the values above the threshold, and how many separate pieces the two sides have. */
function census({rows, columns, at}) {
  const seen = new Set(), pieces = [0, 0];
  let above = 0;
  for (let cell = 0; cell < rows * columns; cell++) {
    const side = Number(at(Math.floor(cell / columns), cell % columns) > 0);
    above += side;
    if (seen.has(cell)) continue;
    pieces[side] += 1;
    seen.add(cell);
    for (const queue = [cell]; queue.length;) {
      const here = queue.pop(), row = Math.floor(here / columns), column = here % columns;
      for (const [r, c] of [[row - 1, column], [row + 1, column], [row, column - 1], [row, column + 1]]) {
        const next = r * columns + c;
        if (r < 0 || r >= rows || c < 0 || c >= columns || seen.has(next) || Number(at(r, c) > 0) !== side) continue;
        seen.add(next);
        queue.push(next);
      }
    }
  }
  return {share: above / (rows * columns), pieces};
}

/** The four corners of a cell, in order round it, as [column, row, height]. */
function cornersOf(height, r, c) {
  return [[c, r], [c + 1, r], [c + 1, r + 1], [c, r + 1]].map(([k, i]) => [k, i, height(i, k)]);
}

/** How many of them lie above 0. */
function highCorners(height, r, c) {
  return (height(r, c) > 0) + (height(r, c + 1) > 0) + (height(r + 1, c + 1) > 0) + (height(r + 1, c) > 0);
}

/** Where the height passes through 0 between one corner and the next: [column, row], or undefined. */
function crossing([k, i, a], [l, j, b]) {
  return a > 0 === b > 0 ? undefined : [k + a / (a - b) * (l - k), i + a / (a - b) * (j - i)];
}

/** Path data of the area where height > 0, from heights at the corners of cells; whole cells are joined along a row. */
function areaPath({rows, columns}, height, X, Y) {
  const text = ([k, i]) => `${X(k)},${Y(i)}`;
  let d = "";
  for (let r = 0; r + 1 < rows; r++) {
    let open = -1;
    const close = end => {
      if (open >= 0) d += `M${X(open)},${Y(r)}H${X(end)}V${Y(r + 1)}H${X(open)}Z`;
      open = -1;
    };
    for (let c = 0; c + 1 < columns; c++) {
      const high = highCorners(height, r, c);
      if (high === 4) {
        if (open < 0) open = c;
        continue;
      }
      close(c);
      if (!high) continue;
      const corners = cornersOf(height, r, c);
      const polygon = corners.flatMap((corner, n) => [corner[2] > 0 && corner, crossing(corner, corners[(n + 1) % 4])].filter(Boolean));
      d += `M${polygon.map(text).join("L")}Z`;
    }
    close(columns - 1);
  }
  return d;
}

/** Path data of the line where the height passes through 0: a stroke or two for each cell that it crosses. */
function edgePath({rows, columns}, height, X, Y) {
  let d = "";
  for (let r = 0; r + 1 < rows; r++) for (let c = 0; c + 1 < columns; c++) {
    if (highCorners(height, r, c) % 4 === 0) continue;
    const corners = cornersOf(height, r, c), ends = corners.map((corner, n) => crossing(corner, corners[(n + 1) % 4])).filter(Boolean);
    if (ends.length === 4 && corners[0][2] <= 0) ends.push(ends.shift());      // a saddle: cut off the corners that are below
    for (let n = 0; n < ends.length; n += 2) d += `M${X(ends[n][0])},${Y(ends[n][1])}L${X(ends[n + 1][0])},${Y(ends[n + 1][1])}`;
  }
  return d;
}
