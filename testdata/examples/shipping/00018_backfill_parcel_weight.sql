-- +goose Up
SET LOCAL lock_timeout = '3s';
ALTER TABLE parcels ADD COLUMN IF NOT EXISTS weight_grams bigint;
UPDATE parcels SET weight_grams = weight_kg * 1000;

-- +goose Down
SET LOCAL lock_timeout = '3s';
ALTER TABLE parcels DROP COLUMN IF EXISTS weight_grams;
