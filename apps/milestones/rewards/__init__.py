"""Rewards: a ledger of two sides, what is paid for what, and what keeps it honest. docs/rewards.md tells how a month's budget is run."""
