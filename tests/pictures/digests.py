"""Writes what the references have of 10,000 changed pictures: crates/decode/tests/changed.txt.

    python tests/pictures/digests.py

The changes are made by a generator that crates/decode/tests/differential.rs has too, of the files beside it (tests/seeds
and tests/cases there, up to 8,000 bytes). A line for each: the checksum of its size and pixels, over a colour where they
are not opaque; several where nothing says which way up; `?` behind it where the reference warns, `-` where it refuses.
"""
import contextlib
import os
import struct
import zlib

import numpy as np

import reference

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "crates", "decode", "tests")
COUNT, MOST_BYTES, BACKGROUND = 10_000, 8_000, (48, 96, 144)


class Random:
    """The generator of differential.rs."""

    def __init__(self, state):
        self.state = state

    def below(self, limit):
        self.state = (self.state * 6_364_136_223_846_793_005 + 1_442_695_040_888_963_407) % (1 << 64)
        return (self.state >> 33) % limit


def originals():
    """Pictures by folder and name."""
    found = []
    for folder in ("cases", "seeds"):
        for name in sorted(os.listdir(os.path.join(FOLDER, folder))):
            with open(os.path.join(FOLDER, folder, name), "rb") as file:
                data = file.read()
            if not name.endswith(".txt") and len(data) <= MOST_BYTES:
                found.append(data)
    return found


def changed(data, random):
    """A picture with one to four changes; of most PNGs, the checksums are put right again."""
    data = bytearray(data)
    for _ in range(1 + random.below(4)):
        at = random.below(len(data))
        kind = random.below(6)
        if kind == 0:
            data[at] ^= 1 << random.below(8)
        elif kind == 1:
            data[at] = random.below(256)
        elif kind == 2:
            del data[at:at + 1 + random.below(30)]
        elif kind == 3:
            data.insert(at, random.below(256))
        elif kind == 4:
            # headers are where most is decided
            at = random.below(min(len(data), 700))
            data[at] = random.below(256)
        else:
            source, length = random.below(len(data)), 1 + random.below(16)
            for step in range(length):
                if max(at, source) + step < len(data):
                    data[at + step] = data[source + step]
        if len(data) < 16:
            break
    return repaired(data) if random.below(10) < 7 and data[:4] == b"\x89PNG" else bytes(data)


def repaired(data):
    at = 8
    while at + 12 <= len(data):
        end = at + 8 + struct.unpack_from(">I", data, at)[0]
        if end + 4 > len(data):
            break
        struct.pack_into(">I", data, end, zlib.crc32(data[at + 4:end]))
        at = end + 4
    return bytes(data)


def checksum(pixels):
    size = struct.pack("<II", pixels.shape[1], pixels.shape[0])
    return f"{zlib.crc32(np.ascontiguousarray(pixels).tobytes(), zlib.crc32(size)):08x}"


def line(data):
    form, pixels, warning = reference.of(data, BACKGROUND)
    if pixels is None:
        return "-"
    number = 1 if form == "tiff" else reference.orientation(data)
    ways = range(1, 9) if number is None else [number]
    sums = sorted({checksum(reference.upright(pixels, way)) for way in ways})
    return "/".join(sums) + ("?" if warning else "")


def main():
    random, files = Random(2028), originals()
    with open(os.path.join(FOLDER, "changed.txt"), "w") as out:
        for _ in range(COUNT):
            data = changed(files[random.below(len(files))], random)
            with contextlib.redirect_stderr(None):
                out.write(line(data) + "\n")


if __name__ == "__main__":
    main()
