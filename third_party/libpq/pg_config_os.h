// PostgreSQL's per-system header: for Linux and macOS it concerns the server alone, so for libpq it is empty.
#pragma once
