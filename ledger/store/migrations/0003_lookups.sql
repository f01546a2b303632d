-- What officers were answered: facts of their own, appended before the answer leaves, never changed.
-- `seen_*` is the snapshot it was read from, in positions: everything below `seen_low` was visible,
-- nothing from `seen_high` on, and of those between not the transactions of `seen_not`.
create sequence lookup_ids;
create table lookups (
    lookup_id bigint not null,
    kind text not null default 'live',
    asked_at timestamptz not null,
    device_at timestamptz,
    about_at timestamptz not null,
    known_at timestamptz not null,
    device text not null,
    officer text not null,
    typed text not null,
    shown text not null,
    glyphs text not null,
    zone text not null,
    seen_low bigint not null,
    seen_high bigint not null,
    seen_not bigint[] not null,
    answer text not null,
    answer_digest bytea not null,
    primary key (lookup_id, asked_at)
) partition by range (asked_at);
create index lookups_mark_idx on lookups (glyphs, asked_at);
create index lookups_officer_idx on lookups (officer, asked_at);

-- A key that was sent with checks, and what was answered under it: the same key gets the same bytes.
create table lookup_keys (
    lookup_key text primary key,
    body_digest text not null,
    asked_at timestamptz not null,
    receipts bigint[] not null,
    refused text not null
);

create function never_changed() returns trigger
language plpgsql
as $$
begin
    raise exception 'rows of % are never changed', tg_table_name using errcode = 'restrict_violation';
end
$$;
create trigger lookups_never_changed before update or delete on lookups
    for each row execute function never_changed();
create trigger lookups_never_emptied before truncate on lookups
    for each statement execute function never_changed();
create trigger lookup_keys_never_changed before update or delete on lookup_keys
    for each row execute function never_changed();
create trigger lookup_keys_never_emptied before truncate on lookup_keys
    for each statement execute function never_changed();

-- The partition of an instant's month (UTC). Attached, not created in place: checks go on meanwhile.
create function make_lookup_month(about timestamptz) returns void
language plpgsql
set search_path from current
as $$
declare
    first timestamp := date_trunc('month', about at time zone 'UTC');
    month text := 'lookups_' || to_char(first, 'YYYYMM');
begin
    perform pg_advisory_xact_lock(hashtextextended('lookups of ' || current_schema(), 0));
    if to_regclass(month) is not null then
        return;
    end if;
    execute format('create table %I (like lookups including defaults)', month);
    execute format(
        'create trigger never_emptied before truncate on %I'
        ' for each statement execute function never_changed()', month);
    execute format(
        'alter table lookups attach partition %I for values from (%L) to (%L)',
        month, first at time zone 'UTC', (first + interval '1 month') at time zone 'UTC');
end
$$;

-- Sign-in: one-time PINs (hashed, single use, few tries) and bearer tokens (hashed).
create table pins (
    resident_id text primary key,
    household_id uuid not null,
    pin_hash text not null,
    sent_at timestamptz not null,
    expires_at timestamptz not null,
    tries_left integer not null check (tries_left >= 0)
);

-- How often an address (its digest) asked for a PIN, or tried one, since `window_from`.
create table sign_in_tries (
    address_digest bytea not null,
    kind text not null,
    window_from timestamptz not null,
    tries integer not null,
    primary key (address_digest, kind)
);

create table tokens (
    token_digest bytea primary key,
    role text not null,
    name text not null,
    household_id uuid,
    resident_id text not null default '',
    made_at timestamptz not null,
    expires_at timestamptz,
    revoked_at timestamptz
);
