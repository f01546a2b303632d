-- What officers were answered: a fact of its own, appended in the same moment, never changed.
create table lookups (
    lookup_id bigint generated always as identity primary key,
    asked_at timestamptz not null,
    about_at timestamptz not null,
    known_at timestamptz not null,
    device text not null,
    officer text not null,
    shown text not null,
    glyphs text not null,
    zone text not null,
    snapshot text not null,
    answer text not null,
    answer_digest bytea not null
);
create index lookups_mark_idx on lookups (glyphs, asked_at);
create rule lookups_no_update as on update to lookups do instead nothing;
create rule lookups_no_delete as on delete to lookups do instead nothing;

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
