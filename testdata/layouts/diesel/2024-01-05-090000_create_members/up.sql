CREATE TABLE IF NOT EXISTS members (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  email text NOT NULL UNIQUE,
  joined_at timestamptz NOT NULL DEFAULT now()
);
