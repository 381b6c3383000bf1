// Numbers: as text, and as places on a scale.

/** The number nearest to `value` between `low` and `high`; `low` for what is not a number. */
function within(value, low, high) {
  return Math.min(high, Math.max(low, Number.isFinite(Number(value)) ? Number(value) : low));
}

/** The place in a list that is nearest to a value. */
function nearest(values, value) {
  return values.reduce((best, each, i) => Math.abs(each - value) < Math.abs(values[best] - value) ? i : best, 0);
}

/** A number with a true minus sign and no minus zero; `spec` is a subset of Python's: ".2f", ".1%" or ".3g". */
function format(value, spec) {
  const [, digits, kind] = /^\.(\d)([f%g])$/.exec(spec);
  const text = {
    "f": () => value.toFixed(digits),
    "%": () => (100 * value).toFixed(digits) + "%",
    "g": () => {
      const rounded = Number(value.toPrecision(digits)), size = Math.abs(rounded);
      if (!rounded || 1e-6 <= size && size < 1e6) return String(rounded);
      const [mantissa, power] = size.toExponential().split("e");
      return (rounded < 0 ? "-" : "") + scientific(mantissa, Number(power));
    },
  }[kind]();
  return (/[1-9]/.test(text) ? text : text.replace("-", "")).replaceAll("-", "−");
}

/** A whole number with commas. */
function grouped(number) {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ",");
}

const SUPERSCRIPTS = Object.fromEntries([..."-0123456789"].map((digit, i) => [digit, "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"[i]]));

/** A number as a multiple of a power of ten. */
function scientific(mantissa, power) {
  const ten = "10" + [...String(power)].map(digit => SUPERSCRIPTS[digit]).join("");
  return mantissa === "1" ? ten : `${mantissa} × ${ten}`;
}

/** The labels of an axis, all in one notation: powers of ten if one of them would need too many digits. */
function tickTexts(ticks) {
  const plain = ticks.every(tick => tick === 0 || 1e-3 <= Math.abs(tick) && Math.abs(tick) < 1e4);
  if (plain) return ticks.map(tick => format(tick, ".6g"));
  return ticks.map(tick => {
    const [mantissa, power] = Number(Math.abs(tick).toPrecision(6)).toExponential().split("e");
    return tick ? (tick < 0 ? "−" : "") + scientific(mantissa, Number(power)) : "0";
  });
}

/** Round steps of 1, 2 or 5 times a power of ten, about `count` of them. */
function steps(low, high, count) {
  const rough = (high - low) / count, power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map(k => k * power).find(size => size >= 0.7 * rough);
  const first = Math.ceil(low / step - 1e-9), last = Math.floor(high / step + 1e-9);
  return Array.from({length: last - first + 1}, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/** Powers of ten: at most ten of them, at round exponents, and with 2 and 5 between them where there would be fewer than three. */
function decades(low, high) {
  const first = Math.floor(Math.log10(low)), last = Math.ceil(Math.log10(high));
  const powers = Array.from({length: 1 + last - first}, (_, i) => first + i), inside = t => low <= t && t <= high;
  const ticks = leading => powers.flatMap(power => leading.map(k => Number(`${k}e${power}`))).filter(inside);
  if (ticks([1]).length < 3) return ticks([1, 2, 5]);
  const step = [1, 2, 5, 10, 20, 50, 100].find(size => ticks([1]).length / size <= 10);
  return ticks([1]).filter(tick => Math.round(Math.log10(tick)) % step === 0);
}

/** Maps a value to pixels, and `.back` to the value; `.ticks(count)` are the values worth a label. */
function scale([low, high], [start, end], kind = "linear") {
  const flat = kind === "log" ? Math.log10 : value => value;
  const position = value => start + (flat(value) - flat(low)) / (flat(high) - flat(low)) * (end - start);
  const round = kind === "log" ? power => 10 ** power : value => value;
  position.back = pixel => round(flat(low) + (pixel - start) / (end - start) * (flat(high) - flat(low)));
  position.ticks = count => kind === "log" ? decades(low, high) : steps(low, high, count);
  return position;
}
