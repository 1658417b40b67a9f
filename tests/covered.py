"""pytest with coverage of `apps/` by slipcover 1.1.0, and around two faults of it: `python -m tests.covered -m pytest ...`."""

import functools

import slipcover
from slipcover import __main__ as command

# Made for Alembic. It hands None on where nothing was said, by which a package loaded from its place has no __path__.
slipcover.wrap_spec_from_file_location = lambda *_: None
# Asked twice, for the bound and for the report; the first answer deletes what the workers brought.
command.merged_coverage = functools.cache(command.merged_coverage)

if __name__ == "__main__":
    raise SystemExit(command.main())
