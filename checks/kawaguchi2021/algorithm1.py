"""Confronts Algorithm 1: witnesses around several base algorithms, each with the proof of its rank, and controls.

The trainings are those of `sims.two_phase`, the wrapper that a reader would use. A witness's loss is verified by
itself; that the rank was full at w^τ is proved by `sims.rank`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from lazy_assay.checks import (
    Case,
    Certificate,
    Certificates,
    Check,
    Context,
    DataAbsentError,
    Expected,
    Scalar,
    Subject,
    Verdict,
    subset,
)
from lazy_assay.checks.kawaguchi2021._certified import DEFICIENT, certify
from lazy_assay.checks.kawaguchi2021._controls import controls
from lazy_assay.checks.kawaguchi2021._witnesses import (
    EPSILON,
    FIRST,
    GUARANTEED,
    POINTS,
    QUICK,
    WIDE,
    bases,
    copy_units,
    extended,
    finished,
    loss_of,
    neuron,
    third_singular_value,
    training,
)  # fmt: skip
from lazy_assay.sims.deep import preactivation_resnet as resnets
from lazy_assay.sims.rank import RankVerdict, certified_rank
from lazy_assay.sims.two_phase import TwoPhase
from lazy_assay.theory.kawaguchi2021._last_layer import lipschitz_bound
from lazy_assay.theory.kawaguchi2021.algorithm1 import CLAIM


def reached(run: TwoPhase) -> Certificate:
    """Train on to ε. AGREES where the rank at w^τ is n, by proof, and the second phase, from above ε, gets there with
    hidden layers that never moved."""
    import torch

    before, rank = loss_of(run), certified_rank(run.module, run.inputs)
    hidden = [parameter.detach().clone() for parameter in run.hidden.values()]
    epochs = finished(run)
    loss = loss_of(run)
    kept = all(torch.equal(p, was) for p, was in zip(run.hidden.values(), hidden, strict=True))
    return Certificate(
        outcome=Verdict.AGREES
        if loss <= EPSILON < before and kept and rank.verdict is RankVerdict.FULL
        else Verdict.UNDECIDED,
        reason=f"loss {before:.3g} at w^τ, where {rank.verdict} is proved ({rank.reason}); {loss:.3g} after {epochs} "
        "epochs of the second phase" + ("" if kept else "; hidden layers moved"),
        quantity=loss,
        threshold=EPSILON,
    )


# -- the global minimum ----------------------------------------------------------------------------------------------


def witnesses(context: Context) -> Iterator[Case]:
    """Every base algorithm on fresh points and weights; certified after the switch, then trained to ε."""
    for seed in range(3 if context.profile.thorough else 1):
        for name, optimiser in bases().items():
            context.guard()
            run = training(context, f"{name} {seed}", WIDE, optimiser)
            for _ in range(FIRST):
                run.epoch()
            run.switch()
            where: dict[str, Scalar] = {"n": POINTS, "m_H": WIDE, "base": name, "first phase": FIRST, "seed": seed}
            found = guaranteed(run) if name == GUARANTEED else reached(run)
            yield where, Subject.CLAIM, "Theorem 1 (i)" if name == GUARANTEED else "loss", found


def from_copies(context: Context) -> Iterator[Case]:
    """Last hidden units that start as copies: the base keeps them so and cannot fit; after a perturbation it can."""
    from torch import optim

    def searching(parameters: Any) -> Any:
        return optim.LBFGS(parameters, line_search_fn="strong_wolfe")

    for seed in range(3 if context.profile.thorough else 1):
        where: dict[str, Scalar] = {"n": POINTS, "m_H": WIDE, "base": "LBFGS with line search", "seed": seed}
        run = training(context, f"from copies {seed}", WIDE, searching, noise=1.0)
        copy_units(run)
        for _ in range(FIRST):
            run.epoch()
        base = run.fork()
        run.switch()
        yield where, Subject.CLAIM, "loss from copied units", reached(run)
        for _ in range(100):
            base.epoch()
        rank, loss = certified_rank(base.module, base.inputs), loss_of(base)
        told = f"the base itself stays at {loss:.3g}; at its weights the rank is {rank.verdict}"
        stays = loss > EPSILON and rank.verdict is DEFICIENT
        outcome = Verdict.DISAGREES if stays else Verdict.UNDECIDED
        yield (
            where,
            Subject.CONTROL,
            "the switch",
            Certificate(outcome=outcome, reason=told, quantity=loss, threshold=EPSILON),
        )


def guaranteed(run: TwoPhase, t: int = 500) -> Certificate:
    """t steps of size 1/L_H: the loss against R² L_H/(2t), R the distance to the nearest interpolant."""
    A = extended(run)
    scale = float(run.targets.square().sum())
    # ‖f − y‖² summed over points and divided by `scale`, and not by n: L_ℓ = 2n/scale.
    L_H = lipschitz_bound(A, 2 * POINTS / scale)
    start = np.vstack([run.last.weight.detach().numpy().T, run.last.bias.detach().numpy()[None]])
    R = float(np.linalg.norm(np.linalg.pinv(A) @ (run.targets.numpy() - A @ start)))
    for group in run.optimiser.param_groups:
        group["lr"] = 1 / L_H
    for _ in range(t):
        run.epoch()
    loss, bound = loss_of(run), R**2 * L_H / (2 * t)
    return Certificate(
        outcome=Verdict.AGREES if loss <= bound else Verdict.DISAGREES,
        reason=f"loss {loss:.3g} after {t} steps of 1/L_H, at most {bound:.3g} by Theorem 1 (i)",
        quantity=loss,
        threshold=bound,
    )


def residual_network(context: Context) -> Iterator[Case]:
    """A ResNet with batch normalisation on digits, cross-entropy over its value log 10 at equal chances."""
    import torch

    n = 40
    where: dict[str, Scalar] = {"n": n, "m_H": 4 * n, "base": "Adam", "network": "ResNet, a block a stage, width 3"}
    try:
        data = subset("digits", n, 0)
    except DataAbsentError as error:
        absent = Certificate(outcome=Verdict.NOT_RUN, reason=str(error), quantity=np.nan, threshold=EPSILON)
        yield where, Subject.CLAIM, "loss", absent
        return
    module = resnets.preactivation_resnet(
        channels=1, width=3, blocks=(1, 1), last_hidden=4 * n, outputs=10, entropy=context.key("two-phase ResNet")
    )
    run = TwoPhase(
        module,
        torch.optim.Adam(module.parameters(), lr=0.01),
        torch.as_tensor(data.inputs.reshape(n, 1, 8, 8)),
        torch.as_tensor(data.classes),
        loss=lambda outputs, targets: torch.nn.functional.cross_entropy(outputs, targets) / np.log(10),
        batch_size=20,
        entropy=context.key("two-phase ResNet order"),
    )
    run.fit(epochs=FIRST // 2, switch_after=FIRST // 2)
    yield where, Subject.CLAIM, "loss", reached(run)


# -- the perturbation, and all layers --------------------------------------------------------------------------------


def perturbations(context: Context) -> Iterator[Case]:
    """Last hidden units that start as copies of one another stay so: deficient by proof, full after the switch."""
    for seed in range(3 if context.profile.thorough else 1):
        for name in QUICK:
            run = training(context, f"copies {name} {seed}", WIDE, bases()[name])
            copy_units(run)
            for _ in range(FIRST):
                run.epoch()
            where: dict[str, Scalar] = {"n": POINTS, "m_H": WIDE, "base": name, "seed": seed}
            before = certify(context, run.module, run.inputs.numpy(), wanted=DEFICIENT)
            yield where, Subject.CLAIM, "deficient before", before
            yield where, Subject.CONTROL, "the perturbation", certify(context, run.module, run.inputs.numpy())
            run.switch()
            yield where, Subject.CLAIM, "full after", certify(context, run.module, run.inputs.numpy())


def kept_ranks(context: Context) -> Iterator[Case]:
    """All layers train on: the rank is proved at ten points of the trajectory."""
    for name in ("Adam", "SGD with momentum"):
        run = training(context, f"all layers {name}", WIDE, bases()[name], second_phase="all layers")
        for _ in range(FIRST):
            run.epoch()
        run.switch()
        for stop in range(11):
            where: dict[str, Scalar] = {
                "n": POINTS,
                "m_H": WIDE,
                "base": name,
                "epochs since τ": 20 * stop,
                "shortened": run.shortened,
            }
            yield where, Subject.CLAIM, "all layers", certify(context, run.module, run.inputs.numpy())
            for _ in range(20 if stop < 10 else 0):
                run.epoch()


def one_neuron(context: Context) -> Iterator[Case]:
    """v tanh(ax + c) + b on x = −1, 0, 1: the step that takes v to 0 loses a rank of three, and is made shorter."""
    for guarded in (True, False):
        run = neuron()
        first = third_singular_value(run)
        if guarded:
            run.step(run.inputs, run.targets)
        else:
            run.optimiser.zero_grad()
            run.loss(run.module(run.inputs), run.targets).backward()
            run.optimiser.step()
        share = third_singular_value(run) / first
        kept = share >= run.margin
        told = f"the third singular value of the Jacobian is {share:.2g} of what it was, {run.shortened} step shortened"
        outcome = Verdict.AGREES if kept else Verdict.DISAGREES
        yield (
            {"n": 3, "m_H": 1, "guarded": guarded},
            Subject.CLAIM if guarded else Subject.CONTROL,
            "one neuron" if guarded else "a step size that keeps the rank",
            Certificate(outcome=outcome, reason=told, quantity=share, threshold=run.margin),
        )


DATE = "2026-11-26"
CHECK = Check(
    claim=CLAIM,
    procedures=(
        Certificates(part="global_minimum", cases=witnesses, route="two-phase training", name="witnesses"),
        Certificates(part="global_minimum", cases=from_copies, route="two-phase training", name="from copies"),
        Certificates(part="global_minimum", cases=residual_network, route="two-phase training", name="ResNet"),
        Certificates(part="global_minimum", cases=controls, route="two-phase training", name="controls"),
        Certificates(part="perturbation", cases=perturbations, route="certified rank"),
        Certificates(part="rank", cases=kept_ranks, route="certified rank", name="all layers"),
        Certificates(part="rank", cases=one_neuron, route="singular values", name="one neuron"),
    ),
    expected={
        "global_minimum": Expected(status="confirmed", reason="explicit witnesses", date=DATE),
        "perturbation": Expected(status="confirmed", reason="deficiency is a null set", date=DATE),
        "rank": Expected(status="confirmed", reason="steps are shortened where they must be", date=DATE),
    },
)
