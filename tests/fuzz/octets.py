"""Mutations that know nothing of what the bytes mean."""

from __future__ import annotations

from random import Random

ODD_NUMBERS = (
    *(0, 1, 2, 7, 31, 32, 127, 128, 255, 256, 4095, 8191, 8192, 8193, 20_000, 32_767, 32_768, 65_535),
    *(65_536, 10**6, 2**24, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 10**9, 2**53, 2**63 - 1, 2**63, 2**64 - 1),
)
"""Where counts, sizes and times overflow, or become absurd."""


def odd_number(dice: Random, size: int) -> bytes:
    """A number of `size` bytes at an edge of what fits, in either byte order."""
    number = (dice.choice(ODD_NUMBERS) + dice.choice((-1, 0, 0, 0, 1))) % 256**size
    data: bytes = number.to_bytes(size, "big")
    return data if dice.random() < 0.5 else data[::-1]


def mutated(data: bytes, dice: Random, other: bytes = b"") -> bytes:
    """The bytes after one to four mutations.

    Args:
        data: what to mutate.
        dice: decides.
        other: a second file of the kind, parts of which may be spliced in.
    """
    for _ in range(dice.choice((1, 1, 2, 4))):
        data = _once(bytearray(data), dice, other)
    return data


def _once(data: bytearray, dice: Random, other: bytes) -> bytes:
    size = len(data)
    if not size:
        return bytes(dice.randrange(256) for _ in range(dice.randrange(64)))
    # Headers are small and matter most.
    place = dice.randrange(min(size, dice.choice((64, 1024, size))))
    length = min(size - place, dice.choice((1, 2, 4, 16, 256, 4096)))
    match dice.randrange(11):
        case 0:
            data[place] ^= 1 << dice.randrange(8)
        case 1:
            for _ in range(dice.choice((4, 32, 256))):
                data[dice.randrange(size)] = dice.randrange(256)
        case 2 | 3:
            number = odd_number(dice, dice.choice((1, 2, 4, 8)))
            data[place : place + len(number)] = number
        case 4:
            del data[place:]
        case 5:
            del data[place : place + length]
        case 6:
            data[place:place] = data[place : place + length] * dice.choice((1, 1, 3, 100))
        case 7:
            data[place : place + length] = bytes([dice.choice((0, 255, 0x20, 0x2F))]) * length
        case 8:
            data[place:place] = bytes(dice.randrange(256) for _ in range(length))
        case 9:
            to = dice.randrange(size)
            data[place : place + length], data[to : to + length] = data[to : to + length], data[place : place + length]
        case 10 if other:
            cut = dice.randrange(len(other))
            data[place:] = other[cut : cut + dice.choice((16, 1024, len(other)))]
    return bytes(data)
