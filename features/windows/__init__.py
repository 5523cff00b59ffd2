"""The engine: definitions as data, one kernel, several drivers."""
