"""What the app and the trainer cost on this machine; run with `python -m benchmarks`."""
