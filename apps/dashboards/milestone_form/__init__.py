"""The form of the path designer: what it shows of a definition, and what it reads back."""
