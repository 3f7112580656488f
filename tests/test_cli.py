from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import clips
import numpy as np
import pytest
import unconnected_path  # noqa: F401
