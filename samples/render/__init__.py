"""Rendered people with exact ground truth: a body, a room, a camera and a motion make a clip and its truth.

Not part of the installed program: `formcheck` never imports this package. See `docs/rendering.md`.
"""
