// Units over time, one bit each: what each of them is, and where it stays that.

const DEAD = 0, ALIVE = 1, REVIVED = 2;

/** The bits of `bytes`, the highest of a byte first, as lists of `units` for each of `times`. */
function unitBits(bytes, times, units) {
  const stride = Math.ceil(units / 8);
  return Array.from({length: times}, (_, t) => Array.from({length: units}, (_, u) => bytes[t * stride + (u >> 3)] >> (7 - (u & 7)) & 1));
}

/** What every unit is at every time: a list for each unit. It has revived if it lives and was dead at the time `since`. */
function statesOf(bits, since) {
  return bits[0].map((_, u) => bits.map((row, t) => !row[u] ? DEAD : t > since && !bits[since][u] ? REVIVED : ALIVE));
}

/** Where equal entries of a list stand side by side: [entry, first place, the place after the last]. */
function runsOf(row) {
  const found = [];
  row.forEach((entry, n) => {
    if (n && row[n - 1] === entry) found.at(-1)[2] = n + 1;
    else found.push([entry, n, n + 1]);
  });
  return found;
}
