-- migrate:up
CREATE TABLE IF NOT EXISTS products (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  sku text NOT NULL UNIQUE,
  name text NOT NULL,
  price_cents bigint NOT NULL
);

-- migrate:down
DROP TABLE IF EXISTS products;
