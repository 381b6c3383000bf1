"""JAX: everything compiled, a training run as one `scan`, networks side by side through `vmap`."""

import functools

import jax
import jax.numpy as jnp

from benchmarks import tasks
from benchmarks.pinned import in_processes

X, TARGETS = map(jnp.array, tasks.data())
FUNCTIONS = {name: getattr(jax.nn, name) for name in ("relu", "sigmoid", "tanh", "silu", "softplus")}
FUNCTIONS["gelu"] = functools.partial(jax.nn.gelu, approximate=False)


def loss(parameters):
    w1, b1, w2, b2, w3, b3 = parameters
    a = jnp.tanh(jnp.tanh(X @ w1 + b1) @ w2 + b2)
    return jnp.mean((a @ w3 + b3 - TARGETS) ** 2)


def step(parameters, _=None):
    value, gradients = jax.value_and_grad(loss)(parameters)
    return [p - tasks.RATE * g for p, g in zip(parameters, gradients, strict=True)], value


def train(parameters, steps):
    return jax.lax.scan(step, parameters, length=steps)[1]


def in_loop():
    one, first = jax.jit(step), [jnp.array(a[0]) for a in tasks.start(1)]

    def run():
        parameters, losses = first, []
        for _ in range(tasks.SINGLE_STEPS):
            parameters, value = one(parameters)
            losses.append(value)
        return jnp.stack(losses).block_until_ready()

    return run


def in_scan():
    run, first = jax.jit(lambda p: train(p, tasks.SINGLE_STEPS)), [jnp.array(a[0]) for a in tasks.start(1)]
    return lambda: run(first).block_until_ready()


def all_at_once():
    run = jax.jit(jax.vmap(lambda p: train(p, tasks.SWEEP_STEPS)))
    first = [jnp.array(a) for a in tasks.start(tasks.NETWORKS)]
    return lambda: run(first).block_until_ready()


def in_blocks(networks):
    run = jax.jit(lambda p: jax.lax.map(lambda one: train(one, tasks.SWEEP_STEPS), p, batch_size=tasks.JAX_BLOCK))
    first = [jnp.array(a) for a in tasks.start(networks)]
    return lambda: run(first).block_until_ready()


part = in_blocks  # what a process of several does


def layer(function):
    x, weights, bias, upstream = map(jnp.array, tasks.layer_arrays())

    @jax.jit
    def run(weights, bias):
        _, pull = jax.vjp(lambda w, b: FUNCTIONS[function](x @ w + b), weights, bias)
        return pull(upstream)

    return lambda: jax.block_until_ready(run(weights, bias))


def element(function, size):
    z = jnp.array(tasks.numbers(size))

    @jax.jit
    def run(z):
        a, pull = jax.vjp(FUNCTIONS[function], z)
        return a, pull(jnp.ones_like(z))[0]

    return lambda: jax.block_until_ready(run(z))


def contenders(cores):
    """Yield (task, name, how often a call does it, a function that prepares the call)."""
    where = "1 core" if cores == 1 else f"{cores} cores"
    yield tasks.SINGLE, f"JAX jit in a loop, {where}", tasks.SINGLE_STEPS, in_loop
    yield tasks.SINGLE, f"JAX jit and scan, {where}", tasks.SINGLE_STEPS, in_scan
    steps = tasks.NETWORKS * tasks.SWEEP_STEPS
    yield tasks.SWEEP, f"JAX jit, vmap, scan, {where}", steps, all_at_once
    yield (
        tasks.SWEEP,
        f"JAX jit, vmap in blocks of {tasks.JAX_BLOCK}, scan, {where}",
        steps,
        lambda: in_blocks(tasks.NETWORKS),
    )
    if cores > 1:
        yield tasks.SWEEP, f"JAX, the same in {cores} processes", steps, lambda: in_processes("with_jax", cores)
    if cores == 1:
        for function in tasks.FUNCTIONS:
            yield tasks.layer(function), "JAX", 1, lambda f=function: layer(f)
            for size in tasks.SIZES:
                yield tasks.element(function, size), "JAX", size, lambda f=function, n=size: element(f, n)
