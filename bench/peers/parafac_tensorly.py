"""TensorLy's parafac as its user runs it: told the rank, started from singular vectors, everything else by default, on one thread.

Started by bench/peers/tensorly.ts. One request a line on stdin, {"tensor": FILE.npy, "rank": R, "nonnegative": whether by
non_negative_parafac_hals, "out": FILE.json or null}, one answer a line on stdout, {"seconds": CPU seconds of that call alone}. With "out"
the components are written there, as { weights, factors }.
"""

import json
import os
import sys
from time import process_time

for library in ("OMP", "OPENBLAS", "MKL"):
    os.environ[f"{library}_NUM_THREADS"] = "1"

import numpy as np  # noqa: E402, it reads the environment once
from tensorly.decomposition import non_negative_parafac_hals, parafac  # noqa: E402

for line in sys.stdin:
    request = json.loads(line)
    tensor = np.load(request["tensor"])
    fit = non_negative_parafac_hals if request["nonnegative"] else parafac
    begun = process_time()
    weights, factors = fit(tensor, request["rank"], init="svd")
    seconds = process_time() - begun
    if request["out"]:
        with open(request["out"], "w", encoding="utf-8") as file:
            json.dump({"weights": weights.tolist(), "factors": [factor.tolist() for factor in factors]}, file)
    print(json.dumps({"seconds": seconds}), flush=True)
