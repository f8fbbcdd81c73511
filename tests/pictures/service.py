"""Talks to the example `pixels` of veilmark-decode."""
import json
import os
import struct
import subprocess

import numpy as np

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")


class Pixels:
    """Our decoder, as a process that answers one picture after the other."""

    def __init__(self, *arguments, program=None):
        target = os.environ.get("CARGO_TARGET_DIR", os.path.join(ROOT, "target"))
        program = program or os.path.join(target, "release", "examples", "pixels")
        self.process = subprocess.Popen([program, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def _read(self, length):
        data = self.process.stdout.read(length)
        if len(data) != length:
            raise RuntimeError("the decoder has died")
        return data

    def __call__(self, data):
        """(answer, pixels or None) for a picture's bytes."""
        self.process.stdin.write(struct.pack("<I", len(data)) + data)
        self.process.stdin.flush()
        answer = json.loads(self._read(struct.unpack("<I", self._read(4))[0]))
        if "error" in answer:
            return answer, None
        shape = (answer["height"], answer["width"], 3)
        return answer, np.frombuffer(self._read(shape[0] * shape[1] * 3), np.uint8).reshape(shape)
