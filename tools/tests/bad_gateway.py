"""What lies between a runner and its server on a bad day: it hands a request on, waits for the answer, and does not give it back.

python3 bad_gateway.py TARGET-PORT WORD cut|502    prints its own port, and serves until it is killed.

The first request whose body has WORD in it, and which is neither EXPLAIN nor a read, is the one: its connection ends without a byte
(cut), or it is answered as a gateway does that has lost patience (502). Each such request adds a line to standard error.
"""
import http.client
import http.server
import sys

target, word, action = int(sys.argv[1]), sys.argv[2].encode(), sys.argv[3]
seen = []


class Gateway(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def forward(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        meant = self.command == "POST" and word in body and b"EXPLAIN" not in body and b'"accessMode":"READ"' not in body
        if meant:
            seen.append(self.path)
            print(self.path, file=sys.stderr, flush=True)
        c = http.client.HTTPConnection("127.0.0.1", target)
        keep = {k: v for k, v in self.headers.items() if k.lower() in ("content-type", "accept", "access-mode", "authorization")}
        c.request(self.command, self.path, body, keep)
        r = c.getresponse()
        answer = r.read()
        if meant and len(seen) == 1:
            if action == "cut":
                self.close_connection = True
                return None
            return self.answer(502, "text/html", b"<html><body><h1>502 Bad Gateway</h1></body></html>")
        return self.answer(r.status, "application/json", answer)

    def answer(self, status, kind, body):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_DELETE = forward

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Gateway)
print(server.server_address[1], flush=True)
server.serve_forever()
