"""Whether this machine has what the program needs, in words that can be pasted into a bug report."""
