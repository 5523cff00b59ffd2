"""Tests of training: labels, sets, fits, judgements and the book of runs."""
