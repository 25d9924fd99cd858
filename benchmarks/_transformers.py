"""Small transformers, and their features by a route of its own, plain loops over the weights in Arb.

Drawn are tokens or vectors, T = 4 … 8 of them, d = 16 or 32, one or two layers before or after normalisation, by ReLU
or GELU, with or without a causal mask and positions; features are all tokens, their mean, or a layer upon that.
Every third is deficient by construction: a sample twice, or its tokens in another order that nothing sees.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import flint
import numpy as np
import torch
from torch import nn

Rows = list[list[Any]]
KINDS = ("full", "full", "equal samples", "full", "full", "another order")


class Transformer(nn.Module):
    """Positions or none, layers, what is read of the tokens, and a last layer."""

    def __init__(self, d: int, T: int, layers: int, heads: int, read: str, positions: bool, causal: bool, **kind: Any):
        super().__init__()
        self.read, self.causal, self.heads = read, causal, heads
        self.positions = nn.Parameter(torch.randn(T, d) / 4) if positions else None
        made = nn.TransformerEncoderLayer(d, heads, 2 * d, dropout=0.1, batch_first=True, **kind)
        self.layers = nn.TransformerEncoder(made, layers, enable_nested_tensor=False)
        width = {"all": T * d, "mean": d, "hidden": 8 * d}[read]
        self.hidden = nn.Linear(d, width) if read == "hidden" else None
        self.last = nn.Linear(width, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x if self.positions is None else x + self.positions
        mask = nn.Transformer.generate_square_subsequent_mask(x.shape[1], dtype=x.dtype) if self.causal else None
        z = self.layers(x, mask=mask, is_causal=self.causal)
        z = z.flatten(1) if self.read == "all" else z.mean(1)
        if self.hidden is not None:
            z = nn.functional.gelu(self.hidden(z))
        out: torch.Tensor = self.last(z)
        return out


def drawn(rng: np.random.Generator, kind: str) -> tuple[Transformer, np.ndarray]:
    """A module and its data; every encoder layer gets weights of its own."""
    d, T, layers = int(rng.choice([16, 32])), int(rng.integers(4, 9)), int(rng.integers(1, 3))
    blind = kind == "another order"
    read = str(rng.choice(["mean", "hidden"] if blind else ["all", "mean", "hidden"]))
    torch.manual_seed(int(rng.integers(2**31)))
    module = Transformer(
        d, T, layers, int(rng.choice([2, 4])), read, positions=not blind and rng.random() < 0.7,
        causal=not blind and rng.random() < 0.5, norm_first=bool(rng.integers(2)),
        activation=str(rng.choice(["relu", "gelu"])),
    ).double().eval()  # fmt: skip
    with torch.no_grad():
        for weight in module.layers.parameters():
            weight.add_(torch.randn_like(weight) / 8)
    columns = {"all": T * d, "mean": d, "hidden": 8 * d}[read]
    n = round(float(np.exp(rng.uniform(np.log(8), np.log(min(columns, 200))))))
    x = rng.standard_normal((n, T, d))
    if kind == "equal samples":
        x[-1] = x[0]
    if blind:
        x[-1] = x[0][rng.permutation(T)]
    return module, x


# -- a route of its own ----------------------------------------------------------------------------------------------


def arb(values: np.ndarray) -> flint.arb_mat:
    """(rows, columns), exactly."""
    rows, columns = values.shape
    return flint.arb_mat(rows, columns, values.ravel().tolist())


def entry(matrix: flint.arb_mat, function: Any) -> flint.arb_mat:
    return flint.arb_mat(matrix.nrows(), matrix.ncols(), [function(z) for z in matrix.entries()])


@dataclass
class Loops:
    """A `Transformer` sample by sample; weights are read once."""

    module: Transformer
    weights: dict[str, np.ndarray] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.weights = {name: w.detach().numpy() for name, w in self.module.named_parameters()}

    def linear(self, x: flint.arb_mat, name: str, weight: str = "weight", bias: str = "bias") -> flint.arb_mat:
        W, b = self.weights[f"{name}{weight}"], self.weights[f"{name}{bias}"]
        return x * arb(W.T) + arb(np.tile(b, (x.nrows(), 1)))

    def normalised(self, x: flint.arb_mat, name: str) -> flint.arb_mat:
        W, b = (self.weights[f"{name}.{part}"].tolist() for part in ("weight", "bias"))
        rows = []
        for row in x.tolist():
            mean = sum(row) / len(row)
            root = (sum((z - mean) ** 2 for z in row) / len(row) + flint.arb(1e-5)).sqrt()
            rows.append([(z - mean) / root * w + c for z, w, c in zip(row, W, b, strict=True)])
        return flint.arb_mat(rows)

    def attended(self, x: flint.arb_mat, name: str) -> flint.arb_mat:
        parts = self.linear(x, name, "in_proj_weight", "in_proj_bias").tolist()
        d, heads = x.ncols(), self.module.heads
        size, rows = d // heads, [[] for _ in parts]  # type: ignore[var-annotated]
        for head in range(heads):
            q, k, v = ([row[i * d + head * size : i * d + (head + 1) * size] for row in parts] for i in range(3))
            for t, query in enumerate(q):
                seen = range(t + 1) if self.module.causal else range(len(q))
                # The scale is 1/√size in float64, as torch has it.
                scores = [
                    sum(a * b for a, b in zip(query, k[s], strict=True)) * flint.arb(1 / math.sqrt(size)) for s in seen
                ]
                terms = [z.exp() for z in scores]
                total = sum(terms)
                rows[t] += [sum(e * v[s][j] for e, s in zip(terms, seen, strict=True)) / total for j in range(size)]
        return self.linear(flint.arb_mat(rows), f"{name}out_proj.")

    def layer(self, x: flint.arb_mat, name: str, layer: Any) -> flint.arb_mat:
        def attend(z: flint.arb_mat) -> flint.arb_mat:
            return self.attended(z, f"{name}.self_attn.")

        def feed(z: flint.arb_mat) -> flint.arb_mat:
            inner = entry(self.linear(z, f"{name}.linear1."), activation(layer.activation))
            return self.linear(inner, f"{name}.linear2.")

        if layer.norm_first:
            x = x + attend(self.normalised(x, f"{name}.norm1"))
            return x + feed(self.normalised(x, f"{name}.norm2"))
        x = self.normalised(x + attend(x), f"{name}.norm1")
        return self.normalised(x + feed(x), f"{name}.norm2")

    def features(self, x: np.ndarray) -> flint.arb_mat:
        """[h, 1] at the context's precision."""
        return flint.arb_mat([[*self.sample(each), flint.arb(1)] for each in x])

    def sample(self, x: np.ndarray) -> list[Any]:
        z = arb(x)
        if self.module.positions is not None:
            z = z + arb(self.weights["positions"])
        for i, layer in enumerate(self.module.layers.layers):
            z = self.layer(z, f"layers.layers.{i}", layer)
        if self.module.read == "all":
            return list(z.entries())
        pooled = flint.arb_mat([[sum(column) / z.nrows() for column in z.transpose().tolist()]])
        if self.module.hidden is None:
            return list(pooled.entries())
        return list(entry(self.linear(pooled, "hidden."), gelu).entries())


def gelu(z: Any) -> Any:
    return z * (1 + (z / flint.arb(2).sqrt()).erf()) / 2


def activation(given: Any) -> Any:
    return gelu if given is nn.functional.gelu else lambda z: z.max(flint.arb(0))
