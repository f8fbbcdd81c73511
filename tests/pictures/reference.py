"""What everybody else makes of a picture: libjpeg-turbo, libpng, libwebp and libtiff behind Python packages."""
import io

import imagecodecs
import numpy as np
import simplejpeg
from PIL import Image

Image.MAX_IMAGE_PIXELS = None

# What libjpeg warns of that is about no pixel.
HARMLESS = ("JFIF revision", "bad ICC marker")


def three(array, behind=None):
    """8-bit R, G, B of grey, grey and alpha, RGB or RGBA of 8 or 16 bits, over a colour; None where not opaque and
    there is no colour behind."""
    array = np.asarray(array)
    if array.ndim == 2:
        array = array[..., None]
    if array.dtype == bool:
        array = array.astype(np.uint8) * 255
    if array.dtype == np.uint16:
        array = ((array.astype(np.uint32) * 255 + 32767) // 65535).astype(np.uint8) if array.shape[2] in (1, 3) else array
    white = 65535 if array.dtype == np.uint16 else 255
    if array.shape[2] in (2, 4):
        if (array[..., -1] != white).any():
            return None if behind is None else composed(array, white, behind)
        return three(array[..., :-1])
    return np.repeat(array, 3, 2) if array.shape[2] == 1 else array


def composed(array, white, behind):
    """By the rule of docs/pictures.md: rounded once on the samples as they stand, and once to 8 bits."""
    front, alpha = array[..., :-1].astype(np.int64), array[..., -1:].astype(np.int64)
    mixed = (alpha * front + (white - alpha) * (np.array(behind) * (white // 255)) + white // 2) // white
    return ((mixed * 255 + white // 2) // white).astype(np.uint8)


def jpeg(data, _behind):
    """(pixels as stored or None, a warning or None)."""
    try:
        pixels = simplejpeg.decode_jpeg(data, "RGB", strict=False)
    except Exception as error:
        # TurboJPEG does not read every sampling that libjpeg reads.
        try:
            pixels = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
            return pixels, None if any(word in str(error) for word in ("ubsampling", *HARMLESS)) else str(error)
        except Exception:
            return None, str(error)
    try:
        simplejpeg.decode_jpeg(data, "RGB", strict=True)
        return pixels, None
    except Exception as error:
        return pixels, None if any(word in str(error) for word in HARMLESS) else str(error)


def png(data, behind):
    try:
        return three(imagecodecs.png_decode(data), behind), None
    except Exception as error:
        return None, str(error)


def webp(data, behind):
    try:
        return three(imagecodecs.webp_decode(data), behind), None
    except Exception as error:
        return None, str(error)


def tiff(data, _behind):
    """Unlike the others, upright: Pillow turns a TIFF itself."""
    try:
        image = Image.open(io.BytesIO(data))
    except Exception:
        return libtiff(data)
    try:
        if 16 in np.atleast_1d(image.tag_v2.get(258, 1)):
            # Pillow would cut 16 bits to 8
            return libtiff(data)
        image.load()
        return np.asarray(image.convert("RGB")), None
    except Exception:
        return libtiff(data)


def libtiff(data):
    """libtiff without Pillow, which cuts 16 bits to 8 and whose own parser gives up at a text outside of the file."""
    try:
        pixels = imagecodecs.tiff_decode(data)
        if first_short(data, 262, 0) == 0:
            pixels = np.iinfo(pixels.dtype).max - pixels
        return upright(three(pixels), first_short(data, 274, 1)), None
    except Exception as error:
        return None, str(error)


def first_short(data, wanted, otherwise):
    """The number of a tag of a TIFF's first directory."""
    order = "little" if data[:2] == b"II" else "big"
    at = int.from_bytes(data[4:8], order)
    for entry in range(at + 2, at + 2 + 12 * int.from_bytes(data[at:at + 2], order), 12):
        if int.from_bytes(data[entry:entry + 2], order) == wanted:
            size = 4 if int.from_bytes(data[entry + 2:entry + 4], order) == 4 else 2
            return int.from_bytes(data[entry + 8:entry + 8 + size], order)
    return otherwise


def orientation(data):
    try:
        return Image.open(io.BytesIO(data)).getexif().get(0x0112, 1)
    except Exception:
        return None


def upright(pixels, number):
    """The stored picture turned as EXIF's number says."""
    if number in (2, 3, 7, 8):
        pixels = pixels[:, ::-1]
    if number in (3, 4, 6, 7):
        pixels = pixels[::-1]
    return pixels.transpose(1, 0, 2) if number in (5, 6, 7, 8) else pixels


def form_of(data):
    if data[:3] == b"\xff\xd8\xff":
        return "jpeg"
    if data[:4] == b"\x89PNG":
        return "png"
    return "webp" if data[:4] == b"RIFF" else "tiff"


def of(data, behind=None):
    """(format, pixels as stored or None, warning or None); transparent ones over the colour `behind`."""
    form = form_of(data)
    return (form, *{"jpeg": jpeg, "png": png, "webp": webp, "tiff": tiff}[form](data, behind))
