-- The disputes desk: penalty charge notices, cases about them with the law's clocks, and outages.
create table notices (
    notice_id uuid primary key,
    number text not null,
    typed text not null,
    shown text not null,
    glyphs text not null,
    zone text not null,
    issued_at timestamptz not null,
    contravention text not null,
    officer text not null,
    lookup_id bigint,
    noted_at timestamptz not null,
    cancelled_at timestamptz,
    cancelled_why text not null
);
create unique index notices_number_idx on notices (number);
create index notices_issued_idx on notices (issued_at);
create index notices_mark_idx on notices (glyphs, issued_at);

-- `decide_until` and `appeal_until` are the last days that are in time; null where no clock runs.
create table dispute_cases (
    case_id text primary key,
    notice_id uuid not null,
    kind text not null,
    reference text not null,
    received_on date not null,
    in_time boolean not null,
    received_until date,
    decide_until date,
    state text not null,
    outcome text not null,
    decided_on date,
    appeal_until date,
    opened_at timestamptz not null
);
create index dispute_cases_notice_idx on dispute_cases (notice_id);
create index dispute_cases_open_idx on dispute_cases (decide_until) where state <> 'closed';

-- Every outage as it was known, over [known_from, known_until).
create table outages (
    outage_id text not null,
    version bigint not null,
    services text[] not null,
    failed_from timestamptz not null,
    failed_until timestamptz check (failed_until > failed_from),
    found_how text not null,
    reason text not null,
    known_from timestamptz not null,
    known_until timestamptz not null,
    primary key (outage_id, version)
);
create index outages_failed_idx on outages (failed_from);

-- Whose household a member of staff may not act on: their own.
alter table tokens add column own_household uuid;
