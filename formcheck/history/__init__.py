"""What was done, kept on this machine: every set in one small database, and what has changed over the weeks.

Import what is used from its module: `store` keeps, `progress` compares weeks, `command` is the command line.
"""
