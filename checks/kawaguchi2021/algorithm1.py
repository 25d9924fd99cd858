"""Confronts Algorithm 1: witnesses around several base algorithms, each with the proof of its rank, and controls.

The trainings are those of `sims.two_phase`, the wrapper that a reader would use. A witness's loss is verified by
itself; that the rank was full at w^τ is proved by `checks.rank`.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from checks._check import Check, Expected
from checks._context import Context
from checks._datasets import DataAbsentError, subset
from checks._procedures.certificates import Case, Certificate, Certificates
from checks._result import Scalar, Subject, Verdict
from checks.kawaguchi2021._certified import DEFICIENT, certify
from checks.kawaguchi2021._witnesses import (
    EPSILON,
    FIRST,
    GUARANTEED,
    NARROW,
    POINTS,
    QUICK,
    WIDE,
    Array,
    bases,
    decayed,
    extended,
    finished,
    neuron,
    third_singular_value,
    training,
)  # fmt: skip
from checks.rank import RankVerdict, certified_rank
from sims import preactivation_resnet as resnets
from sims.two_phase import TwoPhase
from theory.kawaguchi2021._last_layer import lipschitz_bound
from theory.kawaguchi2021.algorithm1 import CLAIM


def reached(run: TwoPhase, rank: str, epochs: int) -> Certificate:
    """The loss against ε, with the proved rank beside."""
    loss = float(run.training_loss())
    return Certificate(
        outcome=Verdict.AGREES if loss <= EPSILON else Verdict.UNDECIDED,
        reason=f"loss {loss:.3g} after {epochs} epochs of the second phase; at w^τ {rank}",
        quantity=loss,
        threshold=EPSILON,
    )


def stalled(run: TwoPhase, floor: float, told: str) -> Certificate:
    """A control: refuted where what the loss cannot fall below is above ε, and the training stays above it."""
    loss = float(run.training_loss())
    return Certificate(
        # A floor that is met is met to rounding.
        outcome=Verdict.DISAGREES if loss > EPSILON and floor > EPSILON else Verdict.UNDECIDED,
        reason=f"loss {loss:.4g}, and never below {floor:.4g}: {told}",
        quantity=loss,
        threshold=EPSILON,
    )


# -- the global minimum ----------------------------------------------------------------------------------------------


def witnesses(context: Context) -> Iterator[Case]:
    """Every base algorithm on fresh points and weights; certified after the switch, then trained to ε."""
    every = bases()
    chosen = every if context.profile.thorough else {name: every[name] for name in QUICK}
    for seed in range(3 if context.profile.thorough else 1):
        for name, optimiser in chosen.items():
            context.guard()
            run = training(context, f"{name} {seed}", WIDE, optimiser)
            for _ in range(FIRST):
                run.epoch()
            run.switch()
            where: dict[str, Scalar] = {"n": POINTS, "m_H": WIDE, "base": name, "first phase": FIRST, "seed": seed}
            found = certified_rank(run.module, run.inputs)
            if found.verdict is not RankVerdict.FULL:
                yield where, Subject.CLAIM, "rank at w^τ", certify(context, run.module, run.inputs.numpy())
                continue
            if name == GUARANTEED:
                yield where, Subject.CLAIM, "Theorem 1 (i)", guaranteed(run)
            else:
                yield where, Subject.CLAIM, "loss", reached(run, f"rank {POINTS} is proved", finished(run))


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
    loss, bound = float(run.training_loss()), R**2 * L_H / (2 * t)
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
    where: dict[str, Scalar] = {"n": n, "m_H": 44, "base": "Adam", "network": "ResNet, a block a stage, width 3"}
    try:
        data = subset("digits", n, 0)
    except DataAbsentError as error:
        absent = Certificate(outcome=Verdict.NOT_RUN, reason=str(error), quantity=np.nan, threshold=EPSILON)
        yield where, Subject.CLAIM, "loss", absent
        return
    module = resnets.preactivation_resnet(
        channels=1, width=3, blocks=(1, 1), last_hidden=44, outputs=10, entropy=context.key("two-phase ResNet")
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
    run.fit(epochs=FIRST, switch_after=FIRST)
    yield where, Subject.CLAIM, "rank at w^τ", certify(context, run.module, run.inputs.numpy())
    yield where, Subject.CLAIM, "loss", reached(run, "batch statistics of the whole set are kept", finished(run))


def controls(context: Context) -> Iterator[Case]:
    """Too few units; weight decay in the second phase: the loss stays at a number that is computed, above ε."""
    where: dict[str, Scalar] = {"n": POINTS, "base": "LBFGS", "first phase": 0}
    run = training(context, "too few units", NARROW, bases()["LBFGS"])
    run.switch()
    A, y = extended(run), run.targets.numpy()
    left = y - A @ np.linalg.lstsq(A, y, rcond=None)[0]
    proof = certified_rank(run.module, run.inputs)
    finished(run, 50)
    told = f"least squares on the last layer, {proof.verdict}"
    yield {**where, "m_H": NARROW}, Subject.CONTROL, "expressivity", stalled(run, _share(left, y), told)

    decay = 0.1
    run = training(context, "weight decay", WIDE, lambda parameters: decayed(parameters, decay))
    run.switch()
    A, y = extended(run), run.targets.numpy()
    # Gradient (2/s) Aᵀ(AW − y) + λW = 0, s the sum of squares that the loss is divided by.
    ridge = np.linalg.solve(A @ A.T + decay * np.square(y).sum() / 2 * np.eye(POINTS), y)
    left = y - A @ (A.T @ ridge)
    finished(run, 1500)
    told = f"ridge regression; rank {POINTS} all the same: {certified_rank(run.module, run.inputs).verdict}"
    yield {**where, "base": "SGD", "m_H": WIDE}, Subject.CONTROL, "no weight decay", stalled(run, _share(left, y), told)
    yield from nearly_off(context)


def nearly_off(context: Context) -> Iterator[Case]:
    """Last hidden units that are almost off: the rank is full, by proof, and descent does not come near in its time."""
    import torch

    steps = 500
    run = training(context, "almost off", WIDE, bases()[GUARANTEED])
    with torch.no_grad():
        list(run.module.get_submodule("2").parameters())[1].sub_(10.0)
    run.switch()
    A, y, scale = extended(run), run.targets.numpy(), float(run.targets.square().sum())
    L_H = lipschitz_bound(A, 2 * POINTS / scale)
    for group in run.optimiser.param_groups:
        group["lr"] = 1 / L_H
    start = np.vstack([run.last.weight.detach().numpy().T, run.last.bias.detach().numpy()[None]])
    values, basis = np.linalg.eigh(A @ A.T)
    # Along an eigenvector of A Aᵀ a step takes 2μ/(scale · L_H) of the error.
    left = (1 - 2 * values / (scale * L_H))[:, None] ** steps * (basis.T @ (y - A @ start))
    for _ in range(steps):
        run.epoch()
    told = f"{steps} steps of 1/L_H; rank {POINTS} all the same: {certified_rank(run.module, run.inputs).verdict}"
    where: dict[str, Scalar] = {"n": POINTS, "m_H": WIDE, "base": GUARANTEED, "first phase": 0, "steps": steps}
    yield where, Subject.CONTROL, "an R that is not astronomical", stalled(run, _share(left, y), told)


def _share(left: Array, y: Array) -> float:
    return float(np.square(left).sum() / np.square(y).sum())


# -- the perturbation, and all layers --------------------------------------------------------------------------------


def perturbations(context: Context) -> Iterator[Case]:
    """Last hidden units that start as copies of one another stay so: deficient by proof, full after the switch."""
    import torch

    for seed in range(3 if context.profile.thorough else 1):
        for name in QUICK:
            run = training(context, f"copies {name} {seed}", WIDE, bases()[name])
            with torch.no_grad():
                for weight in (*run.module.get_submodule("2").parameters(), run.last.weight.T):
                    weight.copy_(weight[:1].expand_as(weight).clone())
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
            where: dict[str, Scalar] = {"n": POINTS, "m_H": WIDE, "base": name, "epochs since τ": 20 * stop}
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
            # The base algorithm's own step.
            run._base_step(lambda run=run: run.loss(run.module(run.inputs), run.targets))  # type: ignore[misc]
        share = third_singular_value(run) / first
        kept = share >= run.margin
        told = f"the third singular value of the Jacobian is {share:.2g} of what it was, {run.shortened} step shortened"
        outcome = {True: Verdict.AGREES, False: Verdict.DISAGREES}[kept]
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
