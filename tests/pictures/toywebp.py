"""Frames of lossy WebP with a chosen header, whose predictions and coefficients are random bytes.

Data are arithmetic-coded, so that any bytes are a frame, with kinds of prediction and coefficients as likely as the
header's probabilities say. Encoders write few of the headers that the format has.
"""


class Bools:
    """Writes yes and no of even odds (RFC 6386, section 7.3)."""

    def __init__(self):
        # what is written is a number from `low` on, below `low + range`
        self.low, self.range, self.bits = 0, 255, 8

    def bit(self, value):
        split = 1 + ((self.range - 1) * 128 >> 8)
        if value:
            self.low += split
            self.range -= split
        else:
            self.range = split
        while self.range < 128:
            self.low <<= 1
            self.range <<= 1
            self.bits += 1

    def number(self, value, bits):
        for place in reversed(range(bits)):
            self.bit(value >> place & 1)

    def signed(self, value, bits):
        """A number that is there or not (None), with its sign."""
        self.bit(value is not None)
        if value is not None:
            self.number(abs(value), bits)
            self.bit(value < 0)

    def done(self, tail):
        """What was written, followed by bytes of any meaning."""
        bits = -self.bits % 8
        number = (self.low + self.range // 2) << bits | int.from_bytes(tail[:1], "big") >> 8 - bits
        return number.to_bytes((self.bits + bits) // 8, "big") + tail[1:]


def frame(width, height, random, *, step=20, steps=(None,) * 5, segments=None, level=30, simple=0, sharpness=0,
          changes=None, parts=0):
    """A WebP file. `segments`: (levels added, quantisers, levels of the filter, probabilities of the map or None);
    `changes`: eight changes of the filter's level; `parts`: the logarithm of their number."""
    head = Bools()
    head.number(0, 2)
    head.bit(segments is not None)
    if segments is not None:
        added, quantisers, levels, probabilities = segments
        head.bit(probabilities is not None)
        head.bit(1)
        head.bit(not added)
        for values, bits in ((quantisers, 7), (levels, 6)):
            for value in values:
                head.signed(value, bits)
        for probability in probabilities or ():
            head.bit(1)
            head.number(probability, 8)
    head.bit(simple)
    head.number(level, 6)
    head.number(sharpness, 3)
    head.bit(changes is not None)
    if changes is not None:
        head.bit(1)
        for change in changes:
            head.signed(change, 6)
    head.number(parts, 2)
    head.number(step, 7)
    for value in steps:
        head.signed(value, 4)
    columns, rows = -(-width // 16), -(-height // 16)
    first = head.done(random.bytes(60 + 30 * columns * rows))
    data = b""
    rest = [random.bytes(60 + 400 * columns * -(-rows // (1 << parts))) for _ in range(1 << parts)]
    for part in rest[:-1]:
        data += len(part).to_bytes(3, "little")
    data += b"".join(rest)
    tag = (len(first) << 5 | 16).to_bytes(3, "little")
    data = tag + b"\x9d\x01\x2a" + width.to_bytes(2, "little") + height.to_bytes(2, "little") + first + data
    chunk = b"VP8 " + len(data).to_bytes(4, "little") + data + bytes(len(data) % 2)
    return b"RIFF" + (4 + len(chunk)).to_bytes(4, "little") + b"WEBP" + chunk


def any_frame(width, height, random, is_clear=False):
    """A frame with a header of any kind, or of one about which decoders agree."""
    def some(low, high, count):
        return tuple(int(random.integers(low, high)) if random.random() < .7 else None for _ in range(count))

    options = {"step": int(random.integers(0, 20 if is_clear else 50)), "simple": int(random.integers(0, 2)), "parts": int(random.integers(0, 4))}
    options["level"] = int(random.choice([0, 5, 20, 40, 63]))
    options["sharpness"] = int(random.choice([0, 0, 3, 7]))
    if random.random() < .5:
        options["steps"] = some(-15, 16, 5)
    if random.random() < .5:
        added = bool(random.integers(0, 2))
        quantisers, levels = some(-20 if added else 0, 40, 4), some(-20 if added else 0, 40, 4)
        probabilities = random.integers(1, 256, 3).tolist() if random.random() < .8 else None
        options["segments"] = (added, quantisers, levels, probabilities)
    if random.random() < .5 and not (is_clear and "segments" in options):
        options["changes"] = some(-20, 20, 8)
    return frame(width, height, random, **options)
