# SPDX-License-Identifier: BSD-2-Clause
"""What the tests with real peers speak of: `lastack up` in namespaces of the test's own, programs that talk to it, and
that nothing is left when they have.

    class Files(peers.Case):
        @peers.needs("curl")
        def test_a_file_comes_whole(self):
            with self.up("--serve", f"http=80:{self.here}") as stack:
                self.ask("curl", "-sSo", self.path("got"), peers.url(stack.address4, 80, "file"))
            self.assertEqual(...)

    if __name__ == "__main__":
        peers.main()

main() runs the program once more as the first process of a PID, a mount and a network namespace: the end of the test is
the end of all that it started, however it ends.  Leaving `with self.up(...)` is a test of its own: no connection is open
on either side, Ctrl-C ends lastack with status 0, it has said nothing that was not expected, and its interface is gone."""

import collections
import hashlib
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "house"))

import tap  # noqa: E402

TOP = os.path.dirname(os.path.dirname(HERE))
LASTACK = os.path.abspath(os.environ.get("LASTACK", os.path.join(TOP, "build", "lastack")))
SANITIZED = bool(os.environ.get("LASTACK_SANITIZED"))  # tests/wire/meson.build says so
MIB = 1 << 20
WHOLE_MIB = int(os.environ.get("LASTACK_WIRE_MIB", 64 if SANITIZED else 1024))  # of the largest file that is moved

ADDRESS4, ADDRESS6 = "10.77.0.2", "fd77::2"
READY_S = 20  # for a stack or a server to be up
PATIENCE_S = 100  # for one command
QUIET_S = 10  # until the last connections are closed
SETTLED, OUR_SETTLED = ("LISTEN", "TIME-WAIT"), ("LISTEN", "TIME_WAIT")

# Linux's defaults, whatever this machine has instead, for the namespace of the tests.
KERNEL = {"net.ipv4.tcp_timestamps": 1, "net.ipv4.tcp_sack": 1, "net.ipv4.tcp_congestion_control": "cubic",
          "net.ipv4.tcp_rmem": "4096 131072 6291456", "net.ipv4.tcp_wmem": "4096 16384 4194304",
          "net.ipv4.ip_local_port_range": "32768 60999"}

INSIDE = "LASTACK_WIRE_INSIDE"

Done = collections.namedtuple("Done", "status out err")
Socket = collections.namedtuple("Socket", "state local remote")


# ---- Small things ----------------------------------------------------------------------------------------------------


def needs(*tools):
    """For a test, or a class of them: skips it where a program is missing."""
    missing = [tool for tool in tools if not shutil.which(tool)]
    return unittest.skipIf(missing, f"{', '.join(missing)} is not installed")


def note(text):
    """A figure that somebody may want to read."""
    print(f"# {text}", flush=True)


def url(address, port, path=""):
    host = f"[{address}]" if ":" in address else address
    return f"http://{host}:{port}/{path}"


def digest(path):
    whole = hashlib.sha256()
    with open(path, "rb") as file:
        while piece := file.read(MIB):
            whole.update(piece)
    return whole.hexdigest()


def digest_of_output(*command, timeout=PATIENCE_S, **how):
    """Of what a command writes, which must end well."""
    whole = hashlib.sha256()
    with subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE, **how) as process:
        late = threading.Timer(timeout, process.kill)
        late.start()
        while piece := process.stdout.read(MIB):
            whole.update(piece)
        late.cancel()
    if process.returncode:
        raise AssertionError(f"{' '.join(map(str, command))}: status {process.returncode}")
    return whole.hexdigest()


def make_file(path, size, seed=1):
    """A file in which no piece is like another, so that what comes twice, late or in the wrong place is seen; returns
    its digest."""
    block, whole = random.Random(seed).randbytes(MIB), hashlib.sha256()
    with open(path, "wb") as file:
        for at in range(0, size, MIB):
            piece = (at.to_bytes(8, "big") + block[8:])[: size - at]
            whole.update(piece)
            file.write(piece)
    return whole.hexdigest()


def until(true, seconds, step=0.05):
    """Waits until something is true; what it was at last."""
    end = time.monotonic() + seconds
    while not (found := true()) and time.monotonic() < end:
        time.sleep(step)
    return found


def run(*command, timeout=PATIENCE_S, **how):
    """Runs a command to its end.  Its output is text, or bytes with text=False."""
    given = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True,
             "env": {**os.environ, "LC_ALL": "C.UTF-8"}, **how}
    if given["text"]:
        given["errors"] = "replace"
    if isinstance(given.get("input"), (bytes, str)):
        del given["stdin"]
    try:
        done = subprocess.run([str(word) for word in command], timeout=timeout, **given)
    except subprocess.TimeoutExpired as late:
        raise AssertionError(f"{' '.join(map(str, command))} did not end within {timeout} s; it said: "
                             f"{late.stdout or ''} {late.stderr or ''}") from None
    return Done(done.returncode, done.stdout, done.stderr)


def kernel_sockets():
    """The kernel's TCP sockets in this namespace: those of clients, and those behind --forward."""
    rows = [line.split()[:5] for line in run("ss", "-tanH").out.splitlines()]
    return [Socket(state, local, remote) for state, _, _, local, remote in rows]


def endpoint(address_and_port):
    """As ss writes it."""
    address, port = address_and_port["address"], address_and_port["port"]
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def interfaces():
    """Of this namespace; /sys would show those of another."""
    return [name for _, name in socket.if_nameindex()]


def listening_on(port):
    return any(s.state == "LISTEN" and s.local.endswith(f":{port}") for s in kernel_sockets())


# ---- What runs -------------------------------------------------------------------------------------------------------


class Stack:
    """A running `lastack up`."""

    address4, address6 = ADDRESS4, ADDRESS6
    addresses = (ADDRESS4, ADDRESS6)

    def __init__(self, here, *arguments, name="la0", addresses=("--addr", f"{ADDRESS4}/24", "--addr", f"{ADDRESS6}/64"),
                 before=(), says=(), **how):
        self.name, self.says = name, list(says)
        self.before = set(kernel_sockets())  # what is open already is somebody else's affair
        self.log = tempfile.NamedTemporaryFile("w+", dir=here, prefix=f"{name}-", suffix=".err", errors="replace")
        ready, write_end = os.pipe()
        os.set_inheritable(write_end, True)
        self.command = [*before, LASTACK, "up", "--quiet", "--name", name, *addresses, "--ready-fd", str(write_end),
                        *map(str, arguments)]
        self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stderr=self.log, pass_fds=(write_end,),
                                        **{"stdout": subprocess.DEVNULL, **how})
        os.close(write_end)
        with os.fdopen(ready, "rb") as file:
            if file.read(1) != b"\0":
                status = self.process.wait(READY_S)
                raise AssertionError(f"{' '.join(self.command)}: status {status}: {self.said()}")

    def said(self):
        self.log.seek(0)
        return self.log.read()

    def interrupt(self):
        self.process.send_signal(signal.SIGINT)

    def resident_bytes(self):
        with open(f"/proc/{self.process.pid}/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")

    def sockets(self):
        """The stack's own."""
        done = run(LASTACK, "ls", "--stack", self.name, "-j")
        if done.status:
            raise AssertionError(f"lastack ls --stack {self.name}: {done.err}")
        return [Socket(s["state"], endpoint(s["local"]), endpoint(s["remote"]))
                for s in map(json.loads, done.out.splitlines())]

    def still_open(self):
        """What is neither listening nor waiting for old duplicates, on either side."""
        theirs = [s for s in kernel_sockets() if s.state not in SETTLED and s not in self.before]
        ours = [s for s in self.sockets() if s.state not in OUR_SETTLED] if self.process.poll() is None else []
        return [f"kernel: {' '.join(s)}" for s in theirs] + [f"{self.name}: {' '.join(s)}" for s in ours]

    def wait(self, seconds=15):
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.name} did not end within {seconds} s of Ctrl-C") from None

    def end(self, status=0):
        """Ctrl-C, once nothing is open any more."""
        if not until(lambda: not self.still_open(), QUIET_S):
            raise AssertionError("\n".join([f"{self.name}: left behind:", *self.still_open()]))
        self.interrupt()
        self.ended(status)

    def ended(self, status=0):
        """It ends, or has, as it should."""
        code, said = self.wait(), self.said()
        if code != status:
            raise AssertionError(f"{self.name} ended with status {code}, not {status}: {said}")
        left = [line for line in said.splitlines() if not any(re.search(words, line) for words in self.says)]
        if left:
            raise AssertionError("\n".join([f"{self.name} said:", *left]))
        if not until(lambda: self.name not in interfaces(), 2):
            raise AssertionError(f"{self.name} is still there")

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.log.close()

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if kind is None:
            self.end()
        elif self.process.poll() is not None or self.said():
            note(f"{self.name}: status {self.process.poll()}: {self.said()[-3000:]}".replace("\n", "\n# "))


class Case(unittest.TestCase):
    """A test that has a directory, stacks and servers, all of which are gone when it ends."""

    maxDiff = 4000

    def setUp(self):
        # Where others than root can look, too: servers that give up their rights, users without any.
        directory = tempfile.TemporaryDirectory(prefix="lastack-wire-", ignore_cleanup_errors=True)
        self.addCleanup(directory.cleanup)
        self.here = directory.name
        os.chmod(self.here, 0o755)
        os.environ["LASTACK_DIR"] = self.path("control")  # where stacks are asked: other tests have a la0, too

    def path(self, *names):
        return os.path.join(self.here, *names)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        return self.path(name)

    def up(self, *arguments, **how):
        stack = Stack(self.here, *arguments, **how)
        self.addCleanup(stack.kill)
        return stack

    def start(self, *command, **how):
        """A process in the background, ended with the test."""
        process = subprocess.Popen([str(word) for word in command],
                                   **{"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL,
                                      "stderr": subprocess.DEVNULL, **how})
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def serve(self, port, *command):
        """A server in the background, once it listens on that port."""
        with open(self.path(f"server-{port}.log"), "w+", errors="replace", encoding="utf-8") as log:
            process = self.start(*command, stdout=log, stderr=log)
            found = until(lambda: process.poll() is not None or listening_on(port), READY_S)
            if not found or process.poll() is not None:
                log.seek(0)
                self.fail(f"{command[0]} does not listen on {port}: {log.read()}")
        return process

    def ask(self, *command, status=0, **how):
        """What a command answers, which must end well."""
        done = run(*command, **how)
        self.assertEqual(done.status, status, f"{' '.join(map(str, command))}: {done.err}")
        return done.out

    def connect(self, address, port, timeout=20):
        connection = socket.create_connection((address, port), timeout)
        self.addCleanup(connection.close)
        return connection


# ---- The namespaces ---------------------------------------------------------------------------------------------------


def go_inside():
    """Runs this program once more, in namespaces; returns only to say why not."""
    user = ["--user", "--map-root-user"] if os.geteuid() else []
    unshare = ["unshare", *user, "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
    done = run(*unshare, "true")
    if done.status:
        return f"namespaces cannot be made here: {done.err.strip()}"
    os.execvpe("unshare", [*unshare, sys.executable, "-B", *sys.argv], {**os.environ, INSIDE: "1"})
    return None


def why_not():
    """Why no test can run here; None if they can."""
    missing = [tool for tool in ("ip", "ss", "unshare") if not shutil.which(tool)]
    if missing:
        return f"{', '.join(missing)} is not installed"
    if os.environ.get(INSIDE) != "1":
        return go_inside()
    run("ip", "link", "set", "lo", "up")
    for name, value in KERNEL.items():
        run("sysctl", "-qw", f"{name}={value}")
    try:
        os.close(os.open("/dev/net/tun", os.O_RDWR))
    except OSError as error:
        return f"/dev/net/tun: {error.strerror}"
    return None


def enter():
    """For programs that are no tests; says why not, or None once inside."""
    if not os.path.exists(LASTACK):
        sys.exit(f"{LASTACK} is not built")
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    return why_not()


def main():
    reason = enter()
    if reason:
        print(f"1..0 # SKIP {reason}")
        return
    tap.main()
