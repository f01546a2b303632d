-- What decisions and officers read, written in the transaction that appends (all but the last two).

-- Every cover of a vehicle as it was known, over [known_from, known_until). Ended rows stay for disputes.
create table active_registrations (
    cover_id text not null,
    version bigint not null,
    household_id uuid not null,
    holding_id text not null,
    product text not null,
    kind text not null,
    shown text not null,
    glyphs text not null,
    zone text not null,
    covers_from timestamptz not null,
    covers_until timestamptz not null check (covers_until >= covers_from),
    known_from timestamptz not null,
    known_until timestamptz not null,
    primary key (cover_id, version)
);
create index active_registrations_mark_idx on active_registrations (glyphs, covers_until);
create index active_registrations_zone_idx on active_registrations (zone, covers_until);

-- What is known of vehicles themselves.
create table vehicle_facts (
    glyphs text not null,
    version bigint not null,
    max_authorised_mass_kg integer,
    unladen_mass_kg integer,
    goods_mass_kg integer,
    length_mm integer,
    passengers integer,
    vehicle_class text,
    fits_bay boolean,
    known_from timestamptz not null,
    known_until timestamptz not null,
    primary key (glyphs, version)
);

-- Every purchase and what it takes from each cap, on dates [counts_from, counts_until).
create table allowances (
    holding_id text not null,
    cap text not null,
    household_id uuid not null,
    resident_id text not null,
    product text not null,
    scope text not null,
    unit text not null,
    amount integer not null check (amount >= 0),
    counts_from date not null,
    counts_until date not null,
    primary key (holding_id, cap)
);
create index allowances_household_idx on allowances (household_id, cap);

create table allowance_grants (
    grant_id text primary key,
    household_id uuid not null,
    product text not null,
    units integer not null,
    granted_on date not null,
    counts_until date not null
);
create index allowance_grants_household_idx on allowance_grants (household_id);

create table accounts (
    resident_id text primary key,
    household_id uuid not null,
    verified boolean not null,
    name text not null,
    email text not null,
    mobile text,
    moved_out boolean not null
);
create unique index accounts_mobile_key on accounts (mobile) where mobile is not null and not moved_out;
create index accounts_household_idx on accounts (household_id);
create index accounts_email_idx on accounts (lower(email)) where email <> '';

create table payments (
    payment_id text primary key,
    household_id uuid not null,
    provider_reference text,
    applications text[] not null,
    pence integer not null check (pence >= 0),
    result text not null,
    refunded_pence integer not null,
    recorded_at timestamptz not null
);
create unique index payments_provider_reference_key on payments (provider_reference)
    where provider_reference is not null and result = 'authorised';
create index payments_household_idx on payments (household_id);

-- What the worker records when it is due.
create table deadlines (
    kind text not null,
    subject text not null,
    household_id uuid not null,
    due_at timestamptz not null,
    done boolean not null,
    primary key (kind, subject)
);
create index deadlines_due_idx on deadlines (due_at) where not done;

-- Catching up.
create table sessions (
    booking_id text primary key,
    version bigint not null,
    household_id uuid not null,
    resident_id text not null,
    holding_id text not null,
    product text not null,
    zone text not null,
    shown text not null,
    glyphs text not null,
    name text not null,
    covers_from timestamptz not null,
    covers_until timestamptz not null,
    pence integer not null,
    booked_at timestamptz not null,
    cancelled_at timestamptz
);
create index sessions_household_idx on sessions (household_id, covers_from desc, booking_id);

create table messages (
    message_id text primary key,
    household_id uuid not null,
    resident_id text not null,
    kind text not null,
    subject text not null,
    due_at timestamptz not null,
    sent_at timestamptz
);
create index messages_unsent_idx on messages (due_at) where sent_at is null;
create index messages_household_idx on messages (household_id);

-- What officers saw of permits, and the steps taken about those suspected of misuse.
create table sightings (
    observation_id text primary key,
    household_id uuid not null,
    holding_id text not null,
    product text not null,
    zone text not null,
    shown text not null,
    observed_at timestamptz not null,
    observed_on date not null,
    note_only boolean not null,
    verdict text not null,
    version bigint not null
);
create index sightings_holding_idx on sightings (household_id, holding_id, observed_on);

create table misuse_steps (
    household_id uuid not null,
    version bigint not null,
    holding_id text not null,
    step text not null,
    rescinded boolean not null,
    taken_at timestamptz not null,
    primary key (household_id, version)
);
