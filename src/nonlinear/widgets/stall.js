// The stall: one output unit on the curve of its loss, and the loss step by step.

const CEILING = 15;                                                  // losses are drawn up to here at most

// ---- what the reader reads: the mirror of verdict in stall.py

function verdict(steps, end, bottomless, most) {
  if (Number.isNaN(steps)) return "No loss to descend on: 1 − z is not above 0 here, and has no logarithm.";
  if (steps === 0) return "Not wrong: the answer is within 0.1 of the right one.";
  if (Number.isFinite(steps)) return `Right after ${grouped(steps)} step${steps > 1 ? "s" : ""}.`;
  if (Math.abs(end) >= 1e6) return "Never right: each step overshoots, and lands further off.";
  if (bottomless) return "Never right: it has run past 0, for this loss has no lowest point.";
  return `Not right after ${grouped(most)} steps.`;
}

// ---- drawings

/** The loss over z with the point that is dragged. */
function layLoss(stage, zs) {
  const {low, high} = stage.model.get("axis");
  return (drawing, width, {limits}) => {
    const {X, Y, body, frame} = chart(drawing, width, 290, {x: {limits: [low, high], label: "z at the start"}, y: {limits}});
    const bottom = frame.y + frame.height, guide = svg("line", {class: "guide", y1: frame.y, y2: bottom}, body);
    const line = svg("path", {class: "line"}, body), way = svg("path", {class: "way"}, body);
    const unit = svg("circle", {class: "unit", r: 7}, body);
    grab(drawing, () => ([x]) => stage.change({z: within(X.back(x), low, high)}));

    return now => {
      paint(line, now.look);
      const ys = Array.from(now.curve, value => Number.isNaN(value) ? NaN : within(Y(value), -1e4, 1e4));
      set(line, {d: pathThrough(zs.map(X), ys), "stroke-dasharray": now.look[2]});
      const x = X(now.z), y = Number.isNaN(now.value) ? bottom - 8 : within(Y(now.value), frame.y + 8, bottom);
      set(guide, {x1: x, x2: x});
      set(unit, {cx: x, cy: y});
      const side = Math.sign(now.step), reach = Math.min(60, Math.abs(X(now.z + now.step) - x));   // not a number without a loss
      set(way, {d: reach > 12 ? `M${x},${y} h${side * reach} m${-side * 8},-5 l${side * 8},5 l${-side * 8},5` : ""});
      set(drawing, {"aria-label": `The loss of a ${now.output} output with ${now.loss} over z. ${now.spoken}`});
    };
  };
}

/** The loss against the step, until the answer is right. */
function layWay(stage) {
  const {most} = stage.model.get("axis");
  return (drawing, width, {limits}) => {
    const {X, Y, body} = chart(drawing, width, 290, {x: {limits: [1, most], scale: "log", label: "steps (log scale)"}, y: {limits}});
    const line = svg("path", {class: "line"}, body), end = svg("circle", {class: "end", r: 5.5}, body);
    return now => {
      [line, end].forEach(node => paint(node, now.look));
      const xs = now.path.map(([n]) => X(Math.max(n, 1))), ys = now.path.map(([, , loss]) => within(Y(loss), -1e4, 1e4));
      const lost = Number.isNaN(now.value);
      set(line, {d: lost ? "" : pathThrough(xs, ys), "stroke-dasharray": now.look[2]});
      set(end, {cx: xs.at(-1), cy: ys.at(-1), visibility: lost ? "hidden" : "visible"});
      set(drawing, {"aria-label": `The loss against the number of steps, on a log axis. ${now.spoken}`});
    };
  };
}

// ---- the widget

function buildStall(stage) {
  const {model, root, arrays} = stage, outputs = model.get("outputs"), losses = model.get("losses"), rates = model.get("places").rate;
  const {low, high, step, per, most} = model.get("axis"), names = outputs.map(({name}) => name), one = value => format(value, ".1f");
  const zs = Array.from({length: Math.round((high - low) * per) + 1}, (_, i) => low + i / per);
  stage.style(LINES_STYLE + WALK_STYLE);
  const lists = html("div", {className: "pair"}, root);
  select(stage, lists, {trait: "output", label: "output", options: names.map(name => [name, name])});
  select(stage, lists, {trait: "loss", label: "loss", options: losses.map(name => [name, name])});
  const status = html("p", {className: "status"}, root), drawings = html("div", {className: "pair"}, root);
  for (const [heading, more, lay, kind] of [
    ["The loss over z", "drag the point", layLoss(stage, zs), "curve"], ["The loss by step", "until right", layWay(stage), "way-down"]]) {
    const column = html("div", {className: kind}, drawings);
    html("span", {textContent: `: ${more}`}, html("p", {className: "heading", textContent: heading}, column));
    panel(stage, column, lay, ({limits}) => limits.join());
  }
  const sliders = html("div", {className: "pair"}, root);
  slider(stage, sliders, {trait: "z", label: "z at the start", min: low, max: high, step, text: one});
  slider(stage, sliders, {trait: "rate", label: "learning rate", min: 0, max: rates.length - 1, text: place => String(rates[place])});
  const list = html("dl", {className: "wide"}, root);
  const outs = ["answer p, 0 to 1", "slope dL/dz at the start", "loss at the start", "first step of z"].map(term => {
    html("dt", {textContent: term}, list);
    return html("dd", {}, list);
  });
  stage.refreshers.push(now => {
    setText(status, now.verdict);
    const texts = [now.answer, now.slope, now.value, now.step].map(value => Number.isNaN(value) ? "none" : format(value, ".3g"));
    outs.forEach((node, n) => setText(node, texts[n]));
  });

  return function situation() {
    const k = Math.max(names.indexOf(model.get("output")), 0), m = Math.max(losses.indexOf(model.get("loss")), 0);
    const output = names[k], loss = losses[m], pairing = PAIRINGS[`${output}, ${loss}`], count = zs.length;
    const z = Number((Math.round(within(model.get("z"), low, high) / step) * step).toFixed(10)) + 0;
    const place = Math.round(within(model.get("rate"), 0, rates.length - 1)), rate = rates[place];
    const curve = arrays.curves.subarray((m * names.length + k) * count, (m * names.length + k + 1) * count);
    const known = curve.filter(value => !Number.isNaN(value)), top = Math.min(CEILING, 1.05 * Math.max(...known));
    const limits = [Math.min(0, Math.min(...known)) - 0.03 * top, top];
    const {steps, path} = descendLoss(pairing, z, rate, most), end = path.at(-1)[1];
    const words = verdict(steps, end, output === "linear" && loss === "cross-entropy", most), slope = pairing.slope(z);
    const withLoss = path.map(([n, at]) => [n, at, pairing.value(at)]);
    const rows = () => thinned(withLoss).map(([n, at, value]) => [grouped(n), format(at, ".3f"), Number.isNaN(value) ? "none" : format(value, ".3g")]);
    return {output, loss, z, rate: place, curve, limits, look: outputs[k].look, value: pairing.value(z), slope, step: -rate * slope + 0,
      answer: pairing.answer(z), path: withLoss, verdict: words,
      tables: () => [{caption: `${output}, ${loss}: step by step`, head: ["steps", "z", "loss"], rows: rows()}],
      spoken: `${output}, ${loss}, z = ${one(z)}, rate ${rate}. ${words}`, drawn: `output=${output} loss=${loss} z=${z} rate=${place}`};
  };
}

export default widget(buildStall);
