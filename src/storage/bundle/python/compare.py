"""The downstream comparison of this bundle once more, in PyTorch: every arm, scale and seed of config.json, chosen by validation NLL, measured on test.

    python compare.py                        all runs here, one after another
    python compare.py --ray                  spread over a Ray cluster by Ray Tune (--ray ADDRESS: one that is up; pip install "ray[tune]")
    python compare.py --arms l2-sp low-rank --seeds 2 --data mine.npz --out torch-runs.csv

Splits, batches, head starts and random starts are those of the lab, from the same counter-based generator: runs agree to what float32 rounding leaves.
Data: downstream.safetensors of the bundle, or --data: a file of that layout or an .npz with `images` [N, H, W] or [N, H, W, C] (bytes, or floats in 0..1),
`labels` [N] and, for each seed, rows `train.<seed>`, `validation.<seed>`, `test.<seed>`; without rows they are drawn at random.
"""
import argparse
import csv
import json
import math
import pathlib
import sys

import torch
from torch.nn import functional as F

import priorscape
from priorscape import FAMILIES, Network, Prior, ProximalSGD, cosine, read_tensors

HERE = pathlib.Path(__file__).resolve().parent
PRIORLESS = ("scratch", "none", "probe")
METRICS = ("accuracy", "nll", "ece", "brier")
MASK = 0xFFFFFFFF


class Stream:
    """Philox 4x32-10 (Salmon et al. 2011) as the lab reads it: a stream for (seed, purpose, a)."""

    PURPOSES = ("init", "head", "batch")

    def __init__(self, seed, purpose, a=0):
        self.key, self.a, self.counter = (seed & MASK, 1 + self.PURPOSES.index(purpose)), a, 0
        self.words, self.spare = [], None

    def uint32(self):
        if not self.words:
            c0, c1, c2, c3 = self.counter & MASK, self.counter >> 32, self.a, 0
            k0, k1 = self.key
            for _ in range(10):
                p0, p1 = 0xD2511F53 * c0, 0xCD9E8D57 * c2
                c0, c1, c2, c3 = (p1 >> 32) ^ c1 ^ k0, p1 & MASK, (p0 >> 32) ^ c3 ^ k1, p0 & MASK
                k0, k1 = (k0 + 0x9E3779B9) & MASK, (k1 + 0xBB67AE85) & MASK
            self.words, self.counter = [c3, c2, c1, c0], self.counter + 1
        return self.words.pop()

    def uniform(self):
        return ((self.uint32() >> 8) + 0.5) / 0x1000000

    def normal(self):
        if self.spare is not None:
            spare, self.spare = self.spare, None
            return spare
        radius = math.sqrt(-2 * math.log(self.uniform()))
        angle = 2 * math.pi * self.uniform()
        self.spare = radius * math.sin(angle)
        return radius * math.cos(angle)

    def shuffle(self, items):
        for i in range(len(items) - 1, 0, -1):
            j = self.uint32() * (i + 1) >> 32
            items[i], items[j] = items[j], items[i]
        return items


class BatchOrder:
    """Rows of step 0, 1, ...: a fresh order each epoch, read without gaps."""

    def __init__(self, seed, n, batch):
        self.seed, self.n, self.batch, self.epoch, self.order = seed, n, min(batch, n), -1, []

    def positions(self, step):
        out = []
        for read in range(step * self.batch, (step + 1) * self.batch):
            if read // self.n != self.epoch:
                self.epoch = read // self.n
                self.order = Stream(self.seed, "batch", self.epoch).shuffle(list(range(self.n)))
            out.append(self.order[read % self.n])
        return out


# ---------------------------------------------------------------- the bundle

def read_config(path):
    """config.json (every setting, nested) as {dotted key: value}."""
    def flat(value, prefix=""):
        for name, inner in value.items():
            if isinstance(inner, dict):
                yield from flat(inner, f"{prefix}{name}.")
            else:
                yield prefix + name, inner
    return dict(flat(json.loads(path.read_text("utf-8"))))


def read_task(path, config):
    """Images [N, C, H, W] in 0..1, labels [N], rows of each seed."""
    if path.suffix == ".npz":
        import numpy
        with numpy.load(path, allow_pickle=False) as file:
            arrays = {name: torch.tensor(file[name].tolist(), dtype=torch.uint8 if file[name].dtype == numpy.uint8 else None) for name in file.files}
        names = [str(label) for label in range(int(arrays["labels"].max()) + 1)]
    else:
        arrays, metadata = read_tensors(path, "torch")
        names = json.loads(metadata["priorscape_data"])["classNames"]
    images, labels = arrays["images"], arrays["labels"].long()
    images = images[..., None] if images.dim() == 3 else images
    images = images.float() / 255 if images.dtype == torch.uint8 else images.float()
    seeds = [(config["seed"] + i) & MASK for i in range(config["seeds"])]
    splits = {}
    for seed in seeds:
        if f"train.{seed}" in arrays:
            splits[seed] = {part: arrays[f"{part}.{seed}"].long() for part in ("train", "validation", "test")}
        else:
            n = config["downstream.n"]
            m = config["downstream.validation"] or n
            order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(seed))
            splits[seed] = {"train": order[:n], "validation": order[n:n + m], "test": order[n + m:n + m + config["downstream.test"]]}
    return {"images": images.permute(0, 3, 1, 2).contiguous(), "labels": labels, "splits": splits, "seeds": seeds, "class_names": names}


def read_bundle(folder, data=None):
    """Config, priors and task of a bundle: all that a run needs, so that it can be sent to another machine."""
    folder = pathlib.Path(folder)
    config = read_config(folder / "config.json")
    path = pathlib.Path(data) if data else folder / "downstream.safetensors"
    if not path.exists():
        sys.exit(f"{path} is not there: this bundle came without its images; name yours with --data (an .npz with images and labels).")
    posterior = Prior.load(folder / "prior.safetensors")
    shift = folder / "shift-trajectory.safetensors"
    return {"config": config, "posterior": posterior, "shift": Prior.load(shift) if shift.exists() else None, "task": read_task(path, config)}


def runs_of(config, arms, seeds):
    """Every cell of the grid for every seed, arm by arm."""
    runs = []
    for arm in arms:
        tunes_scale = arm not in PRIORLESS
        grid = config["grid.isotropicScales" if arm == "isotropic" else "grid.scales"] if tunes_scale else config["grid.learningRates"]
        for seed in seeds:
            for value in grid:
                for strength in config["grid.headStrengths"]:
                    rate = config["inference.learningRate"] if tunes_scale else value
                    runs.append({"arm": arm, "seed": seed, "scale": value if tunes_scale else None, "head_strength": strength, "learning_rate": rate})
    return runs


# ---------------------------------------------------------------- one run

def start_of(bundle, arm, seed):
    """The network every run of this arm and seed starts from."""
    task, posterior = bundle["task"], bundle["posterior"]
    _, channels, height, width = task["images"].shape
    model = posterior.network(len(task["class_names"]), {"height": height, "width": width, "channels": channels})
    normals = {"init": Stream(seed, "init"), "head": Stream(seed, "head")}
    with torch.no_grad():
        for name, p in model.named_parameters():
            is_head = name.startswith("head.")
            if name.endswith("bias"):
                if is_head or arm == "scratch":
                    p.zero_()
            elif is_head:
                p.copy_(torch.tensor([0.01 * normals["head"].normal() for _ in range(p.numel())], dtype=torch.float64).reshape(p.shape))
            elif arm == "scratch" and p.dim() == 1:
                p.fill_(1)
            elif arm == "scratch":
                deviation = math.sqrt(2 / p[0].numel())
                p.copy_(torch.tensor([deviation * normals["init"].normal() for _ in range(p.numel())], dtype=torch.float64).reshape(p.shape))
            if arm == "probe" and not is_head:
                p.requires_grad_(False)
    return model


def train(bundle, run):
    """The tuned network of one run."""
    config, task, posterior = bundle["config"], bundle["task"], bundle["posterior"]
    arm, seed = run["arm"], run["seed"]
    rows = task["splits"][seed]["train"]
    x, labels = posterior.normalise(task["images"][rows]), task["labels"][rows]
    prior = None
    if arm not in PRIORLESS:
        made = bundle["shift"] if arm == "shift-trajectory" else posterior.family(arm, config["prior.covers"])
        prior = made.scaled(run["scale"], config["prior.floor"])
    model = start_of(bundle, arm, seed)
    optimiser = ProximalSGD(model, prior, n=len(rows), lr=run["learning_rate"], momentum=config["inference.momentum"], clip=config["inference.clip"], head_strength=run["head_strength"])
    order = BatchOrder(seed, len(rows), config["inference.batch"])
    for step in range(config["inference.steps"]):
        optimiser.param_groups[0]["lr"] = cosine(step, config["inference.steps"], run["learning_rate"])
        batch = order.positions(step)
        optimiser.zero_grad()
        F.cross_entropy(model(x[batch]), labels[batch]).backward()
        optimiser.step()
    return model


def measure(bundle, model, rows):
    """Accuracy, NLL in nats, ECE over 15 bins, Brier score summed over classes."""
    task, posterior = bundle["task"], bundle["posterior"]
    with torch.no_grad():
        logits = torch.cat([model(posterior.normalise(task["images"][part])) for part in rows.split(500)]).double()
    labels = task["labels"][rows]
    log_p = logits.log_softmax(1)
    p = log_p.exp()
    top, answer = p.max(1)
    right = (answer == labels).double()
    bins = (top * 15).ceil().clamp(1, 15).long() - 1
    gap = torch.zeros(15, dtype=torch.float64).index_add(0, bins, right - top)
    return {
        "accuracy": right.mean().item(), "nll": F.nll_loss(log_p, labels).item(), "ece": (gap.abs().sum() / len(rows)).item(),
        "brier": (p - F.one_hot(labels, p.shape[1])).square().sum(1).mean().item(),
    }


def perform(run, bundle):
    """One row of the table: validation and test metrics of one run."""
    torch.set_num_threads(1)
    model = train(bundle, run)
    splits = bundle["task"]["splits"][run["seed"]]
    row = dict(run)
    for part in ("validation", "test"):
        for metric, value in measure(bundle, model, splits[part]).items():
            row[f"{part}_{metric}"] = value
    return row


# ---------------------------------------------------------------- all runs

def here(runs, bundle):
    rows = []
    for i, run in enumerate(runs):
        rows.append(perform(run, bundle))
        print(f"\r{i + 1} of {len(runs)} runs", end="", file=sys.stderr)
    print(file=sys.stderr)
    return rows


def on_ray(runs, bundle, address):
    """The same function as trials of Ray Tune; the bundle goes to the workers through Ray's object store."""
    import ray
    from ray import tune
    ray.init(address=None if address == "local" else address)
    ray.cloudpickle.register_pickle_by_value(priorscape)  # workers need no copy of the file
    trial = tune.with_resources(tune.with_parameters(lambda config, bundle: perform(config["run"], bundle), bundle=bundle), {"cpu": 1})
    results = tune.Tuner(trial, param_space={"run": tune.grid_search(runs)}).fit()
    failed = [result.error for result in results if result.error]
    if failed:
        raise failed[0]
    return [{key: result.metrics[key] for key in (*runs[0], *(f"{part}_{metric}" for part in ("validation", "test") for metric in METRICS))} for result in results]


def choose(rows):
    """Marks the run of each arm and seed with the lowest validation NLL; what diverged cannot be chosen."""
    best = {}
    for row in rows:
        row["chosen"] = False
        key = (row["arm"], row["seed"])
        if math.isfinite(row["validation_nll"]) and (key not in best or row["validation_nll"] < best[key]["validation_nll"]):
            best[key] = row
    for row in best.values():
        row["chosen"] = True
    return list(best.values())


def half_width(values):
    """Half of the 95% t interval of a mean."""
    n = len(values)
    if n < 2:
        return math.nan
    mean = sum(values) / n
    deviation = math.sqrt(sum((v - mean) ** 2 for v in values) / (n - 1))
    return t_quantile(n - 1) * deviation / math.sqrt(n)


def t_quantile(degrees):
    """The 97.5% quantile of Student's t, by bisection on Simpson's rule over its density."""
    scale = math.exp(math.lgamma((degrees + 1) / 2) - math.lgamma(degrees / 2)) / math.sqrt(degrees * math.pi)
    density = lambda t: scale * (1 + t * t / degrees) ** (-(degrees + 1) / 2)
    low, high = 0.0, 20.0
    for _ in range(50):
        middle = (low + high) / 2
        h = middle / 400
        mass = h / 3 * sum((1 if i in (0, 400) else 4 if i % 2 else 2) * density(i * h) for i in range(401))
        low, high = (middle, high) if mass < 0.475 else (low, middle)
    return low


def reported(folder):
    """Mean test accuracy and NLL of each arm in the lab's own result.json; empty where there is none."""
    path = folder / "result.json"
    if not path.exists():
        return {}
    result = json.loads(path.read_text("utf-8"))
    return {(one["arm"], one["metric"]): one["mean"] for one in result["summaries"]}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bundle", type=pathlib.Path, default=HERE)
    parser.add_argument("--data", type=pathlib.Path)
    parser.add_argument("--arms", nargs="+")
    parser.add_argument("--seeds", type=int, help="only the first so many")
    parser.add_argument("--ray", nargs="?", const="local", metavar="ADDRESS")
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("torch-runs.csv"))
    asked = parser.parse_args()
    bundle = read_bundle(asked.bundle, asked.data)
    known = [*PRIORLESS, *FAMILIES, *(["shift-trajectory"] if bundle["shift"] else [])]
    wanted = asked.arms or bundle["config"]["arms"]
    for arm in wanted:
        if arm not in known:
            print(f"Left out: the arm {arm}, which this bundle has no prior for.", file=sys.stderr)
    arms = [arm for arm in wanted if arm in known]
    runs = runs_of(bundle["config"], arms, bundle["task"]["seeds"][:asked.seeds])
    rows = on_ray(runs, bundle, asked.ray) if asked.ray else here(runs, bundle)
    chosen = choose(rows)
    with open(asked.out, "w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    theirs = reported(asked.bundle)
    print(f"{'arm':18}{'accuracy':>20}{'NLL':>20}{'NLL in the lab':>18}")
    for arm in arms:
        own = [row for row in chosen if row["arm"] == arm]
        cells = []
        for metric in ("accuracy", "nll"):
            values = [row[f"test_{metric}"] for row in own]
            cells.append(f"{sum(values) / len(values):.4f} ± {half_width(values):.4f}" if values else "–")
        lab = theirs.get((arm, "nll"))
        print(f"{arm:18}{cells[0]:>20}{cells[1]:>20}{'–' if lab is None else f'{lab:.4f}':>18}")
    print(f"Test, mean and half the 95% t interval over {len({row['seed'] for row in rows})} seeds; every run in {asked.out}.")


if __name__ == "__main__":
    main()
