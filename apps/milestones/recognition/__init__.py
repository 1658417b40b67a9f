"""Recognition: people are shown only where they chose to be, and only among those who did."""
