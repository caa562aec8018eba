"""A recording HTTP server for tests: an OpenTelemetry collector that checks what it gets, and a health page.

  http_server.py FOLDER     prints its port; writes each trace as FOLDER/trace-N.json, and what is wrong with it as FOLDER/trace-N.wrong

POST /v1/traces   400 if it is no ExportTraceServiceRequest in OTLP's JSON (opentelemetry-proto, trace/v1/trace.proto and "JSON Protobuf
                  Encoding" of the OTLP specification), else 200
GET /health       the status that FOLDER/health holds, else 200; after as many seconds as FOLDER/slow holds
"""

import http.server
import json
import os
import re
import sys
import time

folder = sys.argv[1]
count = 0


class Wrong(Exception):
    pass


def need(condition, what):
    if not condition:
        raise Wrong(what)


def fields(value, allowed, where):
    need(isinstance(value, dict), f"{where} is no object")
    need(not set(value) - set(allowed), f"{where} has unknown fields {sorted(set(value) - set(allowed))}")


def attributes(values, where):
    need(isinstance(values, list), f"{where} is no list")
    keys = [v.get("key") for v in values]
    need(len(keys) == len(set(keys)), f"{where} has a key twice: {sorted(k for k in keys if keys.count(k) > 1)}")
    for v in values:
        fields(v, ("key", "value"), where)
        need(isinstance(v["key"], str) and v["key"] != "", f"{where} has an attribute without key")
        any_value(v["value"], f"{where}.{v['key']}")


def any_value(value, where):
    fields(value, ("stringValue", "boolValue", "intValue", "doubleValue", "arrayValue", "kvlistValue", "bytesValue"), where)
    need(len(value) == 1, f"{where} has {len(value)} values")
    (kind, v), = value.items()
    if kind == "stringValue":
        need(isinstance(v, str), f"{where} is no string")
    elif kind == "boolValue":
        need(isinstance(v, bool), f"{where} is no bool")
    elif kind == "intValue":
        need((isinstance(v, str) and re.fullmatch(r"-?\d+", v)) or (isinstance(v, int) and not isinstance(v, bool)), f"{where} is no int")
    elif kind == "doubleValue":
        need(isinstance(v, (int, float)), f"{where} is no number")
    elif kind == "arrayValue":
        for x in v.get("values", []):
            any_value(x, where)


def nanos(value, where):
    need(isinstance(value, str) and re.fullmatch(r"\d{19}", value), f"{where} is no time in nanoseconds: {value!r}")
    return int(value)


def check(request):
    fields(request, ("resourceSpans",), "the request")
    need(request["resourceSpans"], "no resourceSpans")
    for r in request["resourceSpans"]:
        fields(r, ("resource", "scopeSpans", "schemaUrl"), "resourceSpans")
        attributes(r["resource"].get("attributes", []), "resource")
        ids = set()
        for scope in r["scopeSpans"]:
            fields(scope, ("scope", "spans", "schemaUrl"), "scopeSpans")
            fields(scope["scope"], ("name", "version", "attributes"), "scope")
            for s in scope["spans"]:
                where = f"span {s.get('name')}"
                fields(s, ("traceId", "spanId", "traceState", "parentSpanId", "flags", "name", "kind", "startTimeUnixNano", "endTimeUnixNano", "attributes", "droppedAttributesCount",
                           "events", "droppedEventsCount", "links", "droppedLinksCount", "status"), where)
                need(re.fullmatch(r"[0-9a-f]{32}", s["traceId"]) and s["traceId"].strip("0"), f"{where}: traceId {s['traceId']}")
                need(re.fullmatch(r"[0-9a-f]{16}", s["spanId"]) and s["spanId"].strip("0"), f"{where}: spanId {s['spanId']}")
                need(s["spanId"] not in ids, f"{where}: spanId twice")
                ids.add(s["spanId"])
                need(s.get("parentSpanId", "") == "" or re.fullmatch(r"[0-9a-f]{16}", s["parentSpanId"]), f"{where}: parentSpanId")
                need(isinstance(s.get("kind"), int) and 0 <= s["kind"] <= 5, f"{where}: kind")
                begin, end = nanos(s["startTimeUnixNano"], where), nanos(s["endTimeUnixNano"], where)
                need(begin <= end, f"{where} ends before it begins")
                need(abs(end - time.time_ns()) < 600e9, f"{where} is not of now")
                attributes(s.get("attributes", []), where)
                fields(s.get("status", {}), ("code", "message"), where + ".status")
                need(s.get("status", {}).get("code", 0) in (0, 1, 2), f"{where}: status")
                for e in s.get("events", []):
                    fields(e, ("timeUnixNano", "name", "attributes", "droppedAttributesCount"), where + ".events")
                    nanos(e["timeUnixNano"], where + ".events")
                    attributes(e.get("attributes", []), where + ".events")


class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self, status, body=b"{}"):
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        global count
        count += 1
        body = self.rfile.read(int(self.headers["Content-Length"]))
        at = os.path.join(folder, f"trace-{count}")
        try:
            need(self.path == "/v1/traces", f"the path is {self.path}")
            need(self.headers["Content-Type"] == "application/json", f"Content-Type is {self.headers['Content-Type']}")
            request = json.loads(body)
            check(request)
            request["headers"] = dict(self.headers)
        except (Wrong, KeyError, TypeError, ValueError) as e:
            with open(at + ".wrong", "w") as f:
                f.write(f"{type(e).__name__}: {e}\n")
            return self.answer(400)
        with open(at + ".json", "w") as f:
            json.dump(request, f)
        self.answer(200)

    def do_GET(self):
        def told(name, otherwise):
            try:
                return open(os.path.join(folder, name)).read().strip()
            except OSError:
                return otherwise
        time.sleep(float(told("slow", "0")))
        self.answer(int(told("health", "200")))

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
