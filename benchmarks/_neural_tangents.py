"""The other side of `tangent_kernels.py`: neural-tangents in an environment of its own, told what to run line by line.

Not to be run by hand. Each line of the input is a JSON object with `case`, an index into the cases prepared at start;
the answer is one with `seconds`, of processor time. With `save` it writes the result to that file.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"

import jax
import jax.numpy as jnp
import neural_tangents as nt
import numpy as np
from neural_tangents import stax

jax.config.update("jax_enable_x64", True)
ACTIVATIONS = {"relu": stax.Relu, "erf": stax.Erf, "abs": stax.Abs, "sin": stax.Sin}


def limiting(case: dict[str, Any], x: jax.Array) -> Callable[[], jax.Array]:
    """The limiting NTK of x in the NTK parameterisation, compiled."""
    layers = []
    for _ in range(case["depth"]):
        layers += [stax.Dense(1, case["weight_std"], case["bias_std"]), ACTIVATIONS[case["activation"]]()]
    kernel = stax.serial(*layers, stax.Dense(1, case["weight_std"], case["bias_std"]))[2]
    compiled = jax.jit(lambda points: kernel(points, None, "ntk"))
    return lambda: compiled(x)


def architecture(case: dict[str, Any], x: jax.Array) -> Callable[[], jax.Array]:
    """The limiting NTK of a network of these layers, compiled."""
    scales = {"W_std": 1.4, "b_std": 0.2}
    table: dict[str, Callable[..., Any]] = {
        "convolution": lambda size: stax.Conv(1, (size, size), None, "SAME", **scales),
        "dense": lambda: stax.Dense(1, **scales),
        "pool": lambda size: stax.AvgPool((size, size), (size, size)),
        "average": stax.GlobalAvgPool,
        "flatten": stax.Flatten,
        "normalise": lambda: stax.LayerNorm(eps=1e-5),
        "softmax": lambda: stax.GlobalSelfAttention(1, 1, 1, 1, linear_scaling=True),
        "linear": lambda: stax.GlobalSelfAttention(1, 1, 1, 1, linear_scaling=False, attention_mechanism="IDENTITY"),
        "relu": stax.Relu,
    }
    kernel = stax.serial(*(table[kind](*sizes) for kind, *sizes in case["layers"]))[2]
    compiled = jax.jit(lambda points: kernel(points, None, "ntk"))
    return lambda: compiled(x)


def empirical(
    case: dict[str, Any], x: jax.Array, parameters: Sequence[tuple[jax.Array, jax.Array]]
) -> Callable[[], jax.Array]:
    """The empirical NTK of a ReLU network with these weights and biases, by one of the implementations, compiled."""

    def network(params: Sequence[tuple[jax.Array, jax.Array]], points: jax.Array) -> jax.Array:
        for weight, bias in params[:-1]:
            points = jax.nn.relu(points @ weight + bias)
        return points @ params[-1][0] + params[-1][1]

    kernel = nt.empirical_ntk_fn(
        network, trace_axes=(-1,), vmap_axes=0, implementation=nt.NtkImplementation[case["implementation"]]
    )
    compiled = jax.jit(lambda points, params: kernel(points, None, params))
    return lambda: compiled(x, parameters)


def prepared(case: dict[str, Any], arrays: Mapping[str, np.ndarray]) -> Callable[[], jax.Array]:
    x = jnp.asarray(arrays[f"x {case['points']}"])
    if case["kind"] == "limiting":
        return limiting(case, x)
    if case["kind"] == "architecture":
        return architecture(case, x)
    parameters = [
        (jnp.asarray(arrays[f"weight {case['depth']} {i}"]), jnp.asarray(arrays[f"bias {case['depth']} {i}"]))
        for i in range(case["depth"] + 1)
    ]
    return empirical(case, x, parameters)


def main() -> None:
    folder = Path(sys.argv[1])
    arrays = np.load(folder / "inputs.npz")
    cases = [prepared(case, arrays) for case in json.loads((folder / "cases.json").read_text())]
    for line in sys.stdin:
        asked = json.loads(line)
        start = time.process_time()
        result = cases[asked["case"]]().block_until_ready()
        seconds = time.process_time() - start
        if "save" in asked:
            np.save(asked["save"], np.asarray(result))
        print(json.dumps({"seconds": seconds}), flush=True)


if __name__ == "__main__":
    main()
