"""Readings written down: one finding per row, or a table for a terminal."""
