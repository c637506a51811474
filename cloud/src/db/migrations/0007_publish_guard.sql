-- Who may be let in when, in the school's own words; and what waits until a second administrator has looked at it.

create table gate_rules (
  school_id uuid primary key references schools (id),
  version integer not null check (version >= 1),
  rules json not null,
  changed_by uuid,
  changed_at timestamptz not null
);
comment on table gate_rules is 'What the policy of every list of the school says. No row: the defaults.';

alter table passes add column changed_by uuid;
comment on column passes.changed_by is 'Who changed last what a list says of it; never the one who lets that change go.';

create table list_holds (
  id uuid not null,
  school_id uuid not null,
  scope text not null,
  made_at timestamptz not null,
  content_hash text not null check (content_hash ~ '^[0-9a-f]{64}$'),
  held json not null,
  rules json,
  numbers json not null,
  approved_by uuid,
  approved_at timestamptz,
  note text check (length(note) <= 500),
  closed_at timestamptz,
  primary key (school_id, id),
  foreign key (school_id, scope) references scopes (school_id, scope)
);
comment on column list_holds.held is 'Losses that wait: id of the row to its pass and what it was measured to become, null for gone.';
create unique index list_holds_open on list_holds (school_id, scope) where closed_at is null;

do $$
declare name text;
begin
  foreach name in array array['gate_rules', 'list_holds']
  loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy own_school on %I to gatehouse_app using (school_id = current_school()) with check (school_id = current_school())', name);
    execute format('grant select, insert, update, delete on %I to gatehouse_app', name);
  end loop;
end $$;
