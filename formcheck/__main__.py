"""``formcheck`` and ``python -m formcheck``."""

import os
import sys

from formcheck.stopping import Stopped, stopping_on_signals


def main() -> int:
    """Runs the command line and gives the exit code."""
    try:
        with stopping_on_signals():
            from formcheck import cli
        code = cli.main()
    except Stopped as stop:  # before the command line could take care of it
        return stop.code
    except KeyboardInterrupt:
        return 130
    if code > 128:  # stopped by a signal
        # Everything is cleaned up. What Python still would do takes time and may wait for threads of the pose model.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    return code


if __name__ == "__main__":
    sys.exit(main())
