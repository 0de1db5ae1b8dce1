# SPDX-License-Identifier: BSD-2-Clause
"""What bash offers at the end of a command line, with the binary that was just built (in LASTACK)."""

import os
import re
import subprocess
import tempfile
import unittest

import tap

TOP = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
SCRIPT = os.path.join(TOP, "completions", "lastack.bash")
BINARY = os.environ["LASTACK"]


def bash(text, *arguments):
    done = subprocess.run(["bash", "--norc", "-c", f"source {SCRIPT!r}\n{text}", "bash", *arguments],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          errors="replace", check=False)
    if done.stderr:
        raise AssertionError(f"bash complains: {done.stderr}")
    return done.stdout.splitlines()


def offered(*words):
    """What completes the last of these words, those that follow the command's name."""
    return bash('COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))\n_lastack\nprintf "%s\\n" "${COMPREPLY[@]}"', BINARY, *words)


class Completion(unittest.TestCase):
    def test_it_is_registered(self):
        self.assertEqual(bash("complete -p lastack"), ["complete -F _lastack lastack"])

    def test_commands(self):
        self.assertEqual(offered(""), ["states", "ls", "doctor", "record", "explain", "knob", "events", "stacks", "lab", "tune", "up", "help"])
        self.assertEqual(offered("st"), ["states", "stacks"])
        self.assertEqual(offered("help", "l"), ["ls", "lab"])

    def test_options_are_those_of_help(self):
        for command in ([], ["states"], ["ls"], ["doctor"], ["record"], ["explain"], ["knob"], ["events"], ["stacks"], ["lab"], ["tune"]):
            text = subprocess.run([BINARY, *command, "--help"], stdout=subprocess.PIPE, text=True, check=True).stdout
            options = set(re.findall(r"(?m)^ {2,6}(-\S)(?:,|\s)", text))
            options |= set(re.findall(r"(?m)^ {2,6}(?:-\S, )?(--[\w-]+)", text))
            self.assertIn("--help", options)
            self.assertEqual("--json" in options, command != ["record"])
            self.assertEqual(set(offered(*command, "-")), options, command)
        self.assertEqual(offered("ls", "-p", "--jso"), ["--json"])

    def test_rules_are_the_binary_s_own(self):
        self.assertEqual(offered("doctor", "--only", "close"), ["close-wait"])
        self.assertEqual(len(offered("doctor", "--only", "=", "")), len(subprocess.run(
            [BINARY, "doctor", "--list"], stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()) - 1)
        self.assertEqual(offered("doctor", "--for", ""), [""])

    def test_states(self):
        self.assertEqual(offered("ls", "state", "time"), ["time-wait"])
        self.assertEqual(offered("ls", "-p", "exclude", "fin"), ["fin-wait-1", "fin-wait-2"])

    def test_words_of_a_filter(self):
        self.assertEqual(offered("ls", "s"), ["state", "src", "sport"])
        self.assertEqual(offered("states", "state", "time-wait", "d"), ["dst", "dport", "dev"])

    def test_no_condition_is_left_out(self):
        done = subprocess.run([BINARY, "ls", "xyzzyxyzzy"], stderr=subprocess.PIPE, text=True, check=False)
        conditions = re.search(r"; there are (.*)", done.stderr)[1].split()
        self.assertEqual(bash("printf '%s\\n' $_lastack_filter"), [*conditions, "and", "or", "not"])

    def test_each_state_and_sort_key_is_understood(self):
        for option, variable in (("state", "_lastack_states"), ("--sort", "_lastack_sort")):
            words = bash(f"printf '%s\\n' ${variable}")
            self.assertGreater(len(words), 10)
            for word in words:
                done = subprocess.run([BINARY, "ls", "-l", option, word], stdout=subprocess.DEVNULL,
                                      stderr=subprocess.PIPE, text=True, check=False)
                self.assertNotEqual(done.returncode, 64, done.stderr)

    def test_no_sort_key_is_left_out(self):
        done = subprocess.run([BINARY, "ls", "--sort", "nonsense"], stderr=subprocess.PIPE, text=True, check=False)
        keys = re.search(r" of: (.*)", done.stderr)[1].split(", ")
        self.assertEqual(offered("ls", "--sort", ""), keys)

    def test_namespaces(self):
        self.assertIn("all", offered("states", "--netns", ""))
        self.assertIn("all", offered("states", "--netns", "=", "al"))
        self.assertNotIn("all", offered("ls", "netns", ""))

    def test_names_of_namespaces_are_never_run(self):
        with tempfile.TemporaryDirectory() as directory:
            for name in (b"blue", b"a b", b"$(touch ran)", b"`touch ran`", b"br\xff", b"two\nlines"):
                open(os.path.join(os.fsencode(directory), name), "wb").close()
            offered_names = bash(f'cd {directory!r}\n_lastack_netns_directory={directory!r}\n_lastack_offer_netns ""\n'
                                 'eval "printf \'<%s>\\n\' ${COMPREPLY[*]}"')
            self.assertIn("<blue>", offered_names)
            self.assertIn("<a b>", offered_names)
            self.assertIn("<$(touch ran)>", offered_names)
            self.assertIn("<`touch ran`>", offered_names)
            self.assertNotIn("ran", os.listdir(directory))

    def test_a_number_is_not_guessed(self):
        self.assertEqual(offered("states", "-w", ""), [""])

    def test_topics_are_the_binary_s_own(self):
        self.assertIn("TIME_WAIT", offered("explain", "time"))
        self.assertEqual(offered("explain", "tcp_fin_t"), ["tcp_fin_timeout"])
        self.assertIn(r"FIN_WAIT_1\ -\>\ CLOSING", offered("explain", "fin_wait_1\\ -"))

    def test_tunables_are_the_binary_s_own(self):
        self.assertEqual(offered("knob", "tcp_fin_t"), ["tcp_fin_timeout"])
        self.assertEqual(offered("knob", "--stack", "no such stack", "tcp_"), [""])

    def test_stacks_are_those_that_run(self):
        with tempfile.TemporaryDirectory() as directory:
            os.environ["LASTACK_DIR"] = directory
            self.addCleanup(os.environ.pop, "LASTACK_DIR")
            self.assertEqual(offered("ls", "--stack", ""), [""])

    def test_words_and_tunables_of_tune(self):
        self.assertEqual(offered("tune", "l"), ["lint"])
        self.assertEqual(offered("tune", "apply", "--persist", "tcp_tw_reuse"), ["tcp_tw_reuse=", "tcp_tw_reuse_delay="])
        self.assertEqual(offered("tune", "--confirm-within", ""), [""])
        self.assertEqual(offered("tune", "try", "--workload", "=", "f"), ["flood"])
        self.assertIn("README.md", bash(f"cd {TOP!r}\nCOMP_WORDS=({BINARY!r} tune lint REA) COMP_CWORD=3\n_lastack\n"
                                        'printf "%s\\n" "${COMPREPLY[@]}"'))

    def test_the_lab_s_names_are_the_binary_s_own(self):
        self.assertEqual(offered("lab", ""), ["reproduce", "story", "play"])
        self.assertEqual(offered("lab", "reproduce", "time_wait_rcv_r"), ["TIME_WAIT_RCV_RST"])
        self.assertEqual(offered("lab", "-j", "story", "lost"), ["lost-last-ack"])
        self.assertEqual(offered("lab", "--seed", ""), [""])


if __name__ == "__main__":
    tap.main()
