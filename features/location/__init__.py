"""Where goods go: places and what dated policy says of them."""
