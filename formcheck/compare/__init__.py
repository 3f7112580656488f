"""Two repetitions, recordings or weeks side by side, laid over each other by their phases.

Import what is used from its module: `subject` finds what is compared, `difference` compares, `command` is the command.
"""
