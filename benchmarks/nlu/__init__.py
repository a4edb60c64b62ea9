"""How well messages are understood: thresholds, and our pipeline beside others."""
