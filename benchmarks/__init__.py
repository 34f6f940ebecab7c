"""What the proxy costs, measured: `python -m benchmarks.limits`, `.growth`, `.tls`, `.layers`, `.start`, `.load`, .."""
