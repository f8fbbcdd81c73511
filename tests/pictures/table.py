"""Compares our decoder with the references over the corpus and prints the table of docs/pictures.md.

    cargo build --release -p veilmark-decode --example pixels
    python tests/pictures/table.py
"""
import sys
from collections import defaultdict

import numpy as np

import reference
from corpus import all_pictures
from service import Pixels

# What is behind transparent pictures.
BACKGROUND = (48, 96, 144)
# The largest difference of a sample that is not another picture.
TOLERANCE = {"jpeg": 1, "png": 0, "webp": 0, "tiff": 0}


def main():
    ours, over_colour = Pixels(), Pixels("--background", "%02x%02x%02x" % BACKGROUND)
    rows = defaultdict(lambda: {"files": 0, "equal": 0, "within 1": 0, "refused": 0, "wrong": 0, "only here": 0})
    reasons, wrong = defaultdict(int), []
    for kind, name, data in all_pictures():
        answer, pixels = ours(data)
        form, expected, warning = reference.of(data)
        row = rows[kind]
        row["files"] += 1
        if not answer.get("streamed_alike", True):
            wrong.append((kind, name, "streamed rows give another fingerprint"))
        if pixels is None:
            row["refused"] += 1
            reasons[answer["error"]] += 1
            if "is transparent" in answer["error"]:
                # refused, and right over a colour
                _, over = over_colour(data)
                if over is None or not np.array_equal(over, reference.of(data, BACKGROUND)[1]):
                    wrong.append((kind, name, "differs over a colour"))
            if expected is not None and warning is None and kind not in REFUSED:
                wrong.append((kind, name, "refused, and the reference reads it: " + answer["error"]))
            continue
        if expected is None:
            row["only here"] += 1
            wrong.append((kind, name, "read, and the reference does not: " + str(warning)))
            continue
        if form != "tiff":
            expected = reference.upright(expected, reference.orientation(data))
        difference = 999 if pixels.shape != expected.shape else int(np.abs(pixels.astype(int) - expected).max())
        if difference == 0:
            row["equal"] += 1
        elif difference <= TOLERANCE[form]:
            row["within 1"] += 1
        else:
            row["wrong"] += 1
            wrong.append((kind, name, f"differs by {difference}"))
        if warning and not answer["notes"]:
            wrong.append((kind, name, "read without a note, and the reference warns: " + warning))
    columns = list(next(iter(rows.values())))
    print("| kind | " + " | ".join(columns) + " |\n| --- |" + " ---: |" * len(columns))
    total = {column: sum(row[column] for row in rows.values()) for column in columns}
    for kind, row in [*rows.items(), ("all", total)]:
        print(f"| {kind} | " + " | ".join(str(row[column]) for column in columns) + " |")
    print("\nReasons of refusals:\n")
    for reason, count in sorted(reasons.items(), key=lambda item: -item[1]):
        print(f"- {count}: {reason}")
    for line in wrong:
        print("NOT AS IT SHOULD BE", *line, file=sys.stderr)
    return 1 if wrong else 0


# Kinds that references read and we refuse, by a rule of docs/pictures.md.
REFUSED = {"CMYK", "transparent", "animated", "height behind the pixels", "damaged", "several pages"}

if __name__ == "__main__":
    sys.exit(main())
