"""Networks of paired neurons, zero at their initialisation, and the random embedding of their tangents."""
