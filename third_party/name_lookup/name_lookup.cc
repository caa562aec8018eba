#include "third_party/name_lookup/name_lookup.h"

#include <mutex>

#if defined(__GLIBC__)
#include <nss.h>
#include <sys/auxv.h>
#endif

namespace {

void UseBuiltinServicesIfStatic() {
#if defined(__GLIBC__)
  // The dynamic linker's address is zero where there is none.
  if (getauxval(AT_BASE) != 0) return;
  static std::once_flag once;
  std::call_once(once, [] {
    __nss_configure_lookup("hosts", "files dns");
    __nss_configure_lookup("passwd", "files");
  });
#endif
}

}  // namespace

int pawl_getaddrinfo(const char* node, const char* service, const struct addrinfo* hints, struct addrinfo** result) {
  UseBuiltinServicesIfStatic();
  return getaddrinfo(node, service, hints, result);
}

int pawl_getpwuid_r(uid_t uid, struct passwd* entry, char* buffer, size_t size, struct passwd** result) {
  UseBuiltinServicesIfStatic();
  return getpwuid_r(uid, entry, buffer, size, result);
}
