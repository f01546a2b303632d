-- The ledger itself. A position is (transaction id << 12 | n) plus the ledger's offset: no lock is needed
-- to give it, and a reader who stays below its own snapshot's xmin misses nothing.

create table stored_events (
    originator_id uuid not null,
    originator_version bigint not null check (originator_version > 0),
    notification_id bigint not null,
    topic text not null,
    state bytea not null,
    primary key (originator_id, originator_version)
) with (autovacuum_vacuum_insert_scale_factor = 0.2, autovacuum_analyze_scale_factor = 0.05);

create unique index stored_events_notification_id_idx on stored_events (notification_id);

-- Raised above the highest position ever given before a restored or moved ledger takes its first write.
create table ledger_offset (
    only_row boolean primary key default true check (only_row),
    position_offset bigint not null default 0
);
insert into ledger_offset default values;

-- Where a long household's fold may begin. Derived: losing it loses only time.
create table snapshots (
    originator_id uuid primary key,
    originator_version bigint not null,
    shape text not null,
    state bytea not null
);

-- One row for every key that had an effect, for ever. Derived from the events' own receipts.
create table receipts (
    command_key text primary key,
    body_digest text not null,
    household_id uuid not null,
    version bigint not null,
    answer text not null
);

-- Commands that were refused, or that failed before they were decided: facts of their own, kept as evidence.
create table refused_attempts (
    attempt_id bigint generated always as identity primary key,
    attempted_at timestamptz not null,
    household_id uuid,
    command_key text not null,
    body_digest text not null,
    command text not null,
    role text not null,
    actor text not null,
    channel text not null,
    codes text[] not null,
    details text[] not null
);
create unique index refused_attempts_key_idx on refused_attempts (command_key);
create index refused_attempts_household_idx on refused_attempts (household_id, attempted_at);

-- How far each catching-up reader has read.
create table tracking (
    reader text primary key,
    position bigint not null
);

-- One round trip: take the household's lock, and only then read the clock, the receipt and the facts.
create function begin_command(lock_key bigint, household uuid, key text, known_shape text)
returns table (kind smallint, version bigint, at timestamptz, code text, state bytea)
language plpgsql
set search_path from current
as $$
declare
    known bigint := 0;
begin
    perform pg_advisory_xact_lock(lock_key);
    return query select 0::smallint, 0::bigint, clock_timestamp(), null::text, null::bytea;
    return query
        select 1::smallint, r.version, null::timestamptz, r.body_digest, convert_to(r.answer, 'UTF8')
        from receipts r where r.command_key = key;
    return query
        select 2::smallint, a.attempt_id, a.attempted_at, a.body_digest,
               convert_to(jsonb_build_array(to_jsonb(a.codes), to_jsonb(a.details))::text, 'UTF8')
        from refused_attempts a where a.command_key = key;
    select s.originator_version into known
        from snapshots s where s.originator_id = household and s.shape = known_shape;
    return query
        select 3::smallint, s.originator_version, null::timestamptz, s.shape, s.state
        from snapshots s where s.originator_id = household and s.originator_version = known;
    return query
        select 4::smallint, e.originator_version, null::timestamptz, null::text, e.state
        from stored_events e
        where e.originator_id = household and e.originator_version > coalesce(known, 0)
        order by e.originator_version;
end
$$;
