"""How fast the engine is, measured against its peers in the same run. `python -m benchmarks`."""
