"""What works for whom, learned from what happened: pure functions. Rows and services that use them are in choosing.py of the app."""
