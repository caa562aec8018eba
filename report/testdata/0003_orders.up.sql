SET lock_timeout = '2s';

ALTER TABLE orders
  ADD COLUMN total numeric NOT NULL,
  ADD COLUMN currency text NOT NULL,
  ADD COLUMN placed_at timestamptz NOT NULL,
  ADD COLUMN note text,
  ADD COLUMN state text NOT NULL;

UPDATE orders SET state = 'new';	UPDATE orders SET note = '注文' WHERE note IS NULL; -- 完了
DROP TABLE old_orders;
