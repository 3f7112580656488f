"""Routines: exercises in an order, with sides, sets, rest, and what comes after them when they have become easy.

Import what is used from its module: `form` is the file format, `catalog` finds routines, `run` goes through one.
"""
