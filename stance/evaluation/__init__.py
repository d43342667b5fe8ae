"""How far a reader can be trusted: scores with their intervals."""
