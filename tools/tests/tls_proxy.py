"""https in front of an http server: what a company puts before its database. Lets in whoever shows the token.

python3 tls_proxy.py TARGET-PORT CERTIFICATE KEY TOKEN    prints its own port, and serves until it is killed.
"""
import http.client
import http.server
import ssl
import sys

target, certificate, key, token = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4]


class Proxy(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def forward(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.headers.get("Authorization") != "Bearer " + token:
            return self.answer(401, b'{"errors": [{"code": "Neo.ClientError.Security.Unauthorized", "message": "Invalid credential."}]}')
        c = http.client.HTTPConnection("127.0.0.1", target)
        keep = {k: v for k, v in self.headers.items() if k.lower() in ("content-type", "accept", "access-mode")}
        c.request(self.command, self.path, body, keep)
        r = c.getresponse()
        self.answer(r.status, r.read())

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_DELETE = forward

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)
server.socket = context.wrap_socket(server.socket, server_side=True)
print(server.server_address[1], flush=True)
server.serve_forever()
