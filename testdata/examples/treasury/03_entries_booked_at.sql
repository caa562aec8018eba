-- Migration: find the entries of a day
-- Up migration

CREATE INDEX CONCURRENTLY entries_booked_at_idx ON entries (booked_at);

-- Down migration (rollback)
-- DROP INDEX CONCURRENTLY IF EXISTS entries_booked_at_idx;
