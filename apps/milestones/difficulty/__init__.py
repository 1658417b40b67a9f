"""How hard a milestone is and what an account can do, learned from who reached what: pure functions, no tables."""
