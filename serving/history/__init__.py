"""A company's whole past, scored within bounded memory: files or a query in, scores, rejects and a report out."""
