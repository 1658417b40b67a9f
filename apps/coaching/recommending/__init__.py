"""Which tips an account is told: what is allowed and why not, what is chosen, what is held back, what came of it."""
