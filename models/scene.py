"""Draws the training pictures: small landscapes, from a vector of independent N(0, 1) numbers.

Every latent entry is one factor of the scene. Entry -> normal CDF -> a number uniform in (0, 1) -> sun height,
roof colour, ... so any latent, however drawn, is a sensible picture. Presence is a size that grows
from zero, never a switch: a continuous map is one a small network can learn.

Shapes are signed distances with one pixel of anti-aliasing, for a whole batch at once.
"""

import math

import torch

SIZE = 64
PX = 1.0 / SIZE

# Name of each latent entry, in order. The network never sees the names; the README prints them.
FACTORS = [
    "hour", "sun_x", "sun_height", "sun_radius", "cloud_x", "cloud_size", "cloud_y", "peak1_x",
    "peak1_height", "peak2_x", "peak2_height", "snow_line", "rock_hue", "hill_level", "hill_height", "hill_x",
    "season", "water_level", "house_x", "house_size", "wall_hue", "roof_hue", "roof_pitch", "window_light",
    "fir_x", "fir_size", "tree_x", "tree_size", "leaf_hue", "fir_hue", "shore_slope", "peak_slope",
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


def _grow(u, absent):
    """0 for u below `absent`, then quickly 1: presence as a size."""
    return ((u - absent) / 0.12).clamp(0, 1)


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
        height = (bottom - top).clamp(min=1e-3)
        normal = (height**2 + half**2).sqrt()
        side = ((x - cx).abs() * height - (y - top) * half) / normal
        return torch.maximum(side, y - bottom)

    light = _palette(AMBIENT, f["hour"])
    top, low = _palette(SKY_TOP, f["hour"]), _palette(SKY_LOW, f["hour"])
    fade = (y / 0.66).clamp(0, 1).unsqueeze(1)
    image = top + (low - top) * fade
    image = image.expand(-1, -1, SIZE, SIZE)

    # Sun or moon, with a halo.
    sun = _palette(SUN, f["hour"])
    sx, sy = 0.12 + 0.76 * v["sun_x"], 0.36 - 0.26 * v["sun_height"]
    sr = 0.055 + 0.055 * v["sun_radius"]
    away = disc(sx, sy, sr)
    image = _over(image, sun, 0.45 * torch.exp(-away.clamp(min=0) / 0.08))
    image = _over(image, sun, _cover(away))

    # One cloud: three discs on a flat base.
    cs = _grow(v["cloud_size"], 0.3) * (0.65 + 0.5 * v["cloud_size"])
    cx, cy = 0.1 + 0.8 * v["cloud_x"], 0.14 + 0.2 * v["cloud_y"]
    cloud = torch.minimum(disc(cx, cy - 0.035 * cs, 0.085 * cs), disc(cx - 0.1 * cs, cy, 0.065 * cs))
    cloud = torch.minimum(cloud, disc(cx + 0.1 * cs, cy, 0.06 * cs))
    cloud = torch.maximum(cloud, y - cy - 0.03 * cs)
    image = _over(image, 0.25 * low + 0.75 * light, 0.92 * _cover(cloud) * (cs > 0))

    # Two peaks; the nearer is darker; both snowed above a line.
    rock = _palette(ROCK, f["rock_hue"]) * light
    for name, near, left, reach in (("peak2", 0.0, 0.50, 0.30), ("peak1", 1.0, 0.10, 0.34)):
        centre = left + 0.4 * v[name + "_x"]
        apex = 0.50 - reach * v[name + "_height"]
        half = (0.80 - apex) * (0.75 + 0.5 * v["peak_slope"])
        peak = triangle(centre, apex, torch.full_like(apex, 0.80), half)
        shade = rock * (1.0 - 0.14 * near) + (1 - near) * 0.22 * (low - rock)
        image = _over(image, shade, _cover(peak))
        snow = apex + 0.02 + 0.16 * v["snow_line"] + 0.025 * torch.cos((x - centre) * 40)
        image = _over(image, 0.15 * low + 0.85 * light, _cover(torch.maximum(peak, y - snow)))

    # Ground: a broad hill, then the meadow in front of it.
    ground = _palette(GROUND, f["season"]) * light
    level = 0.66 + 0.06 * v["hill_level"]
    hill = level - (0.03 + 0.12 * v["hill_height"]) * torch.exp(-(((x - v["hill_x"]) / 0.35) ** 2))
    image = _over(image, 0.86 * ground + 0.08 * low, _cover(hill - y))
    front = level + 0.05 + 0.02 * torch.sin(5 * x + 4 * v["hill_x"])
    image = _over(image, ground * (1.04 - 0.25 * (y - 0.7)).unsqueeze(1), _cover(front - y))

    # Water along the bottom, the sun's glitter on it.
    shore = 1.10 - 0.26 * v["water_level"] + 0.10 * (v["shore_slope"] - 0.5) * (x - 0.5) * 2
    water = 0.55 * top + 0.45 * low
    depth = (1.0 - 0.5 * (y - 0.8)).unsqueeze(1)
    glitter = 0.55 * torch.exp(-(((x - sx) / 0.07) ** 2)) * (0.6 + 0.4 * torch.cos(y * 2 * math.pi * 16))
    image = _over(image, ground * 0.62, _cover(shore - 0.018 - y))
    image = _over(image, water * depth, _cover(shore - y))
    image = _over(image, sun, glitter * _cover(shore - y))

    # Two firs, a trunk under three skirts.
    fir = _palette(FIR, f["fir_hue"]) * light
    trunk = torch.tensor([.34, .22, .14], dtype=z.dtype)[None, :, None, None] * light
    fs = _grow(v["fir_size"], 0.15) * (0.75 + 0.5 * v["fir_size"])
    for shift, scale in ((0.0, 1.0), (0.15, 0.72)):
        fx, foot, s = 0.08 + 0.26 * v["fir_x"] + shift * fs, level + 0.085 + 0.02 * shift, fs * scale
        image = _over(image, trunk, _cover(box(fx, foot, 0.018 * s, 0.03 * s)) * (s > 0))
        for up, half in ((0.02, 0.088), (0.11, 0.07), (0.20, 0.05)):
            skirt = triangle(fx, foot - (up + 0.15) * s, foot - up * s, half * s)
            image = _over(image, fir * (0.9 + up), _cover(skirt) * (s > 0))

    # House.
    hs = _grow(v["house_size"], 0.2) * (0.8 + 0.4 * v["house_size"])
    hx, foot = 0.36 + 0.28 * v["house_x"], level + 0.12
    hw, hh = 0.13 * hs, 0.075 * hs
    wall = _palette(WALL, f["wall_hue"]) * light
    roof = _palette(ROOF, f["roof_hue"]) * (0.3 + 0.7 * light)
    here = hs > 0
    image = _over(image, roof * 0.8, _cover(box(hx + 0.075 * hs, foot - 2 * hh - 0.075 * hs, 0.02 * hs, 0.05 * hs)) * here)
    image = _over(image, wall, _cover(box(hx, foot - hh, hw, hh)) * here)
    eaves = foot - 2 * hh + 0.012
    image = _over(image, roof, _cover(triangle(hx, eaves - (0.09 + 0.07 * v["roof_pitch"]) * hs, eaves, hw * 1.25)) * here)
    image = _over(image, trunk * 1.1, _cover(box(hx - 0.055 * hs, foot - 0.045 * hs, 0.025 * hs, 0.045 * hs)) * here)
    lamp = torch.tensor([1.0, .84, .36], dtype=z.dtype)[None, :, None, None]
    glow = _grow(v["window_light"], 0.4).unsqueeze(1)
    pane = lamp * glow + (0.30 * top + 0.12) * (1 - glow)
    image = _over(image, pane, _cover(box(hx + 0.055 * hs, foot - 0.085 * hs, 0.034 * hs, 0.03 * hs)) * here)

    # A broad-leaved tree in front.
    leaf = _palette(LEAF, f["leaf_hue"]) * light
    ts = _grow(v["tree_size"], 0.25) * (0.7 + 0.5 * v["tree_size"])
    tx, foot = 0.66 + 0.24 * v["tree_x"], level + 0.15
    image = _over(image, trunk, _cover(box(tx, foot - 0.06 * ts, 0.02 * ts, 0.07 * ts)) * (ts > 0))
    crown = torch.minimum(disc(tx, foot - 0.21 * ts, 0.085 * ts), disc(tx - 0.05 * ts, foot - 0.155 * ts, 0.065 * ts))
    crown = torch.minimum(crown, disc(tx + 0.055 * ts, foot - 0.16 * ts, 0.06 * ts))
    image = _over(image, leaf, _cover(crown) * (ts > 0))
    image = _over(image, leaf * 1.25, 0.7 * _cover(disc(tx - 0.025 * ts, foot - 0.23 * ts, 0.04 * ts)) * (ts > 0))
    return image.clamp(0, 1) * 2 - 1
