"""Mutations of the arrays and tables in a .npz, so that the archive around them stays right."""

from __future__ import annotations

import io
import json
import zipfile
from math import inf, nan
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from fuzz.octets import mutated, odd_number
from fuzz.texts import mutated_text

_ODD = (nan, inf, -inf, 0.0, -0.0, 5e-324, 1e308, -1e308, 1e9, -1e9, 1e-9, 1.5)
_SCREEN = (1.0, 160.0, 1e-9, 1e-160, 1e5, -1e5)


def members(data: bytes) -> dict[str, bytes]:
    """Names and contents of an archive."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(contents: dict[str, bytes]) -> bytes:
    """An archive of these."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in contents.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def mutated_archive(path: Path, dice: Random) -> bytes:
    """The archive after mutations of it, or of what is in it."""
    data = path.read_bytes()
    how = dice.random()
    if how < 0.2:
        return mutated(data, dice)
    contents = members(data)
    if how < 0.6:  # only numbers, which a reader may take for good
        names = [name for name in sorted(contents) if name.endswith(".npy")]
        for _ in range(dice.choice((1, 2, 4))):
            name = dice.choice(names)
            contents[name] = _odd_numbers(contents[name], dice, whole=True)
        return packed(contents)
    for _ in range(dice.choice((1, 1, 2, 3))):
        name = dice.choice(sorted(contents))
        content = contents[name]
        match dice.randrange(7):
            case 0:
                contents[name] = mutated(content, dice)
            case 1:  # an array's header: kind, order, shape
                head = content[:128].decode("latin-1")
                shape = str(tuple(dice.choice((0, 1, 33, 10**6, 10**9, 10**15)) for _ in range(dice.randrange(4))))
                old, new = dice.choice(
                    (("<f8", dice.choice(("<f4", "|O", "<U9", ">f8", "<i8", "V8"))), ("False", "True"), ("(", shape))
                )
                contents[name] = head.replace(old, new, 1).encode("latin-1") + content[128:]
            case 2:  # much of nothing
                contents[name] = content[:128] + bytes(dice.choice((10**4, 10**6, 5 * 10**7)))
            case 3:
                del contents[name]
                contents[dice.choice(("../../outside.npy", "/outside.npy", name.upper(), name))] = content
            case 4 if name.endswith(".json"):
                text = content.decode()
                contents[name] = mutated_text(text, dice, json.dumps, json.loads(text)).encode(errors="replace")
            case _ if name.endswith(".npy"):
                contents[name] = _odd_numbers(content, dice)
            case _:
                contents[name] = mutated(content, dice)
        if not contents:
            break
    data = packed(contents)
    if dice.random() < 0.1:  # sizes as the archive claims them
        place = data.rfind(b"PK\x01\x02") + dice.choice((20, 24, 10, 42))
        data = data[:place] + odd_number(dice, 4) + data[place + 4 :]
    return data


def _odd_numbers(content: bytes, dice: Random, *, whole: bool = False) -> bytes:
    """An array with other numbers in it, here and there or everywhere; as long as before, if `whole`."""
    try:
        array = np.load(io.BytesIO(content), allow_pickle=False)
    except Exception:  # what was mutated before makes numpy fail in many ways
        return mutated(content, dice)
    if array.dtype != np.float64 or not array.size:
        return mutated(content, dice)
    array = array.copy()
    flat = array.reshape(-1)
    if whole and array.ndim == 1:  # times, which must increase
        array = np.cumsum(np.full(len(array), dice.choice((1e-9, 1e-6, 1e-3, 0.03, 1.0, 60.0, 3599.0, 1e6, 1e300))))
        array[dice.randrange(len(array)) :] += dice.choice((0.0, 1e-6, 5.0, 86_400.0, 1e12))
        array += dice.choice((0.0, -5.0, 1e6, -1e300))
        return _saved(array)
    odd = (*_ODD[3:6], nan, *_SCREEN, dice.random()) if whole else _ODD
    where = (
        slice(None) if dice.random() < 0.2 else slice(dice.randrange(flat.size), None, dice.choice((1, 7, 66, 1000)))
    )
    match dice.randrange(5):
        case 0:
            flat[where] = dice.choice(odd)
        case 1:
            flat[where] *= dice.choice((-1, 0, 1e-6, 0.9, 1000, 1e300))
        case 2:
            flat[where] += dice.choice((-1e6, 1.0, 3600.0, 1e5, 1e9))
        case 3 if not whole:
            array = array[: dice.randrange(len(array) + 1)]
        case _:
            order = [dice.randrange(len(array)) for _ in range(len(array))]
            array = array[np.array(order if dice.random() < 0.5 else sorted(order))]
    return _saved(array)


def _saved(array: np.ndarray[Any, np.dtype[np.float64]]) -> bytes:
    out = io.BytesIO()
    np.save(out, array)
    return out.getvalue()
