"""Mutations of the containers of videos and images: boxes, chunks and their sizes."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from fuzz.octets import ODD_NUMBERS, mutated, odd_number

_PARENTS = {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts", b"udta", b"dinf", b"mvex", b"moof", b"traf"}
_PNG = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True, slots=True)
class Box:
    """A box of an MP4: where it begins and ends, and its name."""

    start: int
    end: int
    name: bytes


def boxes(data: bytes, start: int = 0, end: int | None = None) -> Iterator[Box]:
    """All boxes of an MP4 or MOV, those inside others, too."""
    end = len(data) if end is None else end
    while start + 8 <= end:
        size, name = struct.unpack(">I4s", data[start : start + 8])
        if size == 0:
            size = end - start
        if size < 8 or start + size > end:
            return
        yield Box(start, start + size, name)
        if name in _PARENTS:
            yield from boxes(data, start + 8, start + size)
        start += size


def mutated_container(data: bytes, dice: Random, other: bytes = b"") -> bytes:
    """The bytes after one to three mutations that fit their kind of file."""
    for _ in range(dice.choice((1, 1, 2, 3))):
        if data[4:8] in (b"ftyp", b"moov", b"mdat", b"wide") and dice.random() < 0.8:
            data = _boxed(data, dice)
        elif data.startswith(_PNG) and dice.random() < 0.8:
            data = _png(data, dice)
        elif dice.random() < 0.6:
            data = _field(data, dice)
        else:
            data = mutated(data, dice, other)
    return data


def _boxed(data: bytes, dice: Random) -> bytes:
    found = [box for box in boxes(data) if box.name != b"mdat" or dice.random() < 0.2]
    if not found:
        return mutated(data, dice)
    box = dice.choice(found)
    whole = data[box.start : box.end]
    match dice.randrange(8):
        case 0:  # a size that lies
            return data[: box.start] + odd_number(dice, 4) + data[box.start + 4 :]
        case 1:
            return data[: box.start] + data[box.end :]
        case 2:
            return data[: box.end] + whole * dice.choice((1, 3, 200)) + data[box.end :]
        case 3:  # boxes in boxes in boxes
            for _ in range(dice.choice((3, 50, 3000))):
                name = dice.choice(sorted(_PARENTS))
                whole = struct.pack(">I4s", (len(whole) + 8) % 2**32, name) + whole
            return data[: box.start] + whole + data[box.end :]
        case 4:  # the same again, as a 64-bit box
            size = dice.choice((len(whole) + 8, *ODD_NUMBERS)) % 2**64
            return data[: box.start] + b"\0\0\0\1" + box.name + struct.pack(">Q", size) + whole[8:] + data[box.end :]
        case 5:
            another = dice.choice(found)
            moved = data[another.start : another.end]
            return data[: box.start] + moved + data[box.end :]
        case _:  # tables of sizes, times and places; the heads of film, track and medium
            if len(whole) <= 12:
                return mutated(data, dice)
            changed = bytearray(whole)
            for _ in range(dice.choice((1, 2, 8))):
                place = dice.randrange(8, len(whole) - 3)
                if dice.random() < 0.8:
                    place -= place % 4
                changed[place : place + 4] = odd_number(dice, 4)
            return data[: box.start] + bytes(changed[: len(whole)]) + data[box.end :]


def _field(data: bytes, dice: Random) -> bytes:
    """A number near the beginning, where most files say how large they are, or near the end."""
    number = odd_number(dice, dice.choice((1, 2, 2, 4, 4, 8)))
    reach = min(len(data), dice.choice((32, 64, 512, 4096)))
    place = dice.randrange(max(1, reach))
    if dice.random() < 0.2:
        place = max(0, len(data) - place)
    return data[:place] + number + data[place + len(number) :]


def chunk(kind: bytes, data: bytes) -> bytes:
    """A chunk of a PNG, with its checksum."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    """The chunks of a PNG, as name and contents, as far as they are whole."""
    found, at = [], len(_PNG)
    while at + 12 <= len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        if at + 12 + size > len(data):
            break
        found.append((data[at + 4 : at + 8], data[at + 8 : at + 8 + size]))
        at += 12 + size
    return found


def _png(data: bytes, dice: Random) -> bytes:
    found = chunks(data)
    if not found:
        return mutated(data, dice)
    which = dice.randrange(len(found))
    name, content = found[which]
    match dice.randrange(6):
        case 0:  # another size, depth, colour or interlacing, with a checksum that is right
            head = bytearray(found[0][1])
            if dice.random() < 0.6:
                place = dice.choice((0, 4))
                head = head[:place] + bytearray(dice.choice(ODD_NUMBERS).to_bytes(8, "big")[4:]) + head[place + 4 :]
            elif len(head) > 12:
                head[dice.randrange(8, 13)] = dice.randrange(256)
            found[0] = (found[0][0], bytes(head))
        case 1:
            found[which] = (name, mutated(content, dice))
        case 2:
            found.insert(which, (name, content))
        case 3:
            del found[which]
        case 4:  # a text that unpacks to much
            bomb = zlib.compress(bytes(dice.choice((10**5, 10**7))), 9)
            found.insert(1, (b"zTXt", b"Comment\0\0" + bomb))
        case _:
            found[which] = (name, zlib.compress(bytes(dice.choice((10, 10**6, 3 * 10**7))), 9))
    return _PNG + b"".join(chunk(*each) for each in found)
