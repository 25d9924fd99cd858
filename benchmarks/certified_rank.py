"""Certified rank at large: random networks, exactly deficient ones, the paper's ResNet; numpy's rank beside it.

    python benchmarks/certified_rank.py [random] [deficient] [relu] [sizes] [resnets] [transformers]

`random`: 1,000 softplus networks, widths 1 … 512 and inputs 1 … 64 (log-uniform), 1 … 6 hidden layers, zeta 1 … 100,
half of them with a good initialisation (variance 1/fan-in), half with a bad one (gain and biases 10^U(−2, 1)), 2 …
m_H + 1 samples. `deficient`: 200 that are deficient by construction. Every certificate is checked again by another
route: features by plain loops over the weights in Arb, the determinant of the matrix times random integers, precision
doubled until it excludes zero; a deficient one must leave it within 2^−(bits/2) at 512 bits. Seconds are of the
processor. `transformers`: 50 small ones (`_transformers`), checked by the same route, with plain loops of their own.
All tables without an argument.
About half an hour on one core; `--count N` shortens `random` and `deficient`, `--seed S` draws others.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter

import flint
import numpy as np
import torch
from _transformers import KINDS as KINDS_OF_TRANSFORMERS
from _transformers import Loops, Transformer, drawn

from lazy_assay.sims.deep.fully_connected import inputs_and_weights, network, split
from lazy_assay.sims.deep.preactivation_resnet import (
    EIGHTEEN_LAYERS,
    ONE_BLOCK_A_STAGE,
    preactivation_resnet,
    silence_residuals,
)
from lazy_assay.sims.rank import RankVerdict, certified_rank

FULL, DEFICIENT = RankVerdict.FULL, RankVerdict.DEFICIENT
SECONDS = 10.0


# -- a route of its own ----------------------------------------------------------------------------------------------


def arb_matrix(values: np.ndarray) -> flint.arb_mat:
    """An array (rows, columns), exactly."""
    rows, columns = values.shape
    return flint.arb_mat(rows, columns, values.ravel().tolist())


def arb_features(module: torch.nn.Module, x: np.ndarray) -> flint.arb_mat:
    """[h, 1] by plain loops, at the context's precision."""
    if isinstance(module, Transformer):
        return Loops(module).features(x)
    assert isinstance(module, torch.nn.Sequential)
    value = arb_matrix(x)
    for layer in list(module)[:-1]:
        if isinstance(layer, torch.nn.Linear):
            W, b = layer.weight.detach().double().numpy(), layer.bias.detach().double().numpy()
            value = value * arb_matrix(W.T)
            rows, columns = value.nrows(), value.ncols()
            value = flint.arb_mat(rows, columns, [v + b[i % columns].item() for i, v in enumerate(value.entries())])
        else:
            zeta = getattr(layer, "zeta", None)
            entries = [
                v.max(flint.arb(0)) if zeta is None else (zeta * v).exp().log1p() / zeta for v in value.entries()
            ]
            value = flint.arb_mat(value.nrows(), value.ncols(), entries)
    return flint.arb_mat([[*value.table()[i], flint.arb(1)] for i in range(value.nrows())])


def float_size(value: flint.arb) -> flint.arb:
    """What columns are compared by."""
    return abs(value).mid()


def mixed_determinant(module: torch.nn.Module, x: np.ndarray, bits: int) -> flint.arb:
    """det([h, 1] D S), D scaling columns to order one, S of random integers; over its rows' largest entries."""
    with flint.ctx.workprec(bits):
        A = arb_features(module, x)
        mix = np.random.default_rng(len(x)).integers(-99, 100, (A.ncols(), len(x)))
        largest = [max(column, key=float_size) for column in A.transpose().tolist()]
        scales = [1 / v if abs(v) > 0 else flint.arb(1) for v in largest]
        A = flint.arb_mat([[v * s for v, s in zip(row, scales, strict=True)] for row in A.tolist()])
        mixed = A * arb_matrix(mix)
        found: flint.arb = mixed.det()
        for row in mixed.tolist():
            found = found / max(float(abs(v).upper()) for v in row)
        return found


def right(module: torch.nn.Module, x: np.ndarray, verdict: RankVerdict) -> str:
    """`right`, `wrong` or `open`: what the route of its own says of a verdict."""
    if verdict is DEFICIENT:
        return "right" if float(abs(mixed_determinant(module, x, 512)).upper()) < 2.0**-256 else "wrong"
    # Columns of very different sizes are graded, which mixing destroys: small matrices may need many bits.
    for bits in (2**k for k in range(7, 17)):
        if (bits / 128) ** 1.2 * len(x) ** 3 * 3e-8 > 3:
            return "open"
        if not mixed_determinant(module, x, bits).contains(0):
            return "right"
    return "open"


# -- populations -----------------------------------------------------------------------------------------------------


def log_uniform(rng: np.random.Generator, low: int, high: int) -> int:
    return round(float(np.exp(rng.uniform(np.log(low), np.log(high)))))


def random_network(rng: np.random.Generator) -> tuple[torch.nn.Sequential, np.ndarray, str]:
    """One of the population, and a word for its initialisation."""
    depth = int(rng.integers(1, 7))
    widths = [log_uniform(rng, 1, 64), *(log_uniform(rng, 1, 512) for _ in range(depth)), 1]
    good = rng.random() < 0.5
    gain, bias = (1.0, 1.0) if good else (10 ** rng.uniform(-2, 1), 10 ** rng.uniform(-2, 1))
    n = int(rng.integers(2, widths[-2] + 2)) if widths[-2] > 1 else 2
    zeta = float(np.exp(rng.uniform(0, np.log(100))))
    (row,) = inputs_and_weights(
        samples=n, widths=np.array(widths), gain=gain, bias_scale=bias, trials=1, entropy=int(rng.integers(2**62))
    )
    x, weights = split(row, n, widths[0])
    module = network(widths=widths, weights=weights, activation="softplus", zeta=zeta)
    assert isinstance(module, torch.nn.Sequential)
    return module, x, "good" if good else "bad"


def deficient_network(rng: np.random.Generator, kind: str) -> tuple[torch.nn.Sequential, np.ndarray]:
    """One that is exactly deficient."""
    n, m_x = int(rng.integers(4, 40)), int(rng.integers(2, 8))
    m_H = n - 2 - int(rng.integers(0, n - 3)) if kind == "too few units" else n + int(rng.integers(0, 8))
    if kind in ("linear", "dead ReLU"):
        m_x = min(m_x, n - 2)
    widths = [m_x, int(rng.integers(1, 12)), m_H, 1]
    activation = {"linear": "linear", "dead ReLU": "relu"}.get(kind, "softplus")
    (row,) = inputs_and_weights(
        samples=n, widths=np.array(widths), gain=1.0, bias_scale=1.0, trials=1, entropy=int(rng.integers(2**62))
    )
    x, weights = split(row, n, m_x)
    module = network(widths=widths, weights=weights, activation=activation, zeta=5.0)
    assert isinstance(module, torch.nn.Sequential)
    first, second, _ = (layer for layer in module if isinstance(layer, torch.nn.Linear))
    with torch.no_grad():
        if kind == "equal samples":
            x[rng.integers(1, n)] = x[0]
        if kind == "equal units":
            second.weight[2:], second.bias[2:] = second.weight[0], second.bias[0]
        if kind == "a forgetful layer":
            first.weight[:, 1:] = 0
            x[1, 0] = x[0, 0]
        if kind == "dead ReLU":
            first.bias.fill_(-100.0)
    return module, x


KINDS = ("too few units", "equal samples", "equal units", "a forgetful layer", "linear", "dead ReLU")


def numpy_full(module: torch.nn.Sequential, x: np.ndarray, features: str) -> bool:
    """Whether numpy.linalg.matrix_rank, as the paper used it, calls [h, 1] full; float32 features cast up."""
    dtype = torch.float32 if features == "float32" else torch.float64
    with torch.no_grad():
        h = module.to(dtype)[:-1](torch.as_tensor(x, dtype=dtype)).double().numpy()
    module.double()
    return bool(np.linalg.matrix_rank(np.hstack([h, np.ones((len(h), 1))])) == len(x))


# -- the tables ------------------------------------------------------------------------------------------------------


def confronted(cases: object, *, effort: float) -> None:
    """Verdicts, checks of them, numpy's mistakes and seconds, over (module, data, word)."""
    count: Counter[str] = Counter()
    slowest = 0.0
    for module, x, word in cases:  # type: ignore[attr-defined]
        begun = time.process_time()
        result = certified_rank(module, x, effort=effort)
        spent = time.process_time() - begun
        slowest = max(slowest, spent)
        rung = result.certificate.rung if result.certificate else "none"
        in_time = result.certificate is not None and spent <= SECONDS
        count.update([f"{result.verdict} by {rung}", f"{word}: {result.verdict}", f"in time: {in_time}", "all"])
        if result.certificate:
            # numpy first: what follows may take long, and the float32 copy must come from these weights.
            said = {f: numpy_full(type(module)(*map(_copied, module)), x, f) for f in ("float64", "float32")}
            truth = result.verdict is FULL
            count.update(f"numpy on {f} features: {_word(s, truth)}" for f, s in said.items())
            checked = right(module, x, result.verdict)
            count[f"certificate {checked}"] += 1
            if checked != "right":
                print(f"  {checked}: {module}, n = {len(x)}: {result.reason}", flush=True)
        if count["all"] % 50 == 0:
            print(f"  … {count['all']}: {dict(count)}", flush=True)
    for name, number in sorted(count.items()):
        print(f"  {number:5d}  {name}")
    print(f"  slowest {slowest:.1f} s", flush=True)


def _copied(layer: torch.nn.Module) -> torch.nn.Module:
    import copy

    return copy.deepcopy(layer)


def _word(said: bool, truth: bool) -> str:
    return "right" if said == truth else "full where deficient" if said else "deficient where full"


def table_random(count: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    confronted((random_network(rng) for _ in range(count)), effort=8.0)


def table_deficient(count: int, seed: int) -> None:
    rng = np.random.default_rng([seed, 1])
    kinds = [KINDS[i % len(KINDS)] for i in range(max(1, count // 5))]
    confronted(((*deficient_network(rng, kind), kind) for kind in kinds), effort=8.0)


def table_relu(count: int, seed: int) -> None:
    """ReLU and softplus (zeta = 100) on the same weights; two narrow layers of m_x units, then 1.1 n."""
    for m_x, n in ((2, 8), (4, 8), (8, 16), (16, 16), (16, 32)):
        widths = [m_x, m_x, m_x, -(-11 * n // 10), 1]
        rows = inputs_and_weights(
            samples=n, widths=np.array(widths), gain=1.0, bias_scale=1.0, trials=100, entropy=5 + n
        )
        said: Counter[str] = Counter()
        for row in rows:
            x, weights = split(row, n, m_x)
            for activation in ("relu", "softplus"):
                module = network(widths=widths, weights=weights, activation=activation, zeta=100.0)
                said[f"{activation} {certified_rank(module, x).verdict}"] += 1
        print(f"  (m_x, n) = ({m_x}, {n}): {dict(sorted(said.items()))}", flush=True)


def table_sizes(count: int, seed: int) -> None:
    """The residual route at n = 512 and 2048."""
    for n in (512, 1024, 2048):
        widths = [32, 64, n + n // 10, 1]
        (row,) = inputs_and_weights(samples=n, widths=np.array(widths), gain=1.0, bias_scale=1.0, trials=1, entropy=3)
        x, weights = split(row, n, 32)
        module = network(widths=widths, weights=weights, activation="softplus", zeta=10.0)
        _timed(f"n = {n}", module, x)


def table_transformers(count: int, seed: int) -> None:
    """Verdicts, whether they are what was built and what the route of its own says; and seconds."""
    rng, said, seconds = np.random.default_rng([seed, 2]), Counter[str](), []
    for i in range(max(1, count // 20)):
        kind = KINDS_OF_TRANSFORMERS[i % len(KINDS_OF_TRANSFORMERS)]
        module, x = drawn(rng, kind)
        begun = time.process_time()
        result = certified_rank(module, x)
        seconds.append(time.process_time() - begun)
        built = FULL if kind == "full" else DEFICIENT
        said.update([f"{kind}: {result.verdict}", f"certified: {result.certificate is not None}"])
        if result.certificate:
            said.update([f"as built: {result.verdict is built}", f"certificate {right(module, x, result.verdict)}"])
        said.update([f"n ≥ 100, certified: {result.certificate is not None}"] if len(x) >= 100 else [])
        if not result.certificate or result.verdict is not built:
            print(f"  {kind}, {x.shape}, {module.read}: {result.reason}", flush=True)
        if i % 10 == 9:
            print(f"  … {i + 1}: {dict(said)}", flush=True)
    for name, number in sorted(said.items()):
        print(f"  {number:5d}  {name}")
    print(f"  seconds: median {np.median(seconds):.2f}, slowest {max(seconds):.2f}", flush=True)


def table_resnets(count: int, seed: int) -> None:
    """The paper's ResNet on scikit-learn's digits."""
    from sklearn.datasets import load_digits

    images = load_digits().images[:, None] / 16

    def resnet(width: int, blocks: tuple[int, ...], n: int) -> torch.nn.Module:
        return preactivation_resnet(
            channels=1, width=width, blocks=blocks, last_hidden=-(-11 * n // 10), outputs=10, entropy=1
        )

    small, wide = resnet(3, ONE_BLOCK_A_STAGE, 1000), resnet(8, ONE_BLOCK_A_STAGE, 1000)
    _timed("a block a stage, width 3, n = 1000", small, images[:1000], effort=0.0)
    _timed("a block a stage, width 8, n = 1000, some weights", wide, images[:1000], effort=0.0, scope="some weights")
    for width in (3, 8):
        witness = resnet(width, EIGHTEEN_LAYERS, 1000)
        silence_residuals(witness)
        _timed(f"18 layers, zero residuals, width {width}, n = 1000", witness, images[:1000], effort=0.0)
    _timed("18 layers, width 8, random weights, n = 100", resnet(8, EIGHTEEN_LAYERS, 100), images[:100], effort=60.0)
    _timed("a block a stage, width 8, n = 1000, balls", wide, images[:1000], effort=200.0)


def _timed(label: str, module: torch.nn.Module, x: np.ndarray, **settings: object) -> None:
    begun = time.process_time()
    result = certified_rank(module, x, **settings)  # type: ignore[arg-type]
    print(f"  {label}: {result.verdict} in {time.process_time() - begun:.2f} s; {result.reason}", flush=True)


TABLES = {
    "random": table_random,
    "deficient": table_deficient,
    "relu": table_relu,
    "sizes": table_sizes,
    "resnets": table_resnets,
    "transformers": table_transformers,
}


def main() -> None:
    """Print the tables asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tables", nargs="*", metavar="table", help=", ".join(TABLES))
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=2026)
    given = parser.parse_args()
    for name in given.tables or TABLES:
        print(name, flush=True)
        TABLES[name](given.count, given.seed)


if __name__ == "__main__":
    main()
