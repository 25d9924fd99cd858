"""What every simulation stands on: streams, batches, devices, moments, the version of its code."""
