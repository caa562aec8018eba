// Which functions give the same value throughout a statement, so that ADD COLUMN ... DEFAULT stores one value and rewrites nothing.
#include <algorithm>
#include <iterator>

#include "absl/strings/match.h"
#include "analyzer/effects/effects.h"

namespace pawl {
namespace {

constexpr int kMaxDepth = 200;

// Built-in functions that are not volatile, without those that only implement operators, types and indexes. Taken from
// PostgreSQL 12.22 and 18.6, what is volatile in either left out:
//   SELECT proname FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace AND prokind = 'f'
//   GROUP BY proname HAVING bool_and(provolatile <> 'v') ORDER BY 1;
// `timezone` stands here though timezone(text, timetz) is volatile before 16: AT TIME ZONE on timestamps is what migrations hold.
constexpr std::string_view kNotVolatile[] = {
    "abs", "acos", "acosd", "acosh", "age", "area", "array_append", "array_cat", "array_dims", "array_fill",
    "array_length", "array_lower", "array_ndims", "array_position", "array_positions", "array_prepend",
    "array_remove", "array_replace", "array_reverse", "array_sort", "array_to_json", "array_to_string",
    "array_to_tsvector", "array_upper", "ascii", "asin", "asind", "asinh", "atan", "atan2", "atan2d", "atand",
    "atanh", "bit", "bit_count", "bit_length", "bool", "box", "bpchar", "broadcast", "btrim", "bytea", "cardinality",
    "casefold", "cbrt", "ceil", "ceiling", "center", "char", "char_length", "character_length", "chr", "cidr",
    "circle", "col_description", "concat", "concat_ws", "convert", "convert_from", "convert_to", "cos", "cosd",
    "cosh", "cot", "cotd", "crc32", "crc32c", "current_database", "current_schema", "current_schemas",
    "current_setting", "current_user", "date", "date_add", "date_bin", "date_part", "date_subtract", "date_trunc",
    "daterange", "decode", "degrees", "diagonal", "diameter", "div", "encode", "enum_first", "enum_last",
    "enum_range", "erf", "erfc", "exp", "extract", "factorial", "family", "float4", "float8", "floor", "format",
    "format_type", "gamma", "gcd", "generate_series", "generate_subscripts", "get_bit", "get_byte",
    "get_current_ts_config", "getdatabaseencoding", "getpgusername", "has_any_column_privilege",
    "has_column_privilege", "has_database_privilege", "has_foreign_data_wrapper_privilege", "has_function_privilege",
    "has_language_privilege", "has_largeobject_privilege", "has_parameter_privilege", "has_schema_privilege",
    "has_sequence_privilege", "has_server_privilege", "has_table_privilege", "has_tablespace_privilege",
    "has_type_privilege", "hashtext", "hashtextextended", "height", "host", "hostmask", "icu_unicode_version",
    "inet_client_addr", "inet_client_port", "inet_merge", "inet_same_family", "inet_server_addr", "inet_server_port",
    "initcap", "int2", "int4", "int4multirange", "int4range", "int8", "int8multirange", "int8range", "interval",
    "is_normalized", "isclosed", "isempty", "isfinite", "ishorizontal", "isopen", "isparallel", "isperp",
    "isvertical", "json_array_elements", "json_array_elements_text", "json_array_length", "json_build_array",
    "json_build_object", "json_each", "json_each_text", "json_extract_path", "json_extract_path_text", "json_object",
    "json_object_keys", "json_populate_record", "json_populate_recordset", "json_strip_nulls", "json_to_record",
    "json_to_recordset", "json_to_tsvector", "json_typeof", "jsonb_array_elements", "jsonb_array_elements_text",
    "jsonb_array_length", "jsonb_build_array", "jsonb_build_object", "jsonb_concat", "jsonb_contained",
    "jsonb_contains", "jsonb_delete", "jsonb_delete_path", "jsonb_each", "jsonb_each_text", "jsonb_extract_path",
    "jsonb_extract_path_text", "jsonb_hash", "jsonb_insert", "jsonb_object", "jsonb_object_keys",
    "jsonb_path_exists", "jsonb_path_exists_tz", "jsonb_path_match", "jsonb_path_match_tz", "jsonb_path_query",
    "jsonb_path_query_array", "jsonb_path_query_array_tz", "jsonb_path_query_first", "jsonb_path_query_first_tz",
    "jsonb_path_query_tz", "jsonb_populate_record", "jsonb_populate_record_valid", "jsonb_populate_recordset",
    "jsonb_pretty", "jsonb_set", "jsonb_set_lax", "jsonb_strip_nulls", "jsonb_to_record", "jsonb_to_recordset",
    "jsonb_to_tsvector", "jsonb_typeof", "justify_days", "justify_hours", "justify_interval", "lcm", "left",
    "length", "lgamma", "line", "ln", "log", "log10", "lower", "lower_inc", "lower_inf", "lpad", "lseg", "ltrim",
    "macaddr", "macaddr8", "make_date", "make_interval", "make_time", "make_timestamp", "make_timestamptz",
    "masklen", "md5", "min_scale", "mod", "money", "multirange", "name", "netmask", "network", "normalize", "now",
    "npoints", "num_nonnulls", "num_nulls", "numeric", "nummultirange", "numrange", "obj_description",
    "octet_length", "oid", "overlaps", "overlay", "parse_ident", "path", "pg_backend_pid", "pg_char_to_encoding",
    "pg_client_encoding", "pg_collation_for", "pg_column_size", "pg_conf_load_time", "pg_current_snapshot",
    "pg_current_xact_id", "pg_describe_object", "pg_encoding_to_char", "pg_function_is_visible",
    "pg_get_constraintdef", "pg_get_expr", "pg_get_function_arguments", "pg_get_function_identity_arguments",
    "pg_get_function_result", "pg_get_functiondef", "pg_get_indexdef", "pg_get_partkeydef", "pg_get_ruledef",
    "pg_get_serial_sequence", "pg_get_triggerdef", "pg_get_userbyid", "pg_get_viewdef", "pg_has_role",
    "pg_input_is_valid", "pg_is_other_temp_schema", "pg_lsn", "pg_my_temp_schema", "pg_partition_root",
    "pg_postmaster_start_time", "pg_relation_filenode", "pg_size_bytes", "pg_size_pretty", "pg_snapshot_xip",
    "pg_snapshot_xmax", "pg_snapshot_xmin", "pg_table_is_visible", "pg_trigger_depth", "pg_type_is_visible",
    "pg_typeof", "pg_visible_in_snapshot", "pg_wal_lsn_diff", "phraseto_tsquery", "pi", "plainto_tsquery", "point",
    "polygon", "position", "pow", "power", "querytree", "quote_ident", "quote_literal", "quote_nullable", "radians",
    "radius", "range_merge", "regclass", "regexp_count", "regexp_instr", "regexp_like", "regexp_match",
    "regexp_matches", "regexp_replace", "regexp_split_to_array", "regexp_split_to_table", "regexp_substr", "repeat",
    "replace", "reverse", "right", "round", "row_security_active", "row_to_json", "rpad", "rtrim", "scale",
    "schema_to_xml", "schema_to_xml_and_xmlschema", "schema_to_xmlschema", "session_user", "set_bit", "set_byte",
    "set_masklen", "setweight", "sha224", "sha256", "sha384", "sha512", "shobj_description", "sign", "sin", "sind",
    "sinh", "slope", "split_part", "sqrt", "starts_with", "statement_timestamp", "string_to_array",
    "string_to_table", "strip", "strpos", "substr", "substring", "system_user", "table_to_xml",
    "table_to_xml_and_xmlschema", "table_to_xmlschema", "tan", "tand", "tanh", "text", "time", "timestamp",
    "timestamp_hash", "timestamptz", "timetz", "timezone", "to_ascii", "to_bin", "to_char", "to_date", "to_hex",
    "to_json", "to_jsonb", "to_number", "to_oct", "to_regclass", "to_regcollation", "to_regnamespace", "to_regoper",
    "to_regoperator", "to_regproc", "to_regprocedure", "to_regrole", "to_regtype", "to_regtypemod", "to_timestamp",
    "to_tsquery", "to_tsvector", "transaction_timestamp", "translate", "trim_array", "trim_scale", "trunc",
    "ts_delete", "ts_filter", "ts_headline", "ts_lexize", "ts_rank", "ts_rank_cd", "tsmultirange", "tsquery_phrase",
    "tsrange", "tstzmultirange", "tstzrange", "tsvector_to_array", "txid_current", "txid_current_if_assigned",
    "txid_current_snapshot", "txid_snapshot_xip", "txid_snapshot_xmax", "txid_snapshot_xmin",
    "txid_visible_in_snapshot", "unicode_assigned", "unicode_version", "unistr", "unnest", "upper", "upper_inc",
    "upper_inf", "uuid_extract_timestamp", "uuid_extract_version", "uuid_hash", "varbit", "varchar", "version",
    "websearch_to_tsquery", "width", "width_bucket", "xid", "xml", "xml_is_well_formed",
    "xml_is_well_formed_content", "xml_is_well_formed_document", "xmlcomment", "xmlexists", "xmltext", "xmlvalidate",
    "xpath", "xpath_exists",
};

// The same of extensions that many migrations create: uuid-ossp, pgcrypto, citext, hstore, ltree, pg_trgm, unaccent, fuzzystrmatch.
constexpr std::string_view kNotVolatileExtension[] = {
    "akeys", "armor", "avals", "citext", "crypt", "dearmor", "decrypt", "decrypt_iv", "difference", "digest",
    "dmetaphone", "dmetaphone_alt", "encrypt", "encrypt_iv", "hmac", "hstore", "hstore_to_json", "hstore_to_jsonb",
    "index", "levenshtein", "metaphone", "nlevel", "pgp_key_id", "pgp_pub_decrypt", "pgp_sym_decrypt", "show_trgm",
    "similarity", "soundex", "strict_word_similarity", "subltree", "subpath", "text2ltree", "unaccent",
    "uuid_generate_v3", "uuid_generate_v5", "uuid_nil", "uuid_ns_dns", "uuid_ns_oid", "uuid_ns_url", "uuid_ns_x500",
    "word_similarity",
};

constexpr bool IsSorted(const std::string_view* begin, const std::string_view* end) {
  for (const std::string_view* p = begin; p + 1 < end; ++p) {
    if (!(p[0] < p[1])) return false;
  }
  return true;
}
static_assert(IsSorted(std::begin(kNotVolatile), std::end(kNotVolatile)));
static_assert(IsSorted(std::begin(kNotVolatileExtension), std::end(kNotVolatileExtension)));

bool IsVolatileFunction(const sql::Expr& call, const Catalog& catalog) {
  // A function of the history goes first: it may have a built-in's name in its own schema.
  if (const CatalogFunction* f = catalog.FindFunction({call.schema, call.text, {}})) return f->volatility == 'v';
  if (call.schema.empty() && std::binary_search(std::begin(kNotVolatile), std::end(kNotVolatile), call.text)) return false;
  // An extension may live in any schema.
  if (std::binary_search(std::begin(kNotVolatileExtension), std::end(kNotVolatileExtension), call.text)) return false;
  if (absl::StartsWith(call.text, "st_") && call.text != "st_generatepoints") return false;  // PostGIS
  return true;  // volatile, or not known: CREATE FUNCTION makes volatile ones unless told otherwise
}

bool IsVolatileAt(const sql::Expr& e, const Catalog& catalog, std::string_view* cause, int depth) {
  if (e.kind == sql::ExprKind::kCall && IsVolatileFunction(e, catalog)) {
    if (cause != nullptr) *cause = e.text;
    return true;
  }
  if (depth > kMaxDepth) return false;
  for (const sql::Expr* a : e.arguments) {
    if (a != nullptr && IsVolatileAt(*a, catalog, cause, depth + 1)) return true;
  }
  return false;
}

}  // namespace

bool IsVolatile(const sql::Expr& e, const Catalog& catalog, std::string_view* cause) { return IsVolatileAt(e, catalog, cause, 0); }

}  // namespace pawl
