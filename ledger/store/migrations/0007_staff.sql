-- Members of staff who sign in on the pages. `enrolment_digest` is good once, until `enrolment_until`:
-- with it they choose a password. `code_step` is the last step of their one-time codes that was used.
-- `sandbox`: invented by the program for trying it, so that it may show their codes.
create table staff_accounts (
    name text primary key,
    role text not null,
    own_household text not null default '',
    password_hash text not null default '',
    code_secret text not null,
    code_step bigint not null default 0,
    enrolment_digest bytea,
    enrolment_until timestamptz,
    sandbox boolean not null default false,
    made_at timestamptz not null,
    revoked_at timestamptz
);

-- Who is signed in on a browser, by the digest of what its cookie holds. `seen_at` is of the last
-- minute or so; `idle_seconds` after it the session is over, and at `expires_at` in any case.
create table page_sessions (
    session_digest bytea primary key,
    role text not null,
    name text not null,
    household_id text not null default '',
    resident_id text not null default '',
    begun_at timestamptz not null,
    seen_at timestamptz not null,
    idle_seconds integer not null,
    expires_at timestamptz not null,
    ended_at timestamptz
);
create index page_sessions_whose_idx on page_sessions (role, name);
create index page_sessions_resident_idx on page_sessions (resident_id) where resident_id <> '';
