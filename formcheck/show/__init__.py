"""Results go out: overlays, annotated videos, reports and tables."""
