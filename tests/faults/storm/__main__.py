"""`python -m tests.faults.storm`: one storm; prints its ledger and exits 1 where that does not balance."""

import sys

from tests.faults.storm.store import with_own_mounts

if __name__ == "__main__":
    with_own_mounts("tests.faults.storm")
    from tests.faults.storm.course import main

    sys.exit(main())
