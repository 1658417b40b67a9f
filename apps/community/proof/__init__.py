"""Social proof: numbers that are true by construction and tell of nobody."""
