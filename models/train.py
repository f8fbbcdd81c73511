"""Trains the landscape generator and writes landscape.onnx and landscape.png. See README.md.

    python train.py [--steps N] [-o DIR]

The training data is drawn on the fly by scene.py, so nothing is downloaded. The objective is plain regression of the
picture and of its differences between neighbours (the latter keeps edges crisp).
"""

import argparse
import math
import pathlib
import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

import scene

SEED = 20250
BATCH = 32
RATE = 3e-3
# Hidden widths of the dense part, then channels at 4x4, 8x8, 16x16, 32x32.
DENSE = (128, 128)
CHANNELS = (48, 48, 32, 24)


class Generator(nn.Module):
    """Dense layers, then transposed convolutions (kernel 4, stride 2, padding 1) up to 64x64, ending in tanh."""

    def __init__(self):
        super().__init__()
        self.dense = nn.ModuleList()
        wide = scene.LATENT
        for out in DENSE + (CHANNELS[0] * 16,):
            self.dense.append(nn.Sequential(nn.Linear(wide, out), nn.BatchNorm1d(out), nn.ReLU()))
            wide = out
        self.up = nn.ModuleList()
        for i, (a, b) in enumerate(zip(CHANNELS, CHANNELS[1:])):
            up = nn.ConvTranspose2d(a, b, 4, 2, 1, bias=False)
            self.up.append(nn.Sequential(up, nn.BatchNorm2d(b), nn.ReLU()))
            if i == 0:  # one 3x3 convolution at 8x8, where it is cheap
                self.up.append(nn.Sequential(nn.Conv2d(b, b, 3, padding=1, bias=False), nn.BatchNorm2d(b), nn.ReLU()))
        self.last = nn.ConvTranspose2d(CHANNELS[-1], 3, 4, 2, 1)

    def forward(self, z):
        for layer in self.dense:
            z = layer(z)
        x = z.view(-1, CHANNELS[0], 4, 4)
        for layer in self.up:
            x = layer(x)
        return torch.tanh(self.last(x))


def latents(n, deviation, generator=None):
    """What the run time draws: int8 in [-127, 127], about normal with deviation 32, read as z = int / 32."""
    z = torch.randn(n, scene.LATENT, generator=generator)
    return (z * deviation).round().clamp(-127, 127) / 32


def loss_of(got, want):
    def edges(a, b):
        return (a.diff(dim=2) - b.diff(dim=2)).abs().mean() + (a.diff(dim=3) - b.diff(dim=3)).abs().mean()

    return (got - want).abs().mean() + 1.5 * edges(got, want)


def psnr(a, b):
    """Mean over pictures of the PSNR in dB, both in (-1, 1)."""
    return (10 * torch.log10(4 / (a - b).pow(2).mean(dim=(1, 2, 3)))).mean().item()


def folded(net):
    """The linear layers with batch norm folded in: a list of (kind, weight, bias)."""
    layers = []
    for layer in [*net.dense, *net.up]:
        lin, bn = layer[0], layer[1]
        k = bn.weight / (bn.running_var + bn.eps).sqrt()
        w = lin.weight * k.view((1, -1, 1, 1) if isinstance(lin, nn.ConvTranspose2d) else (-1,) + (1,) * (lin.weight.dim() - 1))
        shift = bn.bias - bn.running_mean * k
        if lin.bias is not None:
            shift = shift + lin.bias * k
        layers.append((type(lin), w.detach(), shift.detach()))
    layers.append((nn.ConvTranspose2d, net.last.weight.detach(), net.last.bias.detach()))
    return layers


def int8_twin(net, calibration, z):
    """The picture the int8 model gives: weights int8 with a power-of-two scale per output channel, activations uint8
    with a power-of-two scale per layer found on `calibration`, the picture one byte a sample. Also says the ranges."""
    layers, ranges = folded(net), []

    def linear(kind, x, w, b):
        if kind is nn.Linear:
            return F.linear(x, w, b)
        if x.dim() == 2:
            x = x.view(-1, CHANNELS[0], 4, 4)
        if kind is nn.Conv2d:
            return F.conv2d(x, w, b, padding=1)
        return F.conv_transpose2d(x, w, b, stride=2, padding=1)

    c = calibration
    for kind, w, b in layers:
        others = (0, 2, 3) if kind is nn.ConvTranspose2d else tuple(range(1, w.dim()))
        top = w.abs().amax(dim=others, keepdim=True)
        step = torch.exp2(torch.ceil(torch.log2(top.clamp(min=1e-8) / 127)))
        w8 = (w / step).round().clamp(-127, 127) * step
        c, z = linear(kind, c, w, b), linear(kind, z, w8, b)
        if len(ranges) < len(layers) - 1:
            c = c.relu()
            ranges.append(c.max().item())
            scale = 2 ** math.ceil(math.log2(ranges[-1] / 255))
            z = (z / scale).round().clamp(0, 255) * scale
    ranges.append(c.abs().max().item())
    return ((torch.tanh(z) + 1) * 127.5).round() / 127.5 - 1, ranges


def sheet(pictures, columns, path):
    from PIL import Image

    a = ((pictures + 1) * 127.5).round().clamp(0, 255).byte().permute(0, 2, 3, 1).numpy()
    n, s = a.shape[0], a.shape[1]
    a = a.reshape(n // columns, columns, s, s, 3).transpose(0, 2, 1, 3, 4).reshape(n // columns * s, columns * s, 3)
    Image.fromarray(a).save(path, optimize=True)


def main():
    args = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    args.add_argument("--steps", type=int, default=7554)
    args.add_argument("-o", "--out", type=pathlib.Path, default=pathlib.Path(__file__).parent)
    args = args.parse_args()

    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    torch.use_deterministic_algorithms(True)
    net = Generator().to(memory_format=torch.channels_last)
    print(sum(p.numel() for p in net.parameters()), "parameters")
    decay = [p for p in net.parameters() if p.dim() > 1]
    rest = [p for p in net.parameters() if p.dim() == 1]
    opt = torch.optim.AdamW([{"params": decay, "weight_decay": 0.01}, {"params": rest, "weight_decay": 0}], lr=RATE, betas=(0.9, 0.99))
    # Warm up, stay, and fall over the last third.
    fall = args.steps * 2 // 3
    began = time.time()
    for step in range(args.steps):
        if step % 2 == 0:
            with torch.no_grad():
                z = latents(2 * BATCH, 35)  # a tenth wider than at run time, so that the tails are seen
                want = scene.draw(z)
        half = slice(0, BATCH) if step % 2 == 0 else slice(BATCH, None)
        for group in opt.param_groups:
            group["lr"] = RATE * min(1, (step + 1) / 200, (args.steps - step) / (args.steps - fall))
        with torch.autocast("cpu", torch.bfloat16):
            got = net(z[half])
        loss = loss_of(got.float(), want[half])
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        opt.step()
        mean = loss.item() if step == 0 else 0.99 * mean + 0.01 * loss.item()
        if step % 500 == 0:
            print(f"{step} loss {mean:.4f} {time.time() - began:.0f} s", flush=True)
    net.eval()

    with torch.no_grad():
        fresh = torch.Generator().manual_seed(SEED + 1)
        z = latents(256, 32, fresh)
        got, want = net(z), scene.draw(z)
        print(f"float against the drawing: {psnr(got, want):.2f} dB over {len(z)} latents")
        twin, ranges = int8_twin(net, z[64:], z[:64])
        print(f"int8 against float: {psnr(twin, got[:64]):.2f} dB over 64 latents, worst", end=" ")
        print(f"{min(psnr(twin[i : i + 1], got[i : i + 1]) for i in range(64)):.2f} dB")
        print("largest value per layer:", " ".join(f"{r:.2f}" for r in ranges))
        tail = latents(64, 32, fresh).sign() * 127 / 32
        print(f"at the corners |z| = 127/32: {psnr(net(tail), scene.draw(tail)):.2f} dB")
        sheet(got[:16], 4, args.out / "landscape.png")

    path = args.out / "landscape.onnx"
    torch.onnx.export(net, z[:1], path, opset_version=17, input_names=["latent"], output_names=["image"], dynamo=False,
                      training=torch.onnx.TrainingMode.PRESERVE, do_constant_folding=False)
    import onnx
    import onnxruntime

    onnx.checker.check_model(onnx.load(path), full_check=True)
    run = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    there = np.concatenate([run.run(None, {"latent": z[i : i + 1].numpy()})[0] for i in range(16)])
    print(f"{path.stat().st_size} bytes; onnxruntime differs by at most {np.abs(there - got[:16].numpy()).max():.1e}")


if __name__ == "__main__":
    main()
