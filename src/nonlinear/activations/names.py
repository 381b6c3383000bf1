"""What other libraries call the functions of the catalogue, and which of their names have no counterpart and why.

Each entry holds the instance that computes the same thing as theirs with its default settings, or None.
"""

from dataclasses import dataclass

from nonlinear.activations.base import Activation
from nonlinear.activations.coupled import LogSoftmax, Softmax, Softmin, Sparsemax
from nonlinear.activations.exponential import CELU, ELU, SELU, Exponential
from nonlinear.activations.gated import GLU
from nonlinear.activations.rectified import Identity, LeakyReLU, ReLU, ReLU6, RReLU, Threshold
from nonlinear.activations.self_gated import GELU, GELUTanh, HardSwish, Mish, SiLU
from nonlinear.activations.shrinking import HardShrink, SoftShrink, TanhShrink
from nonlinear.activations.sigmoidal import HardSigmoid, LogSigmoid, Sigmoid, TwoReLU
from nonlinear.activations.softened import Softplus, SparsePlus, Squareplus
from nonlinear.activations.zero_centred import HardTanh, Softsign, Tanh


@dataclass(frozen=True)
class Entry:
    """Our counterpart of a name elsewhere, and what there is to say about it."""

    ours: Activation | None
    note: str = ""


_PRELU = Entry(LeakyReLU(0.25), 'learned: `Dense(units, LeakyReLU(0.25), learn=("negative_slope",))`')
_RRELU = Entry(RReLU(), "as after training; `draw` gives the random slopes of a step of training")
_SOFTPLUS = Entry(Softplus(), "ours has no `threshold`, beyond which theirs is the identity")
_TORCH_GELU = Entry(GELU(), '`GELUTanh()` for `approximate="tanh"`')
_JAX_GELU = Entry(GELUTanh(), "`GELU()` for `approximate=False`")
_HARD_TANH = Entry(HardTanh(), "the limits are -1 and 1")
_LAST_AXIS = "along the last axis"
_LOOKUP = Entry(None, "finds or stores functions by name; `catalogue.get` does it here")
_ATTENTION = Entry(None, "a layer, not an activation function")

FRAMEWORKS: dict[str, dict[str, Entry]] = {
    "torch.nn": {
        "CELU": Entry(CELU()),
        "ELU": Entry(ELU()),
        "GELU": _TORCH_GELU,
        "GLU": Entry(GLU(), "values first, then gates"),
        "Hardshrink": Entry(HardShrink()),
        "Hardsigmoid": Entry(HardSigmoid()),
        "Hardswish": Entry(HardSwish()),
        "Hardtanh": _HARD_TANH,
        "Identity": Entry(Identity()),
        "LeakyReLU": Entry(LeakyReLU()),
        "LogSigmoid": Entry(LogSigmoid()),
        "LogSoftmax": Entry(LogSoftmax(), _LAST_AXIS),
        "Mish": Entry(Mish()),
        "MultiheadAttention": _ATTENTION,
        "PReLU": _PRELU,
        "RReLU": _RRELU,
        "ReLU": Entry(ReLU()),
        "ReLU6": Entry(ReLU6()),
        "SELU": Entry(SELU()),
        "SiLU": Entry(SiLU()),
        "Sigmoid": Entry(Sigmoid()),
        "Softmax": Entry(Softmax(), _LAST_AXIS),
        "Softmax2d": Entry(None, "`Softmax()` of images whose channels have been moved to the last axis"),
        "Softmin": Entry(Softmin(), _LAST_AXIS),
        "Softplus": _SOFTPLUS,
        "Softshrink": Entry(SoftShrink()),
        "Softsign": Entry(Softsign()),
        "Tanh": Entry(Tanh()),
        "Tanhshrink": Entry(TanhShrink()),
        "Threshold": Entry(Threshold()),
    },
    "torch.nn.functional": {
        "celu": Entry(CELU()),
        "elu": Entry(ELU()),
        "gelu": _TORCH_GELU,
        "glu": Entry(GLU(), "values first, then gates"),
        "gumbel_softmax": Entry(None, "draws random classes; `Softmax()` of scores plus Gumbel noise"),
        "hardshrink": Entry(HardShrink()),
        "hardsigmoid": Entry(HardSigmoid()),
        "hardswish": Entry(HardSwish()),
        "hardtanh": _HARD_TANH,
        "leaky_relu": Entry(LeakyReLU()),
        "log_softmax": Entry(LogSoftmax(), _LAST_AXIS),
        "logsigmoid": Entry(LogSigmoid()),
        "mish": Entry(Mish()),
        "multi_head_attention_forward": _ATTENTION,
        "prelu": _PRELU,
        "relu": Entry(ReLU()),
        "relu6": Entry(ReLU6()),
        "rrelu": _RRELU,
        "scaled_dot_product_attention": _ATTENTION,
        "selu": Entry(SELU()),
        "sigmoid": Entry(Sigmoid()),
        "silu": Entry(SiLU()),
        "softmax": Entry(Softmax(), _LAST_AXIS),
        "softmin": Entry(Softmin(), _LAST_AXIS),
        "softplus": _SOFTPLUS,
        "softshrink": Entry(SoftShrink()),
        "softsign": Entry(Softsign()),
        "tanh": Entry(Tanh()),
        "tanhshrink": Entry(TanhShrink()),
        "threshold": Entry(Threshold()),
    },
    "jax.nn": {
        "celu": Entry(CELU()),
        "dot_product_attention": _ATTENTION,
        "elu": Entry(ELU()),
        "gelu": _JAX_GELU,
        "glu": Entry(GLU(), "values first, then gates"),
        "hard_sigmoid": Entry(HardSigmoid()),
        "hard_silu": Entry(HardSwish()),
        "hard_swish": Entry(HardSwish()),
        "hard_tanh": Entry(HardTanh()),
        "identity": Entry(Identity()),
        "leaky_relu": Entry(LeakyReLU()),
        "log1mexp": Entry(None, "a building block for logarithms of probabilities, not an activation function"),
        "log_sigmoid": Entry(LogSigmoid()),
        "log_softmax": Entry(LogSoftmax()),
        "logmeanexp": Entry(None, "many numbers in, one out"),
        "logsumexp": Entry(None, "many numbers in, one out"),
        "mish": Entry(Mish()),
        "one_hot": Entry(None, "encodes class numbers"),
        "relu": Entry(ReLU()),
        "relu6": Entry(ReLU6()),
        "scaled_dot_general": Entry(None, "a matrix product"),
        "scaled_matmul": Entry(None, "a matrix product"),
        "selu": Entry(SELU()),
        "sigmoid": Entry(Sigmoid()),
        "silu": Entry(SiLU()),
        "soft_sign": Entry(Softsign()),
        "softmax": Entry(Softmax()),
        "softplus": Entry(Softplus()),
        "sparse_plus": Entry(SparsePlus()),
        "sparse_sigmoid": Entry(TwoReLU(1)),
        "squareplus": Entry(Squareplus()),
        "standardize": Entry(None, "a normalisation: `Dense(..., normalise=LayerNorm())`"),
        "swish": Entry(SiLU(), "`Swish(beta)` has the parameter"),
        "tanh": Entry(Tanh()),
    },
    "keras.activations": {
        "celu": Entry(CELU()),
        "deserialize": _LOOKUP,
        "elu": Entry(ELU()),
        "exponential": Entry(Exponential()),
        "gelu": Entry(GELU(), "`GELUTanh()` for `approximate=True`"),
        "get": _LOOKUP,
        "glu": Entry(GLU(), "values first, then gates"),
        "hard_shrink": Entry(HardShrink()),
        "hard_sigmoid": Entry(HardSigmoid()),
        "hard_silu": Entry(HardSwish()),
        "hard_swish": Entry(HardSwish()),
        "hard_tanh": Entry(HardTanh()),
        "leaky_relu": Entry(LeakyReLU(0.2), "their slope is 0.2; in `keras.layers.LeakyReLU` it is 0.3"),
        "linear": Entry(Identity()),
        "log_sigmoid": Entry(LogSigmoid()),
        "log_softmax": Entry(LogSoftmax()),
        "mish": Entry(Mish()),
        "relu": Entry(ReLU(), "with its options `LeakyReLU`, `ReLU6` and `Threshold`"),
        "relu6": Entry(ReLU6()),
        "selu": Entry(SELU()),
        "serialize": _LOOKUP,
        "sigmoid": Entry(Sigmoid()),
        "silu": Entry(SiLU()),
        "soft_shrink": Entry(SoftShrink()),
        "softmax": Entry(Softmax()),
        "softplus": Entry(Softplus()),
        "softsign": Entry(Softsign()),
        "sparse_plus": Entry(SparsePlus()),
        "sparse_sigmoid": Entry(TwoReLU(1)),
        "sparsemax": Entry(Sparsemax()),
        "squareplus": Entry(Squareplus()),
        "swish": Entry(SiLU(), "`Swish(beta)` has the parameter"),
        "tanh": Entry(Tanh()),
        "tanh_shrink": Entry(TanhShrink()),
        "threshold": Entry(Threshold()),
    },
    "keras.layers": {
        "Activation": Entry(None, "applies a function as a layer; `Dense(units, activation)` does both"),
        "ELU": Entry(ELU()),
        "LeakyReLU": Entry(LeakyReLU(0.3)),
        "PReLU": Entry(LeakyReLU(0), 'learned: `Dense(units, LeakyReLU(0), learn=("negative_slope",), per_unit=True)`'),
        "ReLU": Entry(ReLU()),
        "Softmax": Entry(Softmax()),
    },
}


def elsewhere(name: str) -> str:
    """Return what the function is called here that another library calls ``name``, in words; "" if there is none.

    >>> elsewhere("linear")
    'keras.activations.linear is Identity() here.'
    """
    for library, names in FRAMEWORKS.items():
        for theirs, entry in names.items():
            if theirs.lower() == name.lower():
                parts = [f"{entry.ours!r} here" if entry.ours else "not here", entry.note]
                return f"{library}.{theirs} is {': '.join(filter(None, parts))}."
    return ""
