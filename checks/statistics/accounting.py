"""Who may spend how much of the run-wide false-alarm rate, where a search nominates and a confirmation refutes."""

from dataclasses import dataclass

# What a confirmation keeps of `miss` to look once more whether there is agreement: so little that the ten seeds of a
# first look, 2⁻¹⁰ = 9.77e-4, still fit into the rest of 1e-3.
KEPT = 1 / 50


@dataclass(frozen=True, kw_only=True)
class ErrorRates:
    """The two error rates of a run and the fixed caps that the first one is divided by.

    Only a confirmation on fresh draws may refute, each at level `strict`; there are never more than
    claims_cap * suspects_cap of them, so by the union bound a run in which every claim is right reports a refutation
    with probability at most `false_alarm`, whatever the search did, skipped or repeated.

    false_alarm: probability for the whole run. miss: probability for one check, also the level of the search.
    claims_cap: claims in a run at most. suspects_cap: confirmations of one claim; a claim of more parties takes one for
    each, which the claims that a run has fewer than claims_cap leave room for (a test adds up the built-in ones).
    Raises ValueError for a rate outside (0, 1) or a cap below 1.
    """

    false_alarm: float = 1e-6
    miss: float = 1e-3
    claims_cap: int = 256
    suspects_cap: int = 8

    def __post_init__(self) -> None:
        for name in ("false_alarm", "miss"):
            if not 0 < getattr(self, name) < 1:
                raise ValueError(f"{name} must lie strictly between 0 and 1, got {getattr(self, name)!r}")
        for name in ("claims_cap", "suspects_cap"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, got {getattr(self, name)!r}")

    @property
    def strict(self) -> float:
        """Level of one confirmation: 4.9e-10 with the defaults."""
        return self.false_alarm / (self.claims_cap * self.suspects_cap)

    @property
    def look(self) -> float:
        """Level at which a search of few seeds may agree: `miss`, but for what a second look takes."""
        return self.miss * (1 - KEPT)

    @property
    def look_again(self) -> float:
        """Level at which the confirmation after it may agree: both looks together err at most at `miss`."""
        return self.miss * KEPT

    def suspects_for(self, parties: int) -> tuple[int, ...]:
        """Confirmations that each of a claim's parties (its parts times their routes) may spend, in their order.

        The split is made before any draw is seen and sums to `suspects_cap` exactly, the first parties getting the
        remainder. Beyond `suspects_cap` parties each gets one: a party without any could agree, but never refute.
        Raises ValueError for fewer than one party.
        """
        if parties < 1:
            raise ValueError(f"a claim has at least one party to confirm, got parties={parties!r}")
        share, remainder = divmod(self.suspects_cap, parties)
        return tuple(share + (party < remainder) if share else 1 for party in range(parties))
