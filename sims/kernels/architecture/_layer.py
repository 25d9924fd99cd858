"""What a layer says of its limit."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from torch import Tensor

    from lazy_assay.sims.kernels.architecture._state import Side, State

Grid = tuple[int, ...]
# What is known of features: the data themselves; independent centred Gaussian channels, jointly over points and
# positions; any others with the same second moments in every channel; channels of several laws.
DATA, GAUSSIAN, FEATURES, UNEQUAL = "data", "gaussian", "features", "unequal"


class Layer(ABC):
    """One layer of a network whose widths grow. A subclass is frozen, and derives its rule in its docstring.

    `mixes` where the rule reads covariances between different positions of the two points, beyond equal shifts.
    """

    mixes: ClassVar[bool] = False

    @abstractmethod
    def grid(self, grid: Grid) -> Grid:
        """The positions after it, from those before. Raises KernelError where it does not fit them."""

    @abstractmethod
    def law(self, law: str) -> str:
        """What its features are, from what goes in. Raises KernelError where there is no rule."""

    @abstractmethod
    def variance(self, side: Side, axes: int) -> Tensor:
        """Variances of its features, (n, 1, *grid after), from a side with so many axes before it."""

    @abstractmethod
    def rule(self, state: State, first: Tensor, second: Tensor) -> tuple[Tensor, Tensor | None]:
        """D and tangent kernel after it; first and second are the variances after it, which broadcast with D."""

    def alive(self) -> int:
        """Numbers that it holds at once for each entry of D: blocks are sized by it."""
        return 6
