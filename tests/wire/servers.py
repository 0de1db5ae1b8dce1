# SPDX-License-Identifier: BSD-2-Clause
"""Ordinary servers, each with its own configuration and port, that stand behind --forward."""

import getpass
import os
import shlex

NGINX, REDIS, IPERF, SSHD = 8001, 8002, 8003, 8004

NGINX_CONFIG = """
daemon off; master_process off; pid {here}/nginx.pid; error_log {here}/nginx.log;
events {{ worker_connections 4096; }}
http {{
    access_log off; keepalive_requests 1000000; sendfile on;
    client_body_temp_path {here}; proxy_temp_path {here}; fastcgi_temp_path {here};
    uwsgi_temp_path {here}; scgi_temp_path {here};
    server {{ listen 127.0.0.1:{port} backlog=4096; listen [::1]:{port} backlog=4096; root {here}/www; }}
}}
"""

SSHD_CONFIG = """
Port {port}
ListenAddress 127.0.0.1
ListenAddress ::1
HostKey {here}/host_key
AuthorizedKeysFile {here}/key.pub
PidFile {here}/sshd.pid
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
"""

def nginx(case):
    os.makedirs(case.path("www"), exist_ok=True)
    case.write("nginx.conf", NGINX_CONFIG.format(here=case.here, port=NGINX))
    return case.serve(NGINX, "nginx", "-c", case.path("nginx.conf"), "-e", case.path("nginx.log"))


def redis(case):
    return case.serve(REDIS, "redis-server", "--port", REDIS, "--bind", "127.0.0.1", "::1", "--save", "", "--appendonly",
                      "no", "--dir", case.here, "--unixsocket", case.path("redis.sock"))


def iperf(case):
    return case.serve(IPERF, "iperf3", "-s", "-p", IPERF)


def sshd(case):
    """Keys and all of its own.  It wants /run/sshd, and gets one that only this namespace sees."""
    if not os.path.isdir("/run/sshd"):
        case.ask("mount", "-t", "tmpfs", "tmpfs", "/run")
        os.mkdir("/run/sshd", 0o755)
    for key in ("host_key", "key"):
        case.ask("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", case.path(key))
    case.write("sshd.conf", SSHD_CONFIG.format(here=case.here, port=SSHD))
    return case.serve(SSHD, "/usr/sbin/sshd", "-D", "-e", "-f", case.path("sshd.conf"))


def ssh(case, address, port=22):
    """The command line up to what is to be done there."""
    options = ("StrictHostKeyChecking=no", f"UserKnownHostsFile={case.path('known')}", "BatchMode=yes", "LogLevel=ERROR",
               "IdentitiesOnly=yes", "ConnectTimeout=20")
    return ("ssh", "-F", "none", "-i", case.path("key"), "-p", str(port), *(word for o in options for word in ("-o", o)),
            f"{getpass.getuser()}@{address}")


def write_to(path):
    return f"cat >{shlex.quote(path)}"

