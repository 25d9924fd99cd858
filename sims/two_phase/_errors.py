"""What two-phase training cannot work with."""


class TwoPhaseError(ValueError):
    """A module, an optimiser or data that cannot be trained in two phases; one line: what, and how to mend it."""
