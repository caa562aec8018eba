CREATE TABLE a_table_whose_name_is_as_long_as_names_may_be_in_this_database (
  a_column_whose_name_is_long_too int UNIQUE REFERENCES customer DEFERRABLE,
  other serial
);
ALTER TABLE customer ADD CHECK (age > 1), ADD CHECK (age > 2), ADD UNIQUE (age), ADD FOREIGN KEY (age) REFERENCES customer (age);
CREATE INDEX ON a_table_whose_name_is_as_long_as_names_may_be_in_this_database (a_column_whose_name_is_long_too, other);
ALTER TABLE customer ADD COLUMN flags text[] NOT NULL DEFAULT '{}', ADD COLUMN extra jsonb DEFAULT '{"b": 1, "a": [2]}', ADD COLUMN on_list boolean DEFAULT 'f';
ALTER TABLE customer ADD CONSTRAINT known CHECK (extra IS NOT NULL) NOT VALID;
CREATE TABLE keys_once (id int UNIQUE PRIMARY KEY, a int, b int, UNIQUE (a, b), UNIQUE (b, a));
CREATE TABLE copy_of_customer (LIKE customer INCLUDING ALL);
CREATE TABLE plain_copy (LIKE customer);
