"""PyTorch on the same card doing the work of the cases in bench/cases: float32, TF32 off, eager, timed by CUDA events.

Prints a record for `npm run bench -- --report BENCH.json TORCH.json`. The names of the cases are those of bench/cases. Every
answer is verified against float64 on some rows before it is timed; of several ways to do the same the fastest counts.
`--device cpu` tries the script where there is no card.
"""

import argparse
import json
import sys
import time

import torch

torch.backends.cuda.matmul.allow_tf32 = False
torch.backends.cudnn.allow_tf32 = False
torch.set_grad_enabled(False)

factored_sizes = [(64, 16), (256, 64), (1024, 64), (2048, 128), (4096, 128), (16384, 64)]
dense_sizes = [(100, 5), (128, 64)]
symmetric_sizes = [(3, 32, 64), (3, 96, 256), (4, 32, 256)]


def gaussian(*shape, scale=1.0):
    generator = torch.Generator().manual_seed(1)
    return (torch.randn(*shape, generator=generator) * scale).to(device)


def factored(m, d, order):
    q, v = gaussian(m, d, scale=d**-0.5), gaussian(m, d, scale=d**-0.5).roll(1, 0).contiguous()
    w = gaussian(m)

    def contract(q, v, w):
        g = q @ v.T
        return (w * (g * g if order == 3 else g * g * g)) @ v

    rows = torch.linspace(0, m - 1, 8).long()
    expected = contract(q[rows].double(), v.double(), w.double())
    return [lambda: contract(q, v, w)], lambda answer: (answer[rows], expected)


def dense(size, rank):
    x, b, c = gaussian(size, size, size), gaussian(size, rank, scale=size**-0.5), gaussian(size, rank, scale=size**-0.5)

    def by_khatri_rao(x, b, c):
        return x.reshape(len(x), -1) @ (b[:, None, :] * c[None, :, :]).reshape(-1, rank)

    def one_by_one(x, b, c):
        return ((x.reshape(-1, size) @ c).reshape(len(x), size, rank) * b).sum(1)

    rows = torch.linspace(0, size - 1, 4).long()
    expected = by_khatri_rao(x[rows].double(), b.double(), c.double())
    return [lambda: by_khatri_rao(x, b, c), lambda: one_by_one(x, b, c)], lambda answer: (answer[rows], expected)


def symmetric(order, d, m):
    # Unfolded along the first mode; the work of a contraction does not depend on the symmetry of the numbers.
    x, q = gaussian(d, d ** (order - 1)), gaussian(m, d, scale=d**-0.5)

    def by_khatri_rao(x, q):
        product = q
        for _ in range(order - 2):
            product = (product[:, :, None] * q[:, None, :]).reshape(len(q), -1)
        return product @ x.T

    def one_by_one(x, q):
        left = q @ x.reshape(d ** (order - 1), d).T
        for k in range(order - 2, 0, -1):
            left = torch.bmm(left.reshape(len(q), d**k, d), q[:, :, None]).reshape(len(q), -1)
        return left

    rows = torch.linspace(0, m - 1, 4).long()
    expected = by_khatri_rao(x.double(), q[rows].double())
    return [lambda: by_khatri_rao(x, q), lambda: one_by_one(x, q)], lambda answer: (answer[rows], expected)


def seconds(way, count):
    if device.type != "cuda":
        begun = time.perf_counter()
        for _ in range(count):
            way()
        return time.perf_counter() - begun
    begin, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
    begin.record()
    for _ in range(count):
        way()
    end.record()
    torch.cuda.synchronize()
    return begin.elapsed_time(end) / 1e3


def median_time(way):
    """Median of 7 samples of 50 ms."""
    seconds(way, 3)
    count = max(1, min(100_000, round(0.05 / (seconds(way, 10) / 10))))
    return sorted(seconds(way, count) / count for _ in range(7))[3]


def measure(family, name, ways, check):
    times = []
    for way in ways:
        got, expected = check(way())
        error = ((got.double() - expected).abs().max() / expected.abs().max()).item()
        if not error < 1e-4:
            sys.exit(f"{family}: {name}: expected the answer within 1e-4 of float64, got {error}.")
        times.append(median_time(way))
    print(f"{family}: {name}: {min(times) * 1e3:.4g} ms", file=sys.stderr)
    return {"family": family, "case": name, "seconds": min(times)}


parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--device", default="cuda")
device = torch.device(parser.parse_args().device)

results = [
    measure("factored", f"m {m}, d {d}, order {order}", *factored(m, d, order))
    for m, d in factored_sizes
    for order in (3, 4)
    if m <= 4096 or device.type == "cuda"
]
results += [measure("dense", f"MTTKRP {n}³, rank {r}, mode 0", *dense(n, r)) for n, r in dense_sizes]
results += [measure("dense-symmetric", f"order {l}, d {d}, m {m}", *symmetric(l, d, m)) for l, d, m in symmetric_sizes]

print(
    json.dumps(
        {
            "peer": "PyTorch",
            "device": torch.cuda.get_device_name() if device.type == "cuda" else "the CPU",
            "versions": {"torch": torch.__version__, "cuda": torch.version.cuda or "none"},
            "times": results,
        }
    )
)
