"""How tangent models at given weights are confronted, for the checks of two papers: settings, rounding, training."""
