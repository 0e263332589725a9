"""One network trained by PyTorch on noise, driven over standard input: the peer of Kindling's training step.

    /usr/bin/python3 pytorch_step.py NETWORK BATCH THREADS [--nchw]

NETWORK is one of squeezenet_v1.1@128, squeezenet_v1.1@224, mobilenet_v1_0.25@96, mobilenet_v1_0.25@224, st_efficientnet_lc_v1@128.
Prints "ready PARAMETERS" once compiled and warmed up, then answers each line "run N" with N pairs of wall and processor seconds
of a step, "memory" with its peak resident bytes, and "quit" by leaving.
"""
import resource
import sys
import time

import torch
from torch import nn


class Fire(nn.Module):
    def __init__(self, inputs, squeeze, expand):
        super().__init__()
        self.squeeze = nn.Conv2d(inputs, squeeze, 1)
        self.narrow = nn.Conv2d(squeeze, expand, 1)
        self.wide = nn.Conv2d(squeeze, expand, 3, padding=1)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x):
        x = self.relu(self.squeeze(x))
        return torch.cat([self.relu(self.narrow(x)), self.relu(self.wide(x))], 1)


def squeezenet(classes):
    return nn.Sequential(
        nn.Conv2d(3, 64, 3, 2), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2),
        Fire(64, 16, 64), Fire(128, 16, 64), nn.MaxPool2d(3, 2),
        Fire(128, 32, 128), Fire(256, 32, 128), nn.MaxPool2d(3, 2),
        Fire(256, 48, 192), Fire(384, 48, 192), Fire(384, 64, 256), Fire(512, 64, 256),
        nn.Conv2d(512, classes, 1), nn.ReLU(inplace=True), nn.AdaptiveAvgPool2d(1), nn.Flatten())


def same(size, kernel, stride):
    """TensorFlow's SAME padding as (left, right)."""
    out = -(-size // stride)
    total = max(0, (out - 1) * stride + kernel - size)
    return total // 2, total - total // 2


def convolution(size, inputs, outputs, kernel, stride, bias, groups=1):
    """A convolution with SAME padding: inside the layer where both sides are equal, else by the padding layer before it."""
    low, high = same(size, kernel, stride)
    if low == high:
        return [nn.Conv2d(inputs, outputs, kernel, stride, low, groups=groups, bias=bias)]
    return [nn.ZeroPad2d((low, high, low, high)), nn.Conv2d(inputs, outputs, kernel, stride, groups=groups, bias=bias)]


def normalized(outputs, clips=True):
    return [nn.BatchNorm2d(outputs, eps=1e-3, momentum=0.01)] + ([nn.ReLU6(inplace=True)] if clips else [])


def mobilenet(alpha, size, classes):
    width = int(32 * alpha)
    layers = convolution(size, 3, width, 3, 2, False) + normalized(width)
    size = -(-size // 2)
    for outputs, stride in [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)] + [(512, 1)] * 5 + [(1024, 2), (1024, 1)]:
        outputs = int(outputs * alpha)
        layers += convolution(size, width, width, 3, stride, False, width) + normalized(width)
        layers += [nn.Conv2d(width, outputs, 1, bias=False)] + normalized(outputs)
        size, width = -(-size // stride), outputs
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(width, classes))


class SqueezeExcite(nn.Module):
    def __init__(self, channels, squeezed):
        super().__init__()
        self.gate = nn.Sequential(
            nn.AdaptiveAvgPool2d(1), nn.Conv2d(channels, squeezed, 1), nn.ReLU6(inplace=True), nn.Conv2d(squeezed, channels, 1),
            nn.Hardtanh(-4, 4, inplace=True), nn.Sigmoid())

    def forward(self, x):
        return x * self.gate(x)


class DropConnect(nn.Module):
    def __init__(self, rate):
        super().__init__()
        self.rate = rate

    def forward(self, x):
        keep = (torch.rand(x.shape[0], 1, 1, 1) >= self.rate).float() / (1 - self.rate)
        return x * keep


class Block(nn.Module):
    def __init__(self, size, kernel, stride, inputs, outputs, expansion, drop):
        super().__init__()
        wide = inputs * expansion
        layers = [] if expansion == 1 else [nn.Conv2d(inputs, wide, 1)] + normalized(wide)
        layers += convolution(size, wide, wide, kernel, stride, True, wide) + normalized(wide)
        layers += [SqueezeExcite(wide, max(1, inputs // 4)), nn.Conv2d(wide, outputs, 1)] + normalized(outputs, clips=False)
        self.is_residual = stride == 1 and inputs == outputs
        if self.is_residual and drop > 0:
            layers.append(DropConnect(drop))
        self.layers = nn.Sequential(*layers)

    def forward(self, x):
        y = self.layers(x)
        return x + y if self.is_residual else y


def efficientnet_lc(size, classes):
    layers = convolution(size, 3, 16, 3, 2, True) + normalized(16)
    size, width, index = -(-size // 2), 16, 0
    for count, kernel, stride, outputs, expansion in [
            (1, 3, 1, 8, 1), (2, 3, 2, 16, 3), (2, 5, 2, 24, 3), (3, 3, 2, 40, 3), (3, 5, 1, 48, 3), (4, 5, 2, 88, 3), (1, 3, 1, 144, 3)]:
        for i in range(count):
            step = stride if i == 0 else 1
            layers.append(Block(size, kernel, step, width, outputs, expansion, 0.2 * index / 16))
            size, width, index = -(-size // step), outputs, index + 1
    layers += [nn.Conv2d(width, 576, 1)] + normalized(576)
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(576, classes))


def build(name, size, classes):
    return {
        "squeezenet_v1.1": lambda: squeezenet(classes),
        "mobilenet_v1_0.25": lambda: mobilenet(0.25, size, classes),
        "st_efficientnet_lc_v1": lambda: efficientnet_lc(size, classes),
    }[name]()


def main():
    name, size = sys.argv[1].split("@")
    size, batch, threads = int(size), int(sys.argv[2]), int(sys.argv[3])
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    model = build(name, size, 5)
    images = torch.rand(batch, 3, size, size) * 2 - 1
    labels = torch.randint(0, 5, (batch,))
    if "--nchw" not in sys.argv:
        model, images = model.to(memory_format=torch.channels_last), images.contiguous(memory_format=torch.channels_last)
    model.train()
    loss = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)

    def step():
        optimizer.zero_grad(set_to_none=True)
        loss(model(images), labels).backward()
        optimizer.step()

    for _ in range(3):
        step()
    print("ready", sum(p.numel() for p in model.parameters()) + sum(b.numel() for b in model.buffers() if b.dim() > 0), flush=True)
    for line in sys.stdin:
        words = line.split()
        if words[0] == "quit":
            break
        if words[0] == "memory":
            print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024, flush=True)
            continue
        for _ in range(int(words[1])):
            wall, cpu = time.perf_counter(), time.process_time()
            step()
            print(time.perf_counter() - wall, time.process_time() - cpu, flush=True)


if __name__ == "__main__":
    main()
