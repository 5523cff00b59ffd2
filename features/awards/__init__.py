"""Public procurement evidence: from a notice of an award to the order that it points at."""
