"""Tests of places and the policy on them."""
