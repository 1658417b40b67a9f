"""Asks: proposed at a right moment, let go by a person or by itself, answered on a page of their own, thanked for."""
