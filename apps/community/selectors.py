"""What is known of word of mouth; nothing here writes."""
