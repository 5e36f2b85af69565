"""Portico: who is looking at your data app, always-fresh tokens, and APIs on the user's behalf."""
