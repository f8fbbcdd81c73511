"""Writes the small pictures of crates/decode/tests/seeds, with the pixels that the references have of them.

    python tests/pictures/seeds.py
"""
import os
import zlib

import numpy as np

import reference
from corpus import all_pictures

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "crates", "decode", "tests", "seeds")
PREFIXES = (
    "pillow-64", "pillow-71", "pillow-68", "cv2-411-0-50", "cv2-440-1-17", "turbo-422-50", "grey-17-1", "rgb-17", "cmyk-8",
    "toy-17", "toy-45", "toy-77", "toy-101", "between", "app11-before-end", "fill", "junk", "padded", "sof1-toy",
    "names-b'RGB'-False-1", "names-b'RGB'-False-None", "names-b'RGB'-True-0", "exif-6-<", "exif-6-then-1", "cut-610",
    "lost-1013", "dnl", "png-3", "png-5", "png-22", "png-40", "gama", "exif-6-6", "apng-1", "apng-2", "alpha-254", "key",
    "png-cut-220", "png-flip-220", "webp-50-17", "webp-lossless-17", "tiff-tiff_lzw-rgb-17", "tiff-tile-True-17",
    "tiff-white-is-0-8", "tiff-6", "webp-exif-6",
)
REFUSED = {"CMYK", "transparent", "animated", "height behind the pixels", "damaged"}


def main():
    os.makedirs(FOLDER, exist_ok=True)
    lines = []
    wanted = set(PREFIXES)
    for kind, name, data in all_pictures():
        if name not in wanted:
            continue
        wanted.discard(name)
        form, pixels, _ = reference.of(data)
        file = name.replace("'", "").replace("<", "le") + {"jpeg": ".jpg", "tiff": ".tif"}.get(form, "." + form)
        with open(os.path.join(FOLDER, file), "wb") as out:
            out.write(data)
        if kind in REFUSED:
            lines.append(f"{file} refused")
            continue
        if form != "tiff":
            pixels = reference.upright(pixels, reference.orientation(data))
        checksum = zlib.crc32(np.ascontiguousarray(pixels).tobytes())
        lines.append(f"{file} {pixels.shape[1]}x{pixels.shape[0]} {checksum:08x}")
    with open(os.path.join(FOLDER, "pixels.txt"), "w") as out:
        out.write("\n".join(sorted(lines)) + "\n")
    if wanted:
        raise SystemExit(f"not in the corpus: {sorted(wanted)}")


if __name__ == "__main__":
    main()
