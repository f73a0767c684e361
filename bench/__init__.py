"""Benchmarks: our gateway against a usual Python stack and a bare socket, in the same run."""
