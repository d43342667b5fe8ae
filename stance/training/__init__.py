"""From labelled sentences to a bundle."""
