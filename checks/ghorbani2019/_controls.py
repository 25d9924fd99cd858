"""Why some assumptions of the mixture are broken by no control."""

NO_LAW = "there is no law to draw from: a covariance is positive semidefinite, and the formulas invert Σ"
