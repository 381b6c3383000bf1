"""PyTorch: eager, which is how it is used, and the same networks as batched matrix products."""

import torch
from torch.nn import functional

from benchmarks import tasks
from benchmarks.pinned import in_processes

FUNCTIONS = {name: getattr(functional, name) for name in ("relu", "silu", "softplus", "gelu")}
FUNCTIONS |= {"sigmoid": torch.sigmoid, "tanh": torch.tanh}


def single():
    x, targets = map(torch.tensor, tasks.data())
    net = torch.nn.Sequential(
        torch.nn.Linear(tasks.INPUTS, tasks.WIDTH), torch.nn.Tanh(),
        torch.nn.Linear(tasks.WIDTH, tasks.WIDTH), torch.nn.Tanh(),
        torch.nn.Linear(tasks.WIDTH, 1),
    )  # fmt: skip
    optimiser, measure = torch.optim.SGD(net.parameters(), lr=tasks.RATE), torch.nn.MSELoss()

    def run():
        losses = []
        for _ in range(tasks.SINGLE_STEPS):
            optimiser.zero_grad()
            loss = measure(net(x), targets)
            loss.backward()
            optimiser.step()
            losses.append(loss.detach())
        return torch.stack(losses)

    return run


def batched(networks, block):
    """Train the networks in blocks, each parameter being one array with an axis of networks."""
    x, targets = map(torch.tensor, tasks.data())
    x = x.expand(block, -1, -1)
    blocks = [
        [torch.tensor(a[k : k + block], requires_grad=True) for a in tasks.start(networks)]
        for k in range(0, networks, block)
    ]

    def train(parameters):
        losses, (w1, b1, w2, b2, w3, b3) = [], parameters
        inputs = x[: len(w1)]
        for _ in range(tasks.SWEEP_STEPS):
            a = torch.tanh(torch.baddbmm(b1, inputs, w1))
            a = torch.tanh(torch.baddbmm(b2, a, w2))
            loss = ((torch.baddbmm(b3, a, w3) - targets) ** 2).mean((1, 2))
            gradients = torch.autograd.grad(loss.sum(), parameters)
            with torch.no_grad():
                torch._foreach_add_(parameters, gradients, alpha=-tasks.RATE)
            losses.append(loss.detach())
        return torch.stack(losses)

    def run():
        for parameters in blocks:
            train(parameters)

    return run


def part(networks):
    """Prepare what a process of several does."""
    torch.set_num_threads(1)
    return batched(networks, tasks.TORCH_BLOCK)


def layer(function):
    x, weights, bias, upstream = map(torch.tensor, tasks.layer_arrays())
    weights, bias, f = weights.requires_grad_(), bias.requires_grad_(), FUNCTIONS[function]
    return lambda: torch.autograd.grad(f(torch.addmm(bias, x, weights)), (weights, bias), upstream)


def element(function, size):
    z, f = torch.tensor(tasks.numbers(size), requires_grad=True), FUNCTIONS[function]
    ones = torch.ones(size)
    return lambda: torch.autograd.grad(f(z), z, ones)


def contenders(cores):
    """Yield (task, name, how often a call does it, a function that prepares the call)."""
    torch.set_num_threads(cores)
    threads = "1 thread" if cores == 1 else f"{cores} threads"
    yield tasks.SINGLE, f"PyTorch eager, {threads}", tasks.SINGLE_STEPS, single
    steps = tasks.NETWORKS * tasks.SWEEP_STEPS
    for how, block in (("all at once", tasks.NETWORKS), (f"blocks of {tasks.TORCH_BLOCK}", tasks.TORCH_BLOCK)):
        yield tasks.SWEEP, f"PyTorch, {how}, {threads}", steps, lambda block=block: batched(tasks.NETWORKS, block)
    if cores > 1:
        yield tasks.SWEEP, f"PyTorch, the same in {cores} processes", steps, lambda: in_processes("with_torch", cores)
    if cores == 1:
        for function in tasks.FUNCTIONS:
            yield tasks.layer(function), "PyTorch", 1, lambda f=function: layer(f)
            for size in tasks.SIZES:
                yield tasks.element(function, size), "PyTorch", size, lambda f=function, n=size: element(f, n)
