"""Value and gradient of one loss at a time in eager PyTorch, on request: a line of JSON in, a line of JSON out."""
import json
import re
import sys
import time

try:
    import torch
    import torch.nn.functional as F
except ImportError:
    sys.exit(1)  # the caller looks for another Python

LOSSES = {
    "l1": F.l1_loss,
    "mse": F.mse_loss,
    "huber": F.huber_loss,
    "bce": F.binary_cross_entropy,
    "bceWithLogits": F.binary_cross_entropy_with_logits,
    "crossEntropy": F.cross_entropy,
}

state = {}


def size(shape):
    n = 1
    for length in shape:
        n *= length
    return n


def load(loss, shape, input, target):
    state.clear()  # the arrays before are freed first
    indices = loss == "crossEntropy"
    targets = shape[:1] + shape[2:] if indices else shape
    state["x"] = torch.from_file(input, size=size(shape)).clone().view(shape).requires_grad_()
    t = torch.from_file(target, size=size(targets), dtype=torch.int32 if indices else torch.float32)
    # F.cross_entropy takes no other integers
    state["t"] = t.to(torch.int64).view(targets) if indices else t.clone().view(targets)
    state["loss"] = LOSSES[loss]
    return {}


def step():
    x = state["x"]
    x.grad = None
    value = state["loss"](x, state["t"])
    value.backward()
    return value


def run(repetitions):
    cpu = time.process_time()
    wall = time.perf_counter()
    for _ in range(repetitions):
        step()
    return {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall}


def result(grad):
    """The gradient goes to a file."""
    value = step().item()
    flat = state["x"].grad.reshape(-1)
    torch.from_file(grad, shared=True, size=flat.numel()).copy_(flat)
    return {"value": value}


torch.set_num_threads(int(sys.argv[1]))
capability = re.search(r"CPU capability usage: (\w+)", torch.__config__.show())
version = torch.__version__ + (f" ({capability[1]})" if capability else "")
print(json.dumps({"version": version}), flush=True)
for line in sys.stdin:
    request = json.loads(line)
    answer = {"load": load, "run": run, "result": result}[request.pop("do")](**request)
    print(json.dumps(answer), flush=True)
