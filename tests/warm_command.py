"""`.venv/bin/almanac` for scripts that a page shows: the command, forked from the warm server of the tests.

Belongs here: a folder that looks like the project's environment, whose `almanac` starts in no time. Does not belong
here: scripts. A command that must run the code of another folder, or from nothing, takes the real one.
"""

from __future__ import annotations

import json
import shutil
import socket
import sys
import tempfile
import threading
from pathlib import Path

from tests.command_line import start

# Isolated and without site-packages: 15 ms.
CLIENT = """\
#!{python} -IS
import json, os, socket, sys
with socket.socket(socket.AF_UNIX) as server:
    server.connect({address!r})
    with server.makefile("rw", encoding="utf-8") as line:
        line.write(json.dumps([os.getcwd(), sys.argv[1:], dict(os.environ)]) + "\\n")
        line.flush()
        code, out, err = json.loads(line.readline())
sys.stdout.write(out)
sys.stderr.write(err)
sys.exit(code)
"""


class WarmCommand:
    """Answers the commands of scripts until it is closed."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="warm-"))  # the address of a socket must be short
        self._address = str(self._folder / "socket")
        self._server = socket.socket(socket.AF_UNIX)
        self._server.bind(self._address)
        self._server.listen()
        threading.Thread(target=self._serve, daemon=True).start()

    def put_into(self, environment: Path) -> Path:
        """Make `environment` look like the one that these tests run in, with a warm `almanac`; its folder `bin`."""
        real, made = Path(sys.prefix), environment / "bin"
        made.mkdir(parents=True)
        for entry in [*real.iterdir(), *(real / "bin").iterdir()]:
            place = environment / entry.relative_to(real)
            if not place.exists() and entry.name != "almanac":
                place.symlink_to(entry)
        (made / "almanac").write_text(CLIENT.format(python=sys.executable, address=self._address))
        (made / "almanac").chmod(0o755)
        return made

    def close(self) -> None:
        """Answer no more."""
        self._server.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _serve(self) -> None:
        while True:
            try:
                asking, _ = self._server.accept()
            except OSError:
                return
            threading.Thread(target=_answer, args=(asking,), daemon=True).start()


def _answer(asking: socket.socket) -> None:
    with asking, asking.makefile("rw", encoding="utf-8") as line:
        folder, arguments, environment = json.loads(line.readline())
        told = {name: value for name, value in environment.items() if name.startswith(("ALMANAC_", "DAGSTER_"))}
        said = start(Path(folder), *arguments, environment=told).wait()
        line.write(json.dumps([said.code, said.out, said.err]) + "\n")
