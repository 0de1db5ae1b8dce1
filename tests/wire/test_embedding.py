# SPDX-License-Identifier: BSD-2-Clause
"""What those who embed lastack get: installed as a package would be, and the examples built against that alone."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "house"))

import tap  # noqa: E402

BUILD = os.environ.get("LASTACK_BUILD", os.path.join(SOURCE, "build"))
PATIENCE_S = 60
# A function's declaration, its type before it or on a line of its own; inline ones have bodies and are not in a library.
DECLARED = re.compile(r"^(?:[a-z_][\w ]*[ *\n])?\**(la_\w+)\([^{;]*\);", re.MULTILINE)
IN_NAMESPACE = ["unshare", "--net", "sh", "-c"]


def run(*command, **how):
    done = subprocess.run(command, **{"capture_output": True, "text": True, "timeout": PATIENCE_S, **how})
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(command)}: status {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


class Embedding(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.root = tempfile.mkdtemp()
        run("meson", "install", "-C", BUILD, "--no-rebuild", "--quiet", "--destdir", cls.root)
        cls.package = next(os.path.join(at, "lastack.pc") for at, _, files in os.walk(cls.root) if "lastack.pc" in files)
        # pkgconf puts the root before what the file says, as for a package that is not installed yet.
        cls.environment = {**os.environ, "PKG_CONFIG_PATH": os.path.dirname(cls.package),
                           "PKG_CONFIG_SYSROOT_DIR": cls.root}

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.root)

    def flags(self, *which):
        return run("pkg-config", *which, "lastack", env=self.environment).split()

    def library_directory(self):
        return next(flag[2:] for flag in self.flags("--libs-only-L"))

    def build(self, example, static=False):
        program = os.path.join(self.root, example + ("_static" if static else ""))
        libraries = self.flags("--libs")
        if static:
            libraries = self.flags("--libs-only-L") + ["-l:liblastack.a", "-lmnl"]
        run("cc", "-Wall", "-Wextra", "-Werror", os.path.join(SOURCE, "examples", example + ".c"), "-o", program,
            *self.flags("--cflags"), *libraries, env=self.environment)
        return program

    def names_shown(self, library, *options):
        lines = run("nm", "--defined-only", "--extern-only", *options, library).splitlines()
        return {line.split()[-1].split("@")[0] for line in lines if len(line.split()) == 3}

    def test_libraries_show_their_own_names_and_no_others(self):
        at = self.library_directory()
        for library, options in (("liblastack.so", ["--dynamic"]), ("liblastack.a", [])):
            names = self.names_shown(os.path.join(at, library), *options)
            self.assertIn("la_input", names)
            self.assertIn("la_loop_step", names)
            self.assertEqual([name for name in sorted(names) if not name.startswith("la_")], [], library)

    def test_everything_the_headers_declare_is_there(self):
        names = self.names_shown(os.path.join(self.library_directory(), "liblastack.so"), "--dynamic")
        for header in ("tcp.h", "link.h", "control.h", "terms.h"):
            with open(os.path.join(SOURCE, "include", "lastack", header), encoding="utf-8") as file:
                for name in DECLARED.findall(file.read()):
                    self.assertIn(name, names, header)

    def test_a_program_has_its_own_last_word(self):
        """la_assert_failed() may be the program's, with the static library as well."""
        source = os.path.join(self.root, "own.c")
        with open(source, "w", encoding="utf-8") as file:
            file.write("#include <lastack/link.h>\n#include <stdlib.h>\n"
                       "_Noreturn void la_assert_failed(const char *f, int l, const char *c)\n"
                       "{ (void)f; (void)l; (void)c; exit(42); }\n"
                       "int main(void) { return la_stack_bytes(&(struct la_config){ 0 }) == 0; }\n")
        for libraries in (["-llastack"], ["-l:liblastack.a", "-lmnl"]):
            run("cc", source, "-o", source[:-2], *self.flags("--cflags"), *self.flags("--libs-only-L"), *libraries)
            run(source[:-2], env={**os.environ, "LD_LIBRARY_PATH": self.library_directory()})

    def run_in_namespace(self, script):
        if os.geteuid() != 0:
            self.skipTest("needs root, for a network namespace")
        if not os.path.exists("/dev/net/tun"):
            self.skipTest("there is no /dev/net/tun")
        return run(*IN_NAMESPACE, "ip link set lo up; " + script,
                   env={**os.environ, "LD_LIBRARY_PATH": self.library_directory()})

    def test_the_echo_server_echoes(self):
        for static in (False, True):
            with self.subTest(static=static):
                program = self.build("echo", static)
                out = self.run_in_namespace(
                    f"{program} >{self.root}/said & server=$!\n"
                    f"for i in $(seq 100); do grep -q echoes {self.root}/said && break; sleep 0.05; done\n"
                    f"python3 {HERE}/echo_client.py 10.77.0.2 7 1000000\n"
                    "kill -INT $server; wait $server; echo status $?\n")
                self.assertIn("1000000 bytes came back", out)
                self.assertIn("status 0", out)

    def test_the_client_fetches_a_page(self):
        program = self.build("http_get")
        page = os.path.join(self.root, "page")
        with open(page, "wb") as file:
            file.write(bytes(range(256)) * 4000)
        out = self.run_in_namespace(
            f"cd {self.root}; python3 -m http.server --bind 0.0.0.0 8000 >/dev/null 2>&1 & server=$!\n"
            f"for i in $(seq 100); do ss -ltn | grep -q 8000 && break; sleep 0.05; done\n"
            f"{program} 10.77.0.1 8000 /page >{self.root}/got; echo status $?\n"
            f"tail -c {os.path.getsize(page)} {self.root}/got | cmp - {page} && echo same\n"
            "kill $server\n")
        self.assertIn("status 0", out)
        self.assertIn("same", out)

    def test_examples_are_short(self):
        for name in os.listdir(os.path.join(SOURCE, "examples")):
            if name.endswith(".c"):
                with open(os.path.join(SOURCE, "examples", name), encoding="utf-8") as file:
                    self.assertLess(sum(1 for _ in file), 150, name)


if __name__ == "__main__":
    tap.main()
