"""What everybody else makes of a picture: libjpeg-turbo, libpng, libwebp and libtiff behind Python packages."""
import io

import cv2
import imagecodecs
import numpy as np
import simplejpeg
import tifffile
from PIL import Image

Image.MAX_IMAGE_PIXELS = None

# What libjpeg warns of that is about no pixel.
HARMLESS = ("JFIF revision",)


def three(array, size=None):
    """Opaque 8-bit R, G, B of grey, grey and alpha, RGB or RGBA of 8 or 16 bits; None where not opaque."""
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
            return None
        return three(array[..., :-1])
    return np.repeat(array, 3, 2) if array.shape[2] == 1 else array


def jpeg(data):
    """(pixels as stored or None, a warning or None)."""
    try:
        pixels = simplejpeg.decode_jpeg(data, "RGB", strict=False)
    except Exception as error:
        # TurboJPEG does not read every sampling that libjpeg reads.
        try:
            pixels = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
            return pixels, None if "ubsampling" in str(error) else str(error)
        except Exception:
            return None, str(error)
    try:
        simplejpeg.decode_jpeg(data, "RGB", strict=True)
        return pixels, None
    except Exception as error:
        return pixels, None if any(word in str(error) for word in HARMLESS) else str(error)


def png(data):
    try:
        return three(imagecodecs.png_decode(data)), None
    except Exception as error:
        return None, str(error)


def webp(data):
    try:
        return three(imagecodecs.webp_decode(data)), None
    except Exception as error:
        return None, str(error)


def tiff(data):
    """Unlike the others, upright: Pillow turns a TIFF itself."""
    try:
        image = Image.open(io.BytesIO(data))
        if 16 in np.atleast_1d(image.tag_v2.get(258, 1)):
            # Pillow would cut 16 bits to 8
            return upright(three(tifffile.imread(io.BytesIO(data))), image.tag_v2.get(0x0112, 1)), None
        image.load()
        return np.asarray(image.convert("RGB")), None
    except Exception as error:
        try:
            # Pillow gives up on tags that matter to nobody; libtiff behind OpenCV is the second opinion
            pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB)
            return (None, str(error)) if pixels is None else (pixels, None)
        except Exception:
            return None, str(error)


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


def of(data):
    """(format, pixels as stored or None, warning or None)."""
    if data[:3] == b"\xff\xd8\xff":
        return ("jpeg", *jpeg(data))
    if data[:4] == b"\x89PNG":
        return ("png", *png(data))
    if data[:4] == b"RIFF":
        return ("webp", *webp(data))
    return ("tiff", *tiff(data))
