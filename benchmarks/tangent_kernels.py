"""Tangent kernels beside neural-tangents 0.6.5, torch.func and nngeometry in one run: seconds, agreement, and memory.

Run `python benchmarks/tangent_kernels.py --out FOLDER` on a quiet machine. It needs `pip` and a Python between 3.9 and
3.12 (jax 0.4.20 has wheels for no other), its own or one on the path: neural-tangents gets an environment of its own,
in the folder of `--environment` (kept, and used again). nngeometry is compared where it is installed. All sides run in
float64, on one thread of one core, and take turns, so that a noisy machine is as noisy for all; compilation is left
out; each side's number is the processor time of its fastest of `--rounds` turns. `--only kernels` or `--only memory`
does one half. The report, `tangent_kernels.json` and `.md`, goes into FOLDER.
"""

from __future__ import annotations

import argparse
import importlib.util
import itertools
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs
import torch
from torch import nn

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from lazy_assay.sims.kernels import architecture as net
from lazy_assay.sims.kernels import empirical_ntk, limiting_ntk

REQUIREMENTS = ["jax==0.4.20", "jaxlib==0.4.20", "numpy<2", "scipy<1.13", "neural-tangents==0.6.5"]
STRUCTURED = ["STRUCTURED_DERIVATIVES", "NTK_VECTOR_PRODUCTS", "AUTO", "JACOBIAN_CONTRACTION"]
WIDTH, COORDINATES = 512, 100
# Shape of the points, and layers as both sides read them: kind and, of a map, window, padding, stride.
ARCHITECTURES: dict[str, tuple[tuple[int, ...], list[list[Any]]]] = {
    "convolutions and Flatten, 200 images of 8 x 8": (
        (200, 8, 8, 3), [["convolution", 3], ["relu"], ["convolution", 3], ["relu"], ["flatten"], ["dense"]]
    ),
    "convolutions and pooling, 40 images of 8 x 8": (
        (40, 8, 8, 3), [["convolution", 3], ["relu"], ["pool", 2], ["convolution", 3], ["relu"], ["average"], ["dense"]]
    ),
    "layer normalisation, 200 images of 8 x 8": (
        (200, 8, 8, 3), [["convolution", 3], ["normalise"], ["relu"], ["convolution", 3], ["normalise"], ["relu"],
                         ["flatten"], ["dense"]]
    ),
    "softmax attention, 100 sequences of 16": (
        (100, 16, 8), [["dense"], ["relu"], ["softmax"], ["relu"], ["average"], ["dense"]]
    ),
    "linear attention, 100 sequences of 16": (
        (100, 16, 8), [["dense"], ["relu"], ["linear"], ["relu"], ["average"], ["dense"]]
    ),
}  # fmt: skip
Case = dict[str, Any]


def cases() -> list[Case]:
    """What neural-tangents is asked for; `row` is the line of the report that it belongs to."""
    found: list[Case] = []
    for activation, depth in [("relu", 1), ("relu", 4), ("erf", 1), ("erf", 4), ("abs", 4), ("sin", 4)]:
        scales = {"weight_std": 1.4, "bias_std": 0.2}
        row = f"limiting NTK, {activation}, n = 1000, depth {depth}"
        case = {"kind": "limiting", "points": 1000, "activation": activation, "depth": depth}
        found.append({"row": row, **case, **scales})
    for name, (shape, layers) in ARCHITECTURES.items():
        row = f"limiting NTK, {name}"
        found.append({"row": row, "kind": "architecture", "points": name, "channels": shape[-1], "layers": layers})
    for depth in (1, 2):
        for implementation in STRUCTURED:
            row = f"empirical NTK, width {WIDTH}, n = 200, depth {depth}"
            case = {"kind": "empirical", "points": 200, "depth": depth, "implementation": implementation}
            found.append({"row": row, **case})
    return found


def network(depth: int) -> nn.Sequential:
    """A ReLU network in float64, its weights from a seed."""
    torch.manual_seed(depth)
    sizes = [COORDINATES, *[WIDTH] * depth]
    layers = [layer for a, b in itertools.pairwise(sizes) for layer in (nn.Linear(a, b), nn.ReLU())]
    return nn.Sequential(*layers, nn.Linear(WIDTH, 1)).double()


def ours(case: Case, x: torch.Tensor) -> dict[str, Callable[[], torch.Tensor]]:
    """What is timed on this side for one row."""
    if case["kind"] == "limiting":
        scales = {name: case[name] for name in ("activation", "depth", "weight_std", "bias_std")}
        return {"": lambda: limiting_ntk(x, **scales)}
    if case["kind"] == "architecture":
        made = net.Network(*map(layer, case["layers"]), channels=case["channels"])
        return {"": lambda: made.kernels(x).ntk}
    module = network(case["depth"])
    found = {
        "": lambda: empirical_ntk(module, x),
        "our JACOBIAN_CONTRACTION": lambda: empirical_ntk(module, x, method="jacobian", memory_limit=2**33),
        "torch.func": lambda: of_torch(module, x),
    }
    if importlib.util.find_spec("nngeometry"):
        found["nngeometry"] = lambda: of_nngeometry(module, x)
    return found


def layer(told: list[Any]) -> net.Layer:
    """A layer of the list, on this side; the scales are those of `_neural_tangents.py`."""
    kind, *sizes = told
    table: dict[str, Callable[..., net.Layer]] = {
        "convolution": lambda size: net.Convolution(size, 1, size // 2, 1.4, 0.2),
        "dense": lambda: net.Dense(1.4, 0.2),
        "pool": net.AveragePooling,
        "average": net.AveragePooling,
        "flatten": net.Flatten,
        "normalise": net.LayerNormalisation,
        "softmax": net.Attention,
        "linear": lambda: net.Attention("linear", "1/sqrt(d)", tied=False),
    }
    return table[kind](*sizes) if kind in table else net.Activation(kind)


def of_torch(module: nn.Module, x: torch.Tensor) -> torch.Tensor:
    """By torch.func, as its tutorial has it: the Jacobian of every point under vmap, contracted."""
    weights = {name: p.detach() for name, p in module.named_parameters()}

    def output(given: dict[str, torch.Tensor], point: torch.Tensor) -> torch.Tensor:
        found: torch.Tensor = torch.func.functional_call(module, given, (point[None],))[0, 0]
        return found

    jacobian = torch.func.vmap(torch.func.grad(output), (None, 0))(weights, x)
    return torch.stack([part.flatten(1) @ part.flatten(1).mT for part in jacobian.values()]).sum(0)


def of_nngeometry(module: nn.Module, x: torch.Tensor) -> torch.Tensor:
    """Its Gram matrix of the outputs' gradients."""
    from nngeometry.gram import GramMatrix
    from nngeometry.layercollection import LayerCollection

    loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x), batch_size=len(x))
    collection = LayerCollection.from_model(module)
    found = GramMatrix(module, loader, function=lambda *d: module(d[0]), layer_collection=collection)
    kernel: torch.Tensor = found.data.reshape(len(x), len(x)).detach()
    return kernel


def environment(folder: Path) -> Path:
    """The Python of an environment with neural-tangents, made where it is not there yet."""
    python = folder / "bin" / "python"
    if not python.exists():
        names = [f"python3.{number}" for number in (11, 12, 10, 9)]
        there = [shutil.which(name, path=place) for name in names for place in os.get_exec_path()]
        paths = (path for path in (sys.executable, *there) if path and minor(path) in range(9, 13))
        if not any(_made([path, "-m", "venv", "--clear", str(folder)]) for path in paths):
            raise SystemExit("jax 0.4.20 needs a Python from 3.9 to 3.12 with venv, and none that runs is on the path")
        if not _made([str(python), "-m", "pip", "install", "-q", *REQUIREMENTS]):
            # What is there would be taken for whole the next time.
            shutil.rmtree(folder)
            raise SystemExit("pip could not install neural-tangents and jax 0.4.20; what it says stands above")
    return python


def minor(python: str) -> int:
    """The second number of its version, or −1 for what is on the path and does not run, as a shim without a version."""
    try:
        done = subprocess.run(
            [python, "-c", "import sys; print(sys.version_info[1])"], check=True, capture_output=True, text=True
        )
        return int(done.stdout)
    except (OSError, subprocess.CalledProcessError, ValueError):
        return -1


def _made(command: list[str]) -> bool:
    return subprocess.run(command, check=False).returncode == 0


class Other:
    """The process of the other side."""

    def __init__(self, python: Path, folder: Path) -> None:
        program = Path(__file__).with_name("_neural_tangents.py")
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        self._log = (folder / "log").open("w")
        self._process = subprocess.Popen(
            [str(python), str(program), str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log,
            text=True, env=kept,
        )  # fmt: skip

    def seconds(self, case: int, save: Path | None = None) -> float:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        asked = {"case": case, **({} if save is None else {"save": str(save)})}
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        # neural-tangents prints remarks of its own.
        answer = next((line for line in self._process.stdout if line.startswith("{")), "")
        if not answer:
            raise SystemExit(f"neural-tangents stopped:\n{Path(self._log.name).read_text()[-2000:]}")
        return float(json.loads(answer)["seconds"])

    def close(self) -> None:
        self._process.communicate()
        self._log.close()


def timed(call: Callable[[], torch.Tensor]) -> tuple[float, torch.Tensor]:
    start = time.process_time()
    result = call()
    return time.process_time() - start, result


def compare(rounds: int, python: Path, text: str) -> list[dict[str, Any]]:
    """The rows of the report."""
    asked = [case for case in cases() if text in case["row"]]
    rng = np.random.default_rng(0)
    points: dict[Any, np.ndarray] = {n: rng.normal(size=(n, COORDINATES)) for n in (200, 1000)}
    points |= {name: rng.normal(size=shape) for name, (shape, _) in ARCHITECTURES.items()}
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _write_inputs(folder, asked, points)
        other = Other(python, folder)
        for row in dict.fromkeys(case["row"] for case in asked):
            chosen = [i for i, case in enumerate(asked) if case["row"] == row]
            calls = ours(asked[chosen[0]], torch.as_tensor(points[asked[chosen[0]]["points"]]))
            rows.append(_row(row, chosen, [asked[i] for i in chosen], calls, other, rounds, folder / "result.npy"))
            print(_line(rows[-1]), flush=True)
        other.close()
    return rows


def _write_inputs(folder: Path, asked: list[Case], points: dict[Any, np.ndarray]) -> None:
    arrays: dict[str, Any] = {f"x {n}": x for n, x in points.items()}
    for depth in (1, 2):
        for i, layer in enumerate(layer for layer in network(depth) if isinstance(layer, nn.Linear)):
            arrays[f"weight {depth} {i}"] = layer.weight.detach().T.numpy()
            arrays[f"bias {depth} {i}"] = layer.bias.detach().numpy()
    np.savez(folder / "inputs.npz", **arrays)
    (folder / "cases.json").write_text(json.dumps(asked))


def _row(
    label: str, indices: list[int], asked: list[Case], calls: dict[str, Callable[[], torch.Tensor]], other: Other,
    rounds: int, file: Path,
) -> dict[str, Any]:  # fmt: skip
    """Alternating turns of both sides; the first turn of each, which compiles, is not counted."""
    names = [case.get("implementation", "neural-tangents") for case in asked]
    for i in indices:
        other.seconds(i, file)
    reference = torch.as_tensor(np.load(file))
    results = {name: timed(call)[1] for name, call in calls.items()}
    here: dict[str, list[float]] = {name: [] for name in calls}
    there: dict[str, list[float]] = {name: [] for name in names}
    for turn in range(rounds):
        for name, call in calls.items():
            if name in ("", "nngeometry") or turn < 3:
                here[name].append(timed(call)[0])
        for name, i in zip(names, indices, strict=True):
            if name != "JACOBIAN_CONTRACTION" or turn < 3:
                there[name].append(other.seconds(i))
    apart = ~torch.eye(len(reference), dtype=torch.bool)
    error = ((results[""] - reference)[apart].abs().max() / reference.abs().max()).item()
    on_diagonal = ((results[""] - reference).diagonal().abs().max() / reference.abs().max()).item()
    fastest = {name: min(seconds) for name, seconds in {**there, **here}.items() if name}
    mine, formed = min(here[""]), "JACOBIAN_CONTRACTION"
    row = {"row": label, "assay_seconds": mine, "others_seconds": fastest, "error": error, "diagonal": on_diagonal}
    row["ratio_to_best"] = min(seconds for name, seconds in fastest.items() if not name.startswith("our")) / mine
    row["others_agree"] = {
        name: ((found - results[""]).abs().max() / reference.abs().max()).item()
        for name, found in results.items()
        if name
    }
    row["medians"] = {name or "assay": float(np.median(seconds)) for name, seconds in {**here, **there}.items()}
    return row | ({"ratio_to_jacobian": fastest[formed] / mine} if formed in fastest else {})


def _line(row: dict[str, Any]) -> str:
    others = ", ".join(f"{name} {1e3 * seconds:.1f}" for name, seconds in row["others_seconds"].items())
    formed = f", {row['ratio_to_jacobian']:.0f}x Jacobian contraction" if "ratio_to_jacobian" in row else ""
    return (
        f"{row['row']}: {1e3 * row['assay_seconds']:.1f} ms ({others} ms): {row['ratio_to_best']:.2f}x "
        f"the best's speed{formed}; "
        f"of the largest entry, differs by {row['error']:.1e} off the diagonal, {row['diagonal']:.1e} on it"
    )


MODULES = {
    "fully connected, 100-950-950-1, tanh": (
        "nn.Sequential(nn.Linear(100, 950), nn.Tanh(), nn.Linear(950, 950), nn.Tanh(), nn.Linear(950, 1))",
        "100",
    ),
    "convolutional, 8 x 8 images, two layers and 450 units": (
        "nn.Sequential(nn.Conv2d(1, 64, 3, padding=1), nn.ReLU(), nn.Conv2d(64, 128, 3, stride=2, padding=1),"
        " nn.ReLU(), nn.Flatten(), nn.Linear(2048, 450), nn.ReLU(), nn.Linear(450, 1))",
        "1, 8, 8",
    ),
}
MEASURED = """
import resource, time, torch
from pathlib import Path
from torch import nn
from lazy_assay.sims.kernels import empirical_ntk
torch.set_num_threads(1)
module = {module}.double()
empirical_ntk(module, torch.randn(4, {shape}).double())
x = torch.randn(2000, {shape}).double()
def peak():
    # On Linux ru_maxrss outlives exec: it would be the parent's.
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return next(int(line.split()[1]) * 1024 for line in status.read_text().splitlines() if line.startswith("VmHWM"))
before, start = peak(), time.process_time()
empirical_ntk(module, x, memory_limit={limit})
print(sum(p.numel() for p in module.parameters()), peak() - before, time.process_time() - start)
"""


def memory() -> list[dict[str, Any]]:
    """Peak memory of kernels of 2,000 points, in a process of their own, above what it held before."""
    rows = []
    for label, (module, shape) in MODULES.items():
        for limit in (2**28, 2**30):
            program = MEASURED.format(module=module, shape=shape, limit=limit)
            here = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[1])}
            done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True, env=here)
            count, taken, seconds = done.stdout.split()
            row = {"module": label, "parameters": int(count), "limit": limit, "taken": int(taken)}
            rows.append(row | {"cpu_seconds": float(seconds)})
            print(_memory_line(rows[-1]), flush=True)
    return rows


def _memory_line(row: dict[str, Any]) -> str:
    return (
        f"{row['module']}, {row['parameters']:,} parameters, n = 2000: {row['taken'] / 2**20:.0f} MiB "
        f"of the {row['limit'] / 2**20:.0f} MiB allowed, {row['cpu_seconds']:.1f} s of processor time"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="folder of the report")
    kept = Path(platformdirs.user_cache_dir("assay")) / "neural-tangents"
    parser.add_argument("--environment", type=Path, default=kept, help="where neural-tangents is, or will be")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--only", choices=("kernels", "memory"))
    parser.add_argument("--rows", default="", help="the rows of kernels that hold this text")
    options = parser.parse_args()
    python = None if options.only == "memory" else environment(options.environment)
    torch.set_num_threads(1)
    if hasattr(os, "sched_setaffinity"):
        # One core for both: they take turns, and XLA heeds no other bound on its threads.
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    report: dict[str, Any] = {
        "machine": platform.machine(),
        "torch": torch.__version__,
        "rounds": options.rounds,
    }
    report |= {
        "kernels": [] if python is None else compare(options.rounds, python, options.rows),
        "memory": [] if options.only == "kernels" else memory(),
    }
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "tangent_kernels.json").write_text(json.dumps(report, indent=1))
    lines = [*map(_line, report["kernels"]), *map(_memory_line, report["memory"])]
    (options.out / "tangent_kernels.md").write_text("# Tangent kernels\n\n" + "".join(f"- {line}\n" for line in lines))


if __name__ == "__main__":
    main()
