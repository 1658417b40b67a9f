"""Development and the demo company: everything on this machine, started by `make demo`, `make up` or `make manage`."""

from .base import *  # noqa: F403
