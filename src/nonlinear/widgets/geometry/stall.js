// One output unit under gradient descent on its loss: the mirror of course/pairings.py.

const THERE = 0.1;

function logistic(z) {
  return 1 / (1 + Math.exp(-z));
}

function softplus(z) {
  return Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
}

/** 1 − z, what a linear unit leaves to the other answer; not a number where that has no logarithm. */
function no(z) {
  return z < 1 ? 1 - z : NaN;
}

/** By output and loss: the answer p on the scale from 0 to 1, the loss, and its slope in z. */
const PAIRINGS = {
  "sigmoid, mean square": {answer: logistic, value: z => logistic(z) ** 2, slope: z => 2 * logistic(z) ** 2 * logistic(-z)},
  "tanh, mean square": {answer: z => logistic(2 * z), value: z => 4 * logistic(2 * z) ** 2,
    slope: z => 16 * logistic(2 * z) ** 2 * logistic(-2 * z)},
  "linear, mean square": {answer: z => z, value: z => z ** 2, slope: z => 2 * z},
  "sigmoid, cross-entropy": {answer: logistic, value: softplus, slope: logistic},
  "tanh, cross-entropy": {answer: z => logistic(2 * z), value: z => softplus(2 * z), slope: z => 2 * logistic(2 * z)},
  "linear, cross-entropy": {answer: z => z, value: z => -Math.log(no(z)), slope: z => 1 / no(z)},
};

/**
 * The way from a wrong answer to the right one, for at most `most` steps: {steps, path}; infinite if it is not there then,
 * not a number if there is no loss to descend on. The path holds [step, z] at steps that lie ever further apart.
 */
function descendLoss({answer, slope}, start, rate, most) {
  const path = [[0, start]];
  let z = start, n = 0, then = 1;
  while (Math.abs(answer(z)) > THERE && n < most && Math.abs(z) < 1e6) {
    const steep = slope(z);
    if (Number.isNaN(steep)) return {steps: NaN, path};
    z -= rate * steep;
    n += 1;
    if (n >= then) {
      path.push([n, z]);
      then = Math.ceil(1.06 * n);
    }
  }
  if (n > path.at(-1)[0]) path.push([n, z]);
  return {steps: Math.abs(answer(z)) <= THERE ? n : Infinity, path};
}
