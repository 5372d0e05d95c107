"""Writes the evaluation as a page for people: one HTML file without scripts or other files."""
