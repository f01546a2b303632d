-- What residents sign in with, how they change their address, and what was deleted when its time was over.

-- One PIN for each requester of an account: what a stranger asks for and guesses at is not the
-- owner's. `requester` is the digest of a browser's number, a ticket or a place; `digits` is the
-- PIN's length. `pin_hash` is empty until the PIN is made.
alter table pins add column requester bytea not null default ''::bytea;
alter table pins add column digits smallint not null default 6;
alter table pins drop constraint pins_pkey;
alter table pins add primary key (resident_id, requester);
create index pins_live_idx on pins (expires_at);

-- Where an account was signed in to from, by the digest of the place.
create table known_places (
    resident_id text not null,
    place_digest bytea not null,
    seen_at timestamptz not null,
    primary key (resident_id, place_digest)
);
create index known_places_seen_idx on known_places (seen_at);

-- An address that a resident asks to be reached at, until they prove by a PIN that it is theirs.
create table contact_changes (
    resident_id text primary key,
    household_id uuid not null,
    by_way_of text not null,
    address text not null,
    pin_hash text not null,
    sent_at timestamptz not null,
    expires_at timestamptz not null,
    tries_left integer not null
);

-- What was deleted because its time was over: how many rows of which kind, and nothing of them.
create table removals (
    removal_id bigint generated always as identity primary key,
    removed_at timestamptz not null,
    kind text not null,
    rows_removed integer not null check (rows_removed > 0)
);
create index removals_when_idx on removals (removed_at);
create index drafts_saved_idx on drafts (saved_at);
create index people_looked_up_when_idx on people_looked_up (looked_at);
