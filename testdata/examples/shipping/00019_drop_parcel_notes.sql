-- +goose Up
SET LOCAL lock_timeout = '3s';
ALTER TABLE parcels DROP COLUMN notes;

-- +goose Down
-- nothing to do
