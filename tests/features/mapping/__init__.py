"""Tests of the mapping: what users may write, and what becomes of it."""
