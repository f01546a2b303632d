-- The counter: how a household is found, what waits to be decided, and what two people do together.

-- By what a household can be found. `key` is what was typed, made comparable: words for names and
-- addresses, the glyph key for marks, E.164 for telephones. `shown` is as it was written.
create table search_keys (
    household_id uuid not null,
    kind text not null,
    key text not null,
    shown text not null,
    primary key (household_id, kind, key)
);
create index search_keys_key_idx on search_keys (key, kind);
create index search_keys_words_idx on search_keys using gin (to_tsvector('simple', key));

-- Every application and how it stands, for those who decide. `lapses_at` is of its offer.
create table application_queue (
    application_id text primary key,
    household_id uuid not null,
    number text not null,
    resident_id text not null,
    product text not null,
    state text not null,
    submitted_at timestamptz not null,
    target_on date,
    lapses_at timestamptz
);
create index application_queue_waiting_idx on application_queue (target_on, submitted_at)
    where state = 'awaiting_decision';
create index application_queue_offers_idx on application_queue (lapses_at) where state = 'offered';

-- Who looked people up, by which kind of key, and whose page they opened; never what was typed.
create table people_looked_up (
    look_id bigint generated always as identity primary key,
    looked_at timestamptz not null,
    role text not null,
    name text not null,
    kind text not null,
    found integer not null,
    household_id uuid
);
create index people_looked_up_who_idx on people_looked_up (name, looked_at);
create index people_looked_up_whose_idx on people_looked_up (household_id, looked_at)
    where household_id is not null;

-- What one member of staff asks for and another confirms. `command` is sent as it stands here; a
-- sending that was refused is counted in `sendings`.
create table proposals (
    proposal_id text primary key,
    household_id uuid not null,
    command text not null,
    channel text not null,
    on_behalf_of text not null,
    proposer text not null,
    proposed_at timestamptz not null,
    expires_at timestamptz not null,
    state text not null,
    decided_by text not null default '',
    decided_at timestamptz,
    decided_why text not null default '',
    sendings integer not null default 0
);
create index proposals_waiting_idx on proposals (expires_at) where state = 'waiting';
create index proposals_household_idx on proposals (household_id, proposed_at);

-- What staff found of each proof: it serves, or another is asked for and why.
create table proof_findings (
    document_id text primary key,
    application_id text not null,
    serves boolean not null,
    why text not null,
    found_at timestamptz not null,
    name text not null
);
create index proof_findings_application_idx on proof_findings (application_id);
