#!/usr/bin/env python
"""Django's command line. Without services of your own use `make manage ARGS="..."`, which brings the embedded ones."""

import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cs_platform.settings.dev")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
