# SPDX-License-Identifier: BSD-2-Clause
"""OpenSSH through --forward, with a server and keys of the test's own."""

import os

import servers
import peers

SIZE = (16 if peers.SANITIZED else 100) * peers.MIB


@peers.needs("ssh", "ssh-keygen", "/usr/sbin/sshd")
class Ssh(peers.Case):
    def setUp(self):
        super().setUp()
        if os.getuid():
            self.skipTest("sshd needs root")
        servers.sshd(self)
        self.digest = peers.make_file(self.path("file"), SIZE)
        self.arguments = ("--forward", f"22=127.0.0.1:{servers.SSHD}")

    def there(self, address, command, **how):
        return peers.digest_of_output(*servers.ssh(self, address), command, **how)

    def test_there_and_back(self):
        with self.up(*self.arguments) as stack:
            for address in stack.addresses:
                with open(self.path("file"), "rb") as file:
                    self.there(address, servers.write_to(self.path("there")), stdin=file)
                self.assertEqual(peers.digest(self.path("there")), self.digest)
                self.assertEqual(self.there(address, f"cat {self.path('there')}"), self.digest)

    def test_both_ways_at_once(self):
        with self.up(*self.arguments) as stack:
            for address in stack.addresses:
                with open(self.path("file"), "rb") as file:
                    self.assertEqual(self.there(address, "cat", stdin=file), self.digest)

    def test_several_sessions_in_one_connection_and_a_tunnel(self):
        """ssh's own forwarding through ours."""
        with self.up(*self.arguments, "--serve", "echo=7") as stack:
            tunnel = self.serve(8007, *servers.ssh(self, stack.address4)[:-1], "-N", "-L",
                                f"127.0.0.1:8007:[{stack.address6}]:7", servers.ssh(self, stack.address4)[-1])
            for _ in range(5):
                connection = self.connect("127.0.0.1", 8007)
                connection.sendall(b"through both")
                self.assertEqual(connection.recv(100), b"through both")
                connection.close()
            tunnel.terminate()
            tunnel.wait()


if __name__ == "__main__":
    peers.main()
