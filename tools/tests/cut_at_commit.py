"""A TCP proxy before a PostgreSQL server that takes the connection away at a commit, and tells whether the server had it.

  cut_at_commit.py SERVER_PORT before|after NTH    prints its port

It counts the messages of a session that hold the statement COMMIT (a Parse of the extended protocol). At the NTH, `before`: it ends both
sides and passes nothing on; `after`: it passes it on, waits until the server has answered with ReadyForQuery, and keeps the answer.
Later connections pass through.
"""

import socket
import sys
import threading
import time

to, when, nth = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
COMMIT = b"P" + (4 + 1 + 7 + 2).to_bytes(4, "big") + b"\0COMMIT\0\0\0"
seen = 0
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)


def end(*sockets):
    for s in sockets:
        try:
            s.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        s.close()


def serve(client, server):
    global seen
    state = {"swallow": False}

    def back():
        tail = b""
        while True:
            try:
                data = server.recv(65536)
            except OSError:
                break
            if not data:
                break
            if not state["swallow"]:
                try:
                    client.sendall(data)
                except OSError:
                    break
                continue
            tail += data
            if b"Z\0\0\0\x05I" in tail:  # ready, and in no transaction
                break
        end(client, server)

    threading.Thread(target=back, daemon=True).start()
    kept = b""
    while True:
        try:
            data = client.recv(65536)
        except OSError:
            break
        if not data:
            break
        kept = kept[-len(COMMIT) + 1 :] + data
        if COMMIT in kept:
            seen += kept.count(COMMIT)
            kept = b""
            if seen == nth:
                if when == "before":
                    break
                state["swallow"] = True
        server.sendall(data)
        if state["swallow"]:
            time.sleep(30)
    end(client, server)


while True:
    a = listener.accept()[0]
    b = socket.create_connection(("127.0.0.1", to))
    for s in (a, b):
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    threading.Thread(target=serve, args=(a, b), daemon=True).start()
