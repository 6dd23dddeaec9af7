"""NumPy doing the work of the cases `observed` and `large order`, in float32, and of the cases `cpu`, in float64, on one thread.

Started by bench/peers/numpy.ts. One request a line on stdin, {"program": ..., "sizes": {...}, "count": n}, one answer a line
on stdout, {"seconds": ...} for n runs one after another. The inputs are its own, of the same sizes: the work does not depend
on the numbers. Each program is verified against plain float64 loops before it is timed; of several ways to do the same the
fastest is kept.
"""

import json
import sys
from time import perf_counter

import numpy as np

import cpu_numpy


def observed(count, size, rank, dtype=np.float32):
    """Prediction, L2 loss and gradients of all factors from `count` entries of a size x size x size tensor."""
    rng = np.random.default_rng(1)
    factors = [rng.standard_normal((size, rank)).astype(dtype) for _ in range(3)]
    indices = rng.integers(0, size, (3, count))
    values = rng.standard_normal(count).astype(dtype)
    orders = [np.argsort(indices[k], kind="stable") for k in range(3)]
    sorted_indices = [indices[:, order] for order in orders]
    starts = [np.searchsorted(indices[k][orders[k]], np.arange(size)) for k in range(3)]

    def predictions(block):
        out = np.empty(count, dtype)
        for e in range(0, count, block):
            i, j, k = indices[:, e : e + block]
            out[e : e + block] = np.einsum("er,er,er->e", factors[0][i], factors[1][j], factors[2][k])
        return out

    def predictions_by_products(block):
        out = np.empty(count, dtype)
        for e in range(0, count, block):
            i, j, k = indices[:, e : e + block]
            product = factors[0][i]
            product *= factors[1][j]
            out[e : e + block] = np.einsum("er,er->e", product, factors[2][k])
        return out

    def gradient_by_runs(mode, derivative):
        others = [k for k in range(3) if k != mode]
        index = sorted_indices[mode]
        terms = factors[others[0]][index[others[0]]]
        terms *= factors[others[1]][index[others[1]]]
        terms *= derivative[orders[mode]][:, None]
        return np.add.reduceat(terms, starts[mode], axis=0)

    def gradient_by_rows(mode, derivative):
        # Row by row: a small matrix-vector product that stays in the cache.
        a, b = [k for k in range(3) if k != mode]
        index, weights = sorted_indices[mode], derivative[orders[mode]]
        out = np.empty((size, rank), dtype)
        ends = np.append(starts[mode][1:], count)
        for row in range(size):
            at = slice(starts[mode][row], ends[row])
            out[row] = weights[at] @ (factors[a][index[a, at]] * factors[b][index[b, at]])
        return out

    def run_with(predict, gradient, block):
        derivative = predict(block) - values
        derivative /= count
        return [gradient(mode, derivative) for mode in range(3)]

    def check(gradients):
        exact = [f.astype(np.float64) for f in factors]
        i, j, k = indices
        derivative = ((exact[0][i] * exact[1][j] * exact[2][k]).sum(1) - values) / count
        expected = np.zeros((size, rank))
        np.add.at(expected, i, derivative[:, None] * exact[1][j] * exact[2][k])
        return np.abs(gradients[0] - expected).max() / np.abs(expected).max()

    ways = [
        lambda p=p, g=g, block=block: run_with(p, g, block)
        for p in (predictions, predictions_by_products)
        for g in (gradient_by_runs, gradient_by_rows)
        for block in (2048, count)
    ]
    return ways, check


def large_order(order, batch, rank):
    """Predictions of `batch` entries of an order-`order` tensor of mode size 2, and the gradient of all factors."""
    rng = np.random.default_rng(2)
    factors = (1 + 1e-3 * rng.standard_normal((rank, order, 2))).astype(np.float32)
    symbols = rng.integers(0, 2, (batch, order))
    values = rng.standard_normal(batch).astype(np.float32)
    positions = np.arange(order)
    ones = symbols.astype(np.float32)

    def run():
        gradient = np.empty_like(factors)
        chosen = np.empty((rank, batch, order), np.float32)
        prefix = np.empty_like(chosen)
        prediction = np.zeros(batch, np.float32)
        for r in range(rank):
            chosen[r] = factors[r, positions, symbols]
            prefix[r, :, 0] = 1
            np.cumprod(chosen[r, :, :-1], axis=1, out=prefix[r, :, 1:])
            prediction += prefix[r, :, -1] * chosen[r, :, -1]
        derivative = (prediction - values) / batch
        suffix = np.empty((batch, order), np.float32)
        for r in range(rank):
            suffix[:, -1] = 1
            np.cumprod(chosen[r, :, :0:-1], axis=1, out=suffix[:, -2::-1])
            suffix *= prefix[r]
            total = derivative @ suffix
            gradient[r, :, 1] = np.einsum("b,bn,bn->n", derivative, suffix, ones)
            gradient[r, :, 0] = total - gradient[r, :, 1]
        return gradient

    def check(gradient):
        exact = factors.astype(np.float64)
        chosen = exact[:, positions, symbols]  # rank, batch, order
        derivative = (chosen.prod(2).sum(0) - values) / batch
        position = order // 2
        rest = np.delete(chosen[0], position, axis=1).prod(1)
        expected = [np.sum((derivative * rest)[symbols[:, position] == s]) for s in (0, 1)]
        return np.abs(gradient[0, position] - expected).max() / np.abs(expected).max()

    return [run], check


programs = {
    "observed": observed,
    "large order": large_order,
    "cpu observed": lambda **sizes: observed(**sizes, dtype=np.float64),
    **cpu_numpy.programs,
}
opened = {}


def open_program(name, sizes):
    ways, check = programs[name](**sizes)
    seconds = []
    for way in ways:
        error = check(way())
        if not error < 1e-4:
            raise RuntimeError(f"{name}: expected the answer within 1e-4 of float64, got {error}.")
        seconds.append(min(timed(way, 1) for _ in range(3)))
    return ways[int(np.argmin(seconds))]


def timed(way, count):
    begun = perf_counter()
    for _ in range(count):
        way()
    return perf_counter() - begun


for line in sys.stdin:
    request = json.loads(line)
    key = request["program"] + json.dumps(request["sizes"], sort_keys=True)
    if key not in opened:
        opened[key] = open_program(request["program"], request["sizes"])
    print(json.dumps({"seconds": timed(opened[key], request["count"])}), flush=True)
