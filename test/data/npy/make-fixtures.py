"""Writes fixtures.json: .npy files as NumPy itself makes them (base64) beside the values they hold, row-major.

Run: python3 make-fixtures.py   (made with NumPy 2.4.6)
"""
import base64
import io
import json
import warnings

import numpy as np

warnings.simplefilter("ignore")  # numpy warns that versions 2 and 3 need a newer reader


def npy(array, version=None):
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, array, version=version)
    return base64.b64encode(buffer.getvalue()).decode()


def entry(name, array, version=None):
    wide = array.astype(np.float64) if array.dtype.kind in "fb" else array
    values = [str(v) if isinstance(v, int) and abs(v) > 2**53 else v for v in wide.ravel(order="C").tolist()]
    return {"name": name, "shape": list(array.shape), "dtype": array.dtype.str[1:], "values": values, "npy": npy(array, version)}


rng = np.random.default_rng(7)
good = []
for code in ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"]:
    for order in "<>":
        if code[1] == "1" and order == ">":
            continue
        low = 0 if code[0] == "u" else -100
        array = rng.integers(low, 120, size=(2, 3, 4)).astype(order + code)
        if code[0] == "f":
            array = (rng.standard_normal((2, 3, 4)) * 3).astype(order + code)
        good.append(entry(f"{order}{code} C", array))
        good.append(entry(f"{order}{code} Fortran", np.asfortranarray(array)))
good.append(entry("bool", np.array([[True, False], [False, True]])))
good.append(entry("int64 extremes", np.array([-(2**63), 2**63 - 1, 0, 2**53 + 1])))
good.append(entry("uint64 extremes", np.array([2**64 - 1, 2**60], dtype="u8")))
good.append(entry("half extremes", np.array([65504, -65504, 2**-24, 2**-14, 1 / 3, -0.0], dtype="<f2")))
good.append(entry("0-dimensional", np.array(2.5)))
good.append(entry("empty", np.zeros((3, 0, 2))))
good.append(entry("one mode", np.arange(5.0)))
good.append(entry("version 2", np.arange(6.0).reshape(2, 3), (2, 0)))
good.append(entry("version 3", np.arange(6.0).reshape(2, 3), (3, 0)))
good.append(entry("five modes, Fortran", np.asfortranarray(np.arange(48.0).reshape(2, 3, 2, 2, 2))))

refused = {
    "complex128": npy(np.zeros(2, dtype=complex)),
    "structured": npy(np.zeros(2, dtype=[("a", "f8"), ("b", "i4")])),
    "object": npy(np.array([None, "x"], dtype=object)),
    "string": npy(np.array(["ab", "c"])),
    "datetime": npy(np.array(["2020-01-01"], dtype="datetime64[D]")),
    "long double": npy(np.zeros(2, dtype=np.longdouble)),
}
with open("fixtures.json", "w") as file:
    json.dump({"good": good, "refused": refused}, file)
