"""Confronts Table 2: the grid of times of transition and sizes of the perturbation, each grid from one training."""

from lazy_assay.checks import Check, Configuration, Contrast, Effects, Expected, telling
from lazy_assay.checks.kawaguchi2021 import _two_phase as runs
from lazy_assay.theory.kawaguchi2021.table2 import CLAIM

# Percentage points; the paper's own differences for the large noise are 0.08 to 0.33.
POINT, HALF, TENTH = 1.0, 0.5, 0.1
# As soon as the first phase has fitted: τ_0 = 0.8 of 30 epochs.
NOISES = [0.0001, 0.001, 0.01]
SMALL = runs.changed(runs.PAPER, n=300, width=4, epochs=30, switches=[0.8], noises=NOISES, checkpoints=[1])
GRID = runs.changed(runs.PAPER, switches=[0.4, 0.5, 0.6, 0.8], noises=NOISES, checkpoints=[1])
NIGHTLY: Configuration = {**GRID, "data": runs.MNIST["data"]}


# Differences of a tenth of a point are small beside their spread, of half a point: 15 seeds in 16 show the large
# noise's.
MANY = telling(15 / 16)


def noise(name: str, configuration: Configuration, value: float, smallest: float, *, equality: bool) -> Contrast:
    """The error at δ_0 = value less that at 0.001, both at τ_0 = 0.6 where it is in the grid."""
    switches = runs.held(configuration, "switches")
    time = 0.6 if 0.6 in switches else switches[0]
    first, second = (runs.version(configuration, time, size) for size in (value, 0.001))
    title = f"{name}: δ_0 = {value:g} against 0.001 at τ_0 = {time:g}"
    return runs.contrast(title, configuration, runs.error(first), runs.error(second), smallest, equality=equality)


def switch(name: str, configuration: Configuration, share: float) -> Contrast:
    """The error at τ_0 = share less that at 0.6, both at δ_0 = 0.001."""
    first, second = (runs.version(configuration, time, 0.001) for time in (share, 0.6))
    title = f"{name}: τ_0 = {share:g} against 0.6"
    return runs.contrast(title, configuration, runs.error(first), runs.error(second), POINT, equality=True)


RESNET, BEYOND = "ResNet of three blocks", "MNIST-5k, ResNet of three blocks"


NETWORKS = (
    ("", "small ResNet", SMALL, "quick"),
    ("_resnet", RESNET, GRID, "full"),
    ("_mnist", BEYOND, NIGHTLY, "nightly"),
)


def noises(part: str, value: float, smallest: float, *, equality: bool) -> tuple[Effects, ...]:
    """A size of the perturbation against 0.001, on three networks: a part each."""
    return tuple(
        Effects(
            part=f"{part}{suffix}",
            seeds=MANY,
            decides=decides,
            contrasts=(noise(name, configuration, value, smallest, equality=equality),),
        )
        for suffix, name, configuration, decides in NETWORKS
    )


# What would be no equality: the first phase has not fitted yet.
EARLY, CHOSEN = (runs.error(runs.version(runs.PERCEPTRON, share, 0.001)) for share in (0.1, 0.6))
TOO_EARLY = runs.contrast("τ_0 = 0.1 is worse than 0.6", runs.PERCEPTRON, EARLY, CHOSEN, POINT, control=True)


def times(part: str, name: str, configuration: Configuration, decides: str) -> Effects:
    """Three times of transition against the chosen one."""
    contrasts = tuple(switch(name, configuration, share) for share in (0.4, 0.5, 0.8))
    return Effects(part=part, seeds=MANY, decides=decides, contrasts=contrasts)


NOTICED = Expected(status="reproduced", reason="the loss hardly notices it", date="2026-11-26")
TOO_LARGE = Expected(status="reproduced", reason="a tenth of the weights' own size", date="2026-11-26")
WITHIN = Expected(status="reproduced", reason="within one point", date="2026-11-26")
CHECK = Check(
    claim=CLAIM,
    procedures=(
        *noises("small_noise", 0.0001, HALF, equality=True),
        *noises("large_noise", 0.01, TENTH, equality=False),
        Effects(
            part="transition",
            seeds=lambda context: MANY(context) if context.profile.thorough else runs.seeds(context),
            contrasts=(*(switch("fully connected", runs.PERCEPTRON, share) for share in (0.5, 0.8)), TOO_EARLY),
        ),
        times("transition_resnet", RESNET, GRID, "full"),
        times("transition_mnist", BEYOND, NIGHTLY, "nightly"),
    ),
    expected={
        f"{name}{suffix}": expected
        for name, expected in (("small_noise", NOTICED), ("large_noise", TOO_LARGE), ("transition", WITHIN))
        for suffix in ("", "_resnet", "_mnist")
    },
)
