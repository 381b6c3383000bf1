// A memory cell over time: the mirror of course/memory.py, with gates from a table.

/** A function at z, between the two entries of its table nearest to it; the table begins at `start`, `per` to the unit. */
function interpolated(table, start, per, z) {
  const place = Math.min(Math.max((z - start) * per, 0), table.length - 1), i = Math.min(Math.floor(place), table.length - 2);
  return table[i] + (table[i + 1] - table[i]) * (place - i);
}

/** What a cell that is told 1 at every step holds after each, and what is left of its start: {cells, kept}. */
function remember(forget, entry) {
  const cells = [], kept = [];
  let c = 0, share = 1;
  forget.forEach((f, t) => {
    c = f * c + entry[t];
    share *= f;
    cells.push(c);
    kept.push(share);
  });
  return {cells, kept};
}
