"""Completion by plain alternating least squares in NumPy, told the rank: what numpy-als.ts compares polyadic with.

Reads {"shape", "indices": [[i, ...], ...], "values", "rank", "starts", "sweeps", "test": [[i, ...], ...]} as JSON from stdin and writes
{"predictions", "cpuSeconds"}: those of the start with the smallest error, at the cells of "test". Start it on one thread
(OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1). Entries are sorted once per mode; a sweep solves all rows of a mode in one batch.
"""

import json
import sys
from time import process_time

import numpy as np

RIDGE = 1e-6  # of the mean diagonal: rows of few values


def products(factors, index, skip):
    out = None
    for k, factor in enumerate(factors):
        if k != skip:
            out = factor[index[k]] if out is None else out * factor[index[k]]
    return out


def fit(shape, by_mode, rank, sweeps, rng):
    scale = (np.sqrt(np.mean(by_mode[0]["values"] ** 2) / rank)) ** (1 / len(shape))
    factors = [scale * rng.standard_normal((size, rank)) for size in shape]
    for _ in range(sweeps):
        for k, entries in enumerate(by_mode):
            h = products(factors, entries["index"], k)
            y, ends = entries["values"], entries["ends"]
            gram = np.empty((len(ends), rank, rank))
            right = np.empty((len(ends), rank))
            begin = 0
            for row, end in enumerate(ends):  # quicker than np.add.reduceat of all pairs of columns
                own = h[begin:end]
                np.matmul(own.T, own, out=gram[row])
                np.matmul(y[begin:end], own, out=right[row])
                begin = end
            diagonal = np.arange(rank)
            gram[:, diagonal, diagonal] += RIDGE * np.mean(gram[:, diagonal, diagonal])
            factors[k][entries["rows"]] = np.linalg.solve(gram, right[:, :, None])[:, :, 0]
    first = by_mode[0]
    error = np.mean((products(factors, first["index"], -1).sum(1) - first["values"]) ** 2)
    return error, factors


def sorted_by_mode(index, values):
    by_mode = []
    for k in range(len(index)):
        order = np.argsort(index[k], kind="stable")
        rows, starts = np.unique(index[k][order], return_index=True)
        by_mode.append({"index": index[:, order], "values": values[order], "rows": rows, "ends": [*starts[1:].tolist(), len(values)]})
    return by_mode


request = json.load(sys.stdin)
index = np.array(request["indices"]).T
values = np.array(request["values"])
begun = process_time()
by_mode = sorted_by_mode(index, values)
rng = np.random.default_rng(request.get("seed", 0))
fits = [fit(request["shape"], by_mode, request["rank"], request["sweeps"], rng) for _ in range(request["starts"])]
seconds = process_time() - begun
_, factors = min(fits, key=lambda found: found[0])
predictions = products(factors, np.array(request["test"]).T, -1).sum(1)
print(json.dumps({"predictions": predictions.tolist(), "cpuSeconds": seconds}))
