// The forward and the backward pass of a network of sigmoids with a linear output, for one example.

/**
 * `layers` are {weights, bias} with a row of weights for each unit before and a number for each unit behind. `activations`
 * start with the inputs; `deltas` are the slopes of the loss (ŷ − y)² in the preactivations, `gradients` in the weights.
 */
function passes(layers, inputs, target) {
  const activations = [inputs], preactivations = [];
  layers.forEach(({weights, bias}, k) => {
    const z = bias.map((b, j) => weights.reduce((sum, row, i) => sum + activations[k][i] * row[j], b));
    preactivations.push(z);
    activations.push(k === layers.length - 1 ? z : z.map(sigmoid));
  });
  const off = activations.at(-1).map(output => output - target), loss = off.reduce((sum, each) => sum + each * each, 0);
  const deltas = [off.map(each => 2 * each)];
  for (let k = layers.length - 1; k > 0; k--) {
    const back = layers[k].weights.map(row => row.reduce((sum, weight, j) => sum + weight * deltas[0][j], 0));
    deltas.unshift(back.map((each, i) => each * sigmoid(preactivations[k - 1][i]) * sigmoid(-preactivations[k - 1][i])));
  }
  const gradients = deltas.map((delta, k) => activations[k].map(a => delta.map(each => a * each)));
  return {activations, preactivations, deltas, gradients, loss};
}

function sigmoid(z) {
  return z < 0 ? Math.exp(z) / (1 + Math.exp(z)) : 1 / (1 + Math.exp(-z));
}

/**
 * Where units are, and where the numbers of the weights are, in a picture that runs to the right, or downwards: `along`
 * is the distance between layers and `apart` that between two units of one. A slanted line has its number near its
 * beginning, where it does not yet cross the other.
 */
function placeNetwork(sizes, {along, apart, start, middle, downwards}) {
  const at = (k, i) => {
    const far = start + k * along, side = middle + (i - (sizes[k] - 1) / 2) * apart;
    return downwards ? [side, far] : [far, side];
  };
  const units = sizes.map((count, k) => Array.from({length: count}, (_, i) => at(k, i)));
  const edges = units.slice(1).flatMap((behind, k) => units[k].flatMap((from, i) => behind.map((to, j) => {
    const level = downwards ? from[0] === to[0] : from[1] === to[1], share = level || sizes[k + 1] < 2 ? 0.5 : 0.3;
    return {k, i, j, from, to, label: from.map((each, n) => each + share * (to[n] - each))};
  })));
  return {units, edges};
}

/** Whether a weight's effect passes along the line from unit i to unit j of layer k: it is the line itself, or lies behind it. */
function isBehind(chosen, {k, i, j}) {
  if (k === chosen.k) return i === chosen.i && j === chosen.j;
  return k === chosen.k + 1 ? i === chosen.j : k > chosen.k;
}
