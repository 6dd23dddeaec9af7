"""Writes fixtures.json: .npz files as NumPy itself makes them (base64) beside the values they hold, row-major.

Run: python3 make-fixtures.py   (made with NumPy 2.4.6)
"""
import base64
import io
import json

import numpy as np


def npz(save, **arrays):
    buffer = io.BytesIO()
    save(buffer, **arrays)
    return {
        "npz": base64.b64encode(buffer.getvalue()).decode(),
        "arrays": {
            name: {"shape": list(array.shape), "dtype": array.dtype.str[1:], "values": array.ravel(order="C").tolist()}
            for name, array in arrays.items()
        },
    }


rng = np.random.default_rng(7)
tensor = rng.standard_normal((2, 3, 4))
smooth = np.arange(240.0).reshape(4, 5, 12) // 24
with open("fixtures.json", "w") as file:
    json.dump(
        {
            "one": npz(np.savez, tensor=tensor),
            "one, compressed": npz(np.savez_compressed, smooth=smooth),
            "several": npz(np.savez, a=tensor.astype("f4"), b=np.asfortranarray(tensor), c=np.arange(5)),
            "several, compressed": npz(np.savez_compressed, tensor=tensor, smooth=smooth),
            "none": npz(np.savez),
        },
        file,
    )
