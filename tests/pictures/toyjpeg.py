"""Writes sequential JPEGs that no encoder at hand writes: any sampling, any division into scans.

The blocks are random coefficients, coded with the Huffman tables of the standard's annex K.
"""
import struct

import numpy as np

DC_LENGTHS = [0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0]
AC_LENGTHS = [0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 0x7D]
# symbols in the order of annex K.5 for luma
AC_SYMBOLS = bytes.fromhex(
    "0102030004110512213141061351610722711432819 1a1082342b1c11552d1f02433627282090a161718191a25262728292a3435363738393a"
    "434445464748494a535455565758595a636465666768696a737475767778797a838485868788898a92939495969798999aa2a3a4a5a6a7a8"
    "a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae1e2e3e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8f9fa".replace(" ", "")
)


def codes(lengths, symbols):
    table, code, at = {}, 0, 0
    for length, count in enumerate(lengths, 1):
        for _ in range(count):
            table[symbols[at]] = format(code, f"0{length}b")
            code, at = code + 1, at + 1
        code <<= 1
    return table


DC, AC = codes(DC_LENGTHS, bytes(range(12))), codes(AC_LENGTHS, AC_SYMBOLS)


def segment(marker, data):
    return bytes([0xFF, marker]) + struct.pack(">H", len(data) + 2) + data


def number(value):
    size = abs(value).bit_length()
    return size, format(value if value > 0 else value + (1 << size) - 1, f"0{size}b") if size else ""


def coded(block, last):
    """Bits of a block in coding order, and its level."""
    size, bits = number(int(block[0]) - last)
    out, run = DC[size] + bits, 0
    for value in block[1:]:
        if value == 0:
            run += 1
            continue
        while run > 15:
            out, run = out + AC[0xF0], run - 16
        size, bits = number(int(value))
        out, run = out + AC[run << 4 | size] + bits, 0
    return out + (AC[0] if run else ""), int(block[0])


def stuffed(bits):
    bits += "1" * (-len(bits) % 8)
    return bytes(int(bits[j:j + 8], 2) for j in range(0, len(bits), 8)).replace(b"\xff", b"\xff\0")


def jpeg(width, height, sampling, scans=None, restart=0, seed=0, before=b"", between=b"", after=b"", names=(1, 2, 3),
         sof=0xC0, jfif=True):
    """A JPEG of random blocks. `sampling` is a list of (h, v), `scans` a list of lists of component indices."""
    r = np.random.default_rng(seed)
    count = len(sampling)
    scans = scans or [list(range(count))]
    if count == 1:
        sampling = [(1, 1)]
    mh, mv = max(h for h, _ in sampling), max(v for _, v in sampling)
    columns, rows = -(-width // (8 * mh)), -(-height // (8 * mv))
    planes = []
    for h, v in sampling:
        shape = (rows * v, columns * h)
        blocks = np.zeros((*shape, 64), int)
        y, x = np.mgrid[0:shape[0], 0:shape[1]]
        blocks[..., 0] = 60 * np.sin(x / 3 + seed) + 50 * np.cos(y / 2) + r.integers(-30, 30, shape)
        for k in (1, 2, 3, 4, 5, 9, 20, 40, 63):
            blocks[..., k] = r.integers(-12, 13, shape) * (r.random(shape) < 2 / (k + 2))
        planes.append(blocks)
    data = b"\xff\xd8" + (segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0") if jfif else b"") + before
    data += segment(0xDB, b"\0" + bytes(min(255, 6 + k // 4) for k in range(64)))
    data += segment(sof, struct.pack(">BHHB", 8, height, width, count)
                    + b"".join(bytes([names[i], h << 4 | v, 0]) for i, (h, v) in enumerate(sampling)))
    data += segment(0xC4, b"\0" + bytes(DC_LENGTHS) + bytes(range(12)))
    data += segment(0xC4, b"\x10" + bytes(AC_LENGTHS) + AC_SYMBOLS)
    if restart:
        data += segment(0xDD, struct.pack(">H", restart))
    for index, scan in enumerate(scans):
        if index:
            data += between
        data += segment(0xDA, bytes([len(scan)]) + b"".join(bytes([names[i], 0]) for i in scan) + b"\0\x3f\0")
        if len(scan) == 1:
            h, v = sampling[scan[0]]
            across, down = -(-(-(-width * h // mh)) // 8), -(-(-(-height * v // mv)) // 8)
            units = [[(scan[0], y, x)] for y in range(down) for x in range(across)]
        else:
            units = [[(i, row * sampling[i][1] + y, column * sampling[i][0] + x) for i in scan
                      for y in range(sampling[i][1]) for x in range(sampling[i][0])]
                     for row in range(rows) for column in range(columns)]
        bits, last = "", [0] * count
        for n, unit in enumerate(units):
            if restart and n and n % restart == 0:
                data += stuffed(bits) + bytes([0xFF, 0xD0 + (n // restart - 1) % 8])
                bits, last = "", [0] * count
            for i, y, x in unit:
                more, last[i] = coded(planes[i][y, x], last[i])
                bits += more
        data += stuffed(bits)
    return data + after + b"\xff\xd9"
