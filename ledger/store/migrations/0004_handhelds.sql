-- Keys that sign what leaves for handhelds. One is current; older ones stay, to verify what they signed.
create table signing_keys (
    key_id text primary key,
    private_key bytea not null,
    public_key bytea not null,
    made_at timestamptz not null,
    retired_at timestamptz
);
create unique index signing_keys_current_key on signing_keys ((true)) where retired_at is null;

-- Every list, and every change of one, that was given to a device: what it held is known from these.
create table handheld_lists (
    list_id bigint generated always as identity primary key,
    given_at timestamptz not null,
    kind text not null check (kind in ('whole', 'changes')),
    zone text not null,
    after_position bigint,
    position bigint not null,
    snapshot text not null,
    entries integer not null check (entries >= 0),
    digest bytea not null,
    officer text not null,
    device text not null
);
create index handheld_lists_position_idx on handheld_lists (zone, position);
create trigger handheld_lists_never_changed before update or delete on handheld_lists
    for each row execute function never_changed();
create trigger handheld_lists_never_emptied before truncate on handheld_lists
    for each statement execute function never_changed();

-- What an officer's device decided while off line, sent later: each is a look-up as well.
create table offline_decisions (
    officer text not null,
    decision_id text not null,
    lookup_id bigint not null,
    body_digest bytea not null,
    received_at timestamptz not null,
    sent_at timestamptz not null,
    decided_at timestamptz not null,
    device text not null,
    zone text not null,
    shown text not null,
    glyphs text not null,
    position bigint not null,
    list_id bigint,
    covered boolean not null,
    answer text not null,
    primary key (officer, decision_id)
);
create index offline_decisions_mark_idx on offline_decisions (glyphs, decided_at);
create trigger offline_decisions_never_changed before update or delete on offline_decisions
    for each row execute function never_changed();
create trigger offline_decisions_never_emptied before truncate on offline_decisions
    for each statement execute function never_changed();
