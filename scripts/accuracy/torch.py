"""Writes scripts/accuracy/torch.json: f32 losses and gradients as PyTorch computes them, at logit gaps 1 to 60.

    /usr/bin/python3 scripts/accuracy/torch.py      (Debian: apt install python3-torch)

The inputs are those of gaps.ts.
"""

import json
import sys
from pathlib import Path

sys.path = [p for p in sys.path if Path(p or ".").resolve() != Path(__file__).resolve().parent]  # not this file

import torch
import torch.nn.functional as F

OFFSET = 0.7123457
OUT = Path(__file__).resolve().parent / "torch.json"


def run(loss, x):
    x = torch.tensor(x, dtype=torch.float64).float().requires_grad_()
    value = loss(x)
    value.backward()
    return value.item(), x.grad.flatten()[0].item()


def cross_entropy(gap):
    return run(lambda x: F.cross_entropy(x, torch.tensor([0])), [[OFFSET + gap, OFFSET]])


def bce_with_logits(gap):
    return run(lambda x: F.binary_cross_entropy_with_logits(x, torch.ones(1)), [float(gap)])


columns = {"crossEntropy": cross_entropy, "bceWithLogits": bce_with_logits}
results = {name: [dict(zip(("value", "grad"), f(gap))) for gap in range(1, 61)] for name, f in columns.items()}
OUT.write_text(json.dumps({"version": torch.__version__, **results}, indent=1) + "\n")
