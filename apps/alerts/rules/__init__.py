"""What is worth a person's eyes: rules as they are written, tried on the past, watched and tuned."""
