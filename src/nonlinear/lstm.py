"""A small LSTM, whose gates may be any function, with its gradient through time by hand.

At every step t the cell computes four sets of preactivations from the input and from what it said last::

    z_t = [x_t, h_{t-1}] @ weights + bias

These are for its input gate i, forget gate f, output gate o and candidate g, in this order of columns. Then::

    c_t = f_t * c_{t-1} + i_t * g_t        the cell state: some of the old one kept, some of the candidate let in
    h_t = o_t * out(c_t)                   the hidden state: what the cell says of it

Both c and h start at 0. Usually the gates are sigmoids, and g and out are tanh. As long as a gate lies in [0, 1], a
cell state cannot grow faster than by one candidate a step.

Sources: Hochreiter and Schmidhuber (1997); the forget gate is that of Gers, Schmidhuber and Cummins (2000). There are
no peephole connections.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from nonlinear import checks
from nonlinear.activations import Pointwise, Sigmoid, Tanh
from nonlinear.arrays import ByValue, as_floats
from nonlinear.initialisers import VarianceScaling, lecun
from nonlinear.network import MLP, Dense, LayerTape
from nonlinear.parameters import Packed, Parameters, Shapes, map_parameters
from nonlinear.special import Array, overflow_and_nan
from nonlinear.workspace import check_tape

FUNCTIONS = ("input_gate", "forget_gate", "output_gate", "candidate")  # in the order of the columns


@dataclass(frozen=True, eq=False)
class CellTape:
    """What the cell saw and did in a forward pass; the axis of steps comes first.

    Attributes
    ----------
    inputs : array, (steps, samples, features) or (steps, members, samples, features)
    preactivations : array, (steps, members, samples, 4 units)
        For i, f, o and g.
    input_gate, forget_gate, output_gate, candidate : array, (steps, members, samples, units)
    cells, hidden : array, (steps, members, samples, units)
        c_t and h_t, after each step.
    """

    inputs: Array
    preactivations: Array
    input_gate: Array
    forget_gate: Array
    output_gate: Array
    candidate: Array
    cells: Array
    hidden: Array

    @property
    def outputs(self) -> Array:
        """What the cell says after the last step, (members, samples, units)."""
        return self.hidden[-1]


@dataclass(frozen=True)
class LSTM(ByValue):
    """An LSTM that reads a sequence, and a layer that answers once, from the hidden state after the last step.

    There are no outputs for the steps before, and the loss is that of the one answer; `forward` returns what the cell
    did at every step.

    An ensemble like `nonlinear.network.MLP`, with the same methods, so that `nonlinear.training.train`, the optimisers
    and `nonlinear.gradcheck.check_network` take it. Its inputs have an axis more: x is (samples, steps, features), or
    (members, samples, steps, features), as `minibatches` makes of it.

    Parameters
    ----------
    inputs, units : int
        Numbers of features and of cells.
    readout : Dense
        The layer that turns the last hidden state into outputs.
    input_gate, forget_gate, output_gate : Pointwise
    candidate : Pointwise
    cell_output : Pointwise
        ``out``, through which the cell state is seen from outside.
    forget_bias : float or array, (members,)
        Initial bias of the forget gate; the others start at 0. At 0 a sigmoid gate forgets half of everything at every
        step; 1 is common (Jozefowicz et al. 2015), and a longer memory takes more.
    initial_weights : VarianceScaling
        Its fan-in is ``inputs + units``.

    Examples
    --------
    >>> from nonlinear.network import spawn
    >>> network = LSTM(inputs=1, units=4, readout=Dense(2), forget_bias=3.0)
    >>> parameters = network.initialise(spawn(seed=0, members=10))
    >>> cell, answer = network.forward(parameters, np.ones((5, 50, 1)))
    >>> cell.cells.shape, answer.outputs.shape
    ((50, 10, 5, 4), (10, 5, 2))
    """

    inputs: int
    units: int
    readout: Dense
    input_gate: Pointwise = field(default_factory=Sigmoid)
    forget_gate: Pointwise = field(default_factory=Sigmoid)
    output_gate: Pointwise = field(default_factory=Sigmoid)
    candidate: Pointwise = field(default_factory=Tanh)
    cell_output: Pointwise = field(default_factory=Tanh)
    forget_bias: float | Array = 1.0
    initial_weights: VarianceScaling = field(default_factory=lecun)

    def __post_init__(self):
        checks.convert(self, inputs=checks.whole, units=checks.whole, forget_bias=checks.finite_setting)
        for name in (*FUNCTIONS, "cell_output"):
            checks.instance(getattr(self, name), Pointwise, name, "pointwise, such as Sigmoid()")
        checks.instance(self.readout, Dense, "readout", "a Dense layer such as Dense(1)")
        if self.readout.residual or self.readout.normalise is not None:
            raise ValueError("readout must be a plain layer, without a residual connection or normalisation.")
        checks.instance(self.initial_weights, VarianceScaling, "initial_weights", "a VarianceScaling such as lecun()")

    def initialise(self, generators: Sequence[np.random.Generator], dtype=np.float64) -> Parameters:
        """Return the first parameters of an ensemble, one member for each generator: the cell's, then the readout's.

        Their type is np.float32 or np.float64, as for an `MLP`.
        """
        checks.generators(generators)
        dtype, members = checks.float_type(dtype), len(generators)
        (rows, columns), each = self.shapes()[0]["weights"], self.initial_weights.of_members(members)
        weights = [draw.draw(g, rows, columns, self.candidate) for draw, g in zip(each, generators, strict=True)]
        bias = np.zeros((members, 1, columns))
        forget = checks.per_member(self.forget_bias, members, "forget_bias")
        bias[..., self.units : 2 * self.units] = forget.reshape(-1, 1, 1)
        cell = {"weights": np.stack(weights), "bias": bias}
        first = (cell, self.readout.initialise(generators, self.units))
        return map_parameters(lambda p: p.astype(dtype, copy=False), first)

    def shapes(self) -> Shapes:
        """Return (rows, columns) of every array of parameters, for one member: those of the cell, then the readout."""
        columns = 4 * self.units
        cell = {"weights": (self.inputs + self.units, columns), "bias": (1, columns)}
        return cell, self.readout.shapes(self.units)

    def forward(self, parameters: Parameters, x: Array) -> tuple[CellTape, LayerTape]:
        """Return what happened in the cell through time, and in the readout at the end."""
        parameters = Packed.fitting(parameters, self.shapes())
        cell = self._unroll(parameters[0], self._by_step(x, parameters))
        return cell, *self._answer.forward(parameters[1:], cell.outputs)

    def predict(self, parameters: Parameters, x: Array) -> Array:
        """Return the outputs, (members, samples, readout units)."""
        return self.forward(parameters, x)[-1].outputs

    def backward(
        self, parameters: Parameters, tape: tuple[CellTape, LayerTape], upstream: Array
    ) -> tuple[Parameters, tuple[Array, ...]]:
        """Back-propagate ``upstream`` = dL/d(outputs) through the readout and through time.

        Returns
        -------
        gradients : Parameters
        deltas : tuple of array
            dL/dz of the cell, (steps, members, samples, 4 units), and of the readout.
        """
        parameters = Packed.fitting(parameters, self.shapes())
        check_tape(tape, 2)
        cell, answer = tape
        with overflow_and_nan():
            readout_gradients, (delta,) = self._answer.backward(parameters[1:], (answer,), upstream)
            dh = delta @ parameters[1]["weights"].mT
            deltas = self._through_time(parameters[0]["weights"][:, self.inputs :], cell, dh)
            said = np.concatenate([np.zeros_like(cell.hidden[:1]), cell.hidden[:-1]])
            seen = np.broadcast_to(self._with_members(cell.inputs), (*said.shape[:-1], self.inputs))
            heard = _merge_steps(np.concatenate([seen, said], axis=-1))
            merged = _merge_steps(deltas)
            gradients = {"weights": heard.mT @ merged, "bias": merged.sum(axis=-2, keepdims=True)}
        return (gradients, *readout_gradients), (deltas, delta)

    @property
    def _answer(self) -> MLP:
        return MLP(self.units, [self.readout])

    def _unroll(self, p: dict[str, Array], x: Array) -> CellTape:
        with overflow_and_nan():  # a diverging member, which training is about to freeze, must not disturb the rest
            from_x = self._with_members(x) @ p["weights"][:, : self.inputs] + p["bias"]
            recurrent = p["weights"][:, self.inputs :]
            z = np.empty(from_x.shape, from_x.dtype)
            i, f, o, g, cells, hidden = (np.empty((*z.shape[:-1], self.units), z.dtype) for _ in range(6))
            c = h = np.zeros(hidden.shape[1:], z.dtype)
            for t in range(len(z)):
                z[t] = from_x[t] + h @ recurrent
                for name, out, part in zip(FUNCTIONS, (i, f, o, g), self._parts(z[t]), strict=True):
                    out[t] = getattr(self, name)(part)
                c = f[t] * c + i[t] * g[t]
                h = o[t] * self.cell_output(c)
                cells[t], hidden[t] = c, h
        return CellTape(x, z, i, f, o, g, cells, hidden)

    def _through_time(self, recurrent: Array, cell: CellTape, dh: Array) -> Array:
        """Return dL/dz for every step from dL/dh after the last one."""
        slopes = [
            getattr(self, name).derivative(part)
            for name, part in zip(FUNCTIONS, self._parts(cell.preactivations), strict=True)
        ]
        said, slope_said = self.cell_output(cell.cells), self.cell_output.derivative(cell.cells)
        before = np.concatenate([np.zeros_like(cell.cells[:1]), cell.cells[:-1]])
        deltas, dc = np.empty_like(cell.preactivations), np.zeros_like(dh)
        for t in reversed(range(len(deltas))):
            dc = dc + dh * cell.output_gate[t] * slope_said[t]
            upstream = (dc * cell.candidate[t], dc * before[t], dh * said[t], dc * cell.input_gate[t])
            np.concatenate([u * s[t] for u, s in zip(upstream, slopes, strict=True)], axis=-1, out=deltas[t])
            dh, dc = deltas[t] @ recurrent.mT, dc * cell.forget_gate[t]
        return deltas

    def _parts(self, z: Array) -> list[Array]:
        return np.split(z, 4, axis=-1)

    def _with_members(self, x: Array) -> Array:
        return x if x.ndim == 4 else x[:, None]

    def _by_step(self, x, parameters: Parameters) -> Array:
        """Check the inputs, and bring the axis of steps to the front."""
        weights, x = parameters[0]["weights"], as_floats(x, "x")
        if x.ndim not in (3, 4) or x.shape[-1] != self.inputs or x.shape[-2] == 0:
            raise ValueError(
                f"x must have shape (samples, steps, {self.inputs}) or (members, samples, steps, {self.inputs}), with "
                f"at least one step; got {x.shape}."
            )
        if x.ndim == 4 and len(x) != len(weights):
            raise ValueError(f"x holds inputs for {len(x)} members, the parameters are those of {len(weights)}.")
        return np.ascontiguousarray(np.moveaxis(x, -2, 0), weights.dtype)


def _merge_steps(array: Array) -> Array:
    """Return (steps, members, samples, n) as (members, steps * samples, n)."""
    array = np.moveaxis(array, 0, 1)
    return array.reshape(len(array), -1, array.shape[-1])
