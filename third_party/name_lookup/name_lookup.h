// Host and user names, looked up safely in a static binary. libpq and curl are compiled to call these two instead of the C library's
// (third_party/libpq.BUILD, third_party/curl.BUILD); nothing else needs to know of them.
//
// glibc loads a shared library for each service in /etc/nsswitch.conf beyond `files` and `dns`, such as the `resolve` and `myhostname`
// of many distributions, and with it the machine's own glibc. In a static binary that is a second glibc: of another version than the
// one linked in, it crashes the process. So in a static binary, and only there, host names come from /etc/hosts and DNS, and users from
// /etc/passwd; what other services know (LDAP users, mDNS hosts) is not found.
#ifndef THIRD_PARTY_NAME_LOOKUP_NAME_LOOKUP_H_
#define THIRD_PARTY_NAME_LOOKUP_NAME_LOOKUP_H_

#include <netdb.h>
#include <pwd.h>
#include <stddef.h>
#include <sys/types.h>

extern "C" {

// As getaddrinfo(3) and getpwuid_r(3); thread-safe.
int pawl_getaddrinfo(const char* node, const char* service, const struct addrinfo* hints, struct addrinfo** result);
int pawl_getpwuid_r(uid_t uid, struct passwd* entry, char* buffer, size_t size, struct passwd** result);

}  // extern "C"

#endif  // THIRD_PARTY_NAME_LOOKUP_NAME_LOOKUP_H_
