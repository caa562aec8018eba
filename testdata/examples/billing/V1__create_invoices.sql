CREATE TABLE invoices (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  customer_id bigint NOT NULL,
  issued_on date NOT NULL,
  total_cents bigint NOT NULL,
  CONSTRAINT invoices_total_cents_check CHECK (total_cents >= 0)
);

CREATE INDEX invoices_customer_id_idx ON invoices (customer_id);
