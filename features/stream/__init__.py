"""The stream driver: more order lines than memory holds, sorted, encoded and computed on disk, one part at a time."""
