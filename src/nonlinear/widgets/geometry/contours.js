// A function of the plane, given on a grid of points: where it is above 0, and the line where it is 0.
//
// `at(row, column)` is its height there, rows from below. A slider asks for this at every step, so each height is asked for
// once, and grids are walked by number.

/** The share of the values above the threshold, and how many separate pieces the two sides have. */
function census({rows, columns, at}) {
  const total = rows * columns, sides = new Uint8Array(total), seen = new Uint8Array(total), queue = new Int32Array(total), pieces = [0, 0];
  let above = 0;
  for (let cell = 0; cell < total; cell++) above += sides[cell] = at(Math.floor(cell / columns), cell % columns) > 0;
  for (let first = 0; first < total; first++) {
    if (seen[first]) continue;
    const side = sides[first];
    let end = 0;
    const visit = (cell, within) => {
      if (!within || seen[cell] || sides[cell] !== side) return;
      seen[cell] = 1;
      queue[end++] = cell;
    };
    pieces[side] += 1;
    visit(first, true);
    for (let n = 0; n < end; n++) {
      const cell = queue[n], column = cell % columns;
      visit(cell - columns, cell >= columns);
      visit(cell + columns, cell + columns < total);
      visit(cell - 1, column > 0);
      visit(cell + 1, column + 1 < columns);
    }
  }
  return {share: above / total, pieces};
}

/** The heights at all points, row by row. */
function sampled({rows, columns}, height) {
  const heights = new Float64Array(rows * columns);
  for (let r = 0, n = 0; r < rows; r++) for (let c = 0; c < columns; c++) heights[n++] = height(r, c);
  return heights;
}

/** The four corners of a cell, in order round it, as [column, row, height]. */
function cornersOf(heights, columns, r, c) {
  const n = r * columns + c;
  return [[c, r, heights[n]], [c + 1, r, heights[n + 1]], [c + 1, r + 1, heights[n + columns + 1]], [c, r + 1, heights[n + columns]]];
}

/** How many corners of the cell with the lowest corner `n` lie above 0. */
function highCorners(heights, columns, n) {
  return (heights[n] > 0) + (heights[n + 1] > 0) + (heights[n + columns + 1] > 0) + (heights[n + columns] > 0);
}

/** Where the height passes through 0 between one corner and the next: [column, row], or undefined. */
function crossing([k, i, a], [l, j, b]) {
  return a > 0 === b > 0 ? undefined : [k + a / (a - b) * (l - k), i + a / (a - b) * (j - i)];
}

/** Path data of the area where height > 0, from heights at the corners of cells; whole cells are joined along a row. */
function areaPath({rows, columns}, height, X, Y) {
  const heights = sampled({rows, columns}, height), text = ([k, i]) => `${X(k)},${Y(i)}`;
  let d = "";
  for (let r = 0; r + 1 < rows; r++) {
    let open = -1;
    const close = end => {
      if (open >= 0) d += `M${X(open)},${Y(r)}H${X(end)}V${Y(r + 1)}H${X(open)}Z`;
      open = -1;
    };
    for (let c = 0; c + 1 < columns; c++) {
      const high = highCorners(heights, columns, r * columns + c);
      if (high === 4) {
        if (open < 0) open = c;
        continue;
      }
      close(c);
      if (!high) continue;
      const corners = cornersOf(heights, columns, r, c);
      const polygon = corners.flatMap((corner, n) => [corner[2] > 0 && corner, crossing(corner, corners[(n + 1) % 4])].filter(Boolean));
      d += `M${polygon.map(text).join("L")}Z`;
    }
    close(columns - 1);
  }
  return d;
}

/** Path data of the line where the height passes through 0: a stroke or two for each cell that it crosses. */
function edgePath({rows, columns}, height, X, Y) {
  const heights = sampled({rows, columns}, height);
  let d = "";
  for (let r = 0; r + 1 < rows; r++) for (let c = 0; c + 1 < columns; c++) {
    if (highCorners(heights, columns, r * columns + c) % 4 === 0) continue;
    const corners = cornersOf(heights, columns, r, c), ends = corners.map((corner, n) => crossing(corner, corners[(n + 1) % 4])).filter(Boolean);
    if (ends.length === 4 && corners[0][2] <= 0) ends.push(ends.shift());      // a saddle: cut off the corners that are below
    for (let n = 0; n < ends.length; n += 2) d += `M${X(ends[n][0])},${Y(ends[n][1])}L${X(ends[n + 1][0])},${Y(ends[n + 1][1])}`;
  }
  return d;
}
