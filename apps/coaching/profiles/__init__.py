"""Patterns of behaviour: measured as of a moment, grouped, named, and told of each account with its evidence."""
