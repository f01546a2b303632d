-- What is in doubt, in the one row that every check reads anyway: a JSON object of why, by glyph key;
-- null where nothing is. More plates than a hundred are all of them.
alter table ledger_offset add column doubts text;

create function tell_doubts() returns trigger
language plpgsql security definer
set search_path from current
as $$
begin
    if not exists (select from doubts where glyphs = '')
        and (select count(*) from doubts where about = 'rows') > 100
    then
        insert into doubts (about, glyphs, found_in, why)
            values ('rows', '', 'active_registrations', 'very many rows are in doubt')
            on conflict do nothing;
        return null;
    end if;
    update ledger_offset set doubts = (
        select json_object_agg(d.glyphs, d.why || ', seen '
            || to_char(d.since at time zone 'UTC', 'YYYY-MM-DD HH24:MI') || ' UTC')::text
        from (select distinct on (glyphs) glyphs, why, since from doubts
              where glyphs = '' or not exists (select from doubts where glyphs = '')
              order by glyphs, about) d);
    return null;
end
$$;
create trigger tell_doubts after insert or update or delete or truncate on doubts
    for each statement execute function tell_doubts();
alter table doubts enable always trigger tell_doubts;

-- Once all plates are in doubt there is nothing to add, however many rows are altered.
create or replace function doubt_a_row() returns trigger
language plpgsql security definer
set search_path from current
as $$
declare
    before jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) end;
    since jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) end;
begin
    if exists (select from doubts where glyphs = '' and about = 'rows') then
        return null;
    end if;
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
