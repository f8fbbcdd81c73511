"""Writes the small pictures of crates/decode/tests/cases: one of each kind that people bring and decoders differ about.

    python tests/pictures/cases.py

Prints for each what the references have: size, checksum of the pixels. crates/decode/tests/cases.rs has these figures.
"""
import io
import os
import struct
import zlib

import numpy as np
import tifffile
from PIL import Image

import reference
from corpus import chunk, exif, joined, png, saved, scene, segment, segments
from toyjpeg import jpeg as toy
from toywebp import frame as webp_frame

# What is behind transparent pictures.
BACKGROUND = (48, 96, 144)
FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "crates", "decode", "tests", "cases")

# A lossy picture of 7x9 pixels that lost its last bytes, as a fuzz found it: read by a decoder that takes one more as zero.
CUT_WEBP = bytes.fromhex(
    "52494646400000005745425056503820340000001002009d012a070009000900ac25b002"
    "ac06af513bec4a478000fd982e8796908cdf0f18f74a0bcebce36430bec4ba1000000000"
)

# Found by the fuzz: data that end a few bits too soon, coefficients beyond 16 bits (both lossy), and a colour out of a
# place of the cache that was never filled (lossless).
ENDS_TOO_SOON_WEBP = bytes.fromhex(
    "524946463800000057454250565038202c000000b001009d012a080008000900ac25b002747f0007754800fd96ef7bbeefbd288729d41e"
    "7b02825e0686130000"
)
LARGE_COEFFICIENT_WEBP = bytes.fromhex(
    "52494646ac0000005745425056503820a00000001003009d012a050005000000ff7b97fff6ad11dff98877f4b0ff8604c02a6bb60000fe"
    "f8abffdd33ffbe6bfe45fd9f73fa1e7fa73ef7253e49e6ff89db97fffddb5f8f47b4afbf1febdfff7b97fff6ad11dff98877f4b0ff8604"
    "dbffae9db3afd916603ad5e8510f2f671107e7f959291b7213ff9cc5c56f17ffdf2b98bf13bf821ffef1ffffbb690063cdae833f7efedc"
    "2930ff911a47f5b3bffebf1ff181223f6827fef3457f3fffca87ffe0de0000"
)
EMPTY_PLACE_WEBP = bytes.fromhex(
    "5249464642010000574542505650384c350100002f10000800b90a44f43f7611d1ffb0c84e24c992a411ad456fdd5609dbc75d7d14594d"
    "7d6443426743906d53b4a11ded68028164b4d0478bfce4531f1038cc5e6b5e6956ba69cc634d12d2cde2163986868516817597a37cea0b"
    "dc7c875778669d9eb7aa9a1e7e933da1c7352b35ade3e13b06e6cc1cdb374d88aab7aecaab31ca349dbe2263c51eb43b742c2e237bb423"
    "54edb9668e6778c47a3b67ba4a243713898d711d3eb2a85d9b8eb4cab0aa51ba01f0382bd345395195ed57ec6679e3e827e5d1e62b7694"
    "c1e1eb31d85f1038cc5e6b5e6956ba69cc634d12d2cde2163986868516817597a37cea0bdc7c875778669d9eb7aa9a1e7e933da1c7352b"
    "35ade3e13b06e6cc1cdb374d88aab7aecaab31ca349dbe2263c51eb43b742c2e237bb42354edb9668e6778c47a3b67ba4a243732765465"
    "6b9ea15e77304bd0f7344f3b72ba42c720ba5a45bd2899065feca599def7399c3d4d976a954fc6b0aa4a51d562f0dd4f2b4522561400"
)


def app1(number):
    return 0xE1, segment(0xE1, b"Exif\0\0" + exif(number))


def named(found, names):
    """The segments with other names of the components, and without JFIF."""
    kept = []
    for marker, data in found:
        data = bytearray(data)
        for i in range(3):
            if marker == 0xC0:
                data[10 + 3 * i] = names[i]
            if marker == 0xDA:
                data[5 + 2 * i] = names[i]
        if marker != 0xE0:
            kept.append((marker, bytes(data)))
    return kept


def cases():
    picture = scene(160, 105)
    plain = saved(picture, "JPEG", quality=88)
    found, tail = segments(plain)
    app11 = segment(0xEB, b"JP\0\1\0\0\0\1" + bytes(40))
    adobe = (0xEE, segment(0xEE, b"Adobe\0\x64\0\0\0\0\1"))
    yield "plain.jpg", plain
    yield "one_scan_each_420.jpg", toy(160, 105, [(2, 2), (1, 1), (1, 1)], [[0], [1], [2]], seed=4)
    yield "app11_before_end.jpg", plain[:-2] + app11 + plain[-2:]
    yield "adobe_ycc_named_rgb.jpg", joined([adobe, *named(found, b"RGB")], tail)
    yield "two_exif_6_then_1.jpg", joined([app1(6), app1(1), *found], tail)
    at = int(len(plain) * 0.4)
    yield "lost_in_the_middle.jpg", plain[:at] + plain[at + 400:]
    yield "half_with_end.jpg", plain[:len(plain) // 2] + b"\xff\xd9"
    yield "extended_sequential.jpg", joined([(m, b"\xff\xc1" + s[2:]) if m == 0xC0 else (m, s) for m, s in found], tail)
    yield "junk_between_segments.jpg", joined([found[0], (0, bytes(4)), *found[1:]], tail)
    sof = [(m, s[:5] + b"\0\0" + s[7:]) if m == 0xC0 else (m, s) for m, s in found]
    yield "height_after_scan.jpg", joined(sof, tail[:-2] + b"\xff\xdc\0\4" + struct.pack(">H", 105) + b"\xff\xd9")
    yield "photo.webp", saved(picture, "WEBP")
    yield "photo_lossless.webp", saved(picture, "WEBP", lossless=True)
    yield "photo.tif", saved(picture, "TIFF", compression="tiff_adobe_deflate")
    small = scene(80, 52)
    once = [chunk(b"acTL", struct.pack(">II", 1, 0)), chunk(b"fcTL", struct.pack(">IIIIIHHBB", 0, 80, 52, 0, 0, 1, 1, 0, 0))]
    yield "apng_of_one_frame.png", png(small, 2, before=once)
    deep = small.astype(np.uint16) * 257 - np.random.default_rng(1).integers(0, 128, small.shape) * (small > 0)
    yield "deep_16.png", png(deep, 2, 16)
    soft = np.dstack([small, np.full(small.shape[:2], 255, np.uint8)])
    soft[5, 5, 3] = 254
    yield "one_pixel_alpha_254.png", png(soft, 6)
    yield "exif_6_with_prefix.png", png(small, 2, before=[chunk(b"eXIf", b"Exif\0\0" + exif(6))])
    raw = b"\nexif\n%8d\n" % 32 + (b"Exif\0\0" + exif(6)).hex().encode() + b"\n"
    yield "exif_6_in_a_text.png", png(small, 2, before=[chunk(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(raw))])
    yield "linear_gamma.png", png(small, 2, before=[chunk(b"gAMA", struct.pack(">I", 100000))])
    # what was read though data were missing, or otherwise than by the reference
    yield "cut_behind_its_length.webp", CUT_WEBP
    interlaced = png(small, 2, interlaced=True)
    yield "ends_too_soon.webp", ENDS_TOO_SOON_WEBP
    yield "large_coefficient.webp", LARGE_COEFFICIENT_WEBP
    yield "empty_place.webp", EMPTY_PLACE_WEBP
    for name, level in (("filter_in_range.webp", 20), ("filter_out_of_range.webp", 40)):
        # a level of 60 or 80, minus 63: cut to 63 before that, 80 would be 0, and behind it 17
        four = (True, (0, 0, 0, 0), (level, 10, 0, -5), (100, 120, 140))
        changes = (-63, 0, 0, 0, 7, 0, 0, 0)
        yield name, webp_frame(40, 24, np.random.default_rng(7), step=0, segments=four, level=40, changes=changes)
    yield "soft_alpha.webp", saved(softened(small), "WEBP", quality=60)
    yield "cut_inside.png", cut_png(interlaced, 300)
    yield "without_adler.png", cut_png(interlaced, 4)
    for name, change, options in (("predictor_packbits.tif", predicted, {"compression": "packbits"}),
                                  ("strip_of_no_bytes.tif", emptied, {"rowsperstrip": 20})):
        yield name, change(tiff(small, **options))
    yield "tiles_lzw.tif", tiff(small, compression="lzw", tile=(32, 32))
    yield "planes.tif", tiff(np.moveaxis(small, 2, 0), planarconfig="separate", compression="zlib", predictor=True)
    yield "palette.tif", saved(Image.fromarray(small).quantize(100), "TIFF", compression="tiff_lzw")
    yield "two_colours.tif", saved(Image.fromarray(small).convert("1"), "TIFF")


def softened(picture):
    """The picture with alpha that falls to the right and waves downwards."""
    y, x = np.mgrid[0:picture.shape[0], 0:picture.shape[1]]
    return np.dstack([picture, np.clip(255 - 2 * x + 30 * np.sin(y / 5), 0, 255).astype(np.uint8)])


def tiff(array, **options):
    file = io.BytesIO()
    tifffile.imwrite(file, array, photometric="rgb", software=False, **options)
    return file.getvalue()


def cut_png(data, lost):
    """A PNG that lost the end of its compressed data, with sound checksums."""
    out, at, whole = data[:8], 8, b""
    while at < len(data):
        length = struct.unpack(">I", data[at:at + 4])[0]
        kind, body = data[at + 4:at + 8], data[at + 8:at + 8 + length]
        if kind == b"IDAT":
            whole += body
        elif kind == b"IEND":
            out += chunk(b"IDAT", whole[:-lost]) + chunk(b"IEND", b"")
        else:
            out += chunk(kind, body)
        at += 12 + length
    return out


def predicted(data):
    """A TIFF with a predictor, in place of its last tag, the unit of its resolution."""
    at = tifffile.TiffFile(io.BytesIO(data)).pages[0].tags[296].offset
    return data[:at] + struct.pack("<HHII", 317, 3, 1, 2) + data[at + 12:]


def emptied(data):
    """A TIFF whose second strip has no bytes."""
    page = tifffile.TiffFile(io.BytesIO(data)).pages[0]
    tag = page.tags[279]
    size = {3: 2, 4: 4}[int(tag.dtype)]
    at = tag.valueoffset + size
    return data[:at] + bytes(size) + data[at + size:]


def main():
    os.makedirs(FOLDER, exist_ok=True)
    for old in os.listdir(FOLDER):
        os.unlink(os.path.join(FOLDER, old))
    total = 0
    for name, data in cases():
        with open(os.path.join(FOLDER, name), "wb") as out:
            out.write(data)
        total += len(data)
        form, pixels, warning = reference.of(data)
        if pixels is None and "alpha" not in name:
            print(f"{name}: refused by the reference: {warning}")
            continue
        if pixels is None:
            form, pixels, warning = reference.of(data, BACKGROUND)
        if form != "tiff":
            pixels = reference.upright(pixels, reference.orientation(data))
        checksum = zlib.crc32(np.ascontiguousarray(pixels).tobytes())
        print(f"{name}: {pixels.shape[1]}x{pixels.shape[0]} 0x{checksum:08x} {warning or ''}")
    print(total, "bytes")


if __name__ == "__main__":
    main()
