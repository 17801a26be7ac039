"""Hostile input for every verb that reads a directory."""
