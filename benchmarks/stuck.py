"""Run the code of ``book/my-loss-is-stuck.md`` on networks with one fault each, and compare its words with the page.

``python benchmarks/stuck.py`` takes the block of code from the page, runs it as it stands and compares what it prints;
then it trains the networks of the page's table, and compares the words that the block has for them.
It takes an environment with torch (which the course does not install), and `nonlinear` on the path. It also prints
what the block costs in time.
"""

import contextlib
import io
import re
import sys
import time
from pathlib import Path

import torch
from torch import nn

from nonlinear.datasets import digits

PAGE = Path(__file__).parents[1] / "book" / "my-loss-is-stuck.md"
BLOCK = re.compile(r"^```python\n(from functools.*?)^```\n\nIt prints\n\n```text\n(.*?)^```\n", re.M | re.S)
ROW = re.compile(r"^\| (.+?) \| (.+?) \| .*\|$", re.M)


def hidden(function=nn.ReLU, depth=2):
    """Return a network with layers of 64 units, from PyTorch's own first weights."""
    layers = [layer for _ in range(depth) for layer in (nn.Linear(64, 64), function())]
    return nn.Sequential(*layers, nn.Linear(64, 10))


def with_large_weights():
    """Return a network of sigmoids whose hidden weights are a hundred times too large."""
    model = hidden(nn.Sigmoid)
    for layer in (model[0], model[2]):
        layer.weight.data *= 100
    return model


def with_low_biases():
    """Return a network whose first units are dead at birth."""
    model = hidden()
    model[0].bias.data.fill_(-20)
    return model


def with_softmax():
    """Return a network that ends with a softmax."""
    return hidden().append(nn.Softmax(-1))


def own_loss(probabilities, labels):
    """Return a cross-entropy that takes the logarithm of a softmax."""
    return -torch.log(probabilities)[torch.arange(len(labels)), labels].mean()


EPOCHS = 5
# model, and where they differ from the usual ones: scaling of the pixels, factor, rate, loss
FAULTS = {
    "none": (hidden, {}),
    "weights a hundred times too large, sigmoids": (with_large_weights, {}),
    "pixels from 0 to 1, at a rate of 1.5": (hidden, {"scaling": "unit", "rate": 1.5}),
    "ten layers of sigmoids": (lambda: hidden(nn.Sigmoid, 10), {}),
    "softmax in the model and in the loss": (with_softmax, {}),
    "first biases of −20": (with_low_biases, {}),
    "shuffled labels": (hidden, {"shuffled": True}),
    "a rate of a millionth": (hidden, {"rate": 1e-6}),
    "the logarithm of a softmax, large inputs": (with_softmax, {"factor": 30, "loss": own_loss}),
}


def words(block, make, scaling="standardised", factor=1, rate=0.1, loss=nn.functional.cross_entropy, shuffled=False):
    """Return the words of the block for a network, as it prints them."""
    torch.manual_seed(0)
    data, model = digits(scaling), make()
    x, labels = torch.tensor(factor * data.x, dtype=torch.float32), torch.tensor(data.labels)
    labels = labels[torch.randperm(len(labels))] if shuffled else labels
    optimiser = torch.optim.SGD(model.parameters(), rate)
    watch = block["Watch"](model, optimiser, every=1)
    for _ in range(EPOCHS):
        if watch.broken:
            break
        watch.numbers()  # so that the report is on the last epoch
        for batch in torch.randperm(len(x)).split(32):
            value = loss(model(x[batch]), labels[batch])
            optimiser.zero_grad()
            value.backward()
            optimiser.step()
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        watch.report()
    return printed.getvalue()


def cost(block, width):
    """Return how many times as long a loop of 200 steps takes with the block, at the usual every tenth step."""
    times = []
    for watched in (False, True, False, True):
        model = nn.Sequential(nn.Linear(width, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU())
        optimiser, x = torch.optim.SGD(model.parameters(), 0.1), torch.randn(128, width)
        if watched:
            block["Watch"](model, optimiser)
        began = time.perf_counter()
        for _ in range(200):
            optimiser.zero_grad()
            model(x).square().mean().backward()
            optimiser.step()
        times.append(time.perf_counter() - began)
    return times[3] / times[2]


def main():
    """Print all differences; return how many there are."""
    code, promised = BLOCK.search(PAGE.read_text("utf-8")).groups()
    block, wrong = {"__name__": "block"}, 0
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(compile(code, str(PAGE), "exec"), {"__name__": "__main__"})
    exec(compile(code, str(PAGE), "exec"), block)
    if printed.getvalue().strip() != promised.strip():
        wrong += 1
        print(f"The example prints\n{printed.getvalue()}")
    stated = dict(ROW.findall(PAGE.read_text("utf-8").partition("| Fault |")[2]))
    for fault, (make, settings) in FAULTS.items():
        said = words(block, make, **settings)
        found = {word for line in re.findall("<- (.*)", said) for word in line.split(", ")}
        expected = set(stated[fault].split(", ")) - {"–"}
        if not (expected <= found if expected else not found):
            wrong += 1
            print(f"{fault}: {', '.join(sorted(found)) or 'no words'}\n{said}")
    print(f"torch {torch.__version__}; {len(FAULTS)} networks, {wrong} differences.")
    print(*(f"{width} units: {cost(block, width):.2f} times the time of a step." for width in (64, 1024)), sep="\n")
    return wrong


if __name__ == "__main__":
    sys.exit(main())
