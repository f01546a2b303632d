-- What cannot be trusted, told by the database itself; and where the ledger is at home.

-- Plates of which the stored rows may not be what the facts say: a check answers "unknown". An empty
-- glyph key is every plate. `rows` are doubts about a read model: rebuilding it ends them. `facts`
-- are about the facts themselves.
create table doubts (
    about text not null check (about in ('rows', 'facts')),
    glyphs text not null,
    household_id uuid,
    found_in text not null,
    why text not null,
    since timestamptz not null default clock_timestamp(),
    primary key (glyphs, about)
);

-- How often doubts were ended: whoever holds rows in memory reads them anew.
create table doubts_ended (
    only_row boolean primary key default true check (only_row),
    times bigint not null default 0
);
insert into doubts_ended default values;

-- A row of the officers' read model that was put, changed or taken by other than an append.
create function doubt_a_row() returns trigger
language plpgsql security definer
set search_path from current
as $$
declare
    before jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) end;
    since jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) end;
begin
    insert into doubts (about, glyphs, household_id, found_in, why)
        select 'rows', each ->> 'glyphs', (each ->> 'household_id')::uuid, tg_table_name,
               'a row was changed by other than the ledger'
        from unnest(array[before, since]) as each
        where each is not null
        on conflict do nothing;
    if found then
        raise warning 'permit-ledger: a row of %.% was changed by other than the ledger (%)',
            tg_table_schema, tg_table_name, lower(tg_op)
            using hint = 'Its plate is answered as unknown until the read model is rebuilt.';
    end if;
    return null;
end
$$;

create function doubt_all_rows() returns trigger
language plpgsql security definer
set search_path from current
as $$
begin
    insert into doubts (about, glyphs, found_in, why)
        values (case tg_table_name when 'stored_events' then 'facts' else 'rows' end, '',
                tg_table_name, 'the table was emptied by other than the ledger')
        on conflict do nothing;
    raise warning 'permit-ledger: %.% was emptied by other than the ledger',
        tg_table_schema, tg_table_name;
    return null;
end
$$;

-- Facts are never changed: what a household's plates are answered from is no longer known.
create function doubt_facts() returns trigger
language plpgsql security definer
set search_path from current
as $$
begin
    insert into doubts (about, glyphs, household_id, found_in, why)
        select distinct on (r.glyphs) 'facts', r.glyphs, r.household_id, tg_table_name,
               'a stored fact was changed by other than the ledger'
        from active_registrations r
        where r.household_id in (select t.originator_id from touched t)
        on conflict do nothing;
    if exists (select from touched) then
        raise warning 'permit-ledger: facts of %.% were changed by other than the ledger (%)',
            tg_table_schema, tg_table_name, lower(tg_op);
    end if;
    return null;
end
$$;

-- An append says that it is one, within its own statement. `enable always`: also where a session
-- sets triggers aside. A rebuild has its new tables watched as well.
create function watch(watched text) returns void
language plpgsql
set search_path from current
as $$
begin
    execute format('drop trigger if exists watch_rows on %I', watched);
    execute format('drop trigger if exists watch_table on %I', watched);
    execute format(
        'create trigger watch_rows after insert or update or delete on %I for each row'
        ' when (current_setting(''permit_ledger.appending'', true) is distinct from ''on'')'
        ' execute function doubt_a_row()', watched);
    execute format(
        'create trigger watch_table after truncate on %I for each statement'
        ' when (current_setting(''permit_ledger.appending'', true) is distinct from ''on'')'
        ' execute function doubt_all_rows()', watched);
    execute format('alter table %I enable always trigger watch_rows', watched);
    execute format('alter table %I enable always trigger watch_table', watched);
end
$$;
select watch('active_registrations'), watch('vehicle_facts');

-- A fact that was put in by hand comes without its rows.
create function doubt_a_fact() returns trigger
language plpgsql security definer
set search_path from current
as $$
begin
    insert into doubts (about, glyphs, household_id, found_in, why)
        select distinct on (r.glyphs) 'facts', r.glyphs, r.household_id, tg_table_name,
               'a fact was stored by other than the ledger'
        from active_registrations r
        where r.household_id = new.originator_id
        on conflict do nothing;
    raise warning 'permit-ledger: a fact of %.% was stored by other than the ledger',
        tg_table_schema, tg_table_name;
    return null;
end
$$;

create trigger watch_inserts after insert on stored_events for each row
    when (current_setting('permit_ledger.appending', true) is distinct from 'on')
    execute function doubt_a_fact();
create trigger watch_changes after update on stored_events
    referencing old table as touched for each statement execute function doubt_facts();
create trigger watch_deletes after delete on stored_events
    referencing old table as touched for each statement execute function doubt_facts();
create trigger watch_table after truncate on stored_events
    for each statement execute function doubt_all_rows();
alter table stored_events enable always trigger watch_inserts;
alter table stored_events enable always trigger watch_changes;
alter table stored_events enable always trigger watch_deletes;
alter table stored_events enable always trigger watch_table;

-- The server, its timeline, the database and the table that positions were last given in; null until
-- the first start. `epoch` is another one after every restore: a reader of an earlier epoch may have
-- seen what is lost.
alter table ledger_offset add column epoch uuid not null default gen_random_uuid();
alter table ledger_offset add column home text;

-- What a restore lost: positions above `kept` and below `begins` were given, or may have been.
create table lost_positions (
    begins bigint primary key,
    kept bigint not null,
    noticed_at timestamptz not null default clock_timestamp()
);
