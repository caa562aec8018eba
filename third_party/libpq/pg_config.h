// PostgreSQL 18's configuration for libpq alone: OpenSSL, no GSSAPI, LDAP, PAM, zlib or ICU. What its `configure --with-ssl=openssl`
// finds on 64-bit Linux (glibc) and, by documentation, on macOS, less all that only the server or the programs read.
#pragma once

// --- The version: also third_party/libpq.BUILD's upstream archive in WORKSPACE.
#define PACKAGE_BUGREPORT "pgsql-bugs@lists.postgresql.org"
#define PACKAGE_NAME "PostgreSQL"
#define PACKAGE_STRING "PostgreSQL 18.6"
#define PACKAGE_TARNAME "postgresql"
#define PACKAGE_URL "https://www.postgresql.org/"
#define PACKAGE_VERSION "18.6"
#define PG_MAJORVERSION "18"
#define PG_MAJORVERSION_NUM 18
#define PG_MINORVERSION_NUM 6
#define PG_VERSION "18.6"
#define PG_VERSION_NUM 180006
#define PG_VERSION_STR "PostgreSQL 18.6"

// --- Choices.
#define DEF_PGPORT 5432
#define DEF_PGPORT_STR "5432"
#define PG_KRB_SRVNAM "postgres"
#define USE_OPENSSL 1
#define OPENSSL_API_COMPAT 0x10101000L
#define HAVE_LIBCRYPTO 1
#define HAVE_LIBSSL 1
#define HAVE_SSL_CTX_SET_CERT_CB 1
#define HAVE_SSL_CTX_SET_CIPHERSUITES 1
#define HAVE_SSL_CTX_SET_KEYLOG_CALLBACK 1
#define HAVE_SSL_CTX_SET_NUM_TICKETS 1
#define HAVE_X509_GET_SIGNATURE_INFO 1

// --- The C compiler and its types.
#if !defined(__LP64__)
#error "pawl builds on 64-bit systems only"
#endif
#define ALIGNOF_DOUBLE 8
#define ALIGNOF_INT 4
#define ALIGNOF_INT64_T 8
#define ALIGNOF_LONG 8
#define ALIGNOF_PG_INT128_TYPE 16
#define ALIGNOF_SHORT 2
#define MAXIMUM_ALIGNOF 8
#define SIZEOF_LONG 8
#define SIZEOF_LONG_LONG 8
#define SIZEOF_OFF_T 8
#define SIZEOF_SIZE_T 8
#define SIZEOF_VOID_P 8
#define PG_INT128_TYPE __int128
#define pg_restrict __restrict
#define restrict __restrict
#define STDC_HEADERS 1
#define HAVE_COMPUTED_GOTO 1
#define HAVE_GCC__ATOMIC_INT32_CAS 1
#define HAVE_GCC__ATOMIC_INT64_CAS 1
#define HAVE_GCC__SYNC_CHAR_TAS 1
#define HAVE_GCC__SYNC_INT32_CAS 1
#define HAVE_GCC__SYNC_INT32_TAS 1
#define HAVE_GCC__SYNC_INT64_CAS 1
#define HAVE_TYPEOF 1
#define HAVE_VISIBILITY_ATTRIBUTE 1
#define HAVE__BUILTIN_BSWAP16 1
#define HAVE__BUILTIN_BSWAP32 1
#define HAVE__BUILTIN_BSWAP64 1
#define HAVE__BUILTIN_CLZ 1
#define HAVE__BUILTIN_CONSTANT_P 1
#define HAVE__BUILTIN_CTZ 1
#define HAVE__BUILTIN_FRAME_ADDRESS 1
#define HAVE__BUILTIN_OP_OVERFLOW 1
#define HAVE__BUILTIN_POPCOUNT 1
#define HAVE__BUILTIN_TYPES_COMPATIBLE_P 1
#define HAVE__BUILTIN_UNREACHABLE 1
#define HAVE__STATIC_ASSERT 1

// --- Both systems' C libraries.
#define HAVE_DECL_STRNLEN 1
#define HAVE_DECL_STRSEP 1
#define HAVE_FSEEKO 1
#define HAVE_GETIFADDRS 1
#define HAVE_IFADDRS_H 1
#define HAVE_INET_ATON 1
#define HAVE_INET_PTON 1
#define HAVE_INTTYPES_H 1
#define HAVE_LIBM 1
#define HAVE_PTHREAD 1
#define HAVE_SOCKLEN_T 1
#define HAVE_STDINT_H 1
#define HAVE_STDLIB_H 1
#define HAVE_STRERROR_R 1
#define HAVE_STRINGS_H 1
#define HAVE_STRING_H 1
#define HAVE_STRNLEN 1
#define HAVE_STRSEP 1
#define HAVE_STRSIGNAL 1
#define HAVE_SYS_STAT_H 1
#define HAVE_SYS_TYPES_H 1
#define HAVE_TERMIOS_H 1
#define HAVE_UNISTD_H 1
#define HAVE_USELOCALE 1

#if defined(__APPLE__)
#define PG_C_PRINTF_ATTRIBUTE printf
#define PG_CXX_PRINTF_ATTRIBUTE printf
#define HAVE_DECL_FDATASYNC 0
#define HAVE_DECL_F_FULLFSYNC 1
#define HAVE_DECL_MEMSET_S 1
#define HAVE_DECL_POSIX_FADVISE 0
#define HAVE_DECL_PREADV 1
#define HAVE_DECL_PWRITEV 1
#define HAVE_DECL_STRCHRNUL 0
#define HAVE_DECL_STRLCAT 1
#define HAVE_DECL_STRLCPY 1
#define HAVE_DECL_TIMINGSAFE_BCMP 0
#define HAVE_GETPEEREID 1
#define HAVE_STRLCAT 1
#define HAVE_STRLCPY 1
#define HAVE_XLOCALE_H 1
#define STRERROR_R_INT 1
#else
// gnu_printf, because %m is among what libpq's own printf understands.
#define PG_C_PRINTF_ATTRIBUTE gnu_printf
#define PG_CXX_PRINTF_ATTRIBUTE gnu_printf
#define HAVE_DECL_FDATASYNC 1
#define HAVE_DECL_F_FULLFSYNC 0
#define HAVE_DECL_MEMSET_S 0
#define HAVE_DECL_POSIX_FADVISE 1
#define HAVE_DECL_PREADV 1
#define HAVE_DECL_PWRITEV 1
#define HAVE_DECL_STRCHRNUL 1
// glibc has these two since 2.38 only; libpq then uses its own, under names of its own (private_names.h).
#define HAVE_DECL_STRLCAT 0
#define HAVE_DECL_STRLCPY 0
#define HAVE_DECL_TIMINGSAFE_BCMP 0
#define HAVE_PPOLL 1
#endif

// --- The server's page sizes: some headers refuse to compile without.
#define BLCKSZ 8192
#define RELSEG_SIZE 131072
#define XLOG_BLCKSZ 8192
#define MEMSET_LOOP_LIMIT 1024
