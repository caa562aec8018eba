"""A folder of rules: every .cc is one rule, every .cases its cases."""

load("@rules_cc//cc:defs.bzl", "cc_library")

def sql_rules(name):
    cc_library(
        name = name,
        srcs = native.glob(["*.cc"]),
        hdrs = native.glob(["*.h"]),
        visibility = ["//visibility:public"],
        deps = [
            "//analyzer/effects",
            "//analyzer/finding:nearest_name",
            "//analyzer/sql:ast",
            "//analyzer/sql:scanner",
            "//rules:conventions",
            "//rules:rule",
            "//rules/cypher:context",
            "//rules/sql:common",
            "@com_google_absl//absl/container:flat_hash_map",
            "@com_google_absl//absl/container:flat_hash_set",
            "@com_google_absl//absl/strings",
        ],
    )
    native.filegroup(
        name = "cases",
        srcs = native.glob(["*.cases"]),
        visibility = ["//visibility:public"],
    )
