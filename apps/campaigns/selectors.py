"""What the marketing side knows; nothing here writes."""
