"""ALS in NumPy on the kinds of instances of bench/cases/time-to-answer.ts, on this machine and one of its cores:
python3 bench/peers/als_numpy.py > PEER.json.

Dense entries, the right rank given, at most ten Gaussian starts until one is exact (relative error below 1e-6, factor match
score above 0.999), 1000 sweeps each, a start given up when a sweep lowers the error by less than 1e-10: as a user of TensorLy
would do it, with the same products and without its overhead. Instances are its own, ten of each kind, drawn as in
bench/answers/instances.ts. Prints a record that `npm run bench -- --report RECORD.json PEER.json` puts beside ours.
"""

import json
import os
import platform
from time import perf_counter

for library in ("OMP", "OPENBLAS", "MKL"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")

import numpy as np  # noqa: E402, it reads the environment once


def planted(rng, order, dim, rank, ratio=None, cosine=None, orthogonal=False):
    """Unit rows and weights: random, or with a common cosine, or orthonormal; weights 1 for these."""
    vectors = rng.standard_normal((rank, dim))
    if orthogonal or cosine is not None:
        vectors = np.linalg.qr(vectors.T)[0].T
    if cosine is not None:
        vectors = np.linalg.cholesky(np.full((rank, rank), cosine) + (1 - cosine) * np.eye(rank)) @ vectors
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    sizes = rng.uniform(0.5, 1.5, rank) if ratio is None else float(ratio) ** -np.arange(rank)
    weights = np.ones(rank) if orthogonal else sizes * rng.choice([-1, 1], rank)
    return weights, vectors


def khatri_rao(matrices):
    out = matrices[0]
    for matrix in matrices[1:]:
        out = (out[:, None, :] * matrix[None, :, :]).reshape(-1, out.shape[1])
    return out


def als(unfoldings, norm, factors):
    """Sweeps over the modes; the factors and the relative error, by ‖T‖² + ‖M‖² − 2⟨T, M⟩."""
    order, rank = len(factors), factors[0].shape[1]
    before = np.inf
    for _ in range(1000):
        for mode in range(order):
            others = [factors[k] for k in range(order) if k != mode]
            gram = np.ones((rank, rank))
            for factor in others:
                gram = gram * (factor.T @ factor)
            product = unfoldings[mode] @ khatri_rao(others)
            factors[mode] = np.linalg.solve(gram, product.T).T
        own = np.sum(gram * (factors[-1].T @ factors[-1]))
        square = norm**2 + own - 2 * np.sum(product * factors[-1])
        error = np.sqrt(max(square, 0)) / norm
        # The square cancels: 1e-7 is what it can tell.
        if error < 1e-7 or before - error < 1e-10:
            break
        before = error
    return factors, error


def match_score(factors, weights, vectors):
    """Mean over components of the product of cosines and the agreement of weights; 0 unless each has a partner of its own."""
    norms = [np.linalg.norm(factor, axis=0) for factor in factors]
    cosines = np.sign(weights) * np.prod([(f / n).T @ vectors.T for f, n in zip(factors, norms)], axis=0)
    sizes, true = np.prod(norms, axis=0)[:, None], np.abs(weights)[None, :]
    scores = np.maximum(cosines, 0) * (1 - np.abs(sizes - true) / np.maximum(sizes, true))
    partners = scores.argmax(axis=1)
    return scores.max(axis=1).mean() if len(set(partners)) == len(partners) else 0.0


def solve(rng, order, dim, rank, weights, vectors):
    unfolding = (vectors.T * weights) @ khatri_rao([vectors.T] * (order - 1)).T
    begun = perf_counter()
    unfoldings, norm = [unfolding] * order, np.linalg.norm(unfolding)
    for _ in range(10):
        try:
            factors, error = als(unfoldings, norm, [rng.standard_normal((dim, rank)) for _ in range(order)])
        except np.linalg.LinAlgError:
            continue
        if error < 1e-6 and match_score(factors, weights, vectors) > 0.999:
            return perf_counter() - begun, True
    return perf_counter() - begun, False


kinds = {
    "order 3, d 10, r 4": dict(order=3, dim=10, rank=4),
    "order 3, d 20, r 10": dict(order=3, dim=20, rank=10),
    "order 4, d 12, r 6": dict(order=4, dim=12, rank=6),
    "order 3, d 30, r 20": dict(order=3, dim=30, rank=20),
    "orthogonal, order 3, d 20, r 5": dict(order=3, dim=20, rank=5, orthogonal=True),
    "overcomplete, order 3, d 8, r 10": dict(order=3, dim=8, rank=10),
    "weights 1 to 1/81, order 3, d 20, r 5": dict(order=3, dim=20, rank=5, ratio=3),
    "cosines 0.9, order 3, d 20, r 4": dict(order=3, dim=20, rank=4, cosine=0.9),
}


def measure(name):
    sizes = {key: kinds[name][key] for key in ("order", "dim", "rank")}
    # Seeds from 1000 on warm up, as in the case.
    for seed in [1000, 1001, *range(10)]:
        rng = np.random.default_rng(seed)
        weights, vectors = planted(rng, **kinds[name])
        answer = solve(rng, **sizes, weights=weights, vectors=vectors)
        if seed < 1000:
            yield answer


times = []
for name in kinds:
    seconds, exact = zip(*measure(name))
    median = float(np.median(seconds))
    times.append({"family": "time-to-answer", "case": name, "seconds": median, "exact": int(sum(exact))})
versions = {"numpy": np.__version__, "python": platform.python_version()}
print(json.dumps({"peer": "ALS in NumPy, this machine", "device": "one core", "versions": versions, "times": times}, indent=1))
