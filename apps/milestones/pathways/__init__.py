"""Which milestone comes next: what each is worth, and the order that follows. Pure functions, no tables."""
