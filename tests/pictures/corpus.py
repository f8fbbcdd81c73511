"""The corpus: pictures that are made, and photographs out of Python packages, as (kind, name, bytes)."""
import io
import os
import struct
import zlib

import cv2
import numpy as np
import simplejpeg
import skimage
import tifffile
from PIL import Image, ImageCms

from toyjpeg import jpeg as toy
from toyjpeg import segment
from toywebp import any_frame

SIZES = [(5, 5), (8, 8), (7, 9), (17, 33), (50, 41), (64, 48), (131, 77), (200, 150)]
SAMPLINGS = [(1, 1), (2, 1), (1, 2), (2, 2), (4, 1), (1, 4), (4, 2), (2, 4)]


def scene(width, height, seed=3):
    r = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width] / np.array([height, width]).reshape(2, 1, 1)
    a = np.full((height, width, 3), 90.0)
    for _ in range(14):
        cx, cy, s = r.random(), r.random(), r.uniform(.05, .35)
        a += np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * s * s))[..., None] * r.uniform(-90, 120, 3)
    for _ in range(6):
        fx, fy, p = *r.uniform(1, 14, 2), r.uniform(0, 6)
        a += (np.sin(6.28 * (fx * x + fy * y) + p) * r.uniform(5, 22))[..., None] * r.uniform(.3, 1, 3)
    return np.clip(a, 0, 255).astype(np.uint8)


def saved(array, form, **options):
    file = io.BytesIO()
    (array if isinstance(array, Image.Image) else Image.fromarray(array)).save(file, form, **options)
    return file.getvalue()


def segments(data):
    """Segments up to and with the first start of scan, and what follows."""
    found, at = [], 2
    while True:
        end = at + 2 + struct.unpack(">H", data[at + 2:at + 4])[0]
        found.append((data[at + 1], data[at:end]))
        at = end
        if found[-1][0] == 0xDA:
            return found, data[at:]


def joined(found, tail):
    return b"\xff\xd8" + b"".join(s for _, s in found) + tail


def exif(orientation, order="<"):
    head = b"II*\0" if order == "<" else b"MM\0*"
    return head + struct.pack(order + "IHHHIHHI", 8, 1, 0x112, 3, 1, orientation, 0, 0)


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]


def png(samples, colour, depth=8, before=(), after=(), interlaced=False, seed=0):
    """A PNG of samples (height, width, channels) with random filters."""
    r = np.random.default_rng(seed)
    height, width = samples.shape[:2]
    passes = [samples[y::dy, x::dx] for x, y, dx, dy in ADAM7] if interlaced else [samples]
    rows = b""
    for part in passes:
        if 0 in part.shape[:2]:
            continue
        above = None
        for row in part.reshape(part.shape[0], -1):
            if depth == 16:
                raw = row.astype(">u2").tobytes()
            else:
                raw = np.packbits(np.unpackbits(row.astype(np.uint8)[:, None], axis=1)[:, 8 - depth:]).tobytes()
            now = np.frombuffer(raw, np.uint8).astype(int)
            step = max(1, samples.shape[2] * depth // 8)
            left = np.concatenate([np.zeros(min(step, len(now)), int), now[:-step]])[:len(now)]
            up = np.zeros_like(now) if above is None else above
            corner = np.concatenate([np.zeros(min(step, len(now)), int), up[:-step]])[:len(now)]
            guess = left + up - corner
            pa, pb, pc = abs(guess - left), abs(guess - up), abs(guess - corner)
            paeth = np.where((pa <= pb) & (pa <= pc), left, np.where(pb <= pc, up, corner))
            kind = int(r.integers(0, 5))
            rows += bytes([kind]) + ((now - [0 * now, left, up, (left + up) // 2, paeth][kind]) % 256).astype(np.uint8).tobytes()
            above = now
    data = zlib.compress(rows, int(r.integers(0, 10)))
    cut = len(data) // 2
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, int(interlaced)))
    return (b"\x89PNG\r\n\x1a\n" + header + b"".join(before) + chunk(b"IDAT", data[:cut]) + chunk(b"IDAT", data[cut:])
            + b"".join(after) + chunk(b"IEND", b""))


def jpegs():
    n = 0
    for width, height in SIZES:
        picture = scene(width, height)
        for sampling in (0, 1, 2):
            for options in ({"quality": 88}, {"quality": 100}, {"quality": 5}, {"progressive": True},
                            {"progressive": True, "quality": 30, "optimize": True}, {"restart_marker_blocks": 3},
                            {"restart_marker_rows": 1, "progressive": True}):
                n += 1
                yield "JPEG, an encoder's", f"pillow-{n}", saved(picture, "JPEG", subsampling=sampling, **options)
        for name in ("411", "440", "420", "422", "444"):
            factor = getattr(cv2, f"IMWRITE_JPEG_SAMPLING_FACTOR_{name}")
            for progressive in (0, 1):
                flags = [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, factor, cv2.IMWRITE_JPEG_PROGRESSIVE, progressive]
                yield "JPEG, an encoder's", f"cv2-{name}-{progressive}-{width}", cv2.imencode(".jpg", picture, flags)[1].tobytes()
            yield "JPEG, an encoder's", f"turbo-{name}-{width}", simplejpeg.encode_jpeg(picture, colorsubsampling=name)
        for options in ({}, {"progressive": True}, {"restart_marker_blocks": 2}):
            yield "JPEG, grey", f"grey-{width}-{len(options)}", saved(picture[..., 1], "JPEG", **options)
        yield "JPEG, RGB kept", f"rgb-{width}", saved(picture, "JPEG", keep_rgb=True)
        yield "CMYK", f"cmyk-{width}", saved(Image.fromarray(picture).convert("CMYK"), "JPEG")
    n = 0
    for size in SIZES[:6]:
        for sampling in SAMPLINGS:
            if sampling[0] * sampling[1] > 8:
                continue
            for scans in ([[0, 1, 2]], [[0], [1], [2]], [[0], [1, 2]], [[2], [0], [1]]):
                n += 1
                yield "JPEG, scans and samplings", f"toy-{n}", toy(*size, [sampling, (1, 1), (1, 1)], scans, (0, 1, 3)[n % 3], n)
    found, tail = segments(saved(scene(64, 48), "JPEG"))
    plain = joined(found, tail)
    app11 = segment(0xEB, b"JP\0\1\0\0\0\1" + bytes(40))
    between = app11 + segment(0xFE, b"a comment")
    for scans in ([[0], [1], [2]], [[0], [1, 2]]):
        yield "JPEG, segments in odd places", "between", toy(50, 41, [(2, 2), (1, 1), (1, 1)], scans, between=between, after=app11)
    yield "JPEG, segments in odd places", "app11-before-end", plain[:-2] + app11 + plain[-2:]
    yield "JPEG, segments in odd places", "comment-before-end", plain[:-2] + segment(0xFE, b"x" * 300) + plain[-2:]
    yield "JPEG, segments in odd places", "after-end", plain + plain
    yield "JPEG, segments in odd places", "fill", joined([(m, b"\xff\xff\xff" + s) for m, s in found], tail)
    yield "JPEG, segments in odd places", "junk", joined([found[0], (0, bytes(4)), *found[1:]], tail)
    yield "JPEG, segments in odd places", "padded", plain[:-2] + bytes(3) + plain[-2:]
    yield "JPEG, SOF1", "sof1", joined([(m, b"\xff\xc1" + s[2:]) if m == 0xC0 else (m, s) for m, s in found], tail)
    yield "JPEG, SOF1", "sof1-toy", toy(50, 41, [(2, 1), (1, 1), (1, 1)], sof=0xC1)
    for names in (b"RGB", b"\1\2\3", b"\0\1\2", b"rgb"):
        for jfif in (True, False):
            for adobe in (None, 0, 1):
                before = b"" if adobe is None else segment(0xEE, b"Adobe\0\x64\0\0\0\0" + bytes([adobe]))
                yield "JPEG, names of components", f"names-{names}-{jfif}-{adobe}", toy(
                    40, 40, [(1, 1)] * 3, names=names, jfif=jfif, before=before)
    for number in range(10):
        for order in "<>":
            app1 = (0xE1, segment(0xE1, b"Exif\0\0" + exif(number, order)))
            yield "JPEG, orientation", f"exif-{number}-{order}", joined([app1, *found], tail)
    for first, second in ((6, 1), (1, 6), (8, 3)):
        twice = [(0xE1, segment(0xE1, b"Exif\0\0" + exif(number))) for number in (first, second)]
        yield "JPEG, orientation", f"exif-{first}-then-{second}", joined(twice + found, tail)
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    yield "JPEG, colour profile", "icc", saved(scene(64, 48), "JPEG", icc_profile=srgb)
    for cut in range(10, len(plain) - 2, 150):
        yield "damaged", f"cut-{cut}", plain[:cut] + b"\xff\xd9"
    start = plain.index(b"\xff\xda") + 14
    for at in range(start, len(plain) - 120, 130):
        yield "damaged", f"lost-{at}", plain[:at] + plain[at + 100:]
    sof = [(m, s[:5] + b"\0\0" + s[7:]) if m == 0xC0 else (m, s) for m, s in found]
    yield "height behind the pixels", "dnl", joined(sof, tail[:-2] + b"\xff\xdc\0\4\0\x30\xff\xd9")


def pngs():
    r = np.random.default_rng(5)
    n = 0
    for width, height in SIZES[:7]:
        for interlaced in (False, True):
            for colour, channels, depths in ((0, 1, (1, 2, 4, 8, 16)), (2, 3, (8, 16)), (3, 1, (1, 2, 4, 8)), (4, 2, (8, 16)), (6, 4, (8, 16))):
                for depth in depths:
                    n += 1
                    samples = r.integers(0, 1 << depth, (height, width, channels))
                    if colour in (4, 6):
                        samples[..., -1] = (1 << depth) - 1
                    before = [chunk(b"PLTE", r.integers(0, 256, 3 << depth).astype(np.uint8).tobytes())] if colour == 3 else []
                    if colour == 3 and n % 2:
                        before.append(chunk(b"tRNS", b"\xff"))
                    yield "PNG", f"png-{n}", png(samples, colour, depth, before, interlaced=interlaced, seed=n)
    rgb = scene(40, 30)
    for name, before in (("gama", [chunk(b"gAMA", struct.pack(">I", 100000))]), ("srgb", [chunk(b"sRGB", b"\0"), chunk(b"gAMA", struct.pack(">I", 45455))]),
                         ("iccp", [chunk(b"iCCP", b"x\0\0" + zlib.compress(b"none" * 50))]), ("cicp", [chunk(b"cICP", b"\x09\x10\0\1")])):
        yield "PNG, colour information", name, png(rgb, 2, before=before)
    for number in range(10):
        for prefix in (b"", b"Exif\0\0"):
            yield "PNG, orientation", f"exif-{number}-{len(prefix)}", png(rgb, 2, before=[chunk(b"eXIf", prefix + exif(number, ">"))])
    frame = [chunk(b"acTL", struct.pack(">II", 1, 0)), chunk(b"fcTL", struct.pack(">IIIIIHHBB", 0, 40, 30, 0, 0, 1, 1, 0, 0))]
    yield "PNG", "apng-1", png(rgb, 2, before=frame)
    yield "animated", "apng-2", png(rgb, 2, before=[chunk(b"acTL", struct.pack(">II", 2, 0)), frame[1]])
    soft = np.dstack([rgb, np.full(rgb.shape[:2], 255, np.uint8)])
    soft[5, 5, 3] = 254
    yield "transparent", "alpha-254", png(soft, 6)
    yield "transparent", "key", png(rgb, 2, before=[chunk(b"tRNS", b"".join(bytes([0, v]) for v in rgb[3, 3].tolist()))])
    whole = png(rgb, 2)
    for at in range(20, len(whole), 200):
        yield "damaged", f"png-cut-{at}", whole[:at]
        yield "damaged", f"png-flip-{at}", whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1:]


def others():
    for width, height in SIZES:
        picture = scene(width, height)
        for quality in (5, 50, 80, 100):
            yield "WebP, lossy", f"webp-{quality}-{width}", saved(picture, "WEBP", quality=quality)
        yield "WebP, lossless", f"webp-lossless-{width}", saved(picture, "WEBP", lossless=True)
        yield "WebP, lossless", f"webp-few-{width}", saved(picture // 64 * 64, "WEBP", lossless=True)
        for colours in (2, 4, 16, 200):
            few = Image.fromarray(picture).quantize(colours).convert("RGB")
            yield "WebP, lossless", f"webp-colours-{colours}-{width}", saved(few, "WEBP", lossless=True, method=6)
        opaque = np.dstack([picture, np.full(picture.shape[:2], 255, np.uint8)])
        yield "WebP, lossless", f"webp-rgba-{width}", saved(opaque, "WEBP", lossless=True, exact=True)
        half = np.dstack([picture, np.full(picture.shape[:2], 128, np.uint8)])
        yield "transparent", f"webp-alpha-{width}", saved(half, "WEBP")
        y, x = np.mgrid[0:height, 0:width]
        soft = np.dstack([picture, np.clip(255 - 2 * x + 30 * np.sin(y / 5), 0, 255).astype(np.uint8)])
        for lossless in (False, True):
            yield "transparent", f"webp-soft-{lossless}-{width}", saved(soft, "WEBP", lossless=lossless)
        for compression in ("raw", "tiff_lzw", "tiff_adobe_deflate", "packbits"):
            for mode, array in (("rgb", picture), ("grey", picture[..., 0])):
                yield "TIFF", f"tiff-{compression}-{mode}-{width}", saved(array, "TIFF", compression=compression)
        yield "TIFF with a palette", f"tiff-palette-{width}", saved(Image.fromarray(picture).quantize(200), "TIFF")
        for options in ({"tile": (16, 16)}, {"rowsperstrip": 3}, {"predictor": 2, "compression": "lzw"}, {"byteorder": ">"}):
            for deep in (False, True):
                file = io.BytesIO()
                array = picture.astype(np.uint16) * 257 if deep else picture

                tifffile.imwrite(file, array, photometric="rgb", **options)
                yield "TIFF", f"tiff-{'-'.join(options)}-{deep}-{width}", file.getvalue()
        file = io.BytesIO()
        tifffile.imwrite(file, picture[..., 0], photometric="miniswhite")
        yield "TIFF", f"tiff-white-is-0-{width}", file.getvalue()
    r = np.random.default_rng(11)
    for number in range(100):
        yield "WebP, made frames", f"webp-made-{number}", any_frame(*r.integers(5, 50, 2).tolist(), r, is_clear=True)
    for number in range(1, 9):
        file = io.BytesIO()
        tifffile.imwrite(file, scene(40, 30), photometric="rgb", extratags=[(274, "H", 1, number, True)])
        yield "TIFF, orientation", f"tiff-{number}", file.getvalue()
        image = Image.fromarray(scene(40, 30))
        yield "WebP, orientation", f"webp-exif-{number}", saved(image, "WEBP", lossless=True, exif=b"Exif\0\0" + exif(number))


def photographs():
    folder = os.path.join(os.path.dirname(skimage.__file__), "data")
    for name in sorted(os.listdir(folder)):
        if name.endswith((".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp")):
            with open(os.path.join(folder, name), "rb") as file:
                data = file.read()
            yield "several pages" if name.startswith("multipage") else "photographs", name, data
            try:
                picture = Image.open(io.BytesIO(data))
            except OSError:
                continue
            if picture.mode in ("RGB", "RGBA", "L"):
                picture = picture.convert("RGB")
                yield "photographs, saved again", name + ".jpg", saved(picture, "JPEG", quality=85)
                yield "photographs, saved again", name + ".progressive.jpg", saved(picture, "JPEG", progressive=True, subsampling=2)
                yield "photographs, saved again", name + ".webp", saved(picture, "WEBP")
                # encoders that try hard are slow, so of a corner only
                corner = picture.crop((0, 0, 200, 200))
                for part, method, effort in ((picture, 0, 0), (corner, 4, 80), (corner, 6, 100)):
                    options = {"lossless": True, "method": method, "quality": effort}
                    yield "WebP, lossless photographs", f"{name}.{method}.webp", saved(part, "WEBP", **options)
                yield "photographs, saved again", name + ".tif", saved(picture, "TIFF", compression="tiff_lzw")


def all_pictures():
    for source in (jpegs, pngs, others, photographs):
        yield from source()
