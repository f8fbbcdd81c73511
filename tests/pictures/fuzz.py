"""Changes small pictures at random and compares our decoder with the references.

    cargo build --release -p veilmark-decode --example pixels
    python tests/pictures/fuzz.py COUNT [SEED]

A silent difference is a picture that both read and that differs, or that the reference warns of and we read without a
note. It ends with an error if there is one, and leaves the file in the folder `silent`.
"""
import os
import resource
import sys
from collections import Counter

import numpy as np

import reference
from corpus import all_pictures
from service import Pixels
from table import BACKGROUND, TOLERANCE
from toywebp import any_frame

# Notes that say that a picture may not be what was written, and that it may not be upright.
DOUBTS = {"perhaps_damaged", "bytes_skipped"}
TURNED = {"orientation_unclear", "later_exif_ignored"}
# Libraries allocate what a damaged header says.
MOST_BYTES = 6 << 30
# Larger ones are slow to decode and no richer.
MAX_SEED_BYTES = 8_000


def changed(data, others, random):
    """A file with one to four changes."""
    data = bytearray(data)
    for _ in range(int(random.integers(1, 5))):
        at = int(random.integers(3, len(data)))
        kind = int(random.integers(0, 9))
        length = int(random.choice([1, 2, 4, 16, 100]))
        if kind == 0:
            data[at] ^= 1 << int(random.integers(0, 8))
        elif kind == 1:
            data[at] = int(random.choice([0, 1, 0x7F, 0x80, 0xFF, int(random.integers(0, 256))]))
        elif kind == 2:
            del data[at:at + length]
        elif kind == 3:
            data[at:at] = data[at:at + length]
        elif kind == 4:
            data[at:at] = random.integers(0, 256, length).astype(np.uint8).tobytes()
        elif kind == 5:
            # headers are where most is decided
            at = int(random.integers(3, min(len(data), 700)))
            data[at] = int(random.integers(0, 256))
        elif kind == 6:
            source = int(random.integers(0, len(data)))
            data[at:at + length] = data[source:source + length]
        elif kind == 7:
            other = others[int(random.integers(0, len(others)))]
            place = int(random.integers(0, len(other)))
            data[at:at + length] = other[place:place + length]
        else:
            data[at:] = data[-2:]
        if len(data) < 16:
            break
    return bytes(data)


def repaired(data, random):
    """A PNG whose checksums are right again, so that more than checksums is tried."""
    import struct
    import zlib

    out, at = data[:8], 8
    while at + 12 <= len(data):
        length = struct.unpack(">I", data[at:at + 4])[0]
        body = data[at + 4:at + 8 + length]
        if at + 12 + length > len(data):
            break
        out += data[at:at + 4] + body + struct.pack(">I", zlib.crc32(body))
        at += 12 + length
    return out + data[at:]


def compare(data, answer, pixels, behind):
    """What came of a file, and whether it is a silent difference."""
    if pixels is None:
        return f"{reference.form_of(data)}: refused", False
    form, expected, warning = reference.of(data, behind)
    if answer.get("streamed_alike") is not True:
        return f"{form}: rows and picture disagree", True
    notes = set(answer["notes"])
    if expected is None:
        return f"{form}: read here only", not notes & DOUBTS
    number = reference.orientation(data)
    numbers = range(1, 9) if number is None else [number]
    turned = [expected] if form == "tiff" else [reference.upright(expected, n) for n in numbers]
    fits = [t for t in turned if t.shape == pixels.shape]
    if not fits:
        return f"{form}: another size or orientation", not notes & TURNED
    difference = min(int(np.abs(pixels.astype(int) - t).max()) for t in fits)
    if difference > TOLERANCE[form]:
        return f"{form}: differs", True
    if warning and not notes & DOUBTS:
        return f"{form}: read, and warned of there", True
    return f"{form}: equal", False


def main():
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    count, seed = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1
    forms = os.environ.get("FORMATS", "jpeg png webp tiff").split()
    starts = {"jpeg": b"\xff\xd8", "png": b"\x89PNG", "webp": b"RIFF", "tiff": (b"II", b"MM")}
    random = np.random.default_rng(seed)
    seeds = {form: [] for form in forms}
    for _, _, data in all_pictures():
        for form in forms:
            if data.startswith(starts[form]) and len(data) <= MAX_SEED_BYTES:
                seeds[form].append(data)
    ours, counts, silent = Pixels(), Counter(), 0
    over_colour = Pixels("--background", "%02x%02x%02x" % BACKGROUND)
    os.makedirs("silent", exist_ok=True)
    # half of the files are JPEGs, where most can go wrong
    weights = np.array([3 if form == "jpeg" else 1 for form in forms], float)
    for index in range(count):
        form = forms[int(random.choice(len(forms), p=weights / weights.sum()))]
        pool = seeds[form]
        data = pool[int(random.integers(0, len(pool)))]
        is_made = form == "webp" and random.random() < .2
        if is_made:
            # headers that no encoder writes, some of them with sound data behind
            data = any_frame(*random.integers(5, 50, 2).tolist(), random)
        if not is_made or random.random() < .5:
            data = changed(data, pool, random)
        if form == "png" and random.random() < .7:
            data = repaired(data, random)
        (answer, pixels), behind = ours(data), None
        if "is transparent" in answer.get("error", ""):
            (answer, pixels), behind = over_colour(data), BACKGROUND
        if answer.get("error", "").endswith("its decoder cannot handle"):
            counts[f"{form}: a crate panicked"] += 1
        what, is_silent = compare(data, answer, pixels, behind)
        what += " (over a colour)" if behind else ""
        counts[what] += 1
        if is_silent:
            silent += 1
            with open(f"silent/{seed}-{index}.{form}", "wb") as file:
                file.write(data)
            if silent <= 40:
                print("SILENT", index, what, answer.get("notes"), reference.of(data)[2], flush=True)
        if index % 5000 == 4999:
            print(index + 1, dict(counts), flush=True)
    print(count, "files, seed", seed)
    for what, number in sorted(counts.items()):
        print(f"{number:8} {what}")
    return 1 if silent else 0


if __name__ == "__main__":
    sys.exit(main())
