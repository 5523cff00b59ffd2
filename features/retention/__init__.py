"""How long orders and answers are kept, and how they are removed without a hole in the chain."""
