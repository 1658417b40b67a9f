"""What pages tell of milestones."""
