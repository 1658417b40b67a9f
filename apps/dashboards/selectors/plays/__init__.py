"""What the pages of plays show."""
