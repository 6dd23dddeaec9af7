"""NumPy doing the work of the cases `cpu`, in float64. Programs of observed_numpy.py, which starts them: each returns its ways, and what
checks the answer of one by definition."""

import numpy as np


def normals(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape)


def relative(answer, expected):
    return np.abs(answer - expected).max() / np.abs(expected).max()


def factored(m, d, order):
    """(w * (V V')^(order - 1)) V"""
    vectors, weights = normals(m, d) / np.sqrt(d), normals(m, seed=1)

    def run():
        gram = vectors @ vectors.T
        power = gram * gram
        if order == 4:
            power *= gram
        power *= weights
        return power @ vectors

    def check(answer):
        expected = sum(weights[j] * (vectors[0] @ vectors[j]) ** (order - 1) * vectors[j] for j in range(m))
        return relative(answer[0], expected)

    return [run], check


def cp(size, rank):
    factors = [normals(size, rank, seed=2 + k) / np.sqrt(size) for k in range(3)]
    return normals(size, size, size), factors


def khatri_rao(a, b):
    return (a[:, None, :] * b[None, :, :]).reshape(-1, a.shape[1])


def mttkrp(size, rank, mode):
    """X_(mode) times the Khatri-Rao product of the other factors, or one factor after the other."""
    tensor, factors = cp(size, rank)
    a, b, c = factors
    square = size * size
    by_pairs = {
        0: lambda: tensor.reshape(size, square) @ khatri_rao(b, c),
        1: lambda: np.ascontiguousarray(tensor.transpose(1, 0, 2)).reshape(size, square) @ khatri_rao(a, c),
        2: lambda: tensor.reshape(square, size).T @ khatri_rao(a, b),
    }
    # The last factor first, or the first one, so that the tensor stays as it lies in memory.
    last = lambda: (tensor.reshape(square, size) @ c).reshape(size, size, rank)
    first = lambda: (tensor.reshape(size, square).T @ a).reshape(size, size, rank)
    one_by_one = {
        0: lambda: np.einsum("ijr,jr->ir", last(), b),
        1: lambda: np.einsum("ijr,ir->jr", last(), a),
        2: lambda: np.einsum("jkr,jr->kr", first(), b),
    }

    def check(answer):
        rest = [k for k in range(3) if k != mode]
        slab = np.take(tensor, 3, axis=mode)
        expected = np.array([factors[rest[0]][:, r] @ slab @ factors[rest[1]][:, r] for r in range(rank)])
        return relative(answer[3], expected)

    return [by_pairs[mode], one_by_one[mode]], check


def residual(size, rank):
    """The model less the tensor."""
    tensor, (a, b, c) = cp(size, rank)
    unfolded = tensor.reshape(size * size, size)

    def run():
        out = khatri_rao(a, b) @ c.T
        out -= unfolded
        return out

    def run_by_rows():
        out = a @ khatri_rao(b, c).T
        out -= tensor.reshape(size, size * size)
        return out

    def check(answer):
        expected = np.einsum("r,jr,kr->jk", a[3], b, c) - tensor[3]
        return relative(answer.reshape(tensor.shape)[3], expected)

    return [run, run_by_rows], check


def dense_symmetric(d, m):
    """T(., u, u) of an unfolded symmetric tensor of order 3."""
    tensor = normals(d, d, d)
    tensor = sum(tensor.transpose(p) for p in ((0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)))
    tensor = np.ascontiguousarray(tensor) / 6
    queries = normals(m, d, seed=1) / np.sqrt(d)
    unfolded = tensor.reshape(d, d * d)
    ways = [
        lambda: (queries[:, :, None] * queries[:, None, :]).reshape(m, d * d) @ tensor.reshape(d * d, d),
        lambda: np.einsum("mj,mji->mi", queries, (queries @ unfolded).reshape(m, d, d)),
        lambda: np.matmul(queries[:, None, :], (queries @ unfolded).reshape(m, d, d))[:, 0],
    ]

    def check(answer):
        return relative(answer[5], np.array([queries[5] @ tensor[i] @ queries[5] for i in range(d)]))

    return ways, check


def cholesky(n):
    lower = np.tril(normals(n, n)) / np.sqrt(n) + 2 * np.eye(n)
    matrix = lower @ lower.T
    return [lambda: np.linalg.cholesky(matrix)], lambda answer: relative(
        answer, lower * np.sign(np.diag(lower))[None, :]
    )


programs = {
    "cpu factored": factored,
    "cpu MTTKRP": mttkrp,
    "cpu residual": residual,
    "cpu dense symmetric": dense_symmetric,
    "cpu Cholesky": cholesky,
}
