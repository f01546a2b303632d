-- Why somebody was looked up, where it is asked: auditors say so.
alter table people_looked_up add column reason text not null default '';

-- The last work of each kind that was begun from a page, and what came of it. Whoever does it holds
-- a session's advisory lock meanwhile: `running` without one did not finish.
create table background_work (
    kind text primary key,
    about text not null,
    begun_by text not null,
    began_at timestamptz not null,
    state text not null,
    done bigint not null default 0,
    whole bigint not null default 0,
    result text not null default '{}',
    failed text not null default ''
);
