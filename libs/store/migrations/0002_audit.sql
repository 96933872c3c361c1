-- Up Migration

-- The last comparison of the topic with the contract's own counts: an object, "pending", or null where there was none.
alter table component_status add column audit jsonb;
