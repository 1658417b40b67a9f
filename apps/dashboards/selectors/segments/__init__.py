"""What the pages of segments show."""
