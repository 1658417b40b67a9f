"""Challenges: the same target for all who take part, among accounts that are alike; nobody takes part unasked."""
