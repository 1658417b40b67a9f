"""The churn desk: what a definition means, how far its model can be believed, and whom to call first."""
