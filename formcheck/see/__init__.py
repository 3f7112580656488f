"""The world comes in: cameras, videos, the pose model, saved tracks."""
