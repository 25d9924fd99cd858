"""Running claims as plain calls, and what is written of it."""
