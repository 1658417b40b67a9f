"""Coaching sessions: how they move (flow.py), what they are about (agenda.py), what is agreed (goals.py), what customers get (messages.py)."""
