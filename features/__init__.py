"""What was known about an order line at its moment."""
