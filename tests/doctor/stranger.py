# SPDX-License-Identifier: BSD-2-Clause
"""Hosts beyond a TUN device that do what they are told and nothing else: forge SYNs, never answer, answer the handshake
and then fall silent.

    with stranger.Line() as line:              10.9.0.1 is ours, everything else is beyond the line
        line.send(line.segment("198.18.0.7", 1000, 80, flags="S"))
        line.serve(5, answer)                  for five seconds, whatever we send goes to answer(segment)
"""

import fcntl
import os
import select
import socket
import struct
import threading
import time

import scene

OURS = "10.9.0.1"
TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 1, 0x1000
FLAGS = {"F": 1, "S": 2, "R": 4, "P": 8, "A": 16}


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def segment(source, source_port, port, flags, seq=1000, ack=0, window=65535, payload=b"", destination=OURS, broken=False):
    source, destination = socket.inet_aton(source), socket.inet_aton(destination)
    bits = sum(FLAGS[letter] for letter in flags)
    options = struct.pack("!BBH", 2, 4, 1460) if "S" in flags else b""
    tcp = struct.pack("!HHIIBBHHH", source_port, port, seq & 0xFFFFFFFF, ack & 0xFFFFFFFF, (20 + len(options)) << 2, bits, window,
                      0, 0) + options + payload
    pseudo = source + destination + struct.pack("!BBH", 0, 6, len(tcp))
    total = checksum(pseudo + tcp) ^ (1 if broken else 0)
    tcp = tcp[:16] + struct.pack("!H", total) + tcp[18:]
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), 0, 0, 64, 6, 0, source, destination)
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + tcp


class Seen:
    """A segment that this host has sent."""

    def __init__(self, packet):
        size = (packet[0] & 15) * 4
        self.source, self.destination = socket.inet_ntoa(packet[12:16]), socket.inet_ntoa(packet[16:20])
        self.source_port, self.port, self.seq, self.ack, offset, self.bits, self.window = struct.unpack(
            "!HHIIBBH", packet[size:size + 16])
        self.payload = packet[size + (offset >> 4) * 4:]

    def has(self, flags):
        return all(self.bits & FLAGS[letter] for letter in flags)

    def reply(self, flags, seq, window=65535, payload=b""):
        taken = len(self.payload) + self.has("S") + self.has("F")
        return segment(self.destination, self.port, self.source_port, flags, seq, self.seq + taken, window, payload,
                       self.source)


class Line:
    def __enter__(self):
        self.fd = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        fcntl.ioctl(self.fd, TUNSETIFF, struct.pack("16sH14x", b"line", IFF_TUN | IFF_NO_PI))
        scene.ip(f"address add {OURS}/24 dev line")
        scene.set_up("line")
        scene.ip("route add default dev line")
        self.thread = None
        self.stopping = False
        return self

    def __exit__(self, *what):
        self.stopping = True
        if self.thread:
            self.thread.join()
        os.close(self.fd)

    def send(self, packet):
        os.write(self.fd, packet)

    def answer_with(self, answer):
        """From now on answer(seen) says what comes back for each segment: packets, or nothing."""
        self.thread = threading.Thread(target=self.serve, args=(answer,), daemon=True)
        self.thread.start()

    def serve(self, answer):
        while not self.stopping:
            if not select.select([self.fd], [], [], 0.05)[0]:
                continue
            packet = os.read(self.fd, 65536)
            if packet[0] >> 4 == 4 and packet[9] == 6:
                for back in answer(Seen(packet)) or ():
                    self.send(back)


def shakes_hands(window=65535, then=None):
    """Answers SYNs; what comes later goes to then(seen)."""
    def answer(seen):
        if seen.has("S"):
            return [seen.reply("SA", 5000, window)]
        return then(seen) if then else []
    return answer


def never_reads():
    """Answers everything, takes nothing: its window is closed from the first."""
    first = {}

    def answer(seen):
        if seen.has("S"):
            first[seen.source_port] = seen.seq + 1
            return [seen.reply("SA", 5000, 0)]
        return [segment(seen.destination, seen.port, seen.source_port, "A", 5001, first[seen.source_port], 0,
                        destination=seen.source)]
    return answer


def loses(every):
    """Reads all that comes, but one in so many segments is lost on its first way."""
    lost, kept, state = set(), {}, {"next": 0, "count": 0}

    def answer(seen):
        if seen.has("S"):
            state["next"] = seen.seq + 1
            return [seen.reply("SA", 5000)]
        if not seen.payload:
            return []
        state["count"] += 1
        if state["count"] % every == 0 and seen.seq not in lost:
            lost.add(seen.seq)
            return []
        kept[seen.seq] = len(seen.payload)
        while state["next"] in kept:
            state["next"] = (state["next"] + kept.pop(state["next"])) & 0xFFFFFFFF
        return [segment(seen.destination, seen.port, seen.source_port, "A", 5001, state["next"], destination=seen.source)]
    return answer


def flood(line, count, port, sources=lambda i: f"198.18.{i // 250}.{i % 250 + 1}"):
    for i in range(count):
        line.send(segment(sources(i), 1024 + i, port, "S"))
        if i % 100 == 99:
            time.sleep(0.005)  # the device's queue
