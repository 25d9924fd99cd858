"""Where each fault is looked for first: cheap parts that it reaches. `assay power --faults ID` looks anywhere."""

from __future__ import annotations

from collections.abc import Iterator

from lazy_assay.checks.power.faults.planted import FAULTS, Fault
from lazy_assay.checks.power.faults.sightings import Watch, fits, watches

# By fault: claim:part/task, the task's name or its end. The first of each is the cheapest that catches it.
TARGETS: dict[str, tuple[str, ...]] = {
    "initial variance": (
        "kearns2023.eq13:random/",
        "fang2021.rf_kernel:kernel/",
        "ghorbani2019.theorem1:/exact oracle",
    ),
    "activation": ("kearns2023.eq13:gram/backpropagation", "fang2021.rf_kernel:kernel/", "daniely2019.ntk:expected/"),
    "float32": ("kearns2023.eq13:gram/backpropagation", "fang2021.eq9:rescaled/", "kawaguchi2021.theorem1_gd:curve/"),
    "TF32": ("kearns2023.eq13:gram/backpropagation", "kearns2023.eq13:flow/", "chizat2019.leading_constant:descent/"),
    "one seed": ("daniely2019.theorem4:population/", "daniely2019.fluctuation:variance/", "fang2021.eq24:independent/"),
    "one key": ("fang2021.rf_kernel:kernel/", "ghorbani2019.corollary1:limit/exact oracle"),
    "biased subsample": ("fang2021.rf_kernel:kernel/", "kearns2023.eq13:random/"),
    "step size": ("chizat2019.theorem2_2:symmetry/", "chizat2019.leading_constant:descent/"),
    "training risk": ("ghorbani2019.corollary1:limit/normal equations",),
    "slope": ("fang2021.ntk_kernels:k_theta/", "fang2021.energy:dissipation/", "daniely2019.theorem5:regret/"),
    "Jacobian": ("kearns2023.eq13:gram/backpropagation",),
    "leaking trials": (
        "ghorbani2019.theorem3:/population gradient descent",
        "ghorbani2019.eq6:ordering/",
        "chizat2019.theorem2_2:symmetry/",
    ),
    "wrong law": ("ghorbani2019.corollary1:concentration/",),
    "no concentration": ("ghorbani2019.corollary1:concentration/",),
}


def found(place: str, entropy: int = 0) -> list[Watch]:
    """The tasks that a place names. Raises ValueError where it names none."""
    id, _, rest = place.partition(":")
    part, _, route = rest.partition("/")
    told = [watch for watch in watches(id, part, entropy) if watch.task.name.endswith(route)]
    if not told:
        raise ValueError(f"{place}: no task that simulates is called so")
    return told


def pairs(entropy: int = 0) -> Iterator[tuple[Fault, Watch]]:
    """Every fault at its targets; a task that several faults share makes its sound run once."""
    known = {place: found(place, entropy) for places in TARGETS.values() for place in places}
    for fault in FAULTS:
        for place in TARGETS[fault.name]:
            for watch in known[place]:
                yield fault, watch


def everywhere(id: str, entropy: int = 0) -> Iterator[tuple[Fault, Watch]]:
    """Every fault in every simulation of a claim, wherever it is one of its draws."""
    for watch in watches(id, entropy=entropy):
        for fault in FAULTS:
            if fits(fault, watch):
                yield fault, watch
