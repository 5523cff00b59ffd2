"""Where things are: a gazetteer that resolves names and coordinates, and dated policy on regions and hubs."""
