"""From findings to a promoted model."""
