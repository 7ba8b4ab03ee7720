"""How fast, against peers: `python -m benchmarks`."""
