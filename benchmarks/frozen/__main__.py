"""`python -m benchmarks.frozen SHOP HOME [--write]`."""

import sys
from pathlib import Path

from benchmarks.frozen import differences, digests, write

shop, home = sys.argv[1], Path(sys.argv[2])
if "--write" in sys.argv[3:]:
    write(shop, home)
found = differences(shop, home)
print("\n".join(found) or f"{shop}: {len(digests(home))} tables equal the frozen ones")
sys.exit(bool(found))
