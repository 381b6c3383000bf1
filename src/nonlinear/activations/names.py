"""What other libraries call the functions of the catalogue, and which of their names have no counterpart and why.

``benchmarks/framework_names.py`` compares the names, values and slopes with those of the libraries themselves.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields

from nonlinear.activations.base import Activation
from nonlinear.activations.coupled import LogSoftmax, Softmax, Softmin, Sparsemax
from nonlinear.activations.exponential import CELU, ELU, SELU
from nonlinear.activations.gated import GLU
from nonlinear.activations.rectified import Identity, LeakyReLU, ReLU, ReLU6, RReLU, Threshold
from nonlinear.activations.self_gated import GELU, GELUTanh, HardSwish, Mish, SiLU
from nonlinear.activations.shrinking import HardShrink, SoftShrink, TanhShrink
from nonlinear.activations.sigmoidal import HardSigmoid, Sigmoid, TwoReLU
from nonlinear.activations.softened import LogSigmoid, Softplus, SparsePlus, Squareplus
from nonlinear.activations.steepening import Exponential
from nonlinear.activations.zero_centred import HardTanh, Softsign, Tanh


@dataclass(frozen=True)
class Entry:
    """Our counterpart of a name elsewhere.

    Attributes
    ----------
    ours : Activation or None
        What computes the same as theirs with its default settings.
    note : str
        What else there is to say.
    slopes : mapping of float to float
        Their slopes at kinks, where ours differ.
    variants : mapping of str to Activation
        What computes the same as theirs with other settings.
    """

    ours: Activation | None
    note: str = ""
    slopes: Mapping[float, float] = field(default_factory=dict)
    variants: Mapping[str, Activation] = field(default_factory=dict)


CHECKED = {"torch": "2.13.0", "jax": "0.10.2", "keras": "3.15.1"}

_GLU = Entry(GLU(), "values first, then gates")
_TORCH_PRELU = Entry(LeakyReLU(0.25), 'learned: `Dense(units, LeakyReLU(0.25), learn=("negative_slope",))`')
_RRELU = Entry(RReLU(), "as after training; `draw` gives the random slopes of a step of training")
_TORCH_SOFTPLUS = Entry(Softplus(), "ours has no `threshold`, beyond which theirs is the identity")
_TORCH_HARD_SHRINK = Entry(HardShrink(), "their `lambd` is `threshold` here")
_TORCH_SOFT_SHRINK = Entry(SoftShrink(), "their `lambd` is `threshold` here")
_TORCH_THRESHOLD = Entry(Threshold(), "no defaults there; their `value` is `otherwise` here")
_TORCH_GELU = Entry(GELU(), '`GELUTanh()` for `approximate="tanh"`', variants={'approximate="tanh"': GELUTanh()})
_JAX_GELU = Entry(GELUTanh(), "`GELU()` for `approximate=False`", variants={"approximate=False": GELU()})
_KERAS_GELU = Entry(GELU(), "`GELUTanh()` for `approximate=True`", variants={"approximate=True": GELUTanh()})
_TORCH_HARD_TANH = Entry(HardTanh(), "always from `-1` to `1`, the defaults of their `min_val` and `max_val`")
_JAX_HARD_TANH = Entry(HardTanh(), slopes={-1: 1, 1: 1})
_SPARSE_SIGMOID = Entry(TwoReLU(1), slopes={-1: 0.25, 1: 0.25})
_SWISH = Entry(SiLU(), "`Swish(beta)` has the parameter")
_LAST_AXIS = "always along the last axis, as with their `dim=-1`"
_KERAS_SPARSEMAX = "in 3.15.1 theirs is right only where a single output is not 0 (Keras issue 23425, mended since)"
_LOOKUP = Entry(None, "finds or stores functions by name; `get` does it here")
_ATTENTION = Entry(None, "a layer, not an activation function")

FRAMEWORKS: dict[str, dict[str, Entry]] = {
    "torch.nn": {
        "AdaptiveLogSoftmaxWithLoss": Entry(None, "a layer and its loss, for very many classes"),
        "CELU": Entry(CELU()),
        "ELU": Entry(ELU()),
        "GELU": _TORCH_GELU,
        "GLU": _GLU,
        "Hardshrink": _TORCH_HARD_SHRINK,
        "Hardsigmoid": Entry(HardSigmoid()),
        "Hardswish": Entry(HardSwish()),
        "Hardtanh": _TORCH_HARD_TANH,
        "Identity": Entry(Identity()),
        "LeakyReLU": Entry(LeakyReLU()),
        "LogSigmoid": Entry(LogSigmoid()),
        "LogSoftmax": Entry(LogSoftmax(), _LAST_AXIS),
        "Mish": Entry(Mish()),
        "MultiheadAttention": _ATTENTION,
        "PReLU": _TORCH_PRELU,
        "RReLU": _RRELU,
        "ReLU": Entry(ReLU()),
        "ReLU6": Entry(ReLU6()),
        "SELU": Entry(SELU()),
        "SiLU": Entry(SiLU()),
        "Sigmoid": Entry(Sigmoid()),
        "Softmax": Entry(Softmax(), _LAST_AXIS),
        "Softmax2d": Entry(None, "`Softmax()` of images whose channels have been moved to the last axis"),
        "Softmin": Entry(Softmin(), _LAST_AXIS),
        "Softplus": _TORCH_SOFTPLUS,
        "Softshrink": _TORCH_SOFT_SHRINK,
        "Softsign": Entry(Softsign()),
        "Tanh": Entry(Tanh()),
        "Tanhshrink": Entry(TanhShrink()),
        "Threshold": _TORCH_THRESHOLD,
    },
    "torch.nn.functional": {
        "celu": Entry(CELU()),
        "elu": Entry(ELU()),
        "gelu": _TORCH_GELU,
        "glu": _GLU,
        "gumbel_softmax": Entry(None, "draws random classes; `Softmax()` of scores plus Gumbel noise"),
        "hardshrink": _TORCH_HARD_SHRINK,
        "hardsigmoid": Entry(HardSigmoid()),
        "hardswish": Entry(HardSwish()),
        "hardtanh": _TORCH_HARD_TANH,
        "leaky_relu": Entry(LeakyReLU()),
        "log_softmax": Entry(LogSoftmax(), _LAST_AXIS),
        "logsigmoid": Entry(LogSigmoid()),
        "mish": Entry(Mish()),
        "multi_head_attention_forward": _ATTENTION,
        "prelu": _TORCH_PRELU,
        "relu": Entry(ReLU()),
        "relu6": Entry(ReLU6()),
        "rrelu": _RRELU,
        "scaled_dot_product_attention": _ATTENTION,
        "selu": Entry(SELU()),
        "sigmoid": Entry(Sigmoid()),
        "silu": Entry(SiLU()),
        "softmax": Entry(Softmax(), _LAST_AXIS),
        "softmin": Entry(Softmin(), _LAST_AXIS),
        "softplus": _TORCH_SOFTPLUS,
        "softshrink": _TORCH_SOFT_SHRINK,
        "softsign": Entry(Softsign()),
        "tanh": Entry(Tanh()),
        "tanhshrink": Entry(TanhShrink()),
        "threshold": _TORCH_THRESHOLD,
    },
    "jax.nn": {
        "celu": Entry(CELU()),
        "dot_product_attention": _ATTENTION,
        "elu": Entry(ELU()),
        "gelu": _JAX_GELU,
        "get_scaled_dot_general_config": Entry(None, "settings of a matrix product"),
        "glu": _GLU,
        "hard_sigmoid": Entry(HardSigmoid()),
        "hard_silu": Entry(HardSwish()),
        "hard_swish": Entry(HardSwish()),
        "hard_tanh": _JAX_HARD_TANH,
        "identity": Entry(Identity()),
        "leaky_relu": Entry(LeakyReLU(), slopes={0: 1}),
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
        "sparse_sigmoid": _SPARSE_SIGMOID,
        "squareplus": Entry(Squareplus()),
        "standardize": Entry(None, "a normalisation: `Dense(..., normalise=LayerNorm())`"),
        "swish": _SWISH,
        "tanh": Entry(Tanh()),
    },
    "keras.activations": {
        "celu": Entry(CELU()),
        "deserialize": _LOOKUP,
        "elu": Entry(ELU()),
        "exponential": Entry(Exponential()),
        "gelu": _KERAS_GELU,
        "get": _LOOKUP,
        "glu": _GLU,
        "hard_shrink": Entry(HardShrink()),
        "hard_sigmoid": Entry(HardSigmoid()),
        "hard_silu": Entry(HardSwish()),
        "hard_swish": Entry(HardSwish()),
        "hard_tanh": _JAX_HARD_TANH,
        "leaky_relu": Entry(LeakyReLU(0.2), "0.2 is their default; in `keras.layers` it is 0.3", slopes={0: 1}),
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
        "sparse_sigmoid": _SPARSE_SIGMOID,
        "sparsemax": Entry(Sparsemax(), _KERAS_SPARSEMAX),
        "squareplus": Entry(Squareplus()),
        "swish": _SWISH,
        "tanh": Entry(Tanh()),
        "tanh_shrink": Entry(TanhShrink()),
        "threshold": Entry(Threshold(), "no defaults there; their `default_value` is `otherwise` here"),
    },
    "keras.layers": {
        "Activation": Entry(None, "applies a function as a layer; `Dense(units, activation)` does both"),
        "ELU": Entry(ELU()),
        "Identity": Entry(Identity()),
        "LeakyReLU": Entry(LeakyReLU(0.3), "0.3 is their default", slopes={0: 1}),
        "PReLU": Entry(LeakyReLU(0), 'learned: `Dense(units, LeakyReLU(0), learn=("negative_slope",), per_unit=True)`'),
        "ReLU": Entry(ReLU()),
        "Softmax": Entry(Softmax()),
    },
}


def call(f: Activation) -> str:
    """Return the code that makes a function, without the parameters that are as they are by default.

    >>> call(ELU()), call(LeakyReLU(0.2)), call(Threshold(otherwise=-0.25))
    ('ELU()', 'LeakyReLU(0.2)', 'Threshold(otherwise=-0.25)')
    """
    changed = [(k, p.name, getattr(f, p.name)) for k, p in enumerate(fields(f)) if getattr(f, p.name) != p.default]
    arguments = (f"{name}={value:g}" if k else f"{value:g}" for k, name, value in changed)
    return f"{type(f).__name__}({', '.join(arguments)})"


def elsewhere(name: str) -> str:
    """Return what the function is called here that another library calls ``name``, in words; ``""`` if there is none.

    >>> elsewhere("linear")
    'keras.activations.linear is Identity() here.'
    """
    for library, names in FRAMEWORKS.items():
        for theirs, entry in names.items():
            if theirs.lower() == name.lower():
                parts = [f"{entry.ours!r} here" if entry.ours else "not here", entry.note]
                return f"{library}.{theirs} is {': '.join(filter(None, parts))}."
    return ""
