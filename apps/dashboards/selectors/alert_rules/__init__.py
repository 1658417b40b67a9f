"""What the pages of alert rules show."""
