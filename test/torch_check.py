"""What test/torch.test.ts asks of PyTorch: python torch_check.py BUNDLE JOB < JSON, JSON out. BUNDLE holds priorscape.py and the files that jobs name."""
import json
import math
import pathlib
import sys

folder = pathlib.Path(sys.argv[1])
sys.path.insert(0, str(folder))
sys.dont_write_bytecode = True


def gaussian(asked):
    """Forward pass, densities, gradient and proximal step of a prior file."""
    import torch
    from priorscape import Prior, read_tensors
    prior = Prior.load(folder / "prior.safetensors")
    given, _ = read_tensors(folder / "given.safetensors")
    model = prior.network()
    model.eval()
    answer = {"logits": model(given["x"].permute(0, 3, 1, 2)).flatten().tolist(), "families": {}}
    for family, covers, scale, floor in asked["families"]:
        scaled = prior.family(family, covers).scaled(scale, floor)
        w = given["w"].clone().requires_grad_()
        density = scaled.log_prob(w)
        density.backward()
        scaled.put(model, given["w"])
        answer["families"][f"{family} {covers}"] = {
            "log_prob": density.item(), "gradient": w.grad.tolist(), "proximal": scaled.proximal(given["w"], asked["c"]).tolist(),
            "loss": scaled.prior_loss(model, 10).item(), "dense": dense(scaled, given["w"]) if len(w) <= asked["dense"] else None,
        }
    return answer


def dense(prior, w):
    """log p(w) from the D x D covariance."""
    import torch
    factor = prior.factor.double()
    covariance = torch.diag(prior.scale * prior.variance.double() + prior.floor) + prior.scale * factor.T @ factor
    return torch.distributions.MultivariateNormal(prior.mean.double(), covariance).log_prob(w.double()).item()


def samples(asked):
    """Moments of many draws against those of the prior, in standard errors."""
    import torch
    from priorscape import Prior
    prior = Prior.load(folder / "prior.safetensors").scaled(2.0, 0.01)
    generator = torch.Generator().manual_seed(1)
    draws = torch.stack([prior.sample(generator) for _ in range(asked["draws"])]).double()
    s = prior.scale * (prior.variance.double() + prior.factor.double().square().sum(0)) + prior.floor
    error = ((draws.mean(0) - prior.mean.double()) / (s / len(draws)).sqrt()).abs().max().item()
    ratio = draws.var(0) / s
    return {"mean": error, "variance": ((ratio - 1) / math.sqrt(2 / len(draws))).abs().max().item()}


def make(asked):
    """A prior made in PyTorch."""
    import torch
    from priorscape import Network, Prior, extractor_names
    torch.manual_seed(3)
    network = Network(asked["architecture"])
    named = dict(network.named_parameters())
    mean = torch.cat([named[name].detach().flatten() for name in extractor_names(network)])
    variance = torch.rand(len(mean)) * 1e-3 + 1e-5
    factor = torch.randn(2, len(mean)) * 1e-2
    prior = Prior.of(network, mean, variance, factor, class_names=asked["class_names"], normalisation={"mean": 0.5, "std": 0.25}, dataset="made in “torch”", snapshots=5)
    prior.save(folder / "made.safetensors")
    return {"mean": mean.tolist(), "variance": variance.tolist(), "factor": factor.flatten().tolist(), "head": torch.cat([p.detach().flatten() for n, p in named.items() if n.startswith("head.")]).tolist()}


def model(asked):
    """A tuned network measured on its seed's test rows, before and after a step of training; the changed weights are saved as a plain state_dict."""
    import torch
    import compare
    import priorscape
    bundle = compare.read_bundle(folder)
    network, _ = priorscape.load_model(folder / "model.safetensors")
    rows = bundle["task"]["splits"][asked["seed"]]["test"]
    before = compare.measure(bundle, network, rows)
    x, labels = bundle["posterior"].normalise(bundle["task"]["images"][rows]), bundle["task"]["labels"][rows]
    optimiser = torch.optim.SGD(network.parameters(), 0.1)
    for _ in range(5):
        optimiser.zero_grad()
        torch.nn.functional.cross_entropy(network(x), labels).backward()
        optimiser.step()
    priorscape.write_tensors(folder / "changed.safetensors", network.state_dict(), {"format": "pt"})
    return {"before": before, "after": compare.measure(bundle, network, rows)}


def flat(asked):
    """Flat tensors in both directions: ours as torch.load reads them, and twice those as torch.save writes them."""
    import torch
    read = {name: torch.load(folder / f"ours_{name}.pt") for name in ("mean", "covmat")}
    for name, tensor in read.items():
        torch.save(tensor * 2, folder / f"theirs_{name}.pt")
    torch.save(read["mean"].double()[1:], folder / "double.pt")
    torch.save({"a": read["mean"]}, folder / "dict.pt")
    return {name: {"shape": list(tensor.shape), "values": tensor.flatten().tolist()} for name, tensor in read.items()}


def numbers(asked):
    """A prior file by NumPy alone, without any of our code: struct, json, frombuffer."""
    import numpy
    import struct
    data = (folder / "prior.safetensors").read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8:8 + length])
    out = {}
    for name, entry in header.items():
        if name != "__metadata__":
            begin, end = entry["data_offsets"]
            out[name] = numpy.frombuffer(data[8 + length + begin:8 + length + end], "<f4").reshape(entry["shape"]).astype(float)
    about = json.loads(header["__metadata__"]["priorscape"])
    flat = lambda kind: numpy.concatenate([out[f"{kind}.{name}"].ravel() for name in about["parameters"]])
    factor = numpy.concatenate([out[f"cov_factor.{name}"].reshape(about["rank"], -1) for name in about["parameters"]], 1)
    return {"mean": flat("mean").tolist(), "variance": flat("variance").tolist(), "factor": factor.ravel().tolist()}


def fallback(asked):
    """read_tensors without torch."""
    sys.modules["torch"] = None
    from priorscape import read_tensors
    tensors, metadata = read_tensors(folder / "prior.safetensors")
    return {"sums": {name: float(values.astype(float).sum()) for name, values in tensors.items()}, "kinds": sorted({type(v).__module__ for v in tensors.values()}), "format": metadata["format"]}


def refuse(asked):
    """What loading each file says."""
    from priorscape import Prior
    told = []
    for file in asked["files"]:
        try:
            Prior.load(folder / file)
            told.append(None)
        except ValueError as error:
            told.append(str(error))
    return told


def front_matter(asked):
    """The card's front matter as a YAML reader sees it; None where there is none."""
    try:
        import yaml
    except ImportError:
        return {"metadata": None}
    return {"metadata": yaml.safe_load((folder / "README.md").read_text("utf-8").split("---\n")[1])}


json.dump(globals()[sys.argv[2]](json.load(sys.stdin)), sys.stdout)
