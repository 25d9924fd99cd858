"""Mathematics that two papers use, each once: no claim, no paper."""
