// Where libpq looks for the files that belong to the system: only pg_service.conf, in SYSCONFDIR, unless the environment
// variable PGSYSCONFDIR names another folder. Debian's, as the one that most have.
#pragma once

#define SYSCONFDIR "/etc/postgresql-common"
