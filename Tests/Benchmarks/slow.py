"""Connections whose requests never end: each sends one byte of a header a second.

Where the server gives up on one, it is opened anew. Usage: slow.py PORT CONNECTIONS. Prints a line when all stand; ends
when standard input does.
"""

import selectors
import socket
import sys
import time

START = b"GET /api/health HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "


class SlowConnections:
    def __init__(self, port, count):
        self.address = ("127.0.0.1", port)
        self.selector = selectors.DefaultSelector()
        self.connections = [self.open(index) for index in range(count)]

    def open(self, index):
        connection = socket.create_connection(self.address)
        connection.setblocking(False)
        connection.send(START)
        self.selector.register(connection, selectors.EVENT_READ, index)
        return connection

    def send_byte(self, index):
        try:
            self.connections[index].send(b"a")
        except OSError:
            self.replace(index)

    def replace(self, index):
        self.selector.unregister(self.connections[index])
        self.connections[index].close()
        self.connections[index] = self.open(index)

    def run(self):
        """Goes round the connections evenly, all of them once a second."""
        self.selector.register(sys.stdin, selectors.EVENT_READ, None)
        gap = 1 / len(self.connections)
        due = time.monotonic()
        index = 0
        while True:
            for key, _ in self.selector.select(max(0, due - time.monotonic())):
                if key.data is None:
                    return
                # A server that answers, or closes, has given up on this request.
                self.replace(key.data)
            while due <= time.monotonic():
                self.send_byte(index)
                index = (index + 1) % len(self.connections)
                due += gap


if __name__ == "__main__":
    slow = SlowConnections(int(sys.argv[1]), int(sys.argv[2]))
    print("open", flush=True)
    slow.run()
