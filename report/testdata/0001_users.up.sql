-- people who may log in
CREATE TABLE users (
  id bigint PRIMARY KEY,
  email text NOT NULL
);
