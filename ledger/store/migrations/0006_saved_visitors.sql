-- Saved visitors by what is left of a mark without one glyph, and the zone of each household: an
-- officer is told that a mark looks like a saved visitor's. No name is kept, and rows are dropped with
-- the visitor. Of a ledger that is older than this file, `rebuild` makes the rows.
create table saved_visitors (
    household_id uuid not null,
    version bigint not null,
    visitor_id text not null,
    shown text not null,
    remainders text[] not null,
    primary key (household_id, version)
);
create index saved_visitors_visitor_idx on saved_visitors (visitor_id);
create index saved_visitors_remainders_idx on saved_visitors using gin (remainders) with (fastupdate = off);

create table household_zones (
    household_id uuid primary key,
    zone text not null
);
