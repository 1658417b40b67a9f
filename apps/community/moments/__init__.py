"""Right moments: who may be asked for what just now, why, and what came of it."""
