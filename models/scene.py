"""Draws the training pictures: small landscapes, from a vector of independent N(0, 1) numbers.

Every latent entry is one factor of the scene. Entry -> normal CDF -> a number uniform in (0, 1) -> sun height,
roof colour, ... so any latent, however drawn, is a sensible picture. Things that are there or not have their
places, and fade in over a narrow range, never a switch: a continuous map is one a small network can learn.

Shapes are signed distances with one pixel of anti-aliasing, for a whole batch at once.
"""

import math

import torch

SIZE = 64
PX = 1.0 / SIZE

# Name of each latent entry, in order. The network never sees the names; the README prints them.
FACTORS = [
    "hour", "sun_x", "sun_height", "sun_radius", "cloud_left", "cloud_right", "cloud_drift", "birds",
    "peak1_x", "peak1_height", "peak2_x", "peak2_height", "snow_line", "rock_hue", "hill_height", "season",
    "lake", "boat", "house_left", "house_right", "wall_hue", "roof_hue", "roof_pitch", "window_light",
    "fir_left", "fir_middle", "fir_right", "tree_middle", "tree_right", "leaf_hue", "fir_hue", "flowers",
]
LATENT = len(FACTORS)

# Colours at evenly spaced knots; a factor in (0, 1) slides along them.
SKY_TOP = [(.03, .04, .16), (.12, .12, .38), (.40, .46, .78), (.16, .48, .90), (.30, .62, .96), (.42, .30, .58), (.24, .12, .36)]
SKY_LOW = [(.14, .18, .40), (.46, .32, .52), (1.0, .74, .62), (.74, .90, 1.0), (.84, .95, 1.0), (1.0, .66, .34), (.94, .38, .22)]
AMBIENT = [(.34, .38, .60), (.52, .50, .66), (.92, .80, .80), (1.0, 1.0, 1.0), (1.0, 1.0, .96), (.90, .72, .60), (.64, .46, .50)]
SUN = [(.96, .96, .88), (.98, .92, .84), (1.0, .92, .66), (1.0, .96, .60), (1.0, .98, .70), (1.0, .86, .42), (1.0, .62, .30)]
GROUND = [(.93, .95, .98), (.62, .80, .44), (.40, .70, .26), (.24, .54, .20), (.58, .60, .22), (.80, .66, .32), (.88, .76, .52)]
ROCK = [(.36, .40, .52), (.46, .46, .54), (.52, .44, .42), (.44, .34, .46)]
WALL = [(.95, .92, .84), (.90, .74, .50), (.78, .48, .36), (.66, .74, .82), (.96, .96, .96)]
ROOF = [(.72, .18, .14), (.52, .24, .16), (.30, .22, .24), (.22, .30, .48), (.16, .42, .40)]
LEAF = [(.16, .42, .14), (.34, .60, .16), (.86, .66, .14), (.84, .36, .12), (.92, .58, .68)]
FIR = [(.08, .28, .20), (.10, .36, .16), (.20, .42, .26)]


def _palette(knots, t):
    """Piecewise linear colour at t in (0, 1): [B] -> [B, 3, 1, 1]."""
    table = torch.tensor(knots, dtype=t.dtype)
    at = t.clamp(0, 1) * (len(knots) - 1)
    low = at.floor().long().clamp(max=len(knots) - 2)
    f = (at - low).unsqueeze(1)
    return (table[low] * (1 - f) + table[low + 1] * f)[:, :, None, None]


def _cover(distance):
    return (0.5 - distance / PX).clamp(0, 1)


def _over(image, colour, cover):
    return image + (colour - image) * cover.unsqueeze(1)


def _there(u, absent):
    """0 for u below `absent`, then quickly 1: how opaque a thing is that is there or not."""
    return ((u - absent) / 0.06).clamp(0, 1)


def draw(z):
    """[B, LATENT] -> [B, 3, 64, 64] in (-1, 1)."""
    u = 0.5 * (1 + torch.erf(z / math.sqrt(2)))
    f = {name: u[:, i] for i, name in enumerate(FACTORS)}
    v = {name: u[:, i, None, None] for i, name in enumerate(FACTORS)}
    axis = (torch.arange(SIZE, dtype=z.dtype) + 0.5) * PX
    y, x = axis[None, :, None], axis[None, None, :]

    def box(cx, cy, hw, hh):
        return torch.maximum((x - cx).abs() - hw, (y - cy).abs() - hh)

    def disc(cx, cy, r):
        return ((x - cx) ** 2 + (y - cy) ** 2).sqrt() - r

    def triangle(cx, top, bottom, half):
        """Upright isosceles: apex (cx, top), base `2 half` wide at `bottom`."""
        height = bottom - top
        normal = (height**2 + half**2).sqrt()
        side = ((x - cx).abs() * height - (y - top) * half) / normal
        return torch.maximum(side, y - bottom)

    light = _palette(AMBIENT, f["hour"])
    top, low = _palette(SKY_TOP, f["hour"]), _palette(SKY_LOW, f["hour"])
    fade = (y / 0.66).clamp(0, 1).unsqueeze(1)
    image = top + (low - top) * fade
    image = image.expand(-1, -1, SIZE, SIZE)

    # Stars, when it is dark.
    dark = (1 - 8 * v["hour"]).clamp(0, 1)
    for sx, sy in ((.08, .07), (.22, .20), (.31, .05), (.45, .14), (.58, .06), (.70, .19), (.83, .08), (.93, .24), (.12, .33), (.52, .27)):
        image = _over(image, image * 0 + 0.9, dark * _cover(disc(sx, sy, 0.010)))

    # Sun or moon, with a halo.
    sun = _palette(SUN, f["hour"])
    sx, sy = 0.14 + 0.72 * v["sun_x"], 0.26 - 0.12 * v["sun_height"]
    away = disc(sx, sy, 0.065 + 0.03 * v["sun_radius"])
    image = _over(image, sun, 0.45 * torch.exp(-away.clamp(min=0) / 0.08))
    image = _over(image, sun, _cover(away))

    # Clouds: three discs on a flat base.
    for name, cx, cy, s in (("cloud_left", 0.22, 0.17, 1.0), ("cloud_right", 0.74, 0.24, 1.15)):
        cx = cx + 0.14 * (v["cloud_drift"] - 0.5)
        cloud = torch.minimum(disc(cx, cy - 0.035 * s, 0.085 * s), disc(cx - 0.1 * s, cy, 0.065 * s))
        cloud = torch.minimum(cloud, disc(cx + 0.1 * s, cy, 0.06 * s))
        cloud = torch.maximum(cloud, y - cy - 0.03 * s)
        image = _over(image, 0.25 * low + 0.75 * light, 0.95 * _cover(cloud) * _there(v[name], 0.55))

    # Peaks, snowed above a line; the nearer is darker.
    rock = _palette(ROCK, f["rock_hue"]) * light
    for name, near, left, reach in (("peak2", 0.0, 0.66, 0.22), ("peak1", 1.0, 0.22, 0.24)):
        cx = left + 0.14 * v[name + "_x"]
        apex = 0.48 - reach * v[name + "_height"]
        half = (0.80 - apex) * 0.9
        peak = triangle(cx, apex, torch.full_like(apex, 0.80), half)
        image = _over(image, rock * (1.0 - 0.14 * near) + (1 - near) * 0.22 * (low - rock), _cover(peak))
        snow = apex + 0.03 + 0.12 * v["snow_line"] + 0.025 * torch.cos((x - cx) * 40)
        image = _over(image, 0.15 * low + 0.85 * light, _cover(torch.maximum(peak, y - snow)))

    # Three birds.
    for bx, by in ((.44, .30), (.54, .25), (.60, .33)):
        wing = (y - by + 0.02 - 0.6 * ((x - bx).abs() - 0.035).abs()).abs() - 0.008
        bird = torch.maximum(wing, (x - bx).abs() - 0.045)
        image = _over(image, 0.25 * top, 0.9 * _cover(bird) * _there(v["birds"], 0.65))

    # Ground: a broad hill, then the meadow in front of it, a path and flowers.
    ground = _palette(GROUND, f["season"]) * light
    hill = 0.68 - (0.02 + 0.12 * v["hill_height"]) * torch.exp(-(((x - 0.6) / 0.35) ** 2))
    image = _over(image, 0.86 * ground + 0.08 * low, _cover(hill - y))
    front = 0.71 + 0.02 * torch.sin(7 * x)
    image = _over(image, ground * (1.04 - 0.25 * (y - 0.7)).unsqueeze(1), _cover(front - y))
    bloom = torch.tensor([.96, .40, .50], dtype=z.dtype)[None, :, None, None] * light
    for i, (bx, by) in enumerate(((.06, .90), (.20, .94), (.33, .89), (.47, .93), (.60, .90), (.73, .94), (.88, .90), (.96, .95))):
        shade = bloom if i % 2 else bloom * 0.3 + 0.7 * light
        image = _over(image, shade, _cover(disc(bx, by, 0.016)) * _there(v["flowers"], 0.5))

    # A lake along the bottom, the sun's glitter on it, and a boat if there is water enough.
    shore = 1.16 - 0.34 * v["lake"].clamp(max=0.85) + 0.012 * torch.sin(9 * x)
    water = 0.55 * top + 0.45 * low
    glitter = 0.55 * torch.exp(-(((x - sx) / 0.07) ** 2)) * (0.6 + 0.4 * torch.cos(y * 2 * math.pi * 16))
    image = _over(image, ground * 0.62, _cover(shore - 0.018 - y))
    image = _over(image, water * (1.0 - 0.5 * (y - 0.8)).unsqueeze(1), _cover(shore - y))
    image = _over(image, sun, glitter * _cover(shore - y))
    afloat = _there(v["lake"], 0.68) * _there(v["boat"], 0.3)
    hull = torch.maximum(box(0.47, 0.945, 0.075, 0.018), (x - 0.47).abs() + (y - 0.93) - 0.075)
    sail = torch.maximum(torch.maximum(0.475 - x, (x - 0.475) * 0.8 - (y - 0.80) * 0.55), y - 0.915)
    image = _over(image, torch.tensor([.60, .22, .16], dtype=z.dtype)[None, :, None, None] * (0.3 + 0.7 * light), _cover(hull) * afloat)
    image = _over(image, 0.95 * light, _cover(sail) * afloat)

    # Firs, a trunk under three skirts.
    fir = _palette(FIR, f["fir_hue"]) * light
    trunk = torch.tensor([.34, .22, .14], dtype=z.dtype)[None, :, None, None] * light
    for name, fx, foot, s in (("fir_middle", 0.50, 0.75, 0.8), ("fir_left", 0.08, 0.77, 1.1), ("fir_right", 0.93, 0.77, 1.0)):
        here = _there(v[name], 0.4)
        image = _over(image, trunk, _cover(box(fx, foot, 0.018 * s, 0.03 * s)) * here)
        for up, half in ((0.02, 0.088), (0.11, 0.07), (0.20, 0.05)):
            skirt = triangle(fx, torch.full_like(u[:, :1, None], foot - (up + 0.15) * s), foot - up * s, half * s)
            image = _over(image, fir * (0.9 + up), _cover(skirt) * here)

    # Houses.
    wall = _palette(WALL, f["wall_hue"]) * light
    roof = _palette(ROOF, f["roof_hue"]) * (0.3 + 0.7 * light)
    lamp = torch.tensor([1.0, .84, .36], dtype=z.dtype)[None, :, None, None]
    glow = _there(v["window_light"], 0.5).unsqueeze(1)
    pane = lamp * glow + (0.30 * top + 0.12) * (1 - glow)
    for name, hx, foot, s in (("house_right", 0.715, 0.80, 1.0), ("house_left", 0.28, 0.82, 1.1)):
        here = _there(v[name], 0.42)
        hw, hh = 0.13 * s, 0.075 * s
        eaves = foot - 2 * hh + 0.012
        image = _over(image, roof * 0.8, _cover(box(hx + 0.075 * s, foot - 2 * hh - 0.075 * s, 0.02 * s, 0.05 * s)) * here)
        image = _over(image, wall, _cover(box(hx, foot - hh, hw, hh)) * here)
        image = _over(image, roof, _cover(triangle(hx, eaves - (0.10 + 0.05 * v["roof_pitch"]) * s, eaves, hw * 1.25)) * here)
        image = _over(image, trunk * 1.1, _cover(box(hx - 0.055 * s, foot - 0.045 * s, 0.025 * s, 0.045 * s)) * here)
        image = _over(image, pane, _cover(box(hx + 0.055 * s, foot - 0.085 * s, 0.034 * s, 0.03 * s)) * here)

    # Broad-leaved trees in front.
    leaf = _palette(LEAF, f["leaf_hue"]) * light
    for name, tx, foot, s in (("tree_middle", 0.50, 0.86, 0.85), ("tree_right", 0.90, 0.86, 1.05)):
        here = _there(v[name], 0.5)
        image = _over(image, trunk, _cover(box(tx, foot - 0.06 * s, 0.02 * s, 0.07 * s)) * here)
        crown = torch.minimum(disc(tx, foot - 0.21 * s, 0.085 * s), disc(tx - 0.05 * s, foot - 0.155 * s, 0.065 * s))
        crown = torch.minimum(crown, disc(tx + 0.055 * s, foot - 0.16 * s, 0.06 * s))
        image = _over(image, leaf, _cover(crown) * here)
        image = _over(image, leaf * 1.25, 0.7 * _cover(disc(tx - 0.025 * s, foot - 0.23 * s, 0.04 * s)) * here)
    return image.clamp(0, 1) * 2 - 1
