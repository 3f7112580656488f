"""The report as a page: one file that opens from disk, with the video, what was seen in it, and what to do about it."""
