"""The catalogue: every feature that ships, one table a family. To add a feature, add a row."""
