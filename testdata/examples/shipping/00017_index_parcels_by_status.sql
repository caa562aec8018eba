-- +goose Up
CREATE INDEX CONCURRENTLY parcels_status_idx ON parcels (status);

-- +goose Down
DROP INDEX CONCURRENTLY IF EXISTS parcels_status_idx;
