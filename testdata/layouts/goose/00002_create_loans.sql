-- +goose Up
CREATE TABLE IF NOT EXISTS loans (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  member_id bigint NOT NULL REFERENCES members (id),
  isbn text NOT NULL,
  due_on date NOT NULL
);

CREATE INDEX IF NOT EXISTS loans_member_id_idx ON loans (member_id);

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION loans_overdue(today date) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (SELECT count(*) FROM loans WHERE due_on < today);
END;
$$;
-- +goose StatementEnd

-- +goose Down
DROP FUNCTION IF EXISTS loans_overdue(date);
DROP TABLE IF EXISTS loans;
