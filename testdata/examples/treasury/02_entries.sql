-- Migration: entries of a ledger
-- Up migration

CREATE TABLE IF NOT EXISTS entries (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  ledger_id uuid NOT NULL REFERENCES ledgers (id),
  amount_cents bigint NOT NULL,
  booked_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX IF NOT EXISTS entries_ledger_id_idx ON entries (ledger_id);

-- Down migration (rollback)
-- DROP TABLE IF EXISTS entries;
