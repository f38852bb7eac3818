"""Priors of Priorscape in PyTorch: the network, the Gaussian over its weights, and training under it. One file; needs torch alone.

    prior = Prior.load("prior.safetensors").scaled(300)       # N(mean, 300 (diag(variance) + F^T F)) over the extractor
    model = prior.network(classes=10)                         # starts at the posterior mean, with a fresh head
    loss = cross_entropy(model(prior.normalise(pixels)), labels) + prior.prior_loss(model, n)   # pixels [B, C, H, W] in 0..1
or, stable for any scale, let the optimiser take the prior's step in closed form:
    optimiser = ProximalSGD(model, prior, n=n, lr=0.1)        # loss = cross_entropy alone

Without torch, `read_tensors` gives NumPy arrays. Weights w [D] are flat, in the order of `Prior.names`.
"""
import ctypes
import hashlib
import json
import math
import re
import struct

try:
    import torch
    from torch import nn
    from torch.nn import functional as F
except ImportError:  # reading files needs NumPy alone
    torch = None

_Module, _Optimizer = (nn.Module, torch.optim.Optimizer) if torch else (object, object)

# ---------------------------------------------------------------- files

_SIZES = {"BOOL": 1, "U8": 1, "I8": 1, "I16": 2, "F16": 2, "BF16": 2, "I32": 4, "F32": 4, "I64": 8, "F64": 8}
_TORCH = {"BOOL": "bool", "U8": "uint8", "I8": "int8", "I16": "int16", "F16": "float16", "BF16": "bfloat16", "I32": "int32",
          "F32": "float32", "I64": "int64", "F64": "float64"}


def read_tensors(path, framework=None):
    """A safetensors file as ({name: tensor}, {key: text}). `framework`: "torch" or "numpy"; torch where there is one."""
    framework = framework or ("torch" if torch else "numpy")
    with open(path, "rb") as file:
        data = file.read()
    length = struct.unpack("<Q", data[:8])[0] if len(data) >= 8 else 0
    if not 2 <= length <= len(data) - 8:
        raise ValueError(f"{path} is not a safetensors file.")
    header = json.loads(data[8:8 + length].decode("utf-8"), object_pairs_hook=_unique)
    metadata = header.pop("__metadata__", {})
    tensors, reached = {}, 0
    for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        (begin, end), shape, dtype = entry["data_offsets"], entry["shape"], entry["dtype"]
        if dtype not in _SIZES or begin != reached or end - begin != math.prod(shape) * _SIZES[dtype] or 8 + length + end > len(data):
            raise ValueError(f"{path} is not a sound safetensors file: tensor {name!r} does not fit.")
        tensors[name] = _array(data[8 + length + begin:8 + length + end], dtype, shape, framework)
        reached = end
    if 8 + length + reached != len(data):
        raise ValueError(f"{path} is not a sound safetensors file: bytes follow its last tensor.")
    return tensors, metadata


def write_tensors(path, tensors, metadata):
    """{name: float32 tensor} and {key: text} as a safetensors file."""
    header, at = {"__metadata__": metadata}, 0
    ordered = sorted(tensors.items())
    for name, tensor in ordered:
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [at, at + 4 * tensor.numel()]}
        at += 4 * tensor.numel()
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for _, tensor in ordered:
            file.write(_bytes(tensor))


def _unique(pairs):
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("A JSON object names a key twice.")
    return found


def _array(data, dtype, shape, framework):
    if framework == "torch":
        kind = getattr(torch, _TORCH[dtype])
        return torch.frombuffer(bytearray(data), dtype=kind).reshape(shape) if data else torch.empty(shape, dtype=kind)
    import numpy
    if dtype == "BF16":
        raise ValueError("NumPy has no bfloat16; read this file with torch.")
    return numpy.frombuffer(data, numpy.dtype(_TORCH[dtype]).newbyteorder("<")).reshape(shape)


def _bytes(tensor):
    values = tensor.detach().cpu().float().contiguous()
    return ctypes.string_at(values.data_ptr(), 4 * values.numel()) if values.numel() else b""


# ---------------------------------------------------------------- networks

def groups_of(channels):
    """Groups of a norm over so many channels: 8, or the largest divisor below."""
    return next(g for g in range(min(8, channels), 0, -1) if channels % g == 0)


class Block(_Module):
    """relu(body(x) + shortcut(x)), group norm in the place of batch norm."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.norm1 = nn.GroupNorm(groups_of(outputs), outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.norm2 = nn.GroupNorm(groups_of(outputs), outputs)
        plain = stride == 1 and inputs == outputs
        self.shortcut = nn.Sequential() if plain else nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, 0, bias=False), nn.GroupNorm(groups_of(outputs), outputs))

    def forward(self, x):
        return F.relu(self.norm2(self.conv2(F.relu(self.norm1(self.conv1(x))))) + self.shortcut(x))


class Network(_Module):
    """The network of a file: {"name", "widths", "stem", "input": {"height", "width", "channels"}, "classes"}. x [B, C, H, W], normalised -> logits [B, classes]."""

    def __init__(self, architecture):
        super().__init__()
        self.architecture = architecture
        name, widths, classes = architecture["name"], architecture["widths"], architecture["classes"]
        size = architecture["input"]
        flat = size["height"] * size["width"] * size["channels"]
        if name == "convnet-s":
            for i, (inputs, outputs) in enumerate(zip([size["channels"], *widths], widths)):
                setattr(self, f"conv{i + 1}", nn.Conv2d(inputs, outputs, 3, 2, 1))
        elif name == "mlp":
            for i, (inputs, outputs) in enumerate(zip([flat, *widths], widths)):
                setattr(self, f"fc{i + 1}", nn.Linear(inputs, outputs))
        elif name == "linear":
            self.fc = nn.Linear(flat, classes)
        elif name in ("resnet-8", "resnet-14"):
            self.stem = nn.Conv2d(size["channels"], widths[0], 3, architecture.get("stem") or 1, 1, bias=False)
            self.norm = nn.GroupNorm(groups_of(widths[0]), widths[0])
            inputs = widths[0]
            for s, outputs in enumerate(widths):
                blocks = []
                for b in range({"resnet-8": 1, "resnet-14": 2}[name]):
                    blocks.append(Block(inputs, outputs, 2 if s > 0 and b == 0 else 1))
                    inputs = outputs
                setattr(self, f"layer{s + 1}", nn.Sequential(*blocks))
        else:
            raise ValueError(f"This module knows no network {name!r}; use the module that came with the file.")
        if name != "linear":
            self.head = nn.Linear(widths[-1], classes)

    def features(self, x):
        """What the head reads [B, F]; the logits of "linear"."""
        name, widths = self.architecture["name"], self.architecture["widths"]
        if name == "convnet-s":
            for i in range(len(widths)):
                x = F.relu(getattr(self, f"conv{i + 1}")(x))
            return x.mean((2, 3))
        if name in ("mlp", "linear"):
            x = x.permute(0, 2, 3, 1).flatten(1)  # pixel by pixel, as the weights were learned
            if name == "linear":
                return self.fc(x)
            for i in range(len(widths)):
                x = F.relu(getattr(self, f"fc{i + 1}")(x))
            return x
        x = F.relu(self.norm(self.stem(x)))
        for s in range(len(widths)):
            x = getattr(self, f"layer{s + 1}")(x)
        return x.mean((2, 3))

    def forward(self, x):
        features = self.features(x)
        return features if self.architecture["name"] == "linear" else self.head(features)


def load_model(path):
    """A fine-tuned network saved by Priorscape: (network in evaluation mode, what the file says of it)."""
    tensors, metadata = read_tensors(path)
    if "priorscape_model" not in metadata:
        raise ValueError(f"{path} holds no fine-tuned network of Priorscape; Prior.load reads its priors.")
    about = json.loads(metadata["priorscape_model"], object_pairs_hook=_unique)
    if about["architecture"].get("decoder"):
        raise ValueError(f"{path} holds a segmentation network, which this module does not build; read_tensors gives its parameters.")
    model = Network(about["architecture"])
    model.load_state_dict({name: tensor for name, tensor in tensors.items() if not name.startswith("samples.")})
    return model.eval(), about


# ---------------------------------------------------------------- the prior

UNCOVERED = 1e6  # variance at scale 1 of weights that a prior does not cover

FAMILIES = ("isotropic", "l2-sp", "layerwise", "diagonal", "low-rank")


def _is_covered(covers, name, shape, last):
    block = lambda one: re.match(r"[^.]+\.\d+(?=\.)|.*(?=\.)", one).group()
    if covers not in ("all", "weights", "last-block"):
        raise ValueError(f"A prior covers all, weights or last-block, not {covers!r}.")
    return covers == "all" or (len(shape) > 1 if covers == "weights" else block(name) == block(last))


class Prior:
    """N(mean, scale (diag(variance) + F^T F) + floor I) over w [D]: mean [D], variance [D] > 0, factor F [K, D], K >= 0."""

    def __init__(self, mean, variance, factor, about, head=None, scale=1.0, floor=0.0):
        if not (scale > 0 and math.isfinite(scale) and floor >= 0):
            raise ValueError(f"A scale is positive and a floor at least 0, not {scale} and {floor}.")
        self.mean, self.variance, self.factor, self.about, self.head = mean, variance, factor, about, head
        self.scale, self.floor = scale, floor
        self.names = list(about["parameters"])
        shapes = {name: p.shape for name, p in Network(about["architecture"]).named_parameters()}
        self.shapes = [shapes[name] for name in self.names]
        self._solved = {}

    @classmethod
    def load(cls, path):
        """Reads and checks a prior file (README.md says what is in it)."""
        tensors, metadata = read_tensors(path)
        if "priorscape" not in metadata:
            raise ValueError(f"{path} is a safetensors file without a description, so no prior of Priorscape.")
        about = json.loads(metadata["priorscape"], object_pairs_hook=_unique)
        if about["version"] != 1:
            raise ValueError(f"{path} follows version {about['version']} of the format; this module reads version 1.")
        names, rank = about["parameters"], about["rank"]
        for name, tensor in tensors.items():
            if not bool(torch.isfinite(tensor).all()):
                raise ValueError(f"{path}: tensor {name!r} has values that are not finite.")
        flat = lambda kind: torch.cat([tensors[f"{kind}.{name}"].reshape(-1) for name in names])
        mean, variance = flat("mean"), flat("variance")
        if not bool((variance > 0).all()):
            raise ValueError(f"{path} has variances that are not positive.")
        factor = torch.cat([tensors[f"cov_factor.{name}"].reshape(rank, -1) for name in names], 1) if rank else mean.new_zeros(0, len(mean))
        head = {name: tensors[name] for name in ("head.weight", "head.bias") if name in tensors}
        return cls(mean, variance, factor, about, head or None)

    @classmethod
    def of(cls, network, mean, variance, factor=None, *, class_names, normalisation, dataset="unknown", training=None, snapshots=0, seed=0, licence=""):
        """A prior made in PyTorch over the extractor of `network`, flat tensors in the order of `extractor_names(network)`. `save` makes it a file that the lab opens."""
        from datetime import datetime, timezone
        names = extractor_names(network)
        factor = mean.new_zeros(0, len(mean)) if factor is None else factor
        head = {name: p.detach().clone() for name, p in network.named_parameters() if name.startswith("head.")}
        about = {
            "version": 1, "architecture": network.architecture, "normalisation": dict(normalisation), "parameters": names, "rank": len(factor), "snapshots": snapshots,
            "source": {"dataset": dataset, "sha256": "", "method": "supervised", "classNames": list(class_names), "accuracy": None, "nll": None, "training": training or {}},
            "seed": seed, "created": datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z"), "licence": licence,
        }
        return cls(mean.detach().float(), variance.detach().float(), factor.detach().float(), about, head or None)

    def save(self, path):
        """The Gaussian at scale 1 and floor 0 as a prior file."""
        tensors = dict(self.head or {})
        at = 0
        for name, shape in zip(self.names, self.shapes):
            size = math.prod(shape)
            tensors[f"mean.{name}"] = self.mean[at:at + size].reshape(shape)
            tensors[f"variance.{name}"] = self.variance[at:at + size].reshape(shape)
            if len(self.factor):
                tensors[f"cov_factor.{name}"] = self.factor[:, at:at + size].reshape(len(self.factor), *shape)
            at += size
        digest = hashlib.sha256(b"".join(_bytes(tensor) for _, tensor in sorted(tensors.items()))).hexdigest()
        text = json.dumps({**self.about, "sha256": digest}, ensure_ascii=False)
        write_tensors(path, tensors, {"format": "pt", "priorscape": text, "priorscape_sha256": hashlib.sha256(text.encode("utf-8")).hexdigest()})

    def scaled(self, scale, floor=0.0):
        """The same Gaussian at this scale; never scales twice."""
        return Prior(self.mean, self.variance, self.factor, self.about, self.head, scale, floor)

    def family(self, name, covers="all"):
        """One of FAMILIES made of this posterior; all have its trace, so that one scale serves all. `covers`: "all" weights, all but norms and biases
        ("weights"), or the "last-block"; the others then have no prior (a variance that pulls at nothing) and start from the mean."""
        if name not in FAMILIES:
            raise ValueError(f"There is no family {name!r}; use one of {', '.join(FAMILIES)}.")
        sizes = [math.prod(shape) for shape in self.shapes]
        covered = [_is_covered(covers, tensor, shape, self.names[-1]) for tensor, shape in zip(self.names, self.shapes)]
        mask = torch.cat([torch.full((size,), own or not any(covered)) for size, own in zip(sizes, covered)]).to(self.mean.device)
        s = self.variance.double() + self.factor.double().square().sum(0)
        if name in ("isotropic", "l2-sp"):
            s = s[mask].mean().expand(len(s))
        elif name == "layerwise":
            s = torch.cat([part.mean().expand(len(part)) for part in s.split(sizes)])
        elif name == "low-rank":
            s = self.variance.double()
        mean = torch.where(mask, torch.zeros_like(self.mean), self.mean) if name == "isotropic" else self.mean
        variance = torch.where(mask, s.float(), torch.full_like(self.variance, UNCOVERED))
        factor = self.factor * mask if name == "low-rank" else self.factor[:0]
        return Prior(mean, variance, factor, self.about, self.head, self.scale, self.floor)

    def to(self, device):
        head = self.head and {name: tensor.to(device) for name, tensor in self.head.items()}
        return Prior(self.mean.to(device), self.variance.to(device), self.factor.to(device), self.about, head, self.scale, self.floor)

    # ---- networks

    def network(self, classes=None, input=None):
        """A network at the posterior mean. Without `classes` it is the source's, head included where the file has one; with it the head is new: N(0, 0.01^2), zero bias."""
        architecture = {**self.about["architecture"], **({"input": input} if input else {}), **({"classes": classes} if classes else {})}
        model = Network(architecture).to(self.mean.device)
        with torch.no_grad():
            self.put(model, self.mean)
            for name, parameter in model.named_parameters():
                if name.startswith("head."):
                    if classes is None and self.head:
                        parameter.copy_(self.head[name])
                    else:
                        parameter.normal_(0, 0.01) if name.endswith("weight") else parameter.zero_()
        return model

    def normalise(self, pixels):
        """Pixels in 0..1 as the network sees them."""
        return (pixels - self.about["normalisation"]["mean"]) / self.about["normalisation"]["std"]

    def weights(self, model):
        """w [D] of any module that has the file's parameters by name; gradients flow."""
        parameters = dict(model.named_parameters())
        return torch.cat([parameters[name].reshape(-1) for name in self.names])

    def put(self, model, w):
        """Writes w [D] into the module."""
        parameters = dict(model.named_parameters())
        with torch.no_grad():
            for name, shape, part in zip(self.names, self.shapes, w.split([math.prod(shape) for shape in self.shapes])):
                parameters[name].copy_(part.reshape(shape))

    # ---- the Gaussian; everything K x K in float64

    def _solve(self, shift):
        """1/A [D], F in float64 and the Cholesky factor of S = I/scale + F A^-1 F^T, A = scale variance + shift (Woodbury)."""
        if shift not in self._solved:
            inverse = 1 / (self.scale * self.variance.double() + shift)
            factor = self.factor.double()
            s = factor * inverse @ factor.T + torch.eye(len(factor), dtype=torch.float64, device=factor.device) / self.scale
            self._solved = {shift: (inverse, factor, torch.linalg.cholesky(s) if len(factor) else None)}
        return self._solved[shift]

    def mahalanobis(self, w):
        """(w - mean)^T Sigma^-1 (w - mean), w [D]; differentiable."""
        inverse, factor, lower = self._solve(self.floor)
        r = w.double() - self.mean.double()
        square = (r * r * inverse).sum()
        if lower is None:
            return square
        z = factor @ (r * inverse)
        return square - (z * torch.cholesky_solve(z[:, None], lower)[:, 0]).sum()

    def log_prob(self, w):
        """log p(w) in nats; w [D] or a module. Differentiable."""
        w = w if torch.is_tensor(w) else self.weights(w)
        inverse, _, lower = self._solve(self.floor)
        determinant = -inverse.log().sum()
        if lower is not None:
            determinant = determinant + 2 * lower.diagonal().log().sum() + len(self.factor) * math.log(self.scale)
        return -0.5 * (self.mahalanobis(w) + determinant + len(self.mean) * math.log(2 * math.pi))

    def prior_loss(self, model, n):
        """-log p(w)/n without its constant, which is 0 at the mean: add it to the mean loss of a batch, n the number of training examples."""
        return (0.5 / n) * self.mahalanobis(self.weights(model)).float()

    def sample(self, generator=None):
        """A draw w [D]."""
        normal = lambda count: torch.randn(count, generator=generator, dtype=torch.float64, device=self.mean.device)
        w = self.mean.double() + (self.scale * self.variance.double() + self.floor).sqrt() * normal(len(self.mean))
        return (w + math.sqrt(self.scale) * normal(len(self.factor)) @ self.factor.double()).float()

    def proximal(self, y, c):
        """The minimiser of 1/2 |w - y|^2 - c log p(w): y - c (Sigma + cI)^-1 (y - mean), as exact for a tight prior as for a loose one."""
        inverse, factor, lower = self._solve(self.floor + c)
        r = y.double() - self.mean.double()
        step = (self.scale * self.variance.double() + self.floor) * r
        if lower is not None:
            z = torch.cholesky_solve((factor @ (r * inverse))[:, None], lower)[:, 0]
            step = step + c * (z @ factor)
        return (self.mean.double() + step * inverse).to(y.dtype)


def extractor_names(network):
    """Names of everything before the head, in the order in which they make up w."""
    return [name for name, _ in network.named_parameters() if not name.startswith("head.")]


# ---------------------------------------------------------------- training

def cosine(step, steps, start, end=0.0, block=10):
    """Learning rate at `step`: half a cosine from start to end, held for blocks of 10 steps (so that the prior's K x K inverse is too)."""
    held = step - step % block
    return end if held >= steps else end + (start - end) * 0.5 * (1 + math.cos(math.pi * held / steps))


class ProximalSGD(_Optimizer):
    """MAP by SGD with momentum and an implicit prior step: on theta = (w, h), g = grad of the mean NLL of a batch, norm at most `clip`,

        y  = theta + momentum (theta - theta_prev) - lr g
        w+ = y_w - c (Sigma + cI)^-1 (y_w - mean), c = lr/n        h+ = y_h / (1 + c head_strength)

    Its fixed points are those of grad(NLL - log p/n) = 0 whatever lr and momentum, and a tight prior is as stable as a loose one. The momentum is
    theta - theta_prev: a velocity that forgets the prior step would underweight the prior by 1/(1 - momentum). Parameters that require no gradient stay
    as they are. `prior` None: no prior on the extractor. Set `lr` by `cosine` or any scheduler.
    """

    def __init__(self, model, prior, *, n, lr, momentum=0.9, clip=5.0, head_strength=0.0):
        named = [(name, p) for name, p in model.named_parameters() if p.requires_grad]
        super().__init__([p for _, p in named], {"lr": lr, "momentum": momentum, "clip": clip, "head_strength": head_strength})
        self._model, self._prior, self._n = model, prior, n
        self._heads = [p for name, p in named if name.startswith("head.")]
        missing = set(prior.names) - {name for name, _ in named} if prior else None
        if missing:
            raise ValueError(f"The prior is over {', '.join(sorted(missing))}, which this model does not train.")

    def step(self, closure=None):
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        (group,) = self.param_groups
        with torch.no_grad():
            moving = [p for p in group["params"] if p.grad is not None]
            norm = torch.sqrt(sum(p.grad.double().square().sum() for p in moving)).item()
            gain = group["lr"] * (group["clip"] / norm if norm > group["clip"] else 1.0)
            for p in moving:
                previous = self.state[p].get("previous", p)
                following = p + group["momentum"] * (p - previous) - gain * p.grad
                self.state[p]["previous"] = p.detach().clone()
                p.copy_(following)
            c = group["lr"] / self._n
            if self._prior is not None:
                self._prior.put(self._model, self._prior.proximal(self._prior.weights(self._model), c))
            for p in self._heads:
                p.div_(1 + c * group["head_strength"])
        return loss
