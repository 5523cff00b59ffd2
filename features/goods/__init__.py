"""What is sold: categories, HS codes, ECCNs, and how sensitive goods are by dated policy."""
