CREATE TABLE IF NOT EXISTS loans (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  member_id bigint NOT NULL REFERENCES members (id),
  isbn text NOT NULL,
  due_on date NOT NULL
);

CREATE INDEX IF NOT EXISTS loans_member_id_idx ON loans (member_id);
