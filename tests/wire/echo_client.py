# SPDX-License-Identifier: BSD-2-Clause
"""Sends bytes to an echo server and compares what comes back: echo_client.py ADDRESS PORT BYTES"""

import random
import socket
import sys
import threading

PATIENCE_S = 20


def main():
    address, port, size = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    sent = random.Random(1).randbytes(size)
    with socket.create_connection((address, port), timeout=PATIENCE_S) as connection:
        def send():
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)

        sender = threading.Thread(target=send)
        sender.start()
        received = bytearray()
        while piece := connection.recv(1 << 16):
            received += piece
        sender.join()
    if received != sent:
        sys.exit(f"{len(received)} of {size} bytes came back, or others")
    print(f"{size} bytes came back")


main()
