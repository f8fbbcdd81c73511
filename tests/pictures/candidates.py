"""How the JPEG decoders that were tried compare with libjpeg-turbo over the corpus.

    cargo build --release --manifest-path tests/pictures/candidates/Cargo.toml
    python tests/pictures/candidates.py
"""
import os
from collections import Counter

import numpy as np

import reference
from corpus import all_pictures
from service import Pixels

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "candidates")


def verdict(kind, pixels, expected, warning):
    is_sound = expected is not None and warning is None and kind not in ("CMYK", "damaged")
    if pixels is None:
        return "refused, though sound" if is_sound else "refused"
    if not is_sound:
        return "damaged or CMYK, read without a word"
    if pixels.shape != expected.shape:
        return "another size"
    difference = int(np.abs(pixels.astype(int) - expected).max())
    return next(name for limit, name in ((0, "equal"), (1, "within 1"), (3, "within 3"), (255, "further")) if difference <= limit)


def main():
    target = os.environ.get("CARGO_TARGET_DIR", os.path.join(FOLDER, "target"))
    for name in ("zune-jpeg", "jpeg-decoder"):
        decoder, counts = Pixels(name, program=os.path.join(target, "release", "candidates")), Counter()
        for kind, _, data in all_pictures():
            if data.startswith(b"\xff\xd8"):
                # as stored: neither turns pictures
                counts[verdict(kind, decoder(data)[1], *reference.jpeg(data))] += 1
        print(f"{name}: {sum(counts.values())} files,", ", ".join(f"{count} {what}" for what, count in counts.most_common()))


if __name__ == "__main__":
    main()
