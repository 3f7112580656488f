"""The judging core: poses in, judgement out. No input or output, no clock, no frame rate, no randomness."""
