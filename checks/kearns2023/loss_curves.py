"""Confronts figure 7: movement and steps at which each width first reaches a loss."""

from lazy_assay.checks import Check, Configuration, Contrast, Effects, Expected
from lazy_assay.checks.kearns2023._networks import TENTH, contrast, few, held, log, networks
from lazy_assay.theory.kearns2023.loss_curves import CLAIM

CURVES = networks((50,), (100,), (200,), target_losses=(0.6, 0.5))
ENDS = networks((50,), (200,), target_losses=(0.5,))
LONG = networks((100,), (300,), (1000,), (3000,), target_losses=(0.6, 0.5, 0.3, 0.1))


def apart(first: int, second: int, target: int, setting: Configuration) -> Contrast:
    """Two neighbouring curves at one loss."""
    widths = [width for (width,) in held(setting, "architectures")]
    losses = held(setting, "target_losses")
    return contrast(
        f"width {widths[first]} moves further than {widths[second]} to reach {losses[target]:g}",
        setting,
        log("movement_1", first, target),
        log("movement_1", second, target),
        TENTH,
    )


def wider(name: str, label: str, **told: bool) -> Contrast:
    """The printed order at the middle loss."""
    return contrast(f"width 200 to the right of 50, {label}, loss 0.5", ENDS, log(name, 1), log(name, 0), TENTH, **told)


CHECK = Check(
    claim=CLAIM,
    procedures=(
        Effects(
            part="shift",
            seeds=few,
            contrasts=tuple(apart(i, i + 1, target, CURVES) for i in range(2) for target in range(2)),
        ),
        Effects(
            part="shift_wide",
            seeds=few,
            decides="full",
            contrasts=tuple(apart(i, i + 1, target, LONG) for i in range(3) for target in range(4)),
        ),
        Effects(
            part="order",
            seeds=few,
            contrasts=(
                wider("movement_1", "in relative movement"),
                wider("steps", "in steps"),
                contrast(
                    "the undivided norm falls too, loss 0.5", ENDS, log("norm", 0), log("norm", 1), 0.0, control=True
                ),
            ),
        ),
        Effects(
            part="order_wide",
            seeds=few,
            decides="full",
            contrasts=tuple(
                contrast(f"width 3000 to the right of 100, {label}, loss {loss}", LONG,
                         log(name, 3, target), log(name, 0, target), TENTH)
                for name, label in (("movement_1", "in relative movement"), ("steps", "in steps"))
                for target, loss in ((1, "0.5"), (3, "0.1"))
            ),
        ),
    ),
    expected={
        "shift": Expected(status="reproduced", reason="at every loss and width", date="2026-11-26"),
        "shift_wide": Expected(status="reproduced", reason="at every loss and width", date="2026-11-26"),
        "order_wide": Expected(status="reverse", reason="the widest curve is leftmost", date="2026-11-26"),
        "order": Expected(status="reverse", reason="the widest curve is leftmost", date="2026-11-26"),
    },
)  # fmt: skip
