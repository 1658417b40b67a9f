"""Referrals: programs, codes and links, invitations, what speaks against a sign-up, rewards, and what all of it brings. docs/referrals.md."""
