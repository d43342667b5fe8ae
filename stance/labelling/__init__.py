"""From articles to trusted labels: suggestions, a queue for people, and the way through tools."""
