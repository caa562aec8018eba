"""A PostgreSQL client of a hundred lines for tests: simple queries over a Unix socket or TCP, without a password.

It exists so that the tests need no package and can hold many sessions open at once, each with its own transaction.
"""

import os
import select
import socket
import struct


class PgError(Exception):
    def __init__(self, fields):
        super().__init__("%s [%s]" % (fields.get("M", "?"), fields.get("C", "?")))
        self.code = fields.get("C", "")


class Session:
    """`with Session(database) as s: rows = s.query("SELECT ...")`; rows are lists of str or None. The server: PGHOST, PGPORT, PGUSER."""

    def __init__(self, database, user=None, timeout=60):
        host, port = os.environ["PGHOST"], int(os.environ["PGPORT"])
        if host.startswith("/"):
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.settimeout(timeout)
            self.socket.connect("%s/.s.PGSQL.%d" % (host, port))
        else:
            self.socket = socket.create_connection((host, port), timeout)
        self.buffer = b""
        words = ["user", user or os.environ.get("PGUSER", "postgres"), "database", database, "application_name", "test", "client_encoding", "UTF8", ""]
        body = struct.pack("!i", 196608) + b"\0".join(w.encode() for w in words) + b"\0"
        self.socket.sendall(struct.pack("!i", len(body) + 4) + body)
        self._until_ready()
        self.pid = int(self.query("SELECT pg_backend_pid()")[0][0])

    def _take(self, n):
        while len(self.buffer) < n:
            part = self.socket.recv(65536)
            if not part:
                raise ConnectionError("the server closed the connection")
            self.buffer += part
        out, self.buffer = self.buffer[:n], self.buffer[n:]
        return out

    def _until_ready(self):
        rows, error = [], None
        while True:
            kind, length = struct.unpack("!ci", self._take(5))
            body = self._take(length - 4)
            if kind == b"D":
                row, at = [], 2
                for _ in range(struct.unpack("!h", body[:2])[0]):
                    n = struct.unpack("!i", body[at:at + 4])[0]
                    at += 4
                    row.append(None if n < 0 else body[at:at + n].decode())
                    at += max(n, 0)
                rows.append(row)
            elif kind == b"E":
                error = {f[:1].decode(): f[1:].decode(errors="replace") for f in body.split(b"\0") if f}
                if error.get("S") == "FATAL":
                    raise PgError(error)
            elif kind == b"R" and body[:4] != b"\0\0\0\0":
                raise ConnectionError("the server asks for a password")
            elif kind == b"Z":
                self.status = body.decode()  # I idle, T in a transaction, E in one that failed
                if error:
                    raise PgError(error)
                return rows

    def send(self, sql):
        """Sends without waiting; `finish` waits."""
        body = sql.encode() + b"\0"
        self.socket.sendall(b"Q" + struct.pack("!i", len(body) + 4) + body)

    def finish(self):
        return self._until_ready()

    def ready(self, seconds):
        """Whether an answer has begun to arrive, waiting for it that long. Notices are none: VERBOSE sends them while it works."""
        if not self.buffer or self._begins_with_notice():
            if not select.select([self.socket], [], [], seconds)[0]:
                return False
            part = self.socket.recv(65536)
            if not part:
                raise ConnectionError("the server closed the connection")
            self.buffer += part
        while self._begins_with_notice():
            if len(self.buffer) < 5:
                return False
            size = 1 + struct.unpack("!i", self.buffer[1:5])[0]
            if len(self.buffer) < size:
                return False
            self.buffer = self.buffer[size:]
        return bool(self.buffer)

    def _begins_with_notice(self):
        return self.buffer[:1] == b"N"

    def query(self, sql):
        self.send(sql)
        return self._until_ready()

    def value(self, sql):
        rows = self.query(sql)
        return rows[0][0] if rows else None

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
