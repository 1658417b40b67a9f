"""Outside marketing tools: who is in a segment for them (audience), what they tell us back (touches), and links they can read (utm)."""
