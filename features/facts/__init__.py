"""What an order line says itself, as integers: the columns that the engine reads."""
