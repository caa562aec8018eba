-- Migration: ledgers
-- Up migration

CREATE TABLE IF NOT EXISTS ledgers (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  name text NOT NULL UNIQUE
);

-- Down migration (rollback)
-- DROP TABLE IF EXISTS ledgers;
