# SPDX-License-Identifier: BSD-2-Clause
"""`lastack up` itself: how it begins, how it ends, what it says when it cannot, and what it writes down."""

import os
import pwd
import shutil
import signal
import socket
import time
import unittest

import peers

USAGE, NOT_TOLD, OUTPUT = 64, 3, 74
NETWORK = ("--addr", f"{peers.ADDRESS4}/24", "--addr", f"{peers.ADDRESS6}/64")
ECHO = (*NETWORK, "--serve", "echo=7")


def up(*arguments, before=(), **how):
    return peers.run(*before, peers.LASTACK, "up", *arguments, timeout=30, **how)


class Beginning(peers.Case):
    def test_what_it_says(self):
        said = self.path("said")
        with open(said, "w", encoding="utf-8") as file:
            process = self.start(peers.LASTACK, "up", *ECHO, "--forward", "80=127.0.0.1:8001", stderr=file)
            self.assertTrue(peers.until(lambda: "la0" in peers.interfaces(), peers.READY_S))
            self.assertTrue(peers.until(lambda: "Ctrl-C" in open(said, encoding="utf-8").read(), peers.READY_S))
            process.send_signal(signal.SIGINT)
            self.assertEqual(process.wait(15), 0)
        with open(said, encoding="utf-8") as file:
            text = file.read()
        for words in ("la0 is up: 10.77.0.2 fd77::2; the kernel's end: 10.77.0.1 fd77::1", "echo         7",
                      "forward     80  127.0.0.1:8001"):
            self.assertIn(words, text)

    def test_ready_means_ready(self):
        """Whoever has read the byte can connect at once."""
        for _ in range(5):
            with self.up("--serve", "echo=7") as stack:
                for address in stack.addresses:
                    client = self.connect(address, 7)
                    client.sendall(b"here")
                    self.assertEqual(client.recv(4), b"here")
                    client.close()

    def test_terminate_and_hang_up_end_it_too(self):
        for number in (signal.SIGTERM, signal.SIGHUP):
            stack = self.up("--serve", "echo=7")
            stack.process.send_signal(number)
            stack.ended()

    def test_two_stacks_side_by_side(self):
        with self.up("--serve", "echo=7") as one:
            other = ("--addr", "10.78.0.2/24", "--addr", "fd78::2/64")
            with self.up("--serve", "echo=7", name="la1", addresses=other):
                for address in (*one.addresses, "10.78.0.2", "fd78::2"):
                    client = self.connect(address, 7)
                    client.sendall(address.encode())
                    self.assertEqual(client.recv(99), address.encode())
                    client.close()

    def test_tunables_are_set(self):
        """As the peer sees it: options that are agreed upon."""
        for settings, agreed in (([], {"ts", "sack", "wscale"}), (["tcp_timestamps=0"], {"sack", "wscale"}),
                                 (["tcp_sack=0", "tcp_window_scaling=0"], {"ts"})):
            words = [word for setting in settings for word in ("--set", setting)]
            with self.up("--serve", "echo=7", *words) as stack:
                for address in stack.addresses:
                    client = self.connect(address, 7)
                    shown = self.ask("ss", "-tinoHO", "state", "established", "dport", "=", ":7").split()
                    self.assertEqual({"ts", "sack", "wscale"} & {word.split(":")[0] for word in shown}, agreed)
                    client.close()

    def test_the_end_of_the_command_is_its_end(self):
        said = up("--quiet", *ECHO, "--", "sh", "-c", "exit 7")
        self.assertEqual((said.status, said.err), (7, ""))
        said = up("--quiet", *ECHO, "--", "bash", "-c",
                  f"exec 3<>/dev/tcp/{peers.ADDRESS4}/7 && echo through >&3 && head -n 1 <&3")
        self.assertEqual((said.status, said.out, said.err), (0, "through\n", ""))

    def test_a_command_that_is_not_there(self):
        said = up("--quiet", *ECHO, "--", "no-such-command")
        self.assertEqual(said.status, 127)
        self.assertIn("lastack up: no-such-command: No such file or directory", said.err)

    def test_a_command_that_is_killed(self):
        said = up("--quiet", *ECHO, "--", "sh", "-c", "kill -9 $$")
        self.assertEqual((said.status, said.err), (128 + 9, ""))


class Ending(peers.Case):
    def setUp(self):
        super().setUp()
        os.mkdir(self.path("www"))
        self.digest = peers.make_file(self.path("www", "file"), 12 * peers.MIB)

    def begin(self, **how):
        return self.up("--serve", f"http=80:{self.path('www')}", "--serve", "echo=7", **how)

    def test_a_transfer_under_way_is_finished(self):
        for address in peers.Stack.addresses:
            stack = self.begin()
            with open(self.path("got"), "wb") as got:
                curl = self.start("curl", "-sS", "--limit-rate", "6M", peers.url(address, 80, "file"), stdout=got)
                self.assertTrue(peers.until(lambda: os.path.getsize(self.path("got")) > 0, 10))
                stack.interrupt()
                self.assertTrue(peers.until(lambda: self.refuses(address), 5), "it still accepts")
                self.assertIsNone(curl.poll())
                self.assertEqual(curl.wait(30), 0)
            self.assertEqual(peers.digest(self.path("got")), self.digest)
            self.expect_end(stack)

    @staticmethod
    def refuses(address):
        try:
            socket.create_connection((address, 80), 5).close()
            return False
        except ConnectionResetError:  # it came in between
            return False
        except ConnectionRefusedError:
            return True

    def expect_end(self, stack):
        """By itself, with nothing left of any client."""
        stack.ended()
        self.assertTrue(peers.until(lambda: not stack.still_open(), 5), stack.still_open())

    def test_what_the_peer_still_says_is_echoed(self):
        stack = self.begin()
        client = self.connect(stack.address4, 7)
        client.sendall(b"before")
        self.assertEqual(client.recv(100), b"before")
        stack.interrupt()
        self.assertEqual(client.makefile("rb").read(), b"")
        self.assertIsNone(stack.process.poll())
        client.close()
        self.expect_end(stack)

    def test_the_second_time_it_aborts(self):
        for address in peers.Stack.addresses:
            stack = self.begin()
            client = self.connect(address, 80)
            client.sendall(b"GET /file HTTP/1.1\r\nHost: a\r\n\r\n")
            self.assertTrue(client.recv(1000))
            stack.interrupt()
            self.assertTrue(peers.until(lambda: self.refuses(address), 5))
            self.assertIsNone(stack.process.poll())
            stack.interrupt()
            self.assertEqual(stack.wait(5), 0)
            self.expect_reset(client)
            self.expect_end(stack)

    def test_patience_has_an_end(self):
        stack = self.begin()
        client = self.connect(stack.address4, 7)
        stack.interrupt()
        begin = time.monotonic()
        self.assertEqual(stack.wait(20), 0)
        self.assertGreater(time.monotonic() - begin, 8)
        with self.assertRaises((ConnectionResetError, BrokenPipeError)):  # the latter, if it has seen a FIN before
            client.sendall(b"are you there?")
            client.sendall(b"are you there?")
        client.close()
        self.expect_end(stack)


    def ask_for_all_and_read_nothing(self, stack):
        """The service has handed over the whole answer; the stack alone still has to do with it."""
        peers.make_file(self.path("www", "shorter"), 3 * peers.MIB)
        client = socket.socket()
        self.addCleanup(client.close)
        client.settimeout(20)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        client.connect((stack.address4, 80))
        client.sendall(b"GET /shorter HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        time.sleep(1)
        return client

    def expect_reset(self, client):
        with self.assertRaises(ConnectionResetError):
            while client.recv(peers.MIB):
                pass
        client.close()

    def test_who_never_reads_is_told_at_last(self):
        stack = self.begin()
        client = self.ask_for_all_and_read_nothing(stack)
        stack.interrupt()
        self.assertEqual(stack.wait(20), 0)
        self.expect_reset(client)
        self.expect_end(stack)

    def test_the_second_time_it_aborts_what_services_have_left(self):
        stack = self.begin()
        client = self.ask_for_all_and_read_nothing(stack)
        stack.interrupt()
        time.sleep(0.5)
        self.assertIsNone(stack.process.poll())
        stack.interrupt()
        self.assertEqual(stack.wait(5), 0)
        self.expect_reset(client)
        self.expect_end(stack)


class Refusing(peers.Case):
    """Each complaint names what is wrong, and the way out."""

    def expect(self, status, words, *arguments, **how):
        said = up(*arguments, **how)
        self.assertEqual(said.status, status, said.err)
        for word in words:
            self.assertIn(word, said.err)
        self.assertFalse("la0" in peers.interfaces())

    def test_bad_addresses(self):
        for address, words in (("10.77.0.2.3/24", "no IPv4 or IPv6 address"), ("fd77::2::3/64", "no IPv4 or IPv6 address"),
                               ("10.77.0.2/33", "1 to 32"), ("fd77::2/129", "1 to 128"), ("10.77.0.2/0", "1 to 32"),
                               ("10.77.0.2/x", "1 to 32"), ("10.77.0.2/", "1 to 32"), ("", "no IPv4 or IPv6 address"),
                               ("224.0.0.1/24", "no address that one host can have"), ("ff02::1/64", "one host"),
                               ("0.0.0.0/24", "one host"), ("10.77.0.2", "names no network")):
            self.expect(USAGE, [f"--addr {address}", words], "--addr", address, "--serve", "echo=7")

    def test_nothing_to_do(self):
        self.expect(USAGE, ["which address?"])
        self.expect(USAGE, ["what is it to serve?"], *NETWORK)

    def test_bad_services(self):
        for service in ("echo", "echo=0", "echo=65536", "echo=x", "nonsense=7", "http=80", "http=80:/not/there"):
            self.expect(USAGE, [f"--serve {service}: "], *NETWORK, "--serve", service)
        for target in ("80", "80=", "80=127.0.0.1", "80=127.0.0.1:0", "80=nowhere.invalid:80", "80=unix:", "x=unix:/a"):
            self.expect(USAGE, [f"--forward {target}: "], *NETWORK, "--forward", target)

    def test_a_port_twice(self):
        self.expect(USAGE, ["7"], *ECHO, "--serve", "discard=7")
        self.expect(USAGE, ["7"], *ECHO, "--forward", "7=127.0.0.1:80")

    def test_bad_tunables(self):
        self.expect(USAGE, ["--set tcp_nonsense=1"], *ECHO, "--set", "tcp_nonsense=1")
        self.expect(USAGE, ["--set tcp_fin_timeout=soon"], *ECHO, "--set", "tcp_fin_timeout=soon")
        self.expect(USAGE, ["NAME=VALUE"], *ECHO, "--set", "tcp_fin_timeout")
        self.expect(USAGE, ["--set tcp_tw_recycle=1", "--dangerous"], *ECHO, "--set", "tcp_tw_recycle=1")

    def test_bad_numbers_and_names(self):
        for option, value in (("mtu", "100"), ("mtu", "70000"), ("queues", "0"), ("connections", "0"),
                              ("busy-poll", "-1"), ("ready-fd", "x")):
            self.expect(USAGE, [f"--{option} takes a number", f"'{value}'"], *ECHO, f"--{option}={value}")
        for name in ("", "a b", "a/b", "sixteen-letters-", "."):
            self.expect(USAGE, ["--name takes"], *ECHO, "--name", name)

    def test_a_capture_that_cannot_be_written(self):
        self.expect(OUTPUT, ["cannot write /not/there: No such file"], *ECHO, "--pcap", "/not/there")

    def test_a_name_that_is_taken(self):
        with self.up("--serve", "echo=7") as stack:
            said = up("--addr", "10.78.0.2/24", "--serve", "echo=7")
            self.assertEqual(said.status, NOT_TOLD)
            self.assertIn("--name la0-2", said.err)
            self.connect(stack.address4, 7).close()
        self.ask("ip", "link", "add", "la0", "type", "veth", "peer", "name", "la0peer")
        self.addCleanup(peers.run, "ip", "link", "del", "la0")
        said = up(*ECHO)
        self.assertEqual(said.status, NOT_TOLD)
        self.assertIn("--name la0-2", said.err)

    def test_a_ready_descriptor_that_is_none(self):
        self.expect(USAGE, ["--ready-fd 99"], *ECHO, "--ready-fd", "99")

    def test_without_the_device(self):
        hidden = ("unshare", "--mount", "sh", "-c", 'mount -t tmpfs tmpfs /dev/net && exec "$@"', "sh")
        self.expect(NOT_TOLD, ["There is no /dev/net/tun: modprobe tun"], *ECHO, before=hidden)
        self.expect(NOT_TOLD, ["There is no /dev/net/tun: modprobe tun"], *ECHO, "--unshare", before=hidden)


@unittest.skipIf(os.getuid(), "only root can become somebody else")
@peers.needs("setpriv")
class Unprivileged(peers.Case):
    """As a user without any rights, with a TUN device that everybody may open, as distributions have it."""

    def setUp(self):
        super().setUp()
        nobody = pwd.getpwnam("nobody")
        self.nobody = ("setpriv", f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups",
                       "--inh-caps=-all")
        self.lastack = self.path("lastack")
        os.mkdir(self.path("control"), 0o700)
        os.chown(self.path("control"), nobody.pw_uid, nobody.pw_gid)
        shutil.copy(peers.LASTACK, self.lastack)
        self.ask("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", "/dev/net")
        self.addCleanup(self.ask, "umount", "/dev/net")
        self.ask("mknod", "-m", "666", "/dev/net/tun", "c", "10", "200")

    def as_nobody(self, *arguments, **how):
        return peers.run(*self.nobody, self.lastack, "up", *arguments, timeout=60, cwd="/", **how)

    def can_unshare(self):
        if peers.run(*self.nobody, "unshare", "--user", "--net", "true").status:
            self.skipTest("this system lets only root make namespaces")

    def test_without_privileges(self):
        said = self.as_nobody(*ECHO)
        self.assertEqual(said.status, NOT_TOLD)
        self.assertIn("lastack up --unshare", said.err)

    def test_a_command_in_namespaces_of_its_own(self):
        self.can_unshare()
        here = peers.interfaces()
        for address in peers.Stack.addresses:
            said = self.as_nobody("--quiet", "--unshare", *ECHO, "--", "bash", "-c",
                                  f"exec 3<>/dev/tcp/{address}/7 && echo through >&3 && head -n 1 <&3; exit 5")
            self.assertEqual(said, (5, "through\n", ""))
        self.assertEqual(peers.interfaces(), here)

    @peers.needs("curl")
    def test_a_file_in_namespaces_of_its_own(self):
        self.can_unshare()
        os.mkdir(self.path("www"))
        digest = peers.make_file(self.path("www", "file"), 32 * peers.MIB)
        for address in peers.Stack.addresses:
            got = peers.digest_of_output(*self.nobody, self.lastack, "up", "--quiet", "--unshare", *NETWORK, "--serve",
                                        f"http=80:{self.path('www')}", "--", "curl", "-sS", peers.url(address, 80, "file"),
                                        cwd="/")
            self.assertEqual(got, digest)

    @peers.needs("nsenter", "curl")
    def test_others_can_join(self):
        """What it forwards to are the servers out here."""
        self.can_unshare()
        os.mkdir(self.path("www"))
        digest = peers.make_file(self.path("www", "file"), peers.MIB)
        said = self.path("said")
        os.environ["LASTACK_DIR"] = self.path("control-of-root")
        server = self.up("--serve", f"http=80:{self.path('www')}", name="la9")
        os.environ["LASTACK_DIR"] = self.path("control")
        with open(said, "w", encoding="utf-8") as file:
            stack = self.start(*self.nobody, self.lastack, "up", "--unshare", "--addr", "10.78.0.2/24", "--forward",
                               f"80={server.address4}:80", stderr=file, cwd="/")
        self.assertTrue(peers.until(lambda: "nsenter -t " in open(said, encoding="utf-8").read(), peers.READY_S))
        with open(said, encoding="utf-8") as file:
            join = next(line for line in file if "nsenter -t " in line).split(": ", 1)[1].split()
        self.assertEqual(join[-1], "COMMAND")
        self.assertEqual(peers.digest_of_output(*self.nobody, *join[:-1], "curl", "-sS", peers.url("10.78.0.2", 80, "file"),
                                               cwd="/"), digest)
        stack.send_signal(signal.SIGINT)
        self.assertEqual(stack.wait(15), 0)
        os.environ["LASTACK_DIR"] = self.path("control-of-root")
        server.end()


@peers.needs("tshark", "curl")
class Captures(peers.Case):
    FIELDS = ("frame.comment", "_ws.malformed", "ip.src", "ipv6.src", "tcp.flags", "tcp.checksum.status", "tcp.len")

    def tshark(self, name, *arguments):
        said = self.ask("tshark", "-n", "-r", self.path(name), *arguments)
        return [line.split("\t") for line in said.splitlines()]

    def test_what_is_written_can_be_read(self):
        os.mkdir(self.path("www"))
        peers.make_file(self.path("www", "file"), peers.MIB)
        with self.up("--serve", f"http=80:{self.path('www')}", "--pcap", self.path("all.pcapng")) as stack:
            for address in stack.addresses:
                self.ask("curl", "-sS", "-H", "Connection: close", "-o", "/dev/null", peers.url(address, 80, "file"))
                self.assertTrue(self.refused(address))
        rows = self.tshark("all.pcapng", "-T", "fields", *(word for field in self.FIELDS for word in ("-e", field)))
        self.assertEqual([row for row in rows if row[1]], [], "malformed")
        self.assertEqual({row[2] for row in rows if row[2]}, {peers.ADDRESS4, "10.77.0.1"})
        self.assertLessEqual({peers.ADDRESS6, "fd77::1"}, {row[3] for row in rows if row[3]})
        comments = " ".join(row[0] for row in rows)
        for words in ("LISTEN", "ESTABLISHED", "SYN_RECEIVED", "TIME_WAIT"):
            self.assertIn(words, comments)
        # The bytes of the file, once for each address, with what HTTP says before them.
        served = sum(int(row[6] or 0) for row in rows if peers.ADDRESS4 in row[2] or peers.ADDRESS6 in row[3])
        self.assertGreaterEqual(served, 2 * peers.MIB)
        self.assertLess(served, 2 * peers.MIB + 2000)

    def refused(self, address):
        try:
            self.connect(address, 99)
            return False
        except ConnectionRefusedError:
            return True

    def test_onto_standard_output(self):
        with open(self.path("out.pcapng"), "wb") as out:
            with self.up("--serve", "echo=7", "--pcap", "-", stdout=out) as stack:
                client = self.connect(stack.address6, 7)
                client.sendall(b"seen")
                self.assertEqual(client.recv(10), b"seen")
                client.close()
        payloads = self.tshark("out.pcapng", "-Y", "tcp.len > 0", "-T", "fields", "-e", "tcp.payload")
        self.assertEqual(payloads, [[b"seen".hex()], [b"seen".hex()]])


class Agreement(peers.Case):
    """What the kernel says of its ends of connections, and the stack of the others."""

    THEIRS = {"ESTAB": "ESTABLISHED", "FIN-WAIT-2": "CLOSE_WAIT", "CLOSE-WAIT": "FIN_WAIT_2"}

    def test_each_connection_is_seen_from_both_ends(self):
        listener = socket.create_server(("127.0.0.1", 8005))
        self.addCleanup(listener.close)
        with self.up("--serve", "echo=7", "--forward", "80=127.0.0.1:8005") as stack:
            clients = [self.connect(address, 7) for address in stack.addresses for _ in range(5)]
            half_closed = self.connect(stack.address4, 80)
            half_closed.shutdown(socket.SHUT_WR)
            clients.append(half_closed)

            def theirs():
                return sorted(peers.Socket(self.THEIRS.get(s.state, s.state), s.remote, s.local)
                              for s in peers.kernel_sockets()
                              if s.remote.startswith(("10.77.", "[fd77:")) and s.state not in peers.SETTLED)

            def ours():
                return sorted(s for s in stack.sockets() if s.state not in peers.OUR_SETTLED)

            self.assertTrue(peers.until(lambda: theirs() == ours(), 5), f"{theirs()}\n{ours()}")
            self.assertEqual(len(ours()), 11)
            listener.accept()[0].close()
            for client in clients:
                client.close()


if __name__ == "__main__":
    peers.main()
