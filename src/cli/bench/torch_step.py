"""The same training step in PyTorch, on the CPU or a CUDA GPU: eager, and all chains at once under torch.func.vmap.

Prints JSON: milliseconds a chain-step, median and spread. ConvNet-S of widths 16-32-64 on 28x28, batch 32, heavy ball
without clip or prior, as the rivals in `npm run bench`. Needs torch >= 2.0.

    python3 src/cli/bench/torch_step.py [--device cpu|cuda] [--chains 1 4 16 64] [--samples 7]
"""
import argparse
import json
import statistics
import time

import torch
import torch.nn.functional as F
from torch.func import grad_and_value, vmap

BATCH, CLASSES, SIDE, WIDTHS = 32, 10, 28, (16, 32, 64)
LEARNING_RATE, MOMENTUM = 1e-3, 0.9


def start(chains, device):
    """Weights and biases, conv by conv, then the head; each [chains, ...] unless chains is None."""
    generator = torch.Generator().manual_seed(1)
    shapes = []
    for inputs, outputs in zip((1, *WIDTHS[:-1]), WIDTHS):
        shapes += [(outputs, inputs, 3, 3), (outputs,)]
    shapes += [(CLASSES, WIDTHS[-1]), (CLASSES,)]
    lead = () if chains is None else (chains,)
    return [(0.1 * torch.randn(*lead, *shape, generator=generator)).to(device) for shape in shapes]


def loss(parameters, x, labels):
    for i in range(0, len(parameters) - 2, 2):
        x = F.relu(F.conv2d(x, parameters[i], parameters[i + 1], stride=2, padding=1))
    return F.cross_entropy(F.linear(x.mean((2, 3)), parameters[-2], parameters[-1]), labels)


def eager(device, x, labels):
    """One chain: autograd and torch.optim.SGD."""
    parameters = [p.requires_grad_() for p in start(None, device)]
    optimizer = torch.optim.SGD(parameters, lr=LEARNING_RATE, momentum=MOMENTUM)

    def step():
        optimizer.zero_grad()
        loss(parameters, x, labels).backward()
        optimizer.step()

    return step


def vectorised(chains, device, x, labels):
    """All chains in one: their gradients under vmap, the update on whole stacks."""
    parameters = start(chains, device)
    velocity = [torch.zeros_like(p) for p in parameters]
    gradients = vmap(grad_and_value(loss), in_dims=(0, None, None))

    def step():
        found, _ = gradients(parameters, x, labels)
        torch._foreach_mul_(velocity, MOMENTUM)
        torch._foreach_add_(velocity, found)
        torch._foreach_add_(parameters, velocity, alpha=-LEARNING_RATE)

    return step


def measure(step, chains, device, samples, seconds=0.5):
    def run(count):
        begin = time.perf_counter()
        for _ in range(count):
            step()
        if device == "cuda":
            torch.cuda.synchronize()
        return time.perf_counter() - begin

    run(3)  # warms up
    count = max(1, round(seconds / max(run(3) / 3, 1e-6)))
    times = [1e3 * run(count) / count / chains for _ in range(samples)]
    return {"median": statistics.median(times), "min": min(times), "max": max(times), "samples": samples}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--chains", type=int, nargs="+", default=[1, 4, 16, 64])
    parser.add_argument("--samples", type=int, default=7)
    options = parser.parse_args()
    device = options.device
    x = torch.randn(BATCH, 1, SIDE, SIDE, generator=torch.Generator().manual_seed(2)).to(device)
    labels = (torch.arange(BATCH) % CLASSES).to(device)
    name = torch.cuda.get_device_name() if device == "cuda" else f"cpu, {torch.get_num_threads()} threads"
    report = {"device": name, "torch": torch.__version__, "eager": measure(eager(device, x, labels), 1, device, options.samples), "vmap": {}}
    for chains in options.chains:
        report["vmap"][str(chains)] = measure(vectorised(chains, device, x, labels), chains, device, options.samples)
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
