"""Labelled sentences: their files, what makes a row sound, how they are split."""
