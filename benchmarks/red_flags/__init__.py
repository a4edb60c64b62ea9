"""How well danger signs are noticed: messages, thresholds of the weaker nets, and the report."""
