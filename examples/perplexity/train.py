"""Trains a byte-level GPT on text/train.txt.gz, exports it, and writes what PyTorch says of text/held-out.md.

    /usr/bin/python3 examples/perplexity/train.py      (Debian: apt install python3-torch python3-onnx libopenblas0-pthread)

Writes model/ (onnx/model.onnx, config.json, tokenizer.json, tokenizer_config.json) and expected.json. A byte is a token:
what the tokenizer does is to spell out UTF-8. Ten minutes on one core, and the same bytes each time; another CPU's may differ.
"""

import gzip
import json
import math
import time
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

HERE = Path(__file__).resolve().parent
BYTES = 256
CONTEXT = 256
WIDTH, LAYERS, HEADS = 64, 2, 4
BATCH, STEPS, WARMUP, RATE = 16, 4000, 100, 3e-3


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.before_attention = nn.LayerNorm(WIDTH)
        self.qkv = nn.Linear(WIDTH, 3 * WIDTH)
        self.out = nn.Linear(WIDTH, WIDTH)
        self.before_mlp = nn.LayerNorm(WIDTH)
        self.up = nn.Linear(WIDTH, 4 * WIDTH)
        self.down = nn.Linear(4 * WIDTH, WIDTH)

    def forward(self, x, is_later):
        q, k, v = (
            part.reshape(x.shape[0], x.shape[1], HEADS, WIDTH // HEADS).transpose(1, 2)
            for part in self.qkv(self.before_attention(x)).split(WIDTH, dim=2)
        )
        scores = q @ k.transpose(2, 3) / math.sqrt(WIDTH // HEADS)
        weights = scores.masked_fill(is_later, -1e9).softmax(3)
        x = x + self.out((weights @ v).transpose(1, 2).reshape(x.shape))
        return x + self.down(F.gelu(self.up(self.before_mlp(x))))


class GPT(nn.Module):
    def __init__(self):
        super().__init__()
        self.tokens = nn.Embedding(BYTES, WIDTH)
        self.positions = nn.Embedding(CONTEXT, WIDTH)
        self.blocks = nn.ModuleList(Block() for _ in range(LAYERS))
        self.last = nn.LayerNorm(WIDTH)
        self.head = nn.Linear(WIDTH, BYTES, bias=False)
        for name, parameter in self.named_parameters():
            if parameter.dim() > 1:
                nn.init.normal_(parameter, std=0.02)
            elif name.endswith("bias"):
                nn.init.zeros_(parameter)

    def forward(self, input_ids):
        places = torch.arange(input_ids.shape[1])
        is_later = places[None, :] > places[:, None]
        x = self.tokens(input_ids) + self.positions(places)
        for block in self.blocks:
            x = block(x, is_later)
        return self.head(self.last(x))


def next_byte_loss(logits, ids):
    """Of each byte but the first, what it costs after those before it: [rows, length - 1]."""
    return F.cross_entropy(logits[:, :-1].transpose(1, 2), ids[:, 1:], reduction="none")


def train(model, text):
    decayed = [p for p in model.parameters() if p.dim() > 1]
    others = [p for p in model.parameters() if p.dim() == 1]
    groups = [{"params": decayed, "weight_decay": 0.1}, {"params": others, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, betas=(0.9, 0.95))
    start = time.time()
    for step in range(STEPS):
        cosine = 0.5 + 0.5 * math.cos(math.pi * step / STEPS)
        for group in optimizer.param_groups:
            group["lr"] = RATE * min((step + 1) / WARMUP, cosine)
        ids = torch.stack([text[at : at + CONTEXT] for at in torch.randint(len(text) - CONTEXT, (BATCH,))])
        loss = next_byte_loss(model(ids), ids).mean()
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        if step % 200 == 0 or step == STEPS - 1:
            print(f"step {step:5d}  loss {loss.item():.4f}  {time.time() - start:.0f} s", flush=True)


def windows(text):
    """Windows of CONTEXT bytes, each beginning with the last of the one before: every byte but the first is foretold once."""
    return [text[at : at + CONTEXT] for at in range(0, len(text) - 1, CONTEXT - 1)]


def expected(model, text):
    with torch.no_grad():
        terms = torch.cat([next_byte_loss(model(ids[None]), ids[None])[0] for ids in windows(text)])
    mean = terms.double().mean().item()
    print(f"held out: {len(terms)} bytes, {mean:.4f} nats, perplexity {math.exp(mean):.4f}")
    return {
        "torch": torch.__version__,
        "parameters": sum(p.numel() for p in model.parameters()),
        "count": len(terms),
        "loss": mean,
        "perplexity": math.exp(mean),
        "terms": [float(f"{term:.6g}") for term in terms.tolist()],
    }


def letters():
    """The character that stands for each byte in byte-level vocabularies: itself where it is printed, else one from U+0100 on."""
    printed = {*range(33, 127), *range(161, 173), *range(174, 256)}
    others = iter(range(256, 512))
    return [chr(byte if byte in printed else next(others)) for byte in range(BYTES)]


def tokenizer():
    level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [],
        "normalizer": None,
        "pre_tokenizer": level,
        "post_processor": None,
        "decoder": level,
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": None,
            "continuing_subword_prefix": "",
            "end_of_word_suffix": "",
            "fuse_unk": False,
            "vocab": {letter: byte for byte, letter in enumerate(letters())},
            "merges": [],
        },
    }


def write(path, value, **form):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, ensure_ascii=False, **form) + "\n", encoding="utf-8")


def export(model):
    path = HERE / "model" / "onnx" / "model.onnx"
    path.parent.mkdir(parents=True, exist_ok=True)
    axes = {0: "rows", 1: "length"}
    torch.onnx.export(
        model,
        torch.zeros(2, 8, dtype=torch.int64),
        path,
        opset_version=14,
        input_names=["input_ids"],
        output_names=["logits"],
        dynamic_axes={"input_ids": axes, "logits": axes},
    )
    print(f"{path.name}: {path.stat().st_size} bytes")
    config = {
        "architectures": ["GPT2LMHeadModel"],
        "model_type": "gpt2",
        "vocab_size": BYTES,
        "n_positions": CONTEXT,
        "n_embd": WIDTH,
        "n_layer": LAYERS,
        "n_head": HEADS,
    }
    write(HERE / "model" / "config.json", config, indent=2)
    write(HERE / "model" / "tokenizer.json", tokenizer(), indent=1)
    settings = {"tokenizer_class": "GPT2Tokenizer", "model_max_length": CONTEXT, "add_prefix_space": False}
    write(HERE / "model" / "tokenizer_config.json", settings, indent=2)


def bytes_of(data):
    return torch.tensor(list(data), dtype=torch.int64)


torch.manual_seed(0)
gpt = GPT()
train(gpt, bytes_of(gzip.decompress((HERE / "text" / "train.txt.gz").read_bytes())))
gpt.eval()
write(HERE / "expected.json", expected(gpt, bytes_of((HERE / "text" / "held-out.md").read_bytes())))
export(gpt)
