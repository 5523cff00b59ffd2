"""Bring your own data: anybody's CSV or Parquet becomes trade objects, and refused rows are told."""

from features.mapping.mapping import Mapping
from features.mapping.rejects import Rejected, Rejects
from features.mapping.streams import Event

__all__ = ["Event", "Mapping", "Rejected", "Rejects"]
