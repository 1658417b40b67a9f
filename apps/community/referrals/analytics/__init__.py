"""What referrals bring: the funnel, how fast and how far they go round, and what would have come anyway. docs/referrals.md has the formulas."""
