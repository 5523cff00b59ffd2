"""Tests of the benchmarks, on few rows: what is compared must be equal before its speed means anything."""
