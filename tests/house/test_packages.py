# SPDX-License-Identifier: BSD-2-Clause
"""tools/packages beside a dpkg, an apt and a sudo of the test's own: when it installs, what it says when it cannot."""

import os
import shutil
import stat
import subprocess
import tempfile
import unittest

import tap

TOP = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
BORROWED = ("sh", "sed", "sort", "env", "grep", "true", "rm", "chmod", "cat")  # what the script and the stand-ins use besides

# Knows the packages in the file `installed`.
DPKG_QUERY = """#!/bin/sh
shift 3
for package; do grep -qx "$package" "$HERE/installed" && echo "$package installed"; done
exit 1
"""

# Writes down how it was called; installs what it is told; knows no package until `lists` is there.
APT_GET = """#!/bin/sh
echo "apt-get $*" >>"$HERE/calls"
case "$*" in
*--simulate*) [ -e "$HERE/lists" ] ;;
*update*) >"$HERE/lists" ;;
*) [ -e "$HERE/broken" ] && exit 100
   cat "$HERE/policy-rc.d" >"$HERE/policy"
   for word; do case $word in -* | install | DPkg* | Dpkg*) ;; *) echo "$word" >>"$HERE/installed" ;; esac; done ;;
esac
"""

SUDO = """#!/bin/sh
echo "sudo $*" >>"$HERE/calls"
[ "$1" = -n ] && shift
exec "$@"
"""

ALL = ("bpftool", "clang", "gcc", "libbpf-dev", "libc6-dev", "libjansson-dev", "libmnl-dev", "meson", "ninja-build",
       "pkg-config")


class Packages(unittest.TestCase):
    def setUp(self):
        self.here = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.here)
        for name in BORROWED:
            os.symlink(shutil.which(name), os.path.join(self.here, name))
        self.program("dpkg-query", DPKG_QUERY)
        self.program("apt-get", APT_GET)
        self.program("id", "#!/bin/sh\necho 0\n")
        self.write("lists", "")
        self.write("calls", "")
        self.installed(*ALL)

    def write(self, name, text):
        with open(os.path.join(self.here, name), "w", encoding="utf-8") as file:
            file.write(text)

    def read(self, name):
        with open(os.path.join(self.here, name), encoding="utf-8") as file:
            return file.read()

    def program(self, name, text):
        self.write(name, text)
        os.chmod(os.path.join(self.here, name), stat.S_IRWXU)

    def installed(self, *names):
        self.write("installed", "".join(f"{name}\n" for name in names))

    def ordinary_user(self):
        self.program("id", "#!/bin/sh\necho 1000\n")

    def packages(self, *arguments):
        return subprocess.run([os.path.join(TOP, "tools", "packages"), *arguments], stdin=subprocess.DEVNULL,
                              env={"PATH": self.here, "HERE": self.here,
                                   "POLICY_RC_D": os.path.join(self.here, "policy-rc.d")}, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, check=False)

    def test_the_command_line(self):
        done = self.packages("build")
        self.assertEqual(done.stdout, "apt-get install --yes --no-install-recommends " + " ".join(ALL) + "\n")

    def test_with_all_there_apt_is_left_alone(self):
        self.assertEqual(self.packages("--install", "build").returncode, 0)
        self.assertEqual(self.read("calls"), "")

    def test_root_installs_what_is_missing_and_only_that(self):
        self.installed(*(set(ALL) - {"meson"}))
        self.assertEqual(self.packages("--install", "build").returncode, 0)
        calls = self.read("calls").splitlines()
        self.assertEqual(len(calls), 2)
        self.assertTrue(calls[1].endswith("-qq install --yes --no-install-recommends meson"), calls[1])

    def test_servers_are_not_started(self):
        self.installed(*(set(ALL) - {"meson"}))
        self.assertEqual(self.packages("--install", "build").returncode, 0)
        self.assertEqual(self.read("policy"), "#!/bin/sh\nexit 101\n")
        self.assertFalse(os.path.exists(os.path.join(self.here, "policy-rc.d")))

    def test_who_has_decided_which_servers_start_is_obeyed(self):
        self.installed(*(set(ALL) - {"meson"}))
        self.program("policy-rc.d", "#!/bin/sh\nexit 0\n")
        self.assertEqual(self.packages("--install", "build").returncode, 0)
        self.assertEqual(self.read("policy"), self.read("policy-rc.d"))

    def test_missing_lists_are_fetched_first(self):
        self.installed()
        os.unlink(os.path.join(self.here, "lists"))
        self.assertEqual(self.packages("--install", "build").returncode, 0)
        self.assertIn("-qq update", self.read("calls").splitlines()[1])

    def test_when_apt_fails_it_is_said_what_lacks(self):
        self.installed()
        self.write("broken", "")
        done = self.packages("--install", "build")
        self.assertEqual(done.returncode, 1)
        self.assertIn("Missing packages: " + " ".join(ALL), done.stderr)

    def test_without_rights_it_says_what_to_type(self):
        self.ordinary_user()
        self.installed(*(set(ALL) - {"meson", "gcc"}))
        done = self.packages("--install", "build")
        self.assertEqual(done.returncode, 1)
        self.assertIn("    apt-get install --yes --no-install-recommends gcc meson\n", done.stderr)
        self.assertEqual(self.read("calls"), "")

    def test_sudo_without_a_password_is_used_and_said(self):
        self.ordinary_user()
        self.program("sudo", SUDO)
        self.installed(*(set(ALL) - {"meson"}))
        done = self.packages("--install", "build")
        self.assertEqual(done.returncode, 0)
        self.assertIn("+ sudo env DEBIAN_FRONTEND=noninteractive apt-get", done.stderr)

    def test_sudo_that_would_ask_where_nobody_can_answer_is_not_used(self):
        self.ordinary_user()
        self.program("sudo", "#!/bin/sh\nexit 1\n")
        self.installed()
        self.assertEqual(self.packages("--install", "build").returncode, 1)
        self.assertEqual(self.read("calls"), "")

    def test_what_can_be_done_without_stops_nobody(self):
        self.ordinary_user()
        self.installed(*(set(ALL) - {"bpftool"}))
        done = self.packages("--install", "build")
        self.assertEqual((done.returncode, done.stderr), (0, "Going on without bpftool (packages.txt says what for)\n"))
        self.assertEqual(self.packages("--need", "build").returncode, 0)

    def test_need_never_installs(self):
        self.installed()
        done = self.packages("--need", "build")
        self.assertEqual((done.returncode, self.read("calls")), (1, ""))

    def test_elsewhere_than_debian_it_looks_for_what_packages_provide(self):
        for name in ("dpkg-query", "apt-get"):
            os.unlink(os.path.join(self.here, name))
        self.program("cc", "#!/bin/sh\n")
        self.program("pkg-config", '#!/bin/sh\n[ "$2" = libmnl ]\n')
        done = self.packages("--install", "build")
        self.assertEqual(done.returncode, 1)
        missing = ("libjansson-dev", "meson", "ninja-build")
        self.assertIn("Missing packages: " + " ".join(missing), done.stderr)
        self.assertIn("not a Debian system", done.stderr)

    def test_a_group_that_is_not(self):
        done = self.packages("biuld")
        self.assertEqual(done.returncode, 64)
        self.assertIn("no group 'biuld'", done.stderr)

    def test_every_row_says_why(self):
        with open(os.path.join(TOP, "packages.txt"), encoding="utf-8") as rows:
            for row in rows:
                if row.strip() and not row.startswith("#"):
                    group, _, _, why = row.split(None, 3)
                    self.assertIn(group, ("build", "check", "bench"))
                    self.assertTrue(why.strip())


if __name__ == "__main__":
    tap.main()
