"""What coaching changed: pure statistics on log rates, no tables. A hold-back by lot counts first; what was merely observed is directional."""
