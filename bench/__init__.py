"""Benchmarks: each module's `main()` measures beside a floor of the same run and returns its figures."""
