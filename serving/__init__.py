"""From an order that arrives to an answer that is kept: the service, and whole files at once."""
