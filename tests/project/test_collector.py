import json
import subprocess
import sys

import pytest

COUNT = "import gc, json; print(json.dumps([gc.get_freeze_count(), gc.get_threshold()]))"


SERVER = "import cs_platform.asgi"
WORKER = "from cs_platform.celery import app; app.Worker(pool='solo')"


@pytest.mark.parametrize("begin", [SERVER, WORKER], ids=["server", "worker"])
def test_a_process_that_serves_leaves_alone_what_it_loaded(begin):
    """Made as it really is, not started: to look for garbage among all modules, again and again, was a third of the cost of scoring."""
    done = subprocess.run([sys.executable, "-c", f"{begin}\n{COUNT}"], capture_output=True, text=True, timeout=120, check=True)
    frozen, thresholds = json.loads(done.stdout.splitlines()[-1])
    assert frozen > 100_000, "what was loaded is looked at again at every collection"
    assert thresholds == [100_000, 50, 100]
