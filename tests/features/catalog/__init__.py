"""Tests of the definitions that ship."""
