-- What a gate is told of its readers, doors and boards, version by version.

create table gate_configurations (
  school_id uuid not null,
  gate_id uuid not null,
  version integer not null check (version >= 1),
  document json not null,
  made_by uuid,
  made_at timestamptz not null,
  primary key (school_id, gate_id, version),
  foreign key (school_id, gate_id) references gates (school_id, id),
  foreign key (school_id, made_by) references users (school_id, id)
);
comment on table gate_configurations is 'The newest of a gate is signed and sent to it; the others can be sent again, as a newer one.';
comment on column gate_configurations.document is 'Boards and lanes, whole. Unsigned: it is signed by the key of the day whenever it is sent.';
comment on column gate_configurations.made_by is 'Null for a super_admin, who is no user of the school.';

do $$
declare name text;
begin
  foreach name in array array['gate_configurations']
  loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy own_school on %I to gatehouse_app using (school_id = current_school()) with check (school_id = current_school())', name);
    execute format('grant select, insert on %I to gatehouse_app', name);
  end loop;
end $$;
