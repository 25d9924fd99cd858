"""A base algorithm beside its two-phase version on a classification problem (Kawaguchi and Sun 2021, section 7.2).

SGD with momentum and weight decay on cross-entropy. The versions share their first phase, draw by draw: initialisation,
order of the points, augmentation. After the switch the base goes on with all layers, the two-phase version with the
last one. All are measured alike, with the batch statistics of the whole training set.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from lazy_assay.sims.core.chunks import chunk_sizes
from lazy_assay.sims.core.streams import Stream, generator, stream_key
from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.deep.fully_connected import weightless_network
from lazy_assay.sims.deep.perceptron_stack import STRAIGHT, Stack
from lazy_assay.sims.deep.preactivation_resnet import preactivation_resnet
from lazy_assay.sims.two_phase import TwoPhase

if TYPE_CHECKING:
    from torch import Generator, Tensor
    from torch.nn import Module

# The place that this module had when its noise was first drawn: moves change no draw.
STREAM = "sims.two_phase_classification"

NETWORKS = ("resnet", "mlp")


def base_and_two_phase(
    *,
    images: ArrayLike,
    classes: ArrayLike,
    test_images: ArrayLike,
    test_classes: ArrayLike,
    network: str,
    width: int,
    blocks: list[int],
    zeta: float,
    wrong: float,
    shift: int,
    step_size: float,
    momentum: float,
    weight_decay: float,
    batch: int,
    switches: list[int],
    noises: list[float],
    decay: float,
    checkpoints: list[int],
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """Training loss (nats) of each version at each checkpoint, then its test error (a share) at the end; shape (trials,
    versions, K + 1).

    Versions: the base; the two-phase one for each switch (an epoch) and, within, each noise; the base with its step
    size times `decay` from the first switch on. images (n, channels, rows, columns), n of them with classes 0 … k − 1;
    checkpoints are epochs, the last one ends the training; a version is the base until its switch. network: "resnet"
    (pre-activation, `blocks` a stage, its first of `width` channels) or "mlp" (one hidden layer of `width`), either
    with a last hidden layer of ⌈1.1 n⌉ units, softplus of ζ = zeta throughout. wrong: the share of training labels that
    are drawn anew, uniformly. shift: augmentation moves each image by up to so many pixels. Raises ValueError for
    another network.
    """
    if network not in NETWORKS:
        raise ValueError(f"network is one of {', '.join(NETWORKS)}, not {network!r}")
    stream = Stream(entropy, device, dtype)
    x, x_test = stream.constant(images), stream.constant(test_images)
    y, y_test = stream.constant(classes).long(), stream.constant(test_classes).long()
    outputs = int(np.max(classes)) + 1
    keys = [stream_key(entropy, "two-phase classification", {"trial": trial}, 0) for trial in range(trials)]
    starts = (
        (_network(network, x, width, blocks, zeta, outputs, key), _relabelled(y, wrong, outputs, key), key)
        for key in keys
    )
    descent: dict[str, Any] = {"lr": step_size, "momentum": momentum, "weight_decay": weight_decay}
    augment = (lambda given, drawn: _shifted(given, shift, drawn)) if shift else None
    rows = []
    # Perceptrons are small enough to train side by side.
    together = chunk_sizes(trials, min(batch, len(x)) * _last_hidden(x), x.device) if network == "mlp" else [1] * trials
    for size in together:
        modules, labels, entropies = zip(*islice(starts, size), strict=True)
        base: TwoPhase | Stack
        if network == "mlp":
            labelled = torch.stack(labels)
            base = Stack(modules, x, labelled, entropies, zeta=zeta, descent=descent, batch=batch, augment=augment)
        else:
            optimiser = torch.optim.SGD(modules[0].parameters(), **descent)
            base = TwoPhase(
                modules[0], optimiser, x, labels[0], batch_size=batch, augment=augment, entropy=entropies[0]
            )
        found = _versions(base, x_test, y_test, switches, noises, decay, checkpoints)
        rows.append(found.movedim(-1, 0) if network == "mlp" else found[None])
    return torch.cat(rows)


def _versions(
    base: TwoPhase | Stack,
    x: Tensor,
    y: Tensor,
    switches: list[int],
    noises: list[float],
    decay: float,
    checkpoints: list[int],
) -> Tensor:
    """Every version of one trial, (versions, K + 1), or of a stack, (versions, K + 1, trials)."""
    found: dict[str, list[Tensor]] = {"base": []}
    labels = [f"{switch} {noise}" for switch in switches for noise in noises]
    running: dict[str, TwoPhase | Stack] = {}
    for epoch in range(checkpoints[-1] + 1):
        for noise in noises if epoch in switches else ():
            running[f"{epoch} {noise}"] = base.fork(noise=noise)
            running[f"{epoch} {noise}"].switch()
        if epoch == switches[0] and decay != 1:
            running["decayed"] = slower = base.fork()
            for group in slower.optimiser.param_groups:
                group["lr"] *= decay
        if epoch in checkpoints:
            before = base.training_loss()
            found["base"].append(before)
            for label in (*labels, "decayed"):
                found.setdefault(label, []).append(running[label].training_loss() if label in running else before)
        if epoch < checkpoints[-1]:
            for training in (base, *running.values()):
                training.epoch()
    kept = ["base", *labels, *(["decayed"] if decay != 1 else [])]
    ended = [running.get(label, base) for label in kept]
    errors = [(training.outputs(x).argmax(-1) != y).to(x.dtype).mean(-1) for training in ended]
    return torch.stack([torch.stack([*found[label], error]) for label, error in zip(kept, errors, strict=True)])


def _network(network: str, x: Tensor, width: int, blocks: list[int], zeta: float, outputs: int, key: int) -> Module:
    """A network of the kind asked for with a last hidden layer of ⌈1.1 n⌉ units, where x is and of its dtype."""
    from lazy_assay.sims.deep import layers as _layers

    last = _last_hidden(x)
    if network == "mlp":
        sizes = [x[0].numel(), width, last, outputs]
        # Constructors draw from torch's global generator: it is put back.
        with torch.random.fork_rng(devices=[]):
            layers = weightless_network(sizes, "softplus", zeta, device="cpu")
        module: Module = torch.nn.Sequential(torch.nn.Flatten(), *layers)  # type: ignore[misc]
        _layers.redraw(module, generator(key))
    else:
        module = _in_one_pass(
            preactivation_resnet(
                channels=x.shape[1],
                width=width,
                blocks=blocks,
                last_hidden=last,
                outputs=outputs,
                entropy=key,
                zeta=zeta,
            )
        )
    return _layers.placed(module, x.device, x.dtype)


def _in_one_pass(module: Module) -> Module:
    """The module, in place, with torch's own softplus: the analytic one but for rounding (see `perceptron_stack`)."""
    from lazy_assay.sims.deep import layers as _layers

    for name, child in module.named_children():
        if isinstance(child, _layers.Softplus):
            setattr(module, name, torch.nn.Softplus(child.zeta, STRAIGHT))
        else:
            _in_one_pass(child)
    return module


def _last_hidden(x: Tensor) -> int:
    return -(-11 * len(x) // 10)


def _relabelled(y: Tensor, wrong: float, outputs: int, key: int) -> Tensor:
    """Labels, a share of them drawn anew."""
    drawn = Stream(stream_key(key, "labels", {}, 0)).generator
    chance = torch.rand(len(y), generator=drawn, dtype=torch.float64).to(y.device)
    other = torch.randint(outputs, (len(y),), generator=drawn).to(y.device)
    return torch.where(chance < wrong, other, y)


def _shifted(images: Tensor, most: int, drawn: Generator) -> Tensor:
    """Each image moved by up to `most` pixels either way, what comes in black."""
    n, _, rows, columns = images.shape
    padded = torch.nn.functional.pad(images, (most,) * 4)
    offsets = torch.randint(2 * most + 1, (2, n), generator=drawn).to(images.device)
    down = offsets[0, :, None] + torch.arange(rows, device=images.device)
    right = offsets[1, :, None] + torch.arange(columns, device=images.device)
    point = torch.arange(n, device=images.device)
    moved = padded.movedim(1, -1)[point[:, None, None], down[:, :, None], right[:, None, :]]
    return moved.movedim(-1, 1).contiguous()
