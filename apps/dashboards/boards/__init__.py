"""Dashboards: kinds of widgets, how they are laid out, and what is read for them."""
