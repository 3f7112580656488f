"""Exercising in front of the camera: the plan, the sets, and what is shown and said meanwhile."""
