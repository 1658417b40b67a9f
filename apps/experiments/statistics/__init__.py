"""What figures of an experiment say: pure functions on numpy and scipy, proven against golden numbers of gbstats 0.8.0 (tests/experiments)."""
