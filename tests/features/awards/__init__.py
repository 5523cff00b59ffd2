"""Notices of awards and the sales that they point at."""
