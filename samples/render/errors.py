"""What can go wrong while rendering; every message says what to do next."""


class RenderError(Exception):
    """A body, room, motion or clip description is wrong, or an asset or the graphics stack is missing."""
