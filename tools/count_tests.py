#!/usr/bin/env python3
"""Counts test cases in Bazel's build events.

usage: count_tests.py EVENTS.json STATUS LABEL

EVENTS.json is what `bazel test --build_event_json_file` wrote, STATUS its exit status. Prints, for tools/test.sh, one
line on standard output: PASSED FAILED SKIPPED built|broken, the last for the target LABEL; and on standard error a
line for each failed case. A target that does not build, or that fails without naming a case, counts as one failed.
"""
import collections
import json
import os
import sys
import urllib.parse
import xml.etree.ElementTree as ElementTree


def read_events(path):
    if not os.path.exists(path):
        return
    with open(path, encoding="utf-8") as file:
        for line in file:
            try:
                yield json.loads(line)
            except ValueError:  # the last line, when Bazel was killed
                return


def cases_of(xml_path):
    """Yields (name, 'passed'|'failed'|'skipped') for the cases of one test.xml."""
    try:
        root = ElementTree.parse(xml_path).getroot()
    except (OSError, ElementTree.ParseError):
        return
    for case in root.iter("testcase"):
        kinds = {child.tag for child in case}
        name = ".".join(filter(None, (case.get("classname"), case.get("name"))))
        if kinds & {"failure", "error"}:
            yield name, "failed"
        elif "skipped" in kinds or case.get("result") == "skipped":
            yield name, "skipped"
        elif case.get("status") != "notrun":  # a disabled case is no case
            yield name, "passed"


def xml_of(test_result):
    for output in test_result.get("testActionOutput", []):
        uri = output.get("uri", "")
        if output.get("name") == "test.xml" and uri.startswith("file://"):
            return urllib.parse.unquote(uri[len("file://"):])
    return ""


def main():
    if len(sys.argv) != 4:
        raise SystemExit(__doc__)
    events, status, watched = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    runs = collections.defaultdict(dict)  # label -> (run, shard) -> (attempt, result)
    summaries = {}
    broken = {}
    watched_state = "broken"
    for event in read_events(events):
        event_id = event.get("id", {})
        if "testResult" in event and "testResult" in event_id:
            key = event_id["testResult"]
            label = key["label"]
            place, attempt = (key.get("run", 1), key.get("shard", 1)), key.get("attempt", 1)
            if attempt >= runs[label].get(place, (0, None))[0]:
                runs[label][place] = (attempt, event["testResult"])
        elif "testSummary" in event and "testSummary" in event_id:
            summaries[event_id["testSummary"]["label"]] = event["testSummary"].get("overallStatus", "NO_STATUS")
        elif "completed" in event and "targetCompleted" in event_id:
            label = event_id["targetCompleted"]["label"]
            if not event["completed"].get("success"):
                broken[label] = "does not build"
            elif label == watched:
                watched_state = "built"
        elif "aborted" in event and event["aborted"].get("reason") not in ("SKIPPED", "NO_BUILD"):
            ((kind, key),) = event_id.items() if len(event_id) == 1 else (("event", {}),)
            label = key.get("label") or " ".join(key.get("pattern", [])) or kind
            broken.setdefault(label, event["aborted"].get("description") or "does not load")

    counts = collections.Counter()
    for label, overall in summaries.items():
        if label in broken or overall == "NO_STATUS":
            broken.setdefault(label, "was not run")
            continue
        verdicts = collections.Counter()
        for _, result in runs[label].values():
            for name, verdict in cases_of(xml_of(result)):
                verdicts[verdict] += 1
                if verdict == "failed":
                    print(f"failed: {label} {name}", file=sys.stderr)
        fine = overall in ("PASSED", "FLAKY")
        if fine and not verdicts:
            verdicts["passed"] = 1
        elif not fine and not verdicts["failed"]:
            verdicts["failed"] = 1
            print(f"failed: {label} ({overall.lower()})", file=sys.stderr)
        counts += verdicts
    for label, why in sorted(broken.items()):
        counts["failed"] += 1
        print(f"failed: {label} {why.splitlines()[0]}", file=sys.stderr)
    # 4 is "no test among the targets": tools/test.sh says so itself.
    if status not in (0, 4) and not counts["failed"]:
        counts["failed"] += 1
        print(f"failed: bazel, with exit status {status}", file=sys.stderr)
    print(counts["passed"], counts["failed"], counts["skipped"], watched_state)


if __name__ == "__main__":
    main()
