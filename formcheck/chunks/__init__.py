"""Long recordings in chunks: estimated one after the other or by several processes, with the same result."""
