--liquibase formatted sql

--changeset ada:create-loans
CREATE TABLE IF NOT EXISTS loans (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  member_id bigint NOT NULL REFERENCES members (id),
  isbn text NOT NULL,
  due_on date NOT NULL
);

CREATE INDEX IF NOT EXISTS loans_member_id_idx ON loans (member_id);
--rollback DROP TABLE IF EXISTS loans;

--changeset grace:index-loans-isbn runInTransaction:false
CREATE INDEX CONCURRENTLY loans_isbn_idx ON loans (isbn);
--rollback DROP INDEX CONCURRENTLY IF EXISTS loans_isbn_idx;

--changeset grace:mysql-engine dbms:mysql
ALTER TABLE loans ENGINE = InnoDB;
--rollback not required
