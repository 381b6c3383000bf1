// A small network with every number of its forward and backward pass; the reader moves a weight.

const NETWORK_STYLE = `
.bars { margin-top: .75rem; }
.edge { stroke: var(--soft); stroke-width: 1.2; }
.edge.way { stroke: var(--blue); stroke-width: 3; }
.unit { fill: var(--paper); stroke: var(--ink); stroke-width: 1.5; }
.unit.way { stroke: var(--blue); stroke-width: 3; }
.tag { cursor: ns-resize; }
.tag rect { fill: var(--paper); stroke: none; }
.tag.chosen rect { stroke: var(--blue); stroke-width: 2; }
.tag:hover rect { stroke: var(--blue); }
svg .slope { fill: var(--blue); }
svg .value { font-weight: 600; }
`;

const NOTE = "Black: activations in the circles, weights on the lines. Blue: the slopes of the loss, δ = ∂L/∂z in the circles and ∂L/∂w on "
  + "the lines. Thick: all the paths from the chosen weight to the output. Drag a weight's number up or down, or use the slider. Biases stay as they are.";
const RADIUS = 27, TAG = {width: 64, height: 33};                      // px
const PER_PIXEL = 0.02;                                              // of a weight, while its number is dragged

/** A slope, short enough for a line of the drawing. */
function slopeText(value) {
  const text = format(value, ".3f");
  return /[1-9]/.test(text) || value === 0 ? text : format(value, ".1g");
}

/** The name of a weight with its indices below the line. */
function weightName(trait) {
  return trait.replace(/\d/g, digit => "₀₁₂₃₄₅₆₇₈₉"[digit]);
}

// ---- the drawing

function layNetwork(stage, {weights, sizes, range}) {
  return (drawing, width) => {
    const downwards = width < 560, apart = downwards ? Math.min(width - 2 * RADIUS - 8, 230) : 150, start = RADIUS + 2;
    const along = downwards ? 122 : (width - 2 * start) / (sizes.length - 1), middle = downwards ? width / 2 : 132;
    const {units, edges} = placeNetwork(sizes, {along, apart, start, middle, downwards});
    size(drawing, width, downwards ? along * (sizes.length - 1) + 2 * start : middle + apart / 2 + start);
    const lines = edges.map(({from: [x1, y1], to: [x2, y2]}) => svg("line", {class: "edge", x1, y1, x2, y2}, drawing));
    const heads = ["inputs", ...sizes.slice(2).map((_, k) => `layer ${k + 1}`), "output"];
    heads.forEach((text, k) => {                                     // above a column; in a row, between two units or beside one
      const [x, y] = downwards ? [sizes[k] > 1 ? middle : middle + RADIUS + 34, start + k * along + 4] : [start + k * along, 16];
      svg("text", {x, y, "text-anchor": "middle", class: "soft"}, drawing, text);
    });
    const nodes = units.map((layer, k) => layer.map(([x, y]) => {
      const circle = svg("circle", {class: "unit", cx: x, cy: y, r: RADIUS}, drawing);
      const value = svg("text", {class: "value", x, y: y + (k ? -3 : 4), "text-anchor": "middle"}, drawing);
      const delta = k ? svg("text", {class: "slope", x, y: y + 12, "text-anchor": "middle"}, drawing) : null;
      return {circle, value, delta};
    }));
    const tags = edges.map(({label: [x, y]}) => {
      const tag = svg("g", {class: "tag"}, drawing), centred = {x, "text-anchor": "middle"};
      svg("rect", {x: x - TAG.width / 2, y: y - TAG.height / 2, ...TAG, rx: 4}, tag);
      return {tag, value: svg("text", {...centred, y: y - 3}, tag), slope: svg("text", {...centred, y: y + 12, class: "slope"}, tag)};
    });
    grab(drawing, ([x, y]) => {                                      // up or to the right makes a weight larger
      const far = edges.map(({label}) => Math.max(Math.abs(label[0] - x) / TAG.width, Math.abs(label[1] - y) / TAG.height));
      const n = nearest(far, 0), trait = weights[n];
      if (far[n] > 0.6) return undefined;
      const before = stage.now.values[n];
      return ([toX, toY]) => stage.change({chosen: trait, [trait]: rounded(before + PER_PIXEL * (toX - x + y - toY), range)});
    });

    return now => {
      const chosen = edges[now.place], reached = (k, j) => k > 0 && edges.some(edge => edge.k === k - 1 && edge.j === j && isBehind(chosen, edge));
      lines.forEach((line, n) => line.classList.toggle("way", isBehind(chosen, edges[n])));
      nodes.forEach((layer, k) => layer.forEach(({circle, value, delta}, j) => {
        circle.classList.toggle("way", reached(k, j));
        setText(value, format(now.activations[k][j], ".2f"));
        if (delta) setText(delta, slopeText(now.deltas[k - 1][j]));
      }));
      tags.forEach(({tag, value, slope}, n) => {
        tag.classList.toggle("chosen", n === now.place);
        setText(value, `${weightName(weights[n])} ${format(now.values[n], ".2f")}`);
        setText(slope, slopeText(now.slopes[n]));
      });
      set(drawing, {"aria-label": `The network, its activations, and the slopes of the loss. ${now.spoken}`});
    };
  };
}

/** A weight to a twentieth, within its range. */
function rounded(value, range) {
  return Math.round(20 * within(value, ...range)) / 20 + 0;
}

// ---- the widget

/** The layers with the weights that the traits hold: `values` are in the order of the lines. */
function layersOf(values, sizes, biases) {
  let next = 0;
  return sizes.slice(1).map((count, k) => {
    const weights = Array.from({length: sizes[k]}, () => values.slice(next, next += count));
    return {weights, bias: biases[k]};
  });
}

function buildBackpropagation(stage) {
  const {model, root} = stage;
  const [weights, sizes, biases, examples, range] = ["weights", "sizes", "biases", "examples", "limits"].map(name => model.get(name));
  stage.style(NETWORK_STYLE);
  const top = html("div", {className: "pair"}, root);
  select(stage, top, {trait: "example", label: "example", options: examples.map(({name}) => [name, name])});
  select(stage, top, {trait: "chosen", label: "weight to move", options: weights.map(trait => [trait, weightName(trait)])});
  panel(stage, html("div", {}, root), layNetwork(stage, {weights, sizes, range}));
  slider(stage, html("div", {className: "bars"}, root), {trait: "value", label: "its value", min: range[0], max: range[1], step: 0.05,
    text: value => format(value, ".2f"), write: value => ({[stage.now.chosen]: rounded(value, range)}),
    adapt: (now, {input, name}) => {
      setText(name, `weight ${weightName(now.chosen)}`);
      set(input, {"aria-label": `weight ${now.chosen}`});
    }});
  const list = html("dl", {className: "wide"}, root);
  const rows = Array.from({length: 4}, () => [html("dt", {}, list), html("dd", {}, list)]);
  stage.refreshers.push(now => now.said.forEach((said, n) => said.forEach((text, k) => setText(rows[n][k], text))));
  html("p", {className: "note", textContent: NOTE}, root);
  const unitName = (k, j) => k === 0 ? `input ${j + 1}` : k + 1 === sizes.length ? "output" : `layer ${k}, unit ${j + 1}`;

  return function situation() {
    const {name: example, inputs, target} = examples.find(({name}) => name === model.get("example")) ?? examples[0];
    const values = weights.map(trait => within(model.get(trait), ...range));
    const chosen = weights.includes(model.get("chosen")) ? model.get("chosen") : weights[0], place = weights.indexOf(chosen);
    const found = passes(layersOf(values, sizes, biases), inputs, target), slopes = found.gradients.flat(2);
    const output = found.activations.at(-1)[0], slope = slopes[place];
    const said = [["output ŷ", format(output, ".3f")], ["target y", format(target, ".3g")],
      ["loss L = (ŷ − y)²", format(found.loss, ".4f")], [`slope ∂L/∂${weightName(chosen)}`, format(slope, ".3g")]];
    const unitRows = found.activations.flatMap((layer, k) => layer.map((a, j) => [unitName(k, j),
      k ? format(found.preactivations[k - 1][j], ".3f") : "", format(a, ".3f"), k ? format(found.deltas[k - 1][j], ".3g") : ""]));
    const tables = () => [
      {caption: "Units", head: ["unit", "preactivation z", "activation a", "δ = ∂L/∂z"], rows: unitRows},
      {caption: "Weights", head: ["weight", "value", "slope of the loss"],
        rows: weights.map((trait, n) => [weightName(trait), format(values[n], ".2f"), format(slopes[n], ".3g")])}];
    return {...found, example, chosen, place, value: values[place], values, slopes, said, tables,
      drawn: [`example=${example}`, `chosen=${chosen}`, ...weights.map((trait, n) => `${trait}=${values[n]}`)].join(" "),
      spoken: `Weight ${chosen} is ${format(values[place], ".2f")}. ${said.map(pair => pair.join(": ")).join("; ")}.`};
  };
}

export default widget(buildBackpropagation);
