#!/usr/bin/env bash
# The rule pages in docs/rules are what the rules say.
if tools/docs.sh --check; then echo "ok docs/rules is fresh"; else echo "not ok docs/rules is fresh"; exit 1; fi
