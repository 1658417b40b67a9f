"""How often Python looks for garbage in circles, in a process that serves."""

import gc


def settle() -> None:
    """What was loaded until here stays: the collector need not look at it again, nor wake for every few hundred of ten thousand sockets or scores."""
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)
