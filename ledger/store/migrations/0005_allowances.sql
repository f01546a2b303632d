-- A cap may count to the instant, and may count uses: then holding_id is the use's own id.
alter table allowances add column counts_until_at timestamptz;
