-- What residents have begun on the pages, the files they send as proof, and payments under way.

-- An application that somebody has begun and not sent; it is deleted when it is sent.
create table drafts (
    resident_id text not null,
    product text not null,
    household_id uuid not null,
    answers jsonb not null,
    saved_at timestamptz not null,
    primary key (resident_id, product)
);

-- Proofs, apart from the facts. `content` is what was made of the file, without what was hidden in
-- it; null once it is removed. `document_id` is the ledger's, null until the ledger has taken it.
create table proof_files (
    file_id text primary key,
    document_id text unique,
    household_id uuid not null,
    resident_id text not null,
    application_id text not null,
    media_type text not null,
    content bytea,
    digest bytea not null,
    size_bytes integer not null,
    received_at timestamptz not null,
    keep_until date not null,
    removed_at timestamptz
);
create index proof_files_application_idx on proof_files (application_id);
create index proof_files_keep_idx on proof_files (keep_until) where removed_at is null;

-- Who looked at a proof, and when.
create table proof_looks (
    look_id bigint generated always as identity primary key,
    file_id text not null references proof_files,
    looked_at timestamptz not null,
    role text not null,
    name text not null
);
create index proof_looks_file_idx on proof_looks (file_id, looked_at);

-- A payment with a provider, from its beginning on. `reference` is the provider's own.
create table payment_orders (
    order_id text primary key,
    household_id uuid not null,
    resident_id text not null,
    applications text[] not null,
    pence integer not null check (pence > 0),
    reference text not null unique,
    state text not null,
    payment_id text not null default '',
    reasons text[] not null default '{}',
    begun_at timestamptz not null,
    ended_at timestamptz
);
create index payment_orders_resident_idx on payment_orders (resident_id, begun_at);
create index payment_orders_open_idx on payment_orders (begun_at) where ended_at is null;

-- The payments of the sandbox's provider, which takes no money.
create table sandbox_payments (
    reference text primary key,
    pence integer not null check (pence > 0),
    about text not null,
    return_to text not null,
    state text not null,
    created_at timestamptz not null,
    ended_at timestamptz
);
