"""Value and gradient of one loss at a time in eager PyTorch, on request: a line of JSON in, a line of JSON out."""
import json
import math
import re
import sys
import time

try:
    import torch
    import torch.nn.functional as F
except ImportError:
    sys.exit(1)  # the caller looks for another Python


def sigmoid_focal(x, t):
    """As torchvision has it, without alpha."""
    p = torch.sigmoid(x)
    p_t = p * t + (1 - p) * (1 - t)
    return (F.binary_cross_entropy_with_logits(x, t, reduction="none") * (1 - p_t) ** 2).mean()


def log_cosh(x, t):
    d = x - t
    return (d + F.softplus(-2.0 * d) - math.log(2)).mean()


def pinball(x, t):
    d = t - x
    return torch.maximum(0.5 * d, -0.5 * d).mean()


def expectile(x, t):
    d = x - t
    return (torch.where(d < 0, t.new_tensor(0.5), t.new_tensor(0.5)) * d.square()).mean()


def half_tweedie(x, t):
    return (2 * torch.exp(0.5 * x) + 2 * t * torch.exp(-0.5 * x)).mean()


def jsd(x, t):
    m = torch.logaddexp(x, t) - math.log(2)
    return (0.5 * (t.exp() * (t - m) + x.exp() * (x - m))).mean()


def mape(x, t):
    return (100 * (x - t).abs() / t.abs().clamp(min=1e-7)).mean()


def msle(x, t):
    return (torch.log1p(x) - torch.log1p(t)).square().mean()


# those that PyTorch lacks are composed of its operations
LOSSES = {
    "l1": F.l1_loss,
    "mse": F.mse_loss,
    "huber": F.huber_loss,
    "bce": F.binary_cross_entropy,
    "bceWithLogits": F.binary_cross_entropy_with_logits,
    "crossEntropy": F.cross_entropy,
    "poissonNll": F.poisson_nll_loss,
    "gaussianNll": F.gaussian_nll_loss,
    "softMargin": F.soft_margin_loss,
    "marginRanking": F.margin_ranking_loss,
    "cosineEmbedding": F.cosine_embedding_loss,
    "tripletMargin": F.triplet_margin_loss,
    "hinge": lambda x, t: torch.clamp(1 - x * t, min=0).mean(),
    "squaredHinge": lambda x, t: torch.clamp(1 - x * t, min=0).square().mean(),
    "pinball": pinball,
    "jsd": jsd,
    "halfTweedie": half_tweedie,
    "expectile": expectile,
    "mape": mape,
    "msle": msle,
    "hingeEmbedding": F.hinge_embedding_loss,
    "logCosh": log_cosh,
    "pseudoHuber": lambda x, t: (torch.sqrt(1 + (x - t).square()) - 1).mean(),
    "sigmoidFocal": sigmoid_focal,
    "cosineDistance": lambda x, t: (1 - F.cosine_similarity(x, t, dim=-1)).mean(),
}

state = {}


def size(shape):
    n = 1
    for length in shape:
        n *= length
    return n


def load(loss, inputs, wrt):
    state.clear()  # the arrays before are freed first
    tensors = []
    for one in inputs:
        dtype = torch.int32 if one["indices"] else torch.float32
        data = torch.from_file(one["file"], size=size(one["shape"]), dtype=dtype)
        # F.cross_entropy takes no other integers
        data = data.to(torch.int64) if one["indices"] else data.clone()
        tensors.append(data.view(one["shape"]))
    state["inputs"] = tensors
    state["wrt"] = [tensors[i].requires_grad_() for i in wrt]
    state["loss"] = LOSSES[loss]
    return {}


def step():
    for x in state["wrt"]:
        x.grad = None
    value = state["loss"](*state["inputs"])
    value.backward()
    return value


def run(repetitions):
    cpu = time.process_time()
    wall = time.perf_counter()
    for _ in range(repetitions):
        step()
    return {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall}


def result(grad):
    """The gradients go to a file, one after the other."""
    value = step().item()
    flat = torch.cat([x.grad.reshape(-1) for x in state["wrt"]])
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
